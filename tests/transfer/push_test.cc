// SPDX-License-Identifier: Apache-2.0
#include "transfer/push.h"

#include <doctest/doctest.h>

#include <set>

#include "compress.h"
#include "counting_progress.h"
#include "fake_archive.h"
#include "memory_store.h"
#include "oci/manifest.h"
#include "oci/media_types.h"

namespace ociship::transfer {
namespace {

using archive::Archive;
using archive::DockerImage;
using archive::DockerLayer;
using archive::Image;
using archive::OciBlob;
using archive::OciImage;
using testing::CountingProgress;
using testing::DigestOf;
using testing::FakeArchive;
using testing::GunzipOf;
using testing::GzipOf;
using testing::MemoryStore;
using testing::TarOf;

constexpr Archive::Shape kShapes[] = {Archive::Shape::kIndexed, Archive::Shape::kStreamed};

const std::string kFirst = TarOf("first", "1");
const std::string kSecond = TarOf("second", "2");

std::string ConfigWith(const std::vector<Digest>& diff_ids) {
  std::string config = R"({"architecture":"amd64","os":"linux","rootfs":{"diff_ids":[)";
  for (const Digest& diff_id : diff_ids) {
    config += util::StrCat(config.ends_with('[') ? "" : ",", "\"", diff_id.text(), "\"");
  }
  return config + R"(],"type":"layers"}})";
}

struct Member {
  std::string name;
  std::string content;
  Digest diff_id;
};

// A docker archive with these layers.
FakeArchive DockerArchive(Archive::Shape shape, const std::vector<Member>& members) {
  std::vector<std::pair<std::string, std::string>> contents;
  std::vector<Digest> diff_ids;
  DockerImage image;
  for (const Member& member : members) {
    contents.emplace_back(member.name, member.content);
    diff_ids.push_back(member.diff_id);
    image.layers.push_back({member.name, member.diff_id});
  }
  image.config = ConfigWith(diff_ids);
  return {shape, std::move(contents), {{.names = {"app:1"}, .content = std::move(image)}}};
}

struct Run {
  MemoryStore store;
  Cancel cancel;
  CountingProgress progress;
  KnownLayers known;

