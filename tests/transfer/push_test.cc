// SPDX-License-Identifier: Apache-2.0
#include "transfer/push.h"

#include <doctest/doctest.h>

#include <set>

#include "compress.h"
#include "fake_archive.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "push_run.h"

namespace ociship::transfer {
namespace {

using archive::Archive;
using archive::DockerImage;
using archive::DockerLayer;
using archive::Image;
using archive::OciBlob;
using archive::OciImage;
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

struct Run : PushRun {
  Result<StoredImage> Push(Archive& archive, const PushOptions& options = {}) {
    auto images = PushAll(archive, options);
    if (!images.ok()) return std::move(images).error();
    return std::move(images.value().at(0));
  }
};

oci::ImageManifest Parsed(const StoredImage& image) {
  return oci::ParseImageManifest(image.manifest.bytes).value();
}

TEST_CASE("PushArchive: a docker image gets one manifest, from every shape of archive") {
  std::set<Digest> digests;
  for (const Archive::Shape shape : kShapes) {
    Run run;
    FakeArchive archive = DockerArchive(shape, {{"1/layer.tar", kFirst, DigestOf(kFirst)},
                                                {"2/layer.tar", kSecond, DigestOf(kSecond)}});
    const Result<StoredImage> image = run.Push(archive);
    REQUIRE(image.ok());
    CHECK(image.value().names == std::vector<std::string>{"app:1"});
    CHECK(image.value().entries.at(0).platform->architecture == "amd64");
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
    const Result<StoredImage> image = run.Push(archive);
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
    const Result<StoredImage> image = run.Push(archive);
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
    const Result<StoredImage> image = run.Push(archive);
    REQUIRE(image.ok());
    CHECK(Parsed(image.value()).layers.size() == 2);
    CHECK(run.store.blobs().size() == 2);
    CHECK(run.observer.Count(LayerState::kSent) == 1);
  }
}

TEST_CASE("PushArchive: a compressed layer keeps its bytes, a damaged one is refused") {
  for (const Archive::Shape shape : kShapes) {
    Run good;
    FakeArchive archive = DockerArchive(shape, {{"1/layer.tar", GzipOf(kFirst), DigestOf(kFirst)}});
    const Result<StoredImage> image = good.Push(archive);
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
    const Result<StoredImage> image = run.Push(first);
    REQUIRE(image.ok());
    REQUIRE(run.known.Learn(run.store, image.value().manifest.descriptor.digest).ok());
    FakeArchive second = DockerArchive(shape, members);
    const Result<StoredImage> again = run.Push(second);
    REQUIRE(again.ok());
    CHECK(again.value().manifest.bytes == image.value().manifest.bytes);
    CHECK(second.read().empty() == (shape == Archive::Shape::kIndexed));
    CHECK(run.observer.Count(LayerState::kKnown) == 1);
  }
}

TEST_CASE("PushArchive: a known layer whose blob is gone is sent") {
  Run run;
  FakeArchive first =
      DockerArchive(Archive::Shape::kIndexed, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
  const Result<StoredImage> image = run.Push(first);
  REQUIRE(image.ok());
  REQUIRE(run.known.Learn(run.store, image.value().manifest.descriptor.digest).ok());
  MemoryStore empty;
  FakeArchive second =
      DockerArchive(Archive::Shape::kIndexed, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
  REQUIRE(PushArchive(second, {run.known, run.cache}, empty, {}, run.cancel, run.observer).ok());
  CHECK(empty.blobs().size() == 2);
}

// Makes the destination have the layer kFirst, and knows it.
void TeachFirst(Run& run) {
  FakeArchive first =
      DockerArchive(Archive::Shape::kStreamed, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
  const Result<StoredImage> image = run.Push(first);
  REQUIRE(image.ok());
  REQUIRE(run.known.Learn(run.store, image.value().manifest.descriptor.digest).ok());
}

TEST_CASE("PushArchive: from a pipe, a layer whose name lies about it is never taken for another") {
  Run run;
  TeachFirst(run);
  const std::string lie = std::string(DigestOf(kFirst).hex()) + "/layer.tar";
  FakeArchive second =
      DockerArchive(Archive::Shape::kStreamed, {{lie, kSecond, DigestOf(kSecond)}});
  const Result<StoredImage> refused = run.Push(second);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message().find("from a file") != std::string::npos);
}

TEST_CASE("PushArchive: what lied in a file that can be read again is read again") {
  Run run;
  TeachFirst(run);
  const std::string lie = std::string(DigestOf(kFirst).hex()) + "/layer.tar";
  FakeArchive second = DockerArchive(
      Archive::Shape::kStreamed,
      {{lie, kSecond, DigestOf(kSecond)}, {"other/layer.tar", kFirst, DigestOf(kFirst)}});
  second.set_repeatable(Archive::Repeatable::kYes);
  const Result<StoredImage> image = run.Push(second);
  REQUIRE(image.ok());
  CHECK(GunzipOf(run.store.blobs().at(Parsed(image.value()).layers[0].digest)) == kSecond);
  CHECK(second.read().size() == 4);
}

TEST_CASE("PushArchive: names that say nothing are compressed once it is known to be needed") {
  Run run;
  TeachFirst(run);
  const std::vector<Member> members = {{"a/layer.tar", kFirst, DigestOf(kFirst)},
                                       {"b/layer.tar", kSecond, DigestOf(kSecond)}};
  FakeArchive known = DockerArchive(Archive::Shape::kStreamed, {members[0]});
  known.set_repeatable(Archive::Repeatable::kYes);
  run.store.ClearCalls();
  REQUIRE(run.Push(known).ok());
  for (const std::string& call : run.store.calls()) CHECK_FALSE(call.starts_with("write blob"));
  CHECK(known.read().size() == 1);

  FakeArchive half = DockerArchive(Archive::Shape::kStreamed, members);
  half.set_repeatable(Archive::Repeatable::kYes);
  const Result<StoredImage> image = run.Push(half);
  REQUIRE(image.ok());
  CHECK(half.read().size() == 4);
  CHECK(GunzipOf(run.store.blobs().at(Parsed(image.value()).layers[1].digest)) == kSecond);
}

TEST_CASE("PushArchive: what was compressed here is remembered, what was passed on is not") {
  for (const Archive::Shape shape : kShapes) {
    Run run;
    const std::string gzip = GzipOf(kSecond);
    FakeArchive archive = DockerArchive(shape, {{"1/layer.tar", kFirst, DigestOf(kFirst)},
                                                {"2/layer.tar", gzip, DigestOf(kSecond)}});
    const Result<StoredImage> image = run.Push(archive);
    REQUIRE(image.ok());
    const std::optional<StoredLayer> remembered = run.cache.Find(DigestOf(kFirst));
    REQUIRE(remembered.has_value());
    CHECK(remembered->digest == Parsed(image.value()).layers[0].digest);
    CHECK_FALSE(run.cache.Find(DigestOf(kSecond)).has_value());
  }
}

TEST_CASE("PushArchive: a remembered layer is not read where the destination has it") {
  Run run;
  FakeArchive first =
      DockerArchive(Archive::Shape::kIndexed, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
  REQUIRE(run.Push(first).ok());
  FakeArchive second =
      DockerArchive(Archive::Shape::kIndexed, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
  REQUIRE(run.Push(second).ok());
  CHECK(second.read().empty());
  MemoryStore empty;
  REQUIRE(PushArchive(second, {run.known, run.cache}, empty, {}, run.cancel, run.observer).ok());
  CHECK(empty.blobs().size() == 2);
}

TEST_CASE("PushArchive: a compressed layer keeps its bytes, whatever is known of its content") {
  for (const Archive::Shape shape : kShapes) {
    Run run;
    TeachFirst(run);
    const std::string other = GzipOf(kFirst.substr(0, 100)) + GzipOf(kFirst.substr(100));
    const std::string name = std::string(DigestOf(kFirst).hex()) + "/layer.tar";
    FakeArchive archive = DockerArchive(shape, {{name, other, DigestOf(kFirst)}});
    archive.set_repeatable(Archive::Repeatable::kYes);
    const Result<StoredImage> image = run.Push(archive);
    REQUIRE(image.ok());
    CHECK(Parsed(image.value()).layers[0].digest == DigestOf(other));
    CHECK(run.store.blobs().at(DigestOf(other)) == other);
  }
}

TEST_CASE("PushArchive: each compression has its media type, one digest from every shape") {
  for (const auto& [text, media_type] :
       {std::pair("gzip:9", oci::kOciLayerGzip), std::pair("portable", oci::kOciLayerGzip),
        std::pair("zstd", oci::kOciLayerZstd), std::pair("none", oci::kOciLayer)}) {
    std::set<Digest> digests;
    for (const Archive::Shape shape : kShapes) {
      Run run;
      PushOptions options;
      options.pipeline.compression = codec::LayerCompression::Parse(text).value();
      FakeArchive archive = DockerArchive(shape, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
      const Result<StoredImage> image = run.Push(archive, options);
      REQUIRE(image.ok());
      CHECK(Parsed(image.value()).layers[0].media_type == media_type);
      digests.insert(image.value().manifest.descriptor.digest);
    }
    CHECK(digests.size() == 1);
  }
}

TEST_CASE("PushArchive: a plain layer that is stored plain is looked up by its diff ID") {
  for (const Archive::Shape shape : kShapes) {
    Run run;
    PushOptions options;
    options.pipeline.compression = codec::LayerCompression::Parse("none").value();
    const std::string name = std::string(DigestOf(kFirst).hex()) + "/layer.tar";
    run.store.AddBlob(kFirst);
    FakeArchive archive = DockerArchive(shape, {{name, kFirst, DigestOf(kFirst)}});
    const Result<StoredImage> image = run.Push(archive, options);
    REQUIRE(image.ok());
    CHECK(Parsed(image.value()).layers[0].digest == DigestOf(kFirst));
    CHECK(archive.read().empty() == (shape == Archive::Shape::kIndexed));
    CHECK(run.observer.Count(LayerState::kKnown) == 1);
  }
}

TEST_CASE(
    "PushArchive: Docker's format has Docker's media types, and neither zstd nor annotations") {
  Run run;
  PushOptions options{.format = ManifestFormat::kDocker};
  FakeArchive archive =
      DockerArchive(Archive::Shape::kIndexed, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
  const Result<StoredImage> image = run.Push(archive, options);
  REQUIRE(image.ok());
  CHECK(image.value().manifest.descriptor.media_type == oci::kDockerManifest);
  CHECK(Parsed(image.value()).layers[0].media_type == oci::kDockerLayerGzip);
  options.annotations = {{"a", "b"}};
  CHECK(run.Push(archive, options).error().code() == Code::kUsage);
}

TEST_CASE("PushArchive: annotations are in the manifest, and of a part of an index in none") {
  Run run;
  PushOptions options{.annotations = {{"a", "b"}}};
  FakeArchive archive =
      DockerArchive(Archive::Shape::kIndexed, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
  CHECK(Parsed(run.Push(archive, options).value()).annotations.at("a") == "b");
  options.part = PushOptions::Part::kOfIndex;
  CHECK(Parsed(run.Push(archive, options).value()).annotations.empty());
}

TEST_CASE("PushArchive: a platform must be that of the config, and in an index says what it is") {
  Run run;
  FakeArchive archive =
      DockerArchive(Archive::Shape::kIndexed, {{"1/layer.tar", kFirst, DigestOf(kFirst)}});
  const Platform arm{.os = "linux", .architecture = "arm64"};
  const Result<StoredImage> refused = run.Push(archive, {.platforms = {arm}});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code() == Code::kUsage);
  CHECK(run.Push(archive, {.platforms = {{.os = "linux", .architecture = "x86_64"}}}).ok());
  const Result<StoredImage> part =
      run.Push(archive, {.part = PushOptions::Part::kOfIndex, .platforms = {arm}});
  REQUIRE(part.ok());
  CHECK(part.value().entries.at(0).platform == arm);
}

TEST_CASE("PushArchive: a layer larger than it may be is refused, plain or compressed") {
  for (const Archive::Shape shape : kShapes) {
    for (const std::string& layer : {kFirst, GzipOf(kFirst)}) {
      const auto push = [&](std::uint64_t limit) {
        Run run;
        FakeArchive archive = DockerArchive(shape, {{"1/layer.tar", layer, DigestOf(kFirst)}});
        PushOptions options;
        options.limit.max_bytes = limit;
        return run.Push(archive, options);
      };
      CHECK(push(kFirst.size()).ok());
      const Result<StoredImage> refused = push(kFirst.size() - 1);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error().code() == Code::kBadInput);
      CHECK(refused.error().message().find("--max-layer-size") != std::string::npos);
    }
  }
}

TEST_CASE("PushArchive: all images of an archive are stored, each with its names") {
  for (const Archive::Shape shape : kShapes) {
    Run run;
    const auto image_of = [](const std::string& member, const std::string& tar) {
      return Image{.names = {member},
                   .content = DockerImage{.config = ConfigWith({DigestOf(tar)}),
                                          .layers = {{member, DigestOf(tar)}}}};
    };
    FakeArchive archive(shape, {{"a", kFirst}, {"b", kSecond}},
                        {image_of("a", kFirst), image_of("b", kSecond), image_of("a", kFirst)});
    const auto images = run.PushAll(archive, {.which = PushRequest::Images::kAll});
    REQUIRE(images.ok());
    REQUIRE(images.value().size() == 3);
    CHECK(images.value()[1].names == std::vector<std::string>{"b"});
    CHECK(images.value()[0].manifest.bytes == images.value()[2].manifest.bytes);
    CHECK(run.store.manifests().size() == 2);
  }
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
      const Result<StoredImage> image = run.Push(archive);
      REQUIRE(image.ok());
      CHECK(image.value().entries.at(0).platform->os == "linux");
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

TEST_CASE("PushArchive: a copy of a layer under another name must be one") {
  for (const Archive::Shape shape : kShapes) {
    Run good;
    FakeArchive copy = DockerArchive(shape, {{"1/layer.tar", kFirst, DigestOf(kFirst)},
                                             {"2/layer.tar", kFirst, DigestOf(kFirst)}});
    CHECK(good.Push(copy).ok());
    Run bad;
    FakeArchive other = DockerArchive(shape, {{"1/layer.tar", kFirst, DigestOf(kFirst)},
                                              {"2/layer.tar", kSecond, DigestOf(kFirst)}});
    CHECK(bad.Push(other).error().code() == Code::kBadInput);
    CHECK(bad.store.manifests().empty());
  }
}

TEST_CASE("PushArchive: a diff ID that is a SHA-512 is checked, of a stream in a second pass") {
  crypto::Hasher hasher(crypto::HashAlgorithm::kSha512);
  hasher.Update(util::AsBytes(kFirst));
  const Digest diff_id = hasher.Finish();
  for (const Archive::Shape shape : kShapes) {
    for (const std::string& layer : {kFirst, kSecond}) {
      Run run;
      FakeArchive archive = DockerArchive(shape, {{"1/layer.tar", layer, diff_id}});
      archive.set_repeatable(Archive::Repeatable::kYes);
      const auto pushed = run.Push(archive);
      CAPTURE(pushed.ok() ? std::string() : pushed.error().message());
      CHECK(pushed.ok() == (layer == kFirst));
    }
  }
  Run pipe;
  FakeArchive archive =
      DockerArchive(Archive::Shape::kStreamed, {{"1/layer.tar", kFirst, diff_id}});
  CHECK(pipe.Push(archive).error().message().find("from a file") != std::string::npos);
}

TEST_CASE("PushArchive: an OCI layer with another diff ID is refused however often it is pushed") {
  for (const Archive::Shape shape : kShapes) {
    Run run;
    const std::string layer = GzipOf(kFirst);
    for (int i = 0; i < 3; ++i) {
      FakeArchive wrong = OciArchive(shape, oci::kOciLayerGzip, layer, layer, DigestOf(kSecond));
      CHECK(run.Push(wrong).error().code() == Code::kBadInput);
      CHECK(run.store.manifests().empty());
    }
    FakeArchive good = OciArchive(shape, oci::kOciLayerGzip, layer, layer, DigestOf(kFirst));
    const Result<StoredImage> image = run.Push(good);
    REQUIRE(image.ok());
    REQUIRE(run.known.Learn(run.store, image.value().manifest.descriptor.digest).ok());
    FakeArchive again = OciArchive(shape, oci::kOciLayerGzip, layer, layer, DigestOf(kFirst));
    REQUIRE(run.Push(again).ok());
    CHECK(again.read().empty() == (shape == Archive::Shape::kIndexed));
    FakeArchive swapped = OciArchive(shape, oci::kOciLayerGzip, layer, layer, DigestOf(kSecond));
    CHECK(run.Push(swapped).error().code() == Code::kBadInput);
  }
}

TEST_CASE("PushArchive: an OCI layer of a file system must be a tar that runtimes can read") {
  for (const Archive::Shape shape : kShapes) {
    for (const std::string& layer : {std::string("no tar at all"), GzipOf("no tar either")}) {
      Run run;
      const Digest diff_id = DigestOf(layer.starts_with("no") ? layer : "no tar either");
      FakeArchive other = OciArchive(shape, oci::kOciLayerGzip, layer, layer, diff_id);
      CHECK(run.Push(other).error().code() == Code::kBadInput);
      Run artifact;
      FakeArchive fine = OciArchive(shape, "application/x", layer, layer, diff_id);
      CHECK(artifact.Push(fine).ok());
    }
  }
}

TEST_CASE("PushArchive: a layer whose content is kept has its diff ID checked too") {
  for (const Archive::Shape shape : kShapes) {
    for (const Digest& diff_id : {DigestOf(kFirst), DigestOf(kSecond)}) {
      const std::string layer = GzipOf(kFirst);
      FakeArchive archive = OciArchive(shape, oci::kOciLayerGzip, layer, layer, diff_id);
      std::vector<Image> images = archive.Images().value();
      OciBlob& blob = std::get<OciImage>(images[0].content).blobs[1];
      blob.member.clear();
      blob.content = layer;
      FakeArchive kept(shape, {}, images);
      Run run;
      CHECK(run.Push(kept).ok() == (diff_id == DigestOf(kFirst)));
    }
  }
}

TEST_CASE("PushArchive: the name of a damaged layer cannot write to a terminal") {
  for (const Archive::Shape shape : kShapes) {
    Run run;
    FakeArchive archive =
        DockerArchive(shape, {{"a\x1b[2Kb\n", GzipOf(kFirst) + "x", DigestOf(kFirst)}});
    const Result<StoredImage> refused = run.Push(archive);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message().find_first_of("\x1b\n") == std::string::npos);
  }
}

}  // namespace
}  // namespace ociship::transfer
