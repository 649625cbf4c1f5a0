// SPDX-License-Identifier: Apache-2.0
#include "transfer/known_layers.h"

#include <doctest/doctest.h>

#include "compress.h"
#include "fake_archive.h"
#include "memory_store.h"
#include "oci/manifest.h"
#include "oci/media_types.h"

namespace ociship::transfer {
namespace {

using testing::DigestOf;
using testing::GzipOf;
using testing::MemoryStore;
using testing::TarOf;

const std::string kTar = TarOf("a", "b");

Descriptor LayerOf(std::string_view content, std::string_view media_type) {
  return {
      .media_type = std::string(media_type), .digest = DigestOf(content), .size = content.size()};
}

// An image in `store` whose config names `diff_ids` layers and whose manifest has one.
Digest AddImage(MemoryStore& store, std::string_view layer_type, int diff_ids = 1,
                std::string_view config_type = oci::kOciConfig) {
  std::string config = R"({"architecture":"amd64","os":"linux","rootfs":{"diff_ids":[)";
  for (int i = 0; i < diff_ids; ++i) {
    config += util::StrCat(i == 0 ? "" : ",", "\"", DigestOf(kTar).text(), "\"");
  }
  config += R"(],"type":"layers"}})";
  store.AddBlob(config);
  const oci::ImageManifest image{.media_type = std::string(oci::kOciManifest),
                                 .config = LayerOf(config, config_type),
                                 .layers = {LayerOf(GzipOf(kTar), layer_type)}};
  const Manifest manifest = oci::NewManifest(oci::FormatImageManifest(image), oci::kOciManifest);
  store.AddManifest(manifest);
  return manifest.descriptor.digest;
}

TEST_CASE("KnownLayers: an image of either family teaches where its compressed layers are") {
  for (const auto& [type, compression] :
       {std::pair(oci::kOciLayerGzip, codec::Compression::kGzip),
        std::pair(oci::kDockerLayerGzip, codec::Compression::kGzip),
        std::pair(oci::kOciLayerZstd, codec::Compression::kZstd)}) {
    MemoryStore store;
    KnownLayers known;
    CHECK(known.knowledge() == KnownLayers::Knowledge::kNone);
    REQUIRE(known.Learn(store, AddImage(store, type)).ok());
    const std::optional<StoredLayer> layer = known.Find(DigestOf(kTar));
    REQUIRE(layer.has_value());
    CHECK(layer->digest == DigestOf(GzipOf(kTar)));
    CHECK(layer->compression == compression);
    CHECK(known.knowledge() == KnownLayers::Knowledge::kSome);
  }
}

TEST_CASE("KnownLayers: a plain layer and what is no layer teach nothing") {
  for (const std::string_view type : {oci::kOciLayer, std::string_view("application/x")}) {
    MemoryStore store;
    KnownLayers known;
    REQUIRE(known.Learn(store, AddImage(store, type)).ok());
    CHECK_FALSE(known.Find(DigestOf(kTar)).has_value());
  }
}

TEST_CASE("KnownLayers: a config with another number of layers teaches nothing") {
  MemoryStore store;
  KnownLayers known;
  REQUIRE(known.Learn(store, AddImage(store, oci::kOciLayerGzip, 2)).ok());
  CHECK_FALSE(known.Find(DigestOf(kTar)).has_value());
}

TEST_CASE("KnownLayers: an artifact teaches nothing") {
  MemoryStore store;
  KnownLayers known;
  REQUIRE(known.Learn(store, AddImage(store, oci::kOciLayerGzip, 1, oci::kOciEmpty)).ok());
  CHECK_FALSE(known.Find(DigestOf(kTar)).has_value());
}

TEST_CASE("KnownLayers: the images of an index teach") {
  MemoryStore store;
  const Digest image = AddImage(store, oci::kOciLayerGzip);
  const oci::ImageIndex index{.media_type = std::string(oci::kOciIndex),
                              .manifests = {store.manifests().at(image).descriptor}};
  const Manifest manifest = oci::NewManifest(oci::FormatImageIndex(index), oci::kOciIndex);
  store.AddManifest(manifest);
  KnownLayers known;
  REQUIRE(known.Learn(store, manifest.descriptor.digest).ok());
  CHECK(known.Find(DigestOf(kTar)).has_value());
}

TEST_CASE("KnownLayers: a manifest or config that is not there is an error") {
  MemoryStore store;
  KnownLayers known;
  CHECK(known.Learn(store, DigestOf("nothing")).error().code() == Code::kNotFound);
}

}  // namespace
}  // namespace ociship::transfer
