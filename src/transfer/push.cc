// SPDX-License-Identifier: Apache-2.0
// An archive into a Store: blobs, then manifests, by digest (distribution-spec, "Pushing
// manifests"). Tested by push_test.cc.
#include "transfer/push.h"

#include <memory>
#include <variant>

#include "crypto/hash.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/write_blob.h"
#include "transfer/blob_supply.h"
#include "transfer/select_image.h"
#include "util/bytes.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

// The manifest of an image that docker, podman or Nix wrote: the same bytes for the same layers,
// whatever the archive was called and whenever it was pushed.
Manifest MakeManifest(const Descriptor& config, std::vector<Descriptor> layers) {
  const oci::ImageManifest manifest{
      .media_type = std::string(oci::kOciManifest), .config = config, .layers = std::move(layers)};
  return oci::NewManifest(oci::FormatImageManifest(manifest), oci::kOciManifest);
}

Result<Manifest> PushDocker(const archive::DockerImage& image, BlobSupply& supply,
                            Store& destination) {
  std::vector<Descriptor> layers = TRY(supply.StoreLayers(image.layers));
  const Descriptor config{.media_type = std::string(oci::kOciConfig),
                          .digest = crypto::Sha256(util::AsBytes(image.config)),
                          .size = image.config.size()};
  TRY(oci::WriteSmallBlob(destination, config.digest, image.config));
  Manifest manifest = MakeManifest(config, std::move(layers));
  TRY(destination.WriteManifest(manifest));
  return manifest;
}

Result<Manifest> PushOci(archive::OciImage image, BlobSupply& supply, Store& destination) {
  TRY(supply.StoreBlobs(image.blobs));
  for (const Manifest& manifest : image.manifests) TRY(destination.WriteManifest(manifest));
  return std::move(image.manifests.back());
}

// What the config of a single image says that it is for; nothing for an index or an artifact.
std::optional<Platform> PlatformOf(const archive::OciImage& image) {
  if (image.manifests.size() != 1) return std::nullopt;
  const Result<oci::ImageManifest> manifest =
      oci::ParseImageManifest(image.manifests.front().bytes);
  if (!manifest.ok()) return std::nullopt;
  for (const archive::OciBlob& blob : image.blobs) {
    if (blob.descriptor.digest != manifest.value().config.digest) continue;
    const Result<oci::ImageConfig> config = oci::ParseImageConfig(blob.content);
    if (config.ok()) return config.value().platform;
  }
  return std::nullopt;
}

Result<PushedImage> PushSelected(archive::Archive& archive, BlobSupply& supply,
                                 const PushOptions& options, Store& destination) {
  std::vector<archive::Image> images = TRY(archive.Images());
  archive::Image image = TRY(SelectImage(std::move(images), options.image));
  if (auto* oci = std::get_if<archive::OciImage>(&image.content)) {
    std::optional<Platform> platform = PlatformOf(*oci);
    Manifest manifest = TRY(PushOci(std::move(*oci), supply, destination));
    return PushedImage{std::move(manifest), std::move(image.names), std::move(platform)};
  }
  const auto& docker = std::get<archive::DockerImage>(image.content);
  oci::ImageConfig config = TRY(oci::ParseImageConfig(docker.config));
  Manifest manifest = TRY(PushDocker(docker, supply, destination));
  return PushedImage{std::move(manifest), std::move(image.names), std::move(config.platform)};
}

}  // namespace

Result<PushedImage> PushArchive(archive::Archive& archive, const KnownLayers& known,
                                Store& destination, const PushOptions& options,
                                const util::Cancel& cancel, Progress& progress) {
  Pipeline pipeline(destination, options.pipeline, cancel, progress);
  const SupplyContext context{.destination = destination,
                              .known = known,
                              .pipeline = pipeline,
                              .sending = options.sending,
                              .progress = progress};
  if (archive.shape() == archive::Archive::Shape::kIndexed) {
    IndexedSupply supply(archive, context);
    return PushSelected(archive, supply, options, destination);
  }
  StreamedSupply supply(context);
  TRY(archive.Drain(supply));
  return PushSelected(archive, supply, options, destination);
}

}  // namespace ociship::transfer
