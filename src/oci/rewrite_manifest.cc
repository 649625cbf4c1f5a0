// SPDX-License-Identifier: Apache-2.0
// Annotates manifests and translates between the media types of OCI (image-spec media-types.md) and
// of Docker (image manifest version 2, schema 2). Tested by tests/oci/rewrite_manifest_test.cc.
#include "oci/rewrite_manifest.h"

#include <array>

#include "oci/manifest.h"
#include "oci/media_types.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::oci {
namespace {

using util::StrCat;

struct Pair {
  std::string_view oci;
  std::string_view docker;
};

constexpr std::array<Pair, 7> kPairs = {{
    {kOciManifest, kDockerManifest},
    {kOciIndex, kDockerManifestList},
    {kOciConfig, kDockerConfig},
    {kOciLayer, kDockerLayer},
    {kOciLayerGzip, kDockerLayerGzip},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar",
     "application/vnd.docker.image.rootfs.foreign.diff.tar"},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
     "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"},
}};

void Add(const std::map<std::string, std::string>& more,
         std::map<std::string, std::string>& annotations) {
  for (const auto& [key, value] : more) annotations.insert_or_assign(key, value);
}

Error NotInDocker(const Manifest& manifest, std::string_view what) {
  return Error(Code::kUsage, StrCat("manifest ", manifest.descriptor.digest.text(), " has ", what,
                                    ", which Docker's manifest format cannot say"));
}

}  // namespace

Result<Manifest> WithAnnotations(const Manifest& manifest,
                                 const std::map<std::string, std::string>& annotations) {
  const std::string& media_type = manifest.descriptor.media_type;
  if (media_type == kOciIndex) {
    ImageIndex index = TRY(ParseImageIndex(manifest.bytes));
    Add(annotations, index.annotations);
    return NewManifest(FormatImageIndex(index), media_type);
  }
  if (media_type == kOciManifest) {
    ImageManifest image = TRY(ParseImageManifest(manifest.bytes));
    Add(annotations, image.annotations);
    return NewManifest(FormatImageManifest(image), media_type);
  }
  return Error(Code::kUsage, StrCat("manifest ", manifest.descriptor.digest.text(),
                                    " has Docker's format, which has no annotations: ask for "
                                    "--manifest-format oci"));
}

Result<std::string> ConvertMediaType(std::string_view media_type, ManifestFormat format) {
  for (const auto& [oci, docker] : kPairs) {
    if (media_type != oci && media_type != docker) continue;
    return std::string(format == ManifestFormat::kOci ? oci : docker);
  }
  if (format == ManifestFormat::kOci) {
    return std::string(media_type == kDockerLayerZstd ? kOciLayerZstd : media_type);
  }
  if (media_type == kOciLayerZstd || media_type == kDockerLayerZstd) {
    return Error(Code::kUsage,
                 "Docker's manifest format has no zstd layers: use --manifest-format oci");
  }
  return Error(Code::kUsage, StrCat("Docker's manifest format has nothing for the media type ",
                                    util::Quoted(media_type)));
}

Result<Manifest> ConvertImage(const Manifest& manifest, ManifestFormat format) {
  ImageManifest image = TRY(ParseImageManifest(manifest.bytes));
  const std::string wanted = TRY(ConvertMediaType(manifest.descriptor.media_type, format));
  if (wanted == manifest.descriptor.media_type) return manifest;
  if (format == ManifestFormat::kDocker) {
    if (image.subject) return NotInDocker(manifest, "a subject");
    if (!image.artifact_type.empty()) return NotInDocker(manifest, "an artifact type");
    image.annotations.clear();
    image.config.annotations.clear();
    for (Descriptor& layer : image.layers) layer.annotations.clear();
  }
  image.media_type = wanted;
  image.config.media_type = TRY(ConvertMediaType(image.config.media_type, format));
  for (Descriptor& layer : image.layers) {
    layer.media_type = TRY(ConvertMediaType(layer.media_type, format));
  }
  return NewManifest(FormatImageManifest(image), wanted);
}

}  // namespace ociship::oci
