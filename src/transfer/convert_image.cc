// SPDX-License-Identifier: Apache-2.0
// Rewrites the manifests of an image from the leaves up (image-spec media-types.md; Docker's image
// manifest version 2, schema 2). Tested by tests/transfer/convert_image_test.cc.
#include "transfer/convert_image.h"

#include <algorithm>
#include <utility>

#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/rewrite_manifest.h"
#include "transfer/narrow_image.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

using Converted = std::map<Digest, Descriptor>;

bool WasChanged(const Digest& digest, const Converted& converted) {
  const auto found = converted.find(digest);
  return found != converted.end() && found->second.digest != digest;
}

// An entry names what its manifest became; an attestation also what the image became that it is
// about (buildkit, attestation-storage.md).
void Follow(const Converted& converted, Descriptor& entry) {
  const auto found = converted.find(entry.digest);
  if (found != converted.end()) {
    entry.digest = found->second.digest;
    entry.size = found->second.size;
    entry.media_type = found->second.media_type;
    entry.data.reset();
  }
  const auto about = entry.annotations.find(std::string(kReferenceDigest));
  if (about == entry.annotations.end()) return;
  const Result<Digest> image = Digest::Parse(about->second);
  if (!image.ok()) return;
  const auto became = converted.find(image.value());
  if (became != converted.end()) about->second = became->second.digest.text();
}

// Docker's manifest list knows nothing but platforms.
Result<Manifest> ConvertIndex(const Manifest& manifest, ManifestFormat format,
                              const Converted& converted) {
  oci::ImageIndex index = TRY(oci::ParseImageIndex(manifest.bytes));
  const std::string wanted = TRY(oci::ConvertMediaType(manifest.descriptor.media_type, format));
  const bool other_format = wanted != manifest.descriptor.media_type;
  if (!other_format && std::ranges::none_of(index.manifests, [&](const Descriptor& child) {
        return WasChanged(child.digest, converted);
      })) {
    return manifest;
  }
  for (Descriptor& child : index.manifests) {
    Follow(converted, child);
    if (other_format && format == ManifestFormat::kDocker) {
      child.annotations.clear();
      child.artifact_type.clear();
    }
  }
  index.media_type = wanted;
  if (other_format && format == ManifestFormat::kDocker) index.annotations.clear();
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
