// SPDX-License-Identifier: Apache-2.0
#include "ociship/push.h"

#include <doctest/doctest.h>

#include "counting_observer.h"
#include "fixed_effects.h"
#include "fixtures.h"
#include "memory_store.h"
#include "oci/manifest.h"
#include "temp_folder.h"
#include "util/file.h"

namespace ociship {
namespace {

using testing::CountingObserver;
using testing::FixedEffects;
using testing::FixturePath;
using testing::MemoryStore;

struct Run {
  MemoryStore store;
  FixedEffects fixed;
  CountingObserver observer;

  Result<PushResult> Push(const PushRequest& request) {
    return ociship::Push(store, request, fixed.effects, observer);
  }
};

Tag TagOf(std::string_view text) { return Tag::Parse(text).value(); }

std::vector<std::string> TagsOf(const Result<PushResult>& pushed) {
  std::vector<std::string> tags;
  for (const TagChange& change : pushed.value().images.at(0).tags)
    tags.push_back(change.tag.text());
  return tags;
}

TEST_CASE("Push: tags of the request and of the version are set after everything else") {
  Run run;
  const Result<PushResult> pushed = run.Push(
      {.sources = {FixturePath("docker28-one.tar")}, .tags = {TagOf("edge")}, .semver = "v1.4.2"});
  REQUIRE(pushed.ok());
  CHECK(TagsOf(pushed) == std::vector<std::string>{"edge", "1.4.2", "1.4", "1", "latest"});
  const std::vector<std::string> changes = run.store.changes();
  REQUIRE(changes.size() > 5);
  for (std::size_t i = changes.size() - 5; i < changes.size(); ++i) {
    CHECK(changes[i].starts_with("tag "));
  }
}

TEST_CASE("Push: without any tag the archive's own is taken") {
  Run run;
  const Result<PushResult> pushed = run.Push({.sources = {FixturePath("skopeo1-docker.tar")}});
  REQUIRE(pushed.ok());
  CHECK(TagsOf(pushed).size() == 1);
  CHECK(run.observer.notices().empty());
}

TEST_CASE("Push: an archive without a tag goes by digest, with a notice") {
  Run run;
  const Result<PushResult> pushed = run.Push({.sources = {FixturePath("podman5-docker-byid.tar")}});
  REQUIRE(pushed.ok());
  CHECK(TagsOf(pushed).empty());
  CHECK(run.observer.notices().size() == 1);
  CHECK(run.store.manifests().contains(pushed.value().images.at(0).digest));
  CHECK(run.store.tags().empty());
}

TEST_CASE("Push: pushing again sends no blob and reads no layer that the tag's image has") {
  Run run;
  const PushRequest request{.sources = {FixturePath("docker28-one.tar")}, .tags = {TagOf("1")}};
  const Result<PushResult> first = run.Push(request);
  REQUIRE(first.ok());
  run.store.ClearCalls();
  const Result<PushResult> second = run.Push(request);
  REQUIRE(second.ok());
  CHECK(second.value().images.at(0).digest == first.value().images.at(0).digest);
  for (const std::string& call : run.store.calls()) CHECK_FALSE(call.starts_with("write blob"));
  CHECK(run.observer.Count(LayerState::kKnown) == 6);  // one of the seven stands in it twice
}

TEST_CASE("Push: a version that names another image is a conflict, and no tag moves") {
  Run run;
  REQUIRE(run.Push({.sources = {FixturePath("docker28-one.tar")}, .semver = "1.0.0"}).ok());
  const auto before = run.store.tags();
  const Result<PushResult> other =
      run.Push({.sources = {FixturePath("nix-stream.tar")}, .semver = "1.0.0"});
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().code() == Code::kTagConflict);
  CHECK(run.store.tags() == before);
}

TEST_CASE("Push: a tag that was asked for by name moves, also if it looks like a version") {
  Run run;
  const PushRequest first{.sources = {FixturePath("docker28-one.tar")}, .tags = {TagOf("1.0.0")}};
  const PushRequest second{.sources = {FixturePath("nix-stream.tar")}, .tags = {TagOf("1.0.0")}};
  REQUIRE(run.Push(first).ok());
  const Result<PushResult> moved = run.Push(second);
  REQUIRE(moved.ok());
  CHECK(run.store.tags().at("1.0.0") == moved.value().images.at(0).digest);
}

TEST_CASE("Push: a broken archive tags nothing") {
  Run run;
  const Result<PushResult> pushed =
      run.Push({.sources = {FixturePath("README.md")}, .tags = {TagOf("1")}});
  REQUIRE_FALSE(pushed.ok());
  CHECK(pushed.error().code() == Code::kBadInput);
  CHECK(run.store.tags().empty());
}

TEST_CASE("Push: two sources of one platform are refused, and nothing is tagged") {
  Run run;
  const Result<PushResult> pushed =
      run.Push({.sources = {FixturePath("docker28-one.tar"), FixturePath("nix-stream.tar")},
                .tags = {TagOf("1")}});
  REQUIRE_FALSE(pushed.ok());
  CHECK(pushed.error().code() == Code::kBadInput);
  CHECK(run.store.tags().empty());
}

TEST_CASE("Push: several images in an archive need a choice") {
  Run run;
  PushRequest request{.sources = {FixturePath("docker28-multi.tar")}, .tags = {TagOf("1")}};
  const Result<PushResult> open = run.Push(request);
  REQUIRE_FALSE(open.ok());
  CHECK(open.error().code() == Code::kUsage);
  request.image = "@0";
  CHECK(run.Push(request).ok());
}

Error ErrorOf(const Result<PushResult>& result) {
  REQUIRE_FALSE(result.ok());
  return result.error();
}

TEST_CASE("Push: all images keep their own tags, and two images with one tag are refused") {
  Run run;
  PushRequest request{.sources = {FixturePath("docker28-multi.tar")},
                      .images = PushRequest::Images::kAll};
  CHECK(ErrorOf(run.Push(request)).code() == Code::kUsage);  // all of them are called 1
  CHECK(run.store.tags().empty());
  request.sources = {FixturePath("skopeo1-docker.tar")};
  const Result<PushResult> pushed = run.Push(request);
  REQUIRE(pushed.ok());
  CHECK(pushed.value().images.size() == 1);
  CHECK(TagsOf(pushed).size() == 1);
}

TEST_CASE("Push: what contradicts itself is refused before anything is asked or read") {
  const std::string archive = FixturePath("docker28-one.tar");
  const std::vector<PushRequest> wrong = {
      {},
      {.sources = {archive, archive}, .images = PushRequest::Images::kAll},
      {.sources = {archive}, .image = "@0", .images = PushRequest::Images::kAll},
      {.sources = {archive}, .images = PushRequest::Images::kAll, .tags = {TagOf("1")}},
      {.sources = {archive}, .images = PushRequest::Images::kAll, .semver = "1.0.0"},
      {.sources = {archive, archive}, .platforms = {{.os = "linux", .architecture = "amd64"}}},
      {.sources = {"-", "-"}},
      {.sources = {archive}, .compression = "lzma"},
      {.sources = {archive}, .compression = "zstd", .manifest_format = ManifestFormat::kDocker},
      {.sources = {archive},
       .manifest_format = ManifestFormat::kDocker,
       .annotations = {{"a", "b"}}},
  };
  for (const PushRequest& request : wrong) {
    Run run;
    CHECK(ErrorOf(run.Push(request)).code() == Code::kUsage);
    CHECK(run.store.calls().empty());
  }
}

TEST_CASE("Push: a plan gives the digest of the push, says what tags name, and writes nothing") {
  Run run;
  const testing::TempFolder cache;
  PushRequest request{.sources = {FixturePath("docker28-one.tar")},
                      .tags = {TagOf("1"), TagOf("2")},
                      .mode = PushRequest::Mode::kPlan,
                      .cache_folder = cache.path()};
  const Result<PushResult> plan = run.Push(request);
  REQUIRE(plan.ok());
  CHECK(run.store.changes().empty());
  CHECK(cache.Count() == 0);
  CHECK(run.observer.Count(LayerState::kSent) == 6);
  CHECK_FALSE(plan.value().images.at(0).tags.at(0).before.has_value());

  request.mode = PushRequest::Mode::kPush;
  request.tags = {TagOf("1")};
  const Result<PushResult> pushed = run.Push(request);
  REQUIRE(pushed.ok());
  CHECK(pushed.value().images.at(0).digest == plan.value().images.at(0).digest);

  request.mode = PushRequest::Mode::kPlan;
  request.tags = {TagOf("1"), TagOf("2")};
  const Result<PushResult> again = run.Push(request);
  REQUIRE(again.ok());
  CHECK(again.value().images.at(0).tags.at(0).before == pushed.value().images.at(0).digest);
  CHECK_FALSE(again.value().images.at(0).tags.at(1).before.has_value());
}

TEST_CASE("Push: a plan sees a version that names another image") {
  Run run;
  REQUIRE(run.Push({.sources = {FixturePath("docker28-one.tar")}, .semver = "1.0.0"}).ok());
  CHECK(ErrorOf(run.Push({.sources = {FixturePath("nix-stream.tar")},
                          .semver = "1.0.0",
                          .mode = PushRequest::Mode::kPlan}))
            .code() == Code::kTagConflict);
}

TEST_CASE("Push: what was compressed once is known in the next run, unless caches are ignored") {
  const testing::TempFolder cache;
  PushRequest request{.sources = {FixturePath("docker20-one.tar")},
                      .tags = {TagOf("1")},
                      .cache_folder = cache.path()};
  Run first;
  REQUIRE(first.Push(request).ok());
  CHECK(cache.Count() == 2);  // and its lock
  // The blobs are there, and no image that could say what they are.
  Run second;
  for (const auto& [digest, content] : first.store.blobs()) second.store.AddBlob(content);
  REQUIRE(second.Push(request).ok());
  CHECK(second.observer.Count(LayerState::kKnown) == 5);
  Run third;
  for (const auto& [digest, content] : first.store.blobs()) third.store.AddBlob(content);
  request.cache = PushRequest::Cache::kIgnored;
  REQUIRE(third.Push(request).ok());
  CHECK(third.observer.Count(LayerState::kKnown) == 0);
}

TEST_CASE("Push: a damaged cache is a notice and nothing else") {
  const testing::TempFolder cache;
  REQUIRE(util::WriteNewFile(cache / "layers-1", "nonsense", 0600).ok());
  Run run;
  REQUIRE(run.Push({.sources = {FixturePath("docker20-one.tar")},
                    .tags = {TagOf("1")},
                    .cache_folder = cache.path()})
              .ok());
  REQUIRE(run.observer.notices().size() == 1);
  CHECK(run.observer.notices()[0].find("not used") != std::string::npos);
}

TEST_CASE("Push: a sparse index is refused, or pushed as far as it is complete") {
  Run run;
  PushRequest request{.sources = {FixturePath("ctr21-sparse.tar")}, .tags = {TagOf("1")}};
  const Error refused = ErrorOf(run.Push(request));
  CHECK(refused.code() == Code::kBadInput);
  CHECK(refused.message().find("--sparse") != std::string::npos);
  CHECK(run.store.tags().empty());
  request.sparse = PushRequest::Sparse::kPushComplete;
  const Result<PushResult> pushed = run.Push(request);
  REQUIRE(pushed.ok());
  CHECK(run.observer.notices().size() == 1);
  CHECK(run.store.manifests().size() == 1);
}

TEST_CASE("Push: several sources become one index with the platforms that were said") {
  Run run;
  const Result<PushResult> pushed =
      run.Push({.sources = {FixturePath("docker28-one.tar"), FixturePath("nix-stream.tar")},
                .platforms = {{.os = "linux", .architecture = "amd64"},
                              {.os = "linux", .architecture = "riscv64"}},
                .annotations = {{"a", "b"}},
                .tags = {TagOf("1")}});
  REQUIRE(pushed.ok());
  const Manifest root = run.store.manifests().at(pushed.value().images.at(0).digest);
  const oci::ImageIndex index = oci::ParseImageIndex(root.bytes).value();
  REQUIRE(index.manifests.size() == 2);
  CHECK(index.manifests[1].platform->architecture == "riscv64");
  CHECK(index.annotations.at("a") == "b");
}

TEST_CASE("Push: a program that fails after a whole archive tags nothing") {
  const testing::TempFolder folder;
  const std::string script = folder / "stream";
  REQUIRE(util::WriteNewFile(
              script,
              "#!/bin/sh\ncat " + FixturePath("nix-stream.tar") + "\n[ ! -e \"$0.fail\" ]\n", 0755)
              .ok());
  Run run;
  const PushRequest request{.executables = {script}, .tags = {TagOf("1")}};
  REQUIRE(run.Push(request).ok());
  REQUIRE(util::WriteNewFile(script + ".fail", "", 0644).ok());
  Run failing;
  CHECK(ErrorOf(failing.Push(request)).code() == Code::kFailure);
  CHECK(failing.store.tags().empty());
}

}  // namespace
}  // namespace ociship
