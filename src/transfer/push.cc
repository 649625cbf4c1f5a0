// SPDX-License-Identifier: Apache-2.0
// An archive into a Store: blobs, then manifests, by digest (distribution-spec, "Pushing
// manifests"). Tested by push_test.cc.
#include "transfer/push.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "crypto/hash.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/platform.h"
#include "oci/rewrite_manifest.h"
#include "oci/write_blob.h"
#include "transfer/blob_supply.h"
#include "transfer/convert_image.h"
#include "transfer/narrow_image.h"
#include "transfer/select_image.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

using Part = PushOptions::Part;

std::string_view LayerMediaType(codec::Compression compression) {
  switch (compression) {
    case codec::Compression::kGzip:
      return oci::kOciLayerGzip;
    case codec::Compression::kZstd:
      return oci::kOciLayerZstd;
    case codec::Compression::kNone:
    case codec::Compression::kXz:
    case codec::Compression::kBzip2:
      break;
  }
  return oci::kOciLayer;
}

// The manifest of an image that docker, podman or Nix wrote: the same bytes for the same layers,
// whatever the archive was called and whenever it was pushed.
Result<Manifest> MakeManifest(const std::string& config, const std::vector<StoredLayer>& layers,
                              const PushOptions& options) {
  oci::ImageManifest image{.media_type = std::string(oci::kOciManifest),
                           .config = {.media_type = std::string(oci::kOciConfig),
                                      .digest = crypto::Sha256(util::AsBytes(config)),
                                      .size = config.size()}};
  for (const StoredLayer& layer : layers) {
    image.layers.push_back({.media_type = std::string(LayerMediaType(layer.compression)),
                            .digest = layer.digest,
                            .size = layer.size});
  }
  Manifest manifest = oci::NewManifest(oci::FormatImageManifest(image), oci::kOciManifest);
  if (options.format) manifest = TRY(oci::ConvertImage(manifest, *options.format));
  if (options.annotations.empty() || options.part == Part::kOfIndex) return manifest;
  return oci::WithAnnotations(manifest, options.annotations);
}

// An image that is for none of the wanted platforms is refused; in an index with others it is for
// the one that was said.
Result<Platform> PlatformFor(const Platform& of_config, const PushOptions& options) {
  if (options.platforms.empty()) return of_config;
  if (options.part == Part::kOfIndex) return options.platforms.front();
  const auto matches = [&](const Platform& wanted) {
    return oci::MatchPlatform(wanted, of_config) == oci::PlatformMatch::kYes;
  };
  if (std::ranges::all_of(options.platforms, matches)) return of_config;
  return Error(
      Code::kUsage,
      util::StrCat("there is no image for ", oci::FormatPlatform(options.platforms.front()),
                   ", but for: ", util::Printable(oci::FormatPlatform(of_config))));
}

// Where images go, and whether it turned out to lack what a manifest names.
struct Target {
  Store& store;
  PushObserver& observer;
  enum class Lacks { kNothing, kContent } lacks = Lacks::kNothing;
};

Status StoreManifest(const Manifest& manifest, Target& target, const PushOptions& options) {
  if (Status written = target.store.WriteManifest(manifest); !written.ok()) {
    if (written.error().code() == Code::kNotFound) target.lacks = Target::Lacks::kContent;
    return written;
  }
  if (options.mode == PushRequest::Mode::kPush) {
    target.observer.ManifestStored(manifest.descriptor.digest);
  }
  return Ok();
}

Result<StoredImage> PushDocker(archive::Image image, BlobSupply& supply, Target& target,
                               const PushOptions& options) {
  const auto& docker = std::get<archive::DockerImage>(image.content);
  const oci::ImageConfig config = TRY(oci::ParseImageConfig(docker.config));
  const Platform platform = TRY(PlatformFor(config.platform, options));
  const std::vector<StoredLayer> layers = TRY(supply.StoreLayers(docker.layers));
  const Manifest manifest = TRY(MakeManifest(docker.config, layers, options));
  TRY(oci::WriteSmallBlob(target.store, crypto::Sha256(util::AsBytes(docker.config)),
                          docker.config));
  TRY(StoreManifest(manifest, target, options));
  Descriptor entry = manifest.descriptor;
  entry.platform = platform;
  return StoredImage{manifest, std::move(image.names), {std::move(entry)}};
}

Result<StoredImage> PushOci(archive::Image image, BlobSupply& supply, Target& target,
                            const PushOptions& options) {
  const auto& oci = std::get<archive::OciImage>(image.content);
  std::vector<Descriptor> entries = TRY(EntriesOf(oci));
  const bool index =
      oci::KindOf(oci.manifests.back().descriptor.media_type) == oci::ManifestKind::kIndex;
  if (options.part == Part::kOfIndex && !index && !options.platforms.empty()) {
    entries.front().platform = options.platforms.front();
  }
  TRY(supply.StoreBlobs(oci.blobs));
  for (const Manifest& manifest : oci.manifests) {
    const bool root = &manifest == &oci.manifests.back();
    if (root && index && options.part == Part::kOfIndex) continue;
    TRY(StoreManifest(manifest, target, options));
  }
  return StoredImage{oci.manifests.back(), std::move(image.names), std::move(entries)};
}

