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

// Nothing for plain layers, which need no mapping, and for what is no layer.
std::optional<codec::Compression> CompressionOf(std::string_view media_type) {
  if (media_type == oci::kOciLayerGzip || media_type == oci::kDockerLayerGzip) {
    return codec::Compression::kGzip;
  }
  if (media_type == oci::kOciLayerZstd || media_type == oci::kDockerLayerZstd) {
    return codec::Compression::kZstd;
  }
  return std::nullopt;
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
  if (!oci::IsImageConfig(image.config.media_type)) return Ok();
  util::StringSink text(oci::kMaxConfigBytes);
  TRY(store.ReadBlob(image.config, text));
  const oci::ImageConfig config = TRY(oci::ParseImageConfig(text.text()));
  if (config.diff_ids.size() != image.layers.size()) return Ok();
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    const Descriptor& layer = image.layers[i];
    const std::optional<codec::Compression> compression = CompressionOf(layer.media_type);
    if (!compression) continue;
    by_diff_id_.insert_or_assign(config.diff_ids[i],
                                 StoredLayer{layer.digest, layer.size, *compression});
  }
  return Ok();
}

std::optional<StoredLayer> KnownLayers::Find(const Digest& diff_id) const {
  const auto found = by_diff_id_.find(diff_id);
  if (found == by_diff_id_.end()) return std::nullopt;
  return found->second;
}

std::vector<StoredLayer> KnownLayers::All() const {
  std::vector<StoredLayer> all;
  for (const auto& [diff_id, layer] : by_diff_id_) all.push_back(layer);
  return all;
}

}  // namespace ociship::transfer
