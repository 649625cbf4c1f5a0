// SPDX-License-Identifier: Apache-2.0
// What media types mean (OCI image-spec media-types.md). Tested by tests/oci/media_types_test.cc.

#include "oci/media_types.h"

namespace ociship::oci {

ManifestKind KindOf(std::string_view media_type) {
  if (media_type == kOciManifest || media_type == kDockerManifest) return ManifestKind::kImage;
  if (media_type == kOciIndex || media_type == kDockerManifestList) return ManifestKind::kIndex;
  return ManifestKind::kOther;
}

bool IsImageConfig(std::string_view media_type) {
  return media_type == kOciConfig || media_type == kDockerConfig;
}

bool IsFileSystemLayer(std::string_view layer_media_type) {
  return layer_media_type.starts_with("application/vnd.oci.image.layer.") ||
         layer_media_type.starts_with("application/vnd.docker.image.rootfs.");
}

Distribution DistributionOf(std::string_view layer_media_type) {
  for (const std::string_view prefix : {
           "application/vnd.oci.image.layer.nondistributable.v1.tar",
           "application/vnd.docker.image.rootfs.foreign.diff.tar",
       }) {
    if (layer_media_type.starts_with(prefix)) return Distribution::kForeign;
  }
  return Distribution::kDistributable;
}

}  // namespace ociship::oci