  Result<PushedImage> Push(Archive& archive, PushOptions options = {}) {
    return PushArchive(archive, known, store, options, cancel, progress);
  }
};

oci::ImageManifest Parsed(const PushedImage& image) {
  return oci::ParseImageManifest(image.manifest.bytes).value();
}

TEST_CASE("PushArchive: a docker image gets one manifest, from every shape of archive") {
  std::set<Digest> digests;
  for (const Archive::Shape shape : kShapes) {
    Run run;
    FakeArchive archive = DockerArchive(shape, {{"1/layer.tar", kFirst, DigestOf(kFirst)},
                                                {"2/layer.tar", kSecond, DigestOf(kSecond)}});
    const Result<PushedImage> image = run.Push(archive);
    REQUIRE(image.ok());
    CHECK(image.value().names == std::vector<std::string>{"app:1"});
    CHECK(image.value().platform->architecture == "amd64");
    const oci::ImageManifest manifest = Parsed(image.value());
    CHECK(manifest.config.media_type == oci::kOciConfig);
    REQUIRE(manifest.layers.size() == 2);
    CHECK(manifest.layers[0].media_type == oci::kOciLayerGzip);
    CHECK(GunzipOf(run.store.blobs().at(manifest.layers[0].digest)) == kFirst);
    CHECK(GunzipOf(run.store.blobs().at(manifest.layers[1].digest)) == kSecond);
    CHECK(run.store.blobs().contains(manifest.config.digest));
    CHECK(run.store.tags().empty());
    digests.insert(image.value().manifest.descriptor.digest);
  }
  CHECK(digests.size() == 1);
}

TEST_CASE("PushArchive: the manifest is written after every blob") {
  for (const Archive::Shape shape : kShapes) {
    Run run;
    FakeArchive archive = DockerArchive(shape, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
    REQUIRE(run.Push(archive).ok());
    const std::vector<std::string> changes = run.store.changes();
    REQUIRE(changes.size() == 3);
    CHECK(changes.back().starts_with("write manifest "));
  }
}

TEST_CASE("PushArchive: a layer that is not its diff ID is refused, and no manifest is written") {
  for (const Archive::Shape shape : kShapes) {
    Run run;
    FakeArchive archive = DockerArchive(shape, {{"1/layer.tar", kFirst, DigestOf(kSecond)}});
    const Result<PushedImage> image = run.Push(archive);
    REQUIRE_FALSE(image.ok());
    CHECK(image.error().code() == Code::kBadInput);
    CHECK(image.error().message().find("1/layer.tar") != std::string::npos);
    CHECK(run.store.manifests().empty());
  }
}

TEST_CASE("PushArchive: a layer that has its diff ID and is no tar is refused") {
  for (const Archive::Shape shape : kShapes) {
    Run run;
    FakeArchive archive = DockerArchive(shape, {{"1/layer.tar", "text", DigestOf("text")}});
    const Result<PushedImage> image = run.Push(archive);
    REQUIRE_FALSE(image.ok());
    CHECK(image.error().code() == Code::kBadInput);
    CHECK(run.store.manifests().empty());
  }
}

TEST_CASE("PushArchive: a layer that stands in the image twice is sent once and listed twice") {
  for (const Archive::Shape shape : kShapes) {
    Run run;
    FakeArchive archive = DockerArchive(shape, {{"1/layer.tar", kFirst, DigestOf(kFirst)},
                                                {"1/layer.tar", kFirst, DigestOf(kFirst)}});
    const Result<PushedImage> image = run.Push(archive);
    REQUIRE(image.ok());
    CHECK(Parsed(image.value()).layers.size() == 2);
    CHECK(run.store.blobs().size() == 2);
    CHECK(run.progress.Count(LayerState::kSent) == 1);
  }
}

TEST_CASE("PushArchive: a compressed layer keeps its bytes, a damaged one is refused") {
  for (const Archive::Shape shape : kShapes) {
    Run good;
    FakeArchive archive = DockerArchive(shape, {{"1/layer.tar", GzipOf(kFirst), DigestOf(kFirst)}});
    const Result<PushedImage> image = good.Push(archive);
    REQUIRE(image.ok());
    CHECK(Parsed(image.value()).layers[0].digest == DigestOf(GzipOf(kFirst)));

    Run bad;
    FakeArchive damaged =
        DockerArchive(shape, {{"1/layer.tar", GzipOf(kFirst) + "x", DigestOf(kFirst)}});
    CHECK(bad.Push(damaged).error().code() == Code::kBadInput);
    CHECK(bad.store.manifests().empty());
  }
}

TEST_CASE("PushArchive: what the destination has is not sent again") {
  for (const Archive::Shape shape : kShapes) {
    Run run;
    const std::vector<Member> members = {{"1/layer.tar", kFirst, DigestOf(kFirst)}};
    FakeArchive first = DockerArchive(shape, members);
    REQUIRE(run.Push(first).ok());
    run.store.ClearCalls();
    FakeArchive second = DockerArchive(shape, members);
    REQUIRE(run.Push(second).ok());
    for (const std::string& call : run.store.calls()) CHECK_FALSE(call.starts_with("write blob"));
  }
}

TEST_CASE("PushArchive: a known layer is not read from an index, and only hashed in a stream") {
  for (const Archive::Shape shape : kShapes) {
    Run run;
    // The name promises the diff ID, as those of Nix and podman do.
    const std::string name = std::string(DigestOf(kFirst).hex()) + "/layer.tar";
    const std::vector<Member> members = {{name, kFirst, DigestOf(kFirst)}};
    FakeArchive first = DockerArchive(shape, members);
    const Result<PushedImage> image = run.Push(first);
    REQUIRE(image.ok());
    REQUIRE(run.known.Learn(run.store, image.value().manifest.descriptor.digest).ok());
    FakeArchive second = DockerArchive(shape, members);
    const Result<PushedImage> again = run.Push(second);
    REQUIRE(again.ok());
    CHECK(again.value().manifest.bytes == image.value().manifest.bytes);
    CHECK(second.read().empty() == (shape == Archive::Shape::kIndexed));
    CHECK(run.progress.Count(LayerState::kKnown) == 1);
  }
}

TEST_CASE("PushArchive: a known layer whose blob is gone is sent") {
  Run run;
  FakeArchive first =
      DockerArchive(Archive::Shape::kIndexed, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
  const Result<PushedImage> image = run.Push(first);
  REQUIRE(image.ok());
  REQUIRE(run.known.Learn(run.store, image.value().manifest.descriptor.digest).ok());
  MemoryStore empty;
  FakeArchive second =
      DockerArchive(Archive::Shape::kIndexed, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
  REQUIRE(PushArchive(second, run.known, empty, {}, run.cancel, run.progress).ok());
  CHECK(empty.blobs().size() == 2);
}

TEST_CASE("PushArchive: in a stream, a layer whose name lies about it is never taken for another") {
  Run run;
  FakeArchive first =
      DockerArchive(Archive::Shape::kStreamed, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
  const Result<PushedImage> image = run.Push(first);
  REQUIRE(run.known.Learn(run.store, image.value().manifest.descriptor.digest).ok());
  const std::string lie = std::string(DigestOf(kFirst).hex()) + "/layer.tar";
  FakeArchive second =
      DockerArchive(Archive::Shape::kStreamed, {{lie, kSecond, DigestOf(kSecond)}});
  const Result<PushedImage> refused = run.Push(second);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message().find("from a file") != std::string::npos);
}

// An OCI image with one layer that is stored as `layer`, whose manifest names `named`.
FakeArchive OciArchive(Archive::Shape shape, std::string_view layer_type, const std::string& layer,
                       const std::string& named, const Digest& diff_id) {
  const std::string config = ConfigWith({diff_id});
  const Descriptor config_descriptor{.media_type = std::string(oci::kOciConfig),
                                     .digest = DigestOf(config),
                                     .size = config.size()};
  const Descriptor layer_descriptor{
      .media_type = std::string(layer_type), .digest = DigestOf(named), .size = named.size()};
  const oci::ImageManifest image{.media_type = std::string(oci::kOciManifest),
                                 .config = config_descriptor,
                                 .layers = {layer_descriptor}};
  const std::string member = "blobs/sha256/" + std::string(DigestOf(named).hex());
  OciImage content{
      .manifests = {oci::NewManifest(oci::FormatImageManifest(image), oci::kOciManifest)},
      .blobs = {{.descriptor = config_descriptor, .content = config},
                {.descriptor = layer_descriptor, .diff_id = diff_id, .member = member}}};
  return {shape, {{member, layer}}, {{.names = {"1"}, .content = std::move(content)}}};
}

TEST_CASE("PushArchive: an OCI image keeps its manifest, also with a plain layer from a stream") {
  for (const Archive::Shape shape : kShapes) {
    for (const std::string& layer : {GzipOf(kFirst), kFirst}) {
      Run run;
      FakeArchive archive = OciArchive(shape, layer == kFirst ? oci::kOciLayer : oci::kOciLayerGzip,
                                       layer, layer, DigestOf(kFirst));
      const Result<PushedImage> image = run.Push(archive);
      REQUIRE(image.ok());
      CHECK(image.value().platform->os == "linux");
      CHECK(run.store.blobs().at(DigestOf(layer)) == layer);
      CHECK(run.store.manifests().contains(image.value().manifest.descriptor.digest));
    }
  }
}

TEST_CASE("PushArchive: an OCI layer with another digest or diff ID is refused") {
  for (const Archive::Shape shape : kShapes) {
    const std::string layer = GzipOf(kFirst);
    Run other_digest;
    std::string changed = layer;
    changed[4] = 'x';  // the time, which no diff ID covers
    FakeArchive lying = OciArchive(shape, oci::kOciLayerGzip, changed, layer, DigestOf(kFirst));
    CHECK(other_digest.Push(lying).error().code() == Code::kBadInput);
    CHECK(other_digest.store.manifests().empty());

    Run other_diff_id;
    FakeArchive wrong = OciArchive(shape, oci::kOciLayerGzip, layer, layer, DigestOf(kSecond));
    CHECK(other_diff_id.Push(wrong).error().code() == Code::kBadInput);
    CHECK(other_diff_id.store.manifests().empty());
  }
}

}  // namespace
}  // namespace ociship::transfer
