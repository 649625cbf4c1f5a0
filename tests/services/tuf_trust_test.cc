// SPDX-License-Identifier: Apache-2.0
#include "services/tuf_trust.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "trust_fixture.h"
#include "tuf/verify.h"

namespace ociship::services {
namespace {

using testing::kTufDay;
using testing::kTufNow;
using testing::ReasonOf;
using testing::TrustFixture;

struct Fixture : TrustFixture {
  Result<TufTrust> Fetch(Asking asking = Asking::kAlways) {
    server.asked.clear();
    return FetchTufTrust(request, asking, server, effects);
  }
  Result<TufTrust> Cached() { return CachedTufTrust(request, clock.now); }
};

TEST_CASE_FIXTURE(Fixture, "what was fetched is in the cache, with its versions") {
  const Result<TufTrust> fetched = Fetch();
  REQUIRE(ReasonOf(fetched) == "ok");
  CHECK(fetched.value().trusted_root_json == embedded::kStagingTrustedRoot);
  CHECK(fetched.value().status.refreshed == kTufNow);
  CHECK(fetched.value().expires == kTufNow + 7 * kTufDay);
  const Result<TufTrust> cached = Cached();
  REQUIRE(ReasonOf(cached) == "ok");
  CHECK(cached.value().status.refreshed == kTufNow);
  CHECK(cached.value().status.timestamp.version == 1);
  CHECK(std::filesystem::exists(temp / "cache/https%3A%2F%2Ftuf.example%2Frepository/root.json"));
}

TEST_CASE_FIXTURE(Fixture, "nothing that was fetched is something missing") {
  CHECK(ReasonOf(Cached()) == "tuf-missing");
  CHECK_FALSE(std::filesystem::exists(request.cache_folder));
}

TEST_CASE_FIXTURE(Fixture, "a slash at the end of the URL makes no other repository") {
  REQUIRE(Fetch().ok());
  request.mirror += "/";
  CHECK(ReasonOf(Cached()) == "ok");
}

TEST_CASE_FIXTURE(Fixture, "a day is fresh, and a time to come is not") {
  const TufTrust trust = Fetch().value();
  CHECK(FreshnessOf(trust, kTufNow) == Freshness::kFresh);
  CHECK(FreshnessOf(trust, kTufNow + kTufDay - std::chrono::seconds(1)) == Freshness::kFresh);
  CHECK(FreshnessOf(trust, kTufNow + kTufDay) == Freshness::kStale);
  CHECK(FreshnessOf(trust, kTufNow - std::chrono::seconds(1)) == Freshness::kStale);
}

TEST_CASE_FIXTURE(Fixture, "who waited for somebody else's update needs none") {
  REQUIRE(Fetch().ok());
  CHECK(Fetch(Asking::kUnlessFresh).ok());
  CHECK(server.asked.empty());
  clock.now += kTufDay;
  CHECK(Fetch(Asking::kUnlessFresh).ok());
  CHECK_FALSE(server.asked.empty());
}

TEST_CASE_FIXTURE(Fixture, "a later update begins with the root of the cache") {
  repository.root.version = 2;
  repository.Publish();
  REQUIRE(Fetch().ok());
  CHECK(server.asked[0] == "2.root.json");
  REQUIRE(Fetch().ok());
  CHECK(server.asked[0] == "3.root.json");
  // And without one on the command line.
  request.tuf_root_path.clear();
  REQUIRE(Fetch().ok());
  CHECK(server.asked[0] == "3.root.json");
}

TEST_CASE_FIXTURE(Fixture, "another root on the command line begins anew") {
  REQUIRE(Fetch().ok());
  repository.root = {.keys = {20}, .expires = kTufNow + kTufDay};
  repository.timestamp.keys = {21};
  repository.snapshot.keys = {22};
  repository.targets.keys = {23};
  repository.Publish();
  request.tuf_root_path = WriteFile("other.json", repository.served["1.root.json"]);
  CHECK(ReasonOf(Fetch()) == "ok");
  CHECK(ReasonOf(Cached()) == "ok");
}

TEST_CASE_FIXTURE(Fixture, "a repository of which no root is known is not trusted") {
  request.tuf_root_path.clear();
  CHECK(ReasonOf(Fetch()) == "tuf-missing");
  CHECK(server.asked.empty());
}

TEST_CASE_FIXTURE(Fixture, "a root file that is missing or did not sign itself is refused") {
  request.tuf_root_path = temp / "none";
  const Result<TufTrust> missing = Fetch();
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code() == Code::kBadInput);
  repository.root.signers = {{9}};
  request.tuf_root_path = WriteFile("bad.json", repository.RootFile());
  CHECK(ReasonOf(Fetch()) == "tuf-threshold");
}

TEST_CASE_FIXTURE(Fixture, "without a folder to keep it in nothing is fetched") {
  request.cache_folder.clear();
  CHECK(ReasonOf(Fetch()) == "tuf-missing");
  CHECK(server.asked.empty());
}

TEST_CASE_FIXTURE(Fixture, "a root in the cache that was tampered with is not begun with") {
  REQUIRE(Fetch().ok());
  WriteFile("cache/https%3A%2F%2Ftuf.example%2Frepository/root.json", "{}");
  CHECK(ReasonOf(Fetch()) == "ok");
  CHECK(ReasonOf(Cached()) == "ok");
}

TEST_CASE("the roots in the program are those of their repositories") {
  for (const Instance instance : {Instance::kPublicGood, Instance::kStaging}) {
    const EmbeddedTrust embedded = EmbeddedFor(instance);
    CHECK(tuf::VerifyFirstRoot(embedded.tuf_root).ok());
    CHECK(sigstore::TrustRoot::Parse(embedded.trusted_root).ok());
  }
  CHECK(EmbeddedFor(Instance::kStaging).mirror != EmbeddedFor(Instance::kPublicGood).mirror);
}

}  // namespace
}  // namespace ociship::services
