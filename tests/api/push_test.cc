// SPDX-License-Identifier: Apache-2.0
#include "ociship/push.h"

#include <doctest/doctest.h>

#include "counting_observer.h"
#include "fixed_effects.h"
#include "fixtures.h"
#include "memory_store.h"

namespace ociship {
namespace {

using testing::FixedEffects;
using testing::FixturePath;
using testing::CountingObserver;
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
  for (const TagChange& change : pushed.value().images.at(0).tags) tags.push_back(change.tag.text());
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

}  // namespace
}  // namespace ociship
