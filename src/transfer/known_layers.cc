// SPDX-License-Identifier: Apache-2.0
// Reads from the images of a destination which layers it has (image-spec manifest.md and config.md,
// "diff_ids"). Tested by known_layers_test.cc.
#include "transfer/known_layers.h"

#include <string_view>

#include "oci/manifest.h"
#include "oci/media_types.h"
#include "util/io.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

constexpr std::size_t kMaxImagesOfIndex = 16;

// Both families name gzip in the last letters of the media type.
bool IsGzipLayer(const Descriptor& layer) {
  return layer.media_type == oci::kOciLayerGzip || layer.media_type == oci::kDockerLayerGzip;
}

}  // namespace

Status KnownLayers::Learn(Store& store, const Digest& digest) {
  const Manifest manifest = TRY(store.ReadManifest(digest));
  if (oci::KindOf(manifest.descriptor.media_type) != oci::ManifestKind::kIndex) {
    return LearnImage(store, manifest);
  }
  const oci::ImageIndex index = TRY(oci::ParseImageIndex(manifest.bytes));
  std::size_t images = 0;
  for (const Descriptor& entry : index.manifests) {
    if (oci::KindOf(entry.media_type) != oci::ManifestKind::kImage) continue;
    if (++images > kMaxImagesOfIndex) break;
    const Manifest image = TRY(store.ReadManifest(entry.digest));
    TRY(LearnImage(store, image));
  }
  return Ok();
}

Status KnownLayers::LearnImage(Store& store, const Manifest& manifest) {
  const oci::ImageManifest image = TRY(oci::ParseImageManifest(manifest.bytes));
  if (image.config.media_type != oci::kOciConfig && image.config.media_type != oci::kDockerConfig) {
    return Ok();
  }
  util::StringSink text(oci::kMaxConfigBytes);
  TRY(store.ReadBlob(image.config, text));
  const oci::ImageConfig config = TRY(oci::ParseImageConfig(text.text()));
  if (config.diff_ids.size() != image.layers.size()) return Ok();
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    if (!IsGzipLayer(image.layers[i])) continue;
    const Descriptor layer{.media_type = std::string(oci::kOciLayerGzip),
                           .digest = image.layers[i].digest,
                           .size = image.layers[i].size};
    by_diff_id_.insert_or_assign(config.diff_ids[i], layer);
  }
  return Ok();
}

std::optional<Descriptor> KnownLayers::Find(const Digest& diff_id) const {
  const auto found = by_diff_id_.find(diff_id);
  if (found == by_diff_id_.end()) return std::nullopt;
  return found->second;
}

}  // namespace ociship::transfer
