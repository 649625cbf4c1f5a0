// SPDX-License-Identifier: Apache-2.0
#include "services/tuf_client.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "services/tuf_cache.h"
#include "temp_folder.h"
#include "tuf_server.h"

namespace ociship::services {
namespace {

using testing::kTufMirror;
using testing::kTufNow;
using testing::ReasonOf;
using testing::TempFolder;
using testing::TufRepository;
using testing::TufServer;
using Names = std::vector<std::string>;

struct Fixture : testing::TufEffects {
  Fixture() {
    repository.files["dir/a.json"] = "content";
    repository.Publish();
  }
  Result<std::string> Target(const std::string& path = "dir/a.json") {
    server.asked.clear();
    Fetcher fetcher(server, effects);
    TufClient client(cache, TufPlace::At(kTufMirror).value(), fetcher);
    const Result<tuf::Refreshed> refreshed =
        client.Refresh(repository.served["1.root.json"], kTufNow);
    if (!refreshed.ok()) return refreshed.error();
    return client.Target(refreshed.value(), path);
  }
  Result<std::string> CachedTarget(const std::string& path = "dir/a.json") {
    TufClient client(cache);
    const Result<tuf::Refreshed> refreshed =
        client.Refresh(repository.served["1.root.json"], kTufNow);
    if (!refreshed.ok()) return refreshed.error();
    return client.Target(refreshed.value(), path);
  }

  TempFolder temp;
  TufRepository repository;
  TufServer server{repository};
  TufCache cache = TufCache::Open(temp / "cache").value();
};

const std::string kTarget =
    "targets/dir/ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73.a.json";

TEST_CASE_FIXTURE(Fixture, "a target is downloaded once") {
  CHECK(Target().value() == "content");
  CHECK(server.asked ==
        Names{"2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json", kTarget});
  CHECK(Target().value() == "content");
  CHECK(server.asked == Names{"2.root.json", "timestamp.json"});
  CHECK(CachedTarget().value() == "content");
}

TEST_CASE_FIXTURE(Fixture, "other bytes than the metadata promises are not kept") {
  repository.served[kTarget] = "Content";
  CHECK(ReasonOf(Target()) == "tuf-hash");
  repository.served[kTarget] = "content and more";
  CHECK(ReasonOf(Target()) == "tuf-length");
  repository.served.erase(kTarget);
  CHECK(ReasonOf(Target()) == "tuf-missing");
  CHECK(ReasonOf(CachedTarget()) == "tuf-missing");
}

TEST_CASE_FIXTURE(Fixture, "a cached target that was tampered with is downloaded again") {
  REQUIRE(Target().ok());
  REQUIRE(cache.WriteTarget("dir/a.json", "Content").ok());
  CHECK(ReasonOf(CachedTarget()) == "tuf-missing");
  CHECK(Target().value() == "content");
  CHECK(CachedTarget().value() == "content");
}

TEST_CASE_FIXTURE(Fixture, "a file that goes on and on is not read to its end") {
  repository.served["timestamp.json"] = std::string(tuf::kMaxTimestampBytes + 1, ' ');
  CHECK(ReasonOf(Target()) == "tuf-length");
}

TEST_CASE_FIXTURE(Fixture, "what verified stays, and what did not never comes to the disk") {
  repository.targets.signers = {{9}};
  repository.Publish();
  CHECK(ReasonOf(Target()) == "tuf-threshold");
  CHECK(cache.Read("snapshot", 10'000).value() == repository.served["1.snapshot.json"]);
  CHECK(cache.Read("targets", 10'000).value() == std::nullopt);
}

TEST_CASE_FIXTURE(Fixture, "a network that fails is no refusal") {
  server.broken = testing::Lost();
  const Result<std::string> target = Target();
  REQUIRE_FALSE(target.ok());
  CHECK(target.error().code() == Code::kUnavailable);
}

TEST_CASE_FIXTURE(Fixture, "a target that nobody has is not asked for") {
  CHECK(ReasonOf(Target("other")) == "tuf-target");
}

}  // namespace
}  // namespace ociship::services