std::string SparseNotice(const Digest& whole, const archive::OciImage& kept) {
  return util::StrCat("index ", whole.text(),
                      " is sparse, and only what is complete of it is pushed",
                      kept.manifests.back().descriptor.digest == whole
                          ? std::string()
                          : util::StrCat(": ", kept.manifests.back().descriptor.digest.text()));
}

// What is to be pushed of an OCI image: these platforms, in this format, with these annotations.
Result<archive::OciImage> Shape(archive::OciImage image, const PushOptions& options,
                                PushObserver& observer) {
  const Digest whole = image.manifests.back().descriptor.digest;
  const bool index =
      oci::KindOf(image.manifests.back().descriptor.media_type) == oci::ManifestKind::kIndex;
  if (!options.platforms.empty() && (index || options.part == Part::kWhole)) {
    image = TRY(KeepPlatforms(std::move(image), options.platforms));
  }
  if (!image.absent.empty()) {
    if (options.sparse == PushRequest::Sparse::kRefuse) return archive::SparseError(image);
    image = TRY(KeepComplete(std::move(image)));
    observer.Notice(SparseNotice(whole, image));
  }
  if (options.format) image = TRY(ConvertFormat(std::move(image), *options.format));
  if (options.part == Part::kOfIndex) return image;
  return Annotate(std::move(image), options.annotations);
}

Result<std::vector<archive::Image>> ChooseImages(archive::Archive& archive,
                                                 const PushOptions& options,
                                                 PushObserver& observer) {
  std::vector<archive::Image> images = TRY(archive.Images());
  images = TRY(SelectImages(std::move(images), options.which, options.image));
  for (archive::Image& image : images) {
    if (auto* oci = std::get_if<archive::OciImage>(&image.content)) {
      *oci = TRY(Shape(std::move(*oci), options, observer));
    }
  }
  return images;
}

Result<std::vector<StoredImage>> PushImages(std::vector<archive::Image> images, BlobSupply& supply,
                                            Target& target, const PushOptions& options) {
  TRY(supply.Prepare(images));
  target.observer.WaitsForDestination();
  std::vector<StoredImage> stored;
  for (archive::Image& image : images) {
    const bool docker = std::holds_alternative<archive::DockerImage>(image.content);
    StoredImage pushed = TRY(docker ? PushDocker(std::move(image), supply, target, options)
                                    : PushOci(std::move(image), supply, target, options));
    stored.push_back(std::move(pushed));
  }
  return stored;
}

Result<std::vector<StoredImage>> PushOnce(archive::Archive& archive, const PushMemory& memory,
                                          Target& target, const PushOptions& options,
                                          const util::Cancel& cancel) {
  Pipeline pipeline(target.store, options.pipeline, cancel, target.observer);
  BlobLookup lookup(target.store);
  const SupplyContext context{.destination = target.store,
                              .lookup = lookup,
                              .known = memory.known,
                              .cache = memory.cache,
                              .pipeline = pipeline,
                              .sending = options.sending,
                              .limit = options.limit,
                              .mode = options.mode,
                              .observer = target.observer,
                              .jobs = std::max(1U, options.pipeline.senders),
                              .look_ups = options.look_ups};
  if (archive.shape() == archive::Archive::Shape::kIndexed) {
    std::vector<archive::Image> images = TRY(ChooseImages(archive, options, target.observer));
    IndexedSupply supply(archive, context);
    return PushImages(std::move(images), supply, target, options);
  }
  // What is known would be asked for in a row, one before each member, and counts as there then.
  TRY(lookup.LookUpAll(memory.known.All(), options.look_ups));
  StreamedSupply supply(archive, context);
  TRY(archive.Drain(supply));
  std::vector<archive::Image> images = TRY(ChooseImages(archive, options, target.observer));
  return PushImages(std::move(images), supply, target, options);
}

bool MayReadAgain(const archive::Archive& archive) {
  return archive.shape() == archive::Archive::Shape::kIndexed ||
         archive.repeatable() == archive::Archive::Repeatable::kYes;
}

}  // namespace

// A blob that was seen is no promise: the garbage collection of a registry may take it before the
// manifest comes that names it. Then everything is looked up and read once more.
Result<std::vector<StoredImage>> PushArchive(archive::Archive& archive, const PushMemory& memory,
                                             Store& destination, const PushOptions& options,
                                             const util::Cancel& cancel, PushObserver& observer) {
  Target target{destination, observer};
  auto images = PushOnce(archive, memory, target, options, cancel);
  if (images.ok() || target.lacks == Target::Lacks::kNothing) return images;
  if (!MayReadAgain(archive)) {
    return std::move(images).error().While(
        "the destination lost a part of the image, push it again");
  }
  observer.Notice(util::StrCat("pushing again what is missing: ", images.error().message()));
  const KnownLayers nothing;
  LayerCache forgets({}, options.pipeline.compression.recipe());
  PushOptions again = options;
  again.sending = Sending::kAfterLookup;
  return PushOnce(archive, {nothing, forgets}, target, again, cancel);
}

}  // namespace ociship::transfer
