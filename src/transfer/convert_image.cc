// SPDX-License-Identifier: Apache-2.0
// Rewrites the manifests of an image from the leaves up (image-spec media-types.md; Docker's image
// manifest version 2, schema 2). Tested by tests/transfer/convert_image_test.cc.
#include "transfer/convert_image.h"

#include <utility>

#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/rewrite_manifest.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

using Converted = std::map<Digest, Descriptor>;

// Docker's manifest list knows nothing but platforms.
Result<Manifest> ConvertIndex(const Manifest& manifest, ManifestFormat format,
                              const Converted& converted) {
  oci::ImageIndex index = TRY(oci::ParseImageIndex(manifest.bytes));
  const std::string wanted = TRY(oci::ConvertMediaType(manifest.descriptor.media_type, format));
  if (wanted == manifest.descriptor.media_type) return manifest;
  for (Descriptor& child : index.manifests) {
    const auto found = converted.find(child.digest);
    if (found != converted.end()) {
      child.digest = found->second.digest;
      child.size = found->second.size;
      child.media_type = found->second.media_type;
      child.data.reset();
    }
    if (format == ManifestFormat::kDocker) {
      child.annotations.clear();
      child.artifact_type.clear();
    }
  }
  index.media_type = wanted;
  if (format == ManifestFormat::kDocker) index.annotations.clear();
  return oci::NewManifest(oci::FormatImageIndex(index), wanted);
}

}  // namespace

Result<archive::OciImage> ConvertFormat(archive::OciImage image, ManifestFormat format) {
  Converted converted;
  for (Manifest& manifest : image.manifests) {
    const bool index = oci::KindOf(manifest.descriptor.media_type) == oci::ManifestKind::kIndex;
    Manifest other = TRY(index ? ConvertIndex(manifest, format, converted)
                               : oci::ConvertImage(manifest, format));
    converted.emplace(manifest.descriptor.digest, other.descriptor);
    manifest = std::move(other);
  }
  return image;
}

Result<archive::OciImage> Annotate(archive::OciImage image,
                                   const std::map<std::string, std::string>& annotations) {
  if (annotations.empty()) return image;
  image.manifests.back() = TRY(oci::WithAnnotations(image.manifests.back(), annotations));
  return image;
}

}  // namespace ociship::transfer
