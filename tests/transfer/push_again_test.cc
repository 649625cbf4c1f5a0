// SPDX-License-Identifier: Apache-2.0
// The second round of PushArchive, when the destination lost what it had.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "compress.h"
#include "fake_archive.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "push_run.h"
#include "transfer/push.h"

namespace ociship::transfer {
namespace {

using archive::Archive;
using testing::DigestOf;
using testing::FakeArchive;
using testing::GunzipOf;
using testing::GzipOf;
using testing::TarOf;

const std::string kFirst = TarOf("first", "1");
const std::string kSecond = TarOf("second", "2");

// A regular file, a compressed file, a pipe.
enum class Source { kFile, kCompressedFile, kPipe };
enum class Kind { kDocker, kOci };

std::string Config() {
  return util::StrCat(R"({"architecture":"amd64","os":"linux","rootfs":{"diff_ids":[")",
                      DigestOf(kFirst).text(), R"(",")", DigestOf(kSecond).text(),
                      R"("],"type":"layers"}})");
}

archive::Image DockerContent() {
  archive::DockerImage image{.config = Config()};
  image.layers = {{"1/layer.tar", DigestOf(kFirst)}, {"2/layer.tar", DigestOf(kSecond)}};
  return {.names = {"app:1"}, .content = std::move(image)};
}

Descriptor Described(std::string_view type, const std::string& content) {
  return {.media_type = std::string(type), .digest = DigestOf(content), .size = content.size()};
}

std::string BlobName(const std::string& content) {
  return "blobs/sha256/" + std::string(DigestOf(content).hex());
}

archive::Image OciContent() {
  const Descriptor config = Described(oci::kOciConfig, Config());
  archive::OciImage content{.blobs = {{.descriptor = config, .content = Config()}}};
  oci::ImageManifest image{.media_type = std::string(oci::kOciManifest), .config = config};
  for (const std::string& tar : {kFirst, kSecond}) {
    const std::string layer = GzipOf(tar);
    image.layers.push_back(Described(oci::kOciLayerGzip, layer));
    content.blobs.push_back(
        {.descriptor = image.layers.back(), .diff_id = DigestOf(tar), .member = BlobName(layer)});
  }
  content.manifests = {oci::NewManifest(oci::FormatImageManifest(image), oci::kOciManifest)};
  return {.names = {"1"}, .content = std::move(content)};
}

std::vector<std::pair<std::string, std::string>> MembersOf(Kind kind) {
  if (kind == Kind::kDocker) return {{"1/layer.tar", kFirst}, {"2/layer.tar", kSecond}};
  return {{BlobName(GzipOf(kFirst)), GzipOf(kFirst)}, {BlobName(GzipOf(kSecond)), GzipOf(kSecond)}};
}

class TwoLayers : public FakeArchive {
 public:
  TwoLayers(Kind kind, Source source)
      : FakeArchive(source == Source::kFile ? Shape::kIndexed : Shape::kStreamed, MembersOf(kind),
                    {kind == Kind::kDocker ? DockerContent() : OciContent()}) {
    if (source == Source::kCompressedFile) set_repeatable(Repeatable::kYes);
  }
};

struct Run : PushRun {
  int manifests = 0;

  // The store loses these when the first `times` manifests come.
  void Lose(const std::vector<Digest>& digests, int times) {
    store.FailWhen([this, digests, times](const std::string& call) -> std::optional<Error> {
      if (!call.starts_with("write manifest ") || ++manifests > times) return std::nullopt;
      for (const Digest& digest : digests) store.RemoveBlob(digest);
      return Error(Code::kNotFound, "the registry answered 404: MANIFEST_BLOB_UNKNOWN");
    });
  }
};

// What such an image is made of: the layers and the config.
std::vector<Digest> PartsOf(Kind kind, Source source) {
  Run run;
  TwoLayers archive(kind, source);
  REQUIRE(run.PushAll(archive).ok());
  std::vector<Digest> parts;
  for (const auto& [digest, content] : run.store.blobs()) parts.push_back(digest);
  REQUIRE(parts.size() == 3);
  return parts;
}

