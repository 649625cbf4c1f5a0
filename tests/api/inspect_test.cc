// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "counting_observer.h"
#include "fixed_effects.h"
#include "fixtures.h"
#include "memory_store.h"
#include "ociship/push.h"

namespace ociship {
namespace {

using testing::CountingObserver;
using testing::FixedEffects;
using testing::FixturePath;
using testing::MemoryStore;

std::vector<Inspection> InspectFixture(const std::string& source) {
  const FixedEffects fixed;
  auto found = InspectSource(source, fixed.effects);
  REQUIRE(found.ok());
  return std::move(found).value();
}

TEST_CASE("InspectSource: an archive of docker has names, config, platform and plain layers") {
  const std::vector<Inspection> found = InspectFixture(FixturePath("docker20-one.tar"));
  REQUIRE(found.size() == 1);
  CHECK(found[0].names == std::vector<std::string>{"app:1"});
  CHECK_FALSE(found[0].digest.has_value());
  REQUIRE(found[0].images.size() == 1);
  const ImageInfo& image = found[0].images[0];
  CHECK(image.platform->architecture == "amd64");
  CHECK(image.config.starts_with("{"));
  REQUIRE(image.layers.size() == 6);
  CHECK(image.layers[0].compression == "none");
  CHECK(image.layers[0].digest == image.layers[0].diff_id);
}

TEST_CASE("InspectSource: several images are listed, and one can be chosen by name") {
  const std::string path = FixturePath("docker28-multi.tar");
  const std::vector<Inspection> all = InspectFixture(path);
  REQUIRE(all.size() > 1);
  const std::vector<Inspection> one =
      InspectFixture("docker-archive:" + path + ":" + all[1].names.at(0));
  REQUIRE(one.size() == 1);
  CHECK(one[0].images[0].config_digest == all[1].images[0].config_digest);
  const FixedEffects fixed;
  CHECK(InspectSource("docker-archive:" + path + ":absent", fixed.effects).error().code() ==
        Code::kNotFound);
}

TEST_CASE("InspectSource: what is absent of a sparse index is listed") {
  const std::vector<Inspection> found = InspectFixture(FixturePath("ctr21-sparse.tar"));
  REQUIRE(found.size() == 1);
  CHECK(found[0].images.size() == 1);
  CHECK(found[0].absent.size() == 3);
}

TEST_CASE("InspectImage: what was pushed is found with its layers and diff IDs") {
  MemoryStore store;
  FixedEffects fixed;
  CountingObserver observer;
  const Result<PushResult> pushed =
      Push(store, {.sources = {FixturePath("docker28-one.tar")}, .tags = {Tag::Parse("1").value()}},
           fixed.effects, observer);
  REQUIRE(pushed.ok());
  const Result<Inspection> found = InspectImage(store, pushed.value().images.at(0).digest);
  REQUIRE(found.ok());
  CHECK(found.value().names == std::vector<std::string>{"1"});
  REQUIRE(found.value().images.size() == 1);
  const ImageInfo& image = found.value().images[0];
  CHECK(image.digest == pushed.value().images.at(0).digest);
  REQUIRE(image.layers.size() == 7);
  CHECK(image.layers[0].compression == "gzip");
  CHECK(image.layers[0].diff_id.has_value());
}

TEST_CASE("InspectImage: what is not there is not found") {
  MemoryStore store;
  const Digest digest = Digest::Parse("sha256:" + std::string(64, 'a')).value();
  CHECK(InspectImage(store, digest).error().code() == Code::kNotFound);
}

}  // namespace
}  // namespace ociship
