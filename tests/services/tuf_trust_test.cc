// SPDX-License-Identifier: Apache-2.0
#include "services/tuf_trust.h"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "services/tuf_cache.h"
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
  CHECK(ReasonOf(Cached()) == "tuf-no-cache");
  CHECK_FALSE(std::filesystem::exists(request.cache_folder));
}

TEST_CASE_FIXTURE(Fixture, "a slash at the end of the URL makes no other repository") {
  REQUIRE(Fetch().ok());
  request.mirror += "/";
  request = Normalised(request).value();
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

// Something was fetched, and now the root is another.
struct Lineages : Fixture {
  Lineages() { REQUIRE(Fetch().ok()); }
  void Give(std::string_view name) {
    request.tuf_root_path = WriteFile(name, repository.RootFile());
  }
  void BecomeSomebodyElse() {
    repository.root.keys = {20};
    repository.timestamp.keys = {21};
    repository.snapshot.keys = {22};
    repository.targets.keys = {23};
    repository.Publish();
  }
  std::string InCache(const std::string& file) {
    return util::ReadFile(temp / "cache/https%3A%2F%2Ftuf.example%2Frepository/" + file, 100'000)
        .value();
  }
};

TEST_CASE_FIXTURE(Lineages,
                  "a cache that does not descend from the root that is trusted is ignored") {
  BecomeSomebodyElse();
  Give("other.json");
  CHECK(ReasonOf(Cached()) == "tuf-cache");
  server.broken = testing::Lost();
  const std::string before = InCache("root.json");
  CHECK_FALSE(Fetch().ok());
  CHECK(InCache("root.json") == before);
  server.broken.reset();
  REQUIRE(Fetch().ok());
  CHECK(InCache("root.json") == repository.RootFile());
  CHECK(ReasonOf(Cached()) == "ok");
}

TEST_CASE_FIXTURE(Lineages,
                  "another lineage that does not verify to its end leaves nothing behind") {
  const std::string first = request.tuf_root_path;
  BecomeSomebodyElse();
  Give("other.json");
  repository.targets.signers = {{9}};
  repository.targets.version = 2;
  repository.Publish();
  const std::string before = InCache("timestamp.json");
  CHECK(ReasonOf(Fetch()) == "tuf-threshold");
  CHECK(InCache("timestamp.json") == before);
  request.tuf_root_path = first;
  CHECK(ReasonOf(Cached()) == "ok");
}

TEST_CASE_FIXTURE(Lineages, "a root that was followed before leads to the newest one, not back") {
  const std::string first = request.tuf_root_path;
  repository.root.version = 2;
  repository.timestamp = {.keys = {11}, .version = 5, .expires = kTufNow + kTufDay};
  repository.Publish();
  Give("second.json");
  REQUIRE(Fetch().ok());
  // A mirror that hides the second root, and goes on with the key that it revoked.
  repository.served.erase("2.root.json");
  repository.timestamp.keys = {1};
  repository.timestamp.version = 9;
  repository.Publish();
  repository.served.erase("2.root.json");
  request.tuf_root_path = first;
  CHECK(ReasonOf(Fetch()) == "tuf-threshold");
  CHECK(Cached().value().status.root.version == 2);
}

TEST_CASE_FIXTURE(Lineages, "keys that a root by hand rotated take what they signed with them") {
  repository.timestamp.version = 1'000'000;
  repository.snapshot.version = 1'000'000;
  repository.Publish();
  REQUIRE(Fetch().ok());
  repository.timestamp.version = 2;
  repository.snapshot = {.keys = {12}, .version = 2, .expires = kTufNow + kTufDay};
  repository.root.version = 2;
  repository.Publish();
  Give("second.json");
  CHECK(ReasonOf(Fetch()) == "ok");
  CHECK(Cached().value().status.snapshot.version == 2);
}

TEST_CASE_FIXTURE(Lineages, "who missed some roots is not led back by that") {
  PublishNext();
  REQUIRE(Fetch().ok());
  repository.root.version = 5;
  repository.timestamp.version = 1;
  repository.Publish();
  Give("fifth.json");
  CHECK(ReasonOf(Fetch()) == "tuf-rollback");
  repository.timestamp.version = 3;
  repository.Publish();
  CHECK(ReasonOf(Fetch()) == "ok");
}

TEST_CASE_FIXTURE(Lineages, "a kept root that was tampered with is not walked over") {
  repository.root.version = 2;
  repository.Publish();
  REQUIRE(Fetch().ok());
  CHECK(Cached().value().status.root.version == 2);
  const std::string kept = "cache/https%3A%2F%2Ftuf.example%2Frepository/roots/2.root.json";
  WriteFile(kept, "{}");
  CHECK(Cached().value().status.root.version == 1);
  REQUIRE(Fetch().ok());
  CHECK(server.asked[0] == "2.root.json");
  CHECK(InCache("roots/2.root.json") == repository.served["2.root.json"]);
}

TEST_CASE_FIXTURE(Lineages, "what can not be kept is used, with a note") {
  const std::string folder = temp / "cache/https%3A%2F%2Ftuf.example%2Frepository";
  PublishNext();
  repository.root.version = 2;
  repository.Publish();
  std::filesystem::rename(folder + "/roots", folder + "/aside");
  WriteFile("cache/https%3A%2F%2Ftuf.example%2Frepository/roots", "in the way");
  CHECK(ReasonOf(Fetch()) == "tuf-cache");
  std::filesystem::remove(folder + "/roots");
  std::filesystem::rename(folder + "/aside", folder + "/roots");
  std::filesystem::remove(folder + "/.lock");
  std::filesystem::create_directory(folder + "/.lock");
  const TufTrust trust = Fetch().value();
  CHECK(trust.status.timestamp.version == 2);
  REQUIRE(trust.notes.size() == 1);
  CHECK(trust.notes[0].find("could not be kept") != std::string::npos);
  CHECK(Cached().value().status.timestamp.version == 1);
}

TEST_CASE_FIXTURE(Lineages, "who reads does not wait for who writes") {
  const std::string folder = temp / "cache/https%3A%2F%2Ftuf.example%2Frepository";
  const TufCache writer = TufCache::Open(folder).value();
  CHECK(ReasonOf(Cached()) == "ok");
  request.patience = std::chrono::milliseconds(100);
  const Result<TufTrust> fetched = Fetch();
  REQUIRE_FALSE(fetched.ok());
  CHECK(fetched.error().code() == Code::kUnavailable);
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