void CheckComplete(const Run& run, const Result<std::vector<StoredImage>>& images) {
  REQUIRE(images.ok());
  REQUIRE(images.value().size() == 1);
  const Manifest& manifest = images.value()[0].manifest;
  CHECK(run.store.manifests().at(manifest.descriptor.digest).bytes == manifest.bytes);
  const oci::ImageManifest image = oci::ParseImageManifest(manifest.bytes).value();
  const auto blobs = run.store.blobs();
  CHECK(blobs.at(image.config.digest) == Config());
  REQUIRE(image.layers.size() == 2);
  CHECK(GunzipOf(blobs.at(image.layers[0].digest)) == kFirst);
  CHECK(GunzipOf(blobs.at(image.layers[1].digest)) == kSecond);
}

TEST_CASE("PushArchive: what the destination lost before the manifest came is sent again") {
  for (const Kind kind : {Kind::kDocker, Kind::kOci}) {
    for (const Source source : {Source::kFile, Source::kCompressedFile}) {
      const std::vector<Digest> parts = PartsOf(kind, source);
      std::vector<std::vector<Digest>> losses = {parts};
      for (const Digest& part : parts) losses.push_back({part});
      for (const std::vector<Digest>& lost : losses) {
        Run run;
        run.Lose(lost, 1);
        TwoLayers archive(kind, source);
        CheckComplete(run, run.PushAll(archive));
        CHECK(run.manifests == 2);
        REQUIRE(run.observer.notices().size() == 1);
        CHECK(run.observer.notices()[0].find("MANIFEST_BLOB_UNKNOWN") != std::string::npos);
        // Each layer once, and what was lost twice.
        const std::vector<std::string> changes = run.store.changes();
        const auto sent = std::ranges::count_if(
            changes, [](const std::string& change) { return change.starts_with("commit "); });
        CHECK(static_cast<std::size_t>(sent) == parts.size() + lost.size());
      }
    }
  }
}

TEST_CASE("PushArchive: what was there from an earlier push, and is lost, is read and sent") {
  for (const Kind kind : {Kind::kDocker, Kind::kOci}) {
    for (const Source source : {Source::kFile, Source::kCompressedFile}) {
      Run run;
      TwoLayers first(kind, source);
      REQUIRE(run.PushAll(first).ok());
      run.Lose(PartsOf(kind, source), 1);
      TwoLayers second(kind, source);
      CheckComplete(run, run.PushAll(second));
    }
  }
}

TEST_CASE("PushArchive: a destination that loses it each time ends after the second round") {
  for (const Kind kind : {Kind::kDocker, Kind::kOci}) {
    for (const Source source : {Source::kFile, Source::kCompressedFile}) {
      Run run;
      run.Lose(PartsOf(kind, source), 100);
      TwoLayers archive(kind, source);
      const auto images = run.PushAll(archive);
      REQUIRE_FALSE(images.ok());
      CHECK(images.error().code() == Code::kNotFound);
      CHECK(run.manifests == 2);
      CHECK(run.store.manifests().empty());
    }
  }
}

TEST_CASE("PushArchive: a pipe that has passed cannot be pushed again, which is said") {
  for (const Kind kind : {Kind::kDocker, Kind::kOci}) {
    Run run;
    run.Lose(PartsOf(kind, Source::kPipe), 1);
    TwoLayers archive(kind, Source::kPipe);
    const auto images = run.PushAll(archive);
    REQUIRE_FALSE(images.ok());
    CHECK(images.error().message().find("push it again") != std::string::npos);
    CHECK(run.manifests == 1);
    CHECK(run.store.manifests().empty());
  }
}

TEST_CASE("PushArchive: another refusal of the manifest is no reason for a second round") {
  Run run;
  run.store.FailWhen([&run](const std::string& call) -> std::optional<Error> {
    if (!call.starts_with("write manifest ")) return std::nullopt;
    ++run.manifests;
    return Error(Code::kUnauthorized, "denied");
  });
  TwoLayers archive(Kind::kDocker, Source::kFile);
  CHECK(run.PushAll(archive).error().code() == Code::kUnauthorized);
  CHECK(run.manifests == 1);
}

TEST_CASE("PushArchive: a cancel ends the second round") {
  for (const Source source : {Source::kFile, Source::kCompressedFile}) {
    Run run;
    run.store.FailWhen([&run](const std::string& call) -> std::optional<Error> {
      if (!call.starts_with("write manifest ")) return std::nullopt;
      ++run.manifests;
      run.cancel.Request();
      return Error(Code::kNotFound, "lost");
    });
    TwoLayers archive(Kind::kDocker, source);
    CHECK(run.PushAll(archive).error().code() == Code::kInterrupted);
    CHECK(run.manifests == 1);
  }
}

}  // namespace
}  // namespace ociship::transfer
