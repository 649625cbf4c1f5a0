// SPDX-License-Identifier: Apache-2.0
#include "tuf/update.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "fixtures.h"
#include "tuf_client.h"
#include "tuf_repository.h"
#include "util/file.h"
#include "util/text.h"
#include "util/time.h"

namespace ociship::tuf {
namespace {

using testing::kTufDay;
using testing::kTufNow;
using testing::ReasonOf;
using testing::TufRepository;
using testing::TufTestClient;
using util::StrCat;
using Names = std::vector<std::string>;

// A repository that was published, and a client that knows its first root.
struct Fixture {
  Fixture() { repository.Publish(); }
  // Everything but the root gets a new version.
  void PublishNext() {
    ++repository.timestamp.version;
    ++repository.snapshot.version;
    ++repository.targets.version;
    repository.Publish();
  }

  TufRepository repository;
  TufTestClient client{repository.RootFile()};
};

TEST_CASE_FIXTURE(Fixture, "a first update asks for each file once and keeps it as it came") {
  const Result<Refreshed> refreshed = client.Refresh(repository);
  REQUIRE(ReasonOf(refreshed) == "ok");
  CHECK(client.asked == Names{"timestamp.json", "1.snapshot.json", "1.targets.json"});
  CHECK(client.cache["snapshot"] == repository.served["1.snapshot.json"]);
  CHECK(refreshed.value().expires() == kTufNow + kTufDay);
}

TEST_CASE_FIXTURE(Fixture, "when nothing is new only the timestamp is asked for") {
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  CHECK(ReasonOf(client.Refresh(repository)) == "ok");
  CHECK(client.asked == Names{"timestamp.json"});
}

TEST_CASE_FIXTURE(Fixture, "without consistent snapshots the names have no numbers") {
  repository.consistent = false;
  repository.root.version = 2;
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "ok");
  CHECK(client.asked == Names{"2.root.json", "timestamp.json", "snapshot.json", "targets.json"});
}

TEST_CASE_FIXTURE(Fixture, "new versions are followed") {
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  PublishNext();
  const Result<Refreshed> refreshed = client.Refresh(repository);
  REQUIRE(ReasonOf(refreshed) == "ok");
  CHECK(refreshed.value().targets()->common.version == 2);
}

// --- Root ----------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Fixture, "roots are followed one by one, also through one that has expired") {
  repository.root = {.keys = {0, 10}, .version = 2, .expires = kTufNow - kTufDay};
  repository.Publish();
  repository.root = {.keys = {10}, .version = 3, .signers = {{10}}};
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "ok");
  CHECK(client.cache["root"] == repository.served["3.root.json"]);
}

TEST_CASE_FIXTURE(Fixture, "a root that the old keys did not sign is refused") {
  repository.root = {.keys = {10}, .version = 2};
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-threshold");
  CHECK(client.Cached() == Names{"root"});
}

TEST_CASE_FIXTURE(Fixture, "a root of another version than asked for is refused") {
  for (const std::int64_t version : {1, 3}) {
    CAPTURE(version);
    repository.root.version = version;
    repository.served["2.root.json"] = repository.RootFile();
    CHECK(ReasonOf(client.Refresh(repository)) == "tuf-version");
  }
}

TEST_CASE_FIXTURE(Fixture, "a last root that has expired is kept, and ends the update") {
  repository.root = {.keys = {0}, .version = 2, .expires = kTufNow};
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-expired");
  CHECK(client.asked == Names{"2.root.json"});
  CHECK(client.cache["root"] == repository.served["2.root.json"]);
}

TEST_CASE_FIXTURE(Fixture, "no more than so many roots are followed in one update") {
  for (int version = 2; version <= kMaxRootRotations + 3; ++version) {
    repository.root.version = version;
    repository.served[StrCat(version, ".root.json")] = repository.RootFile();
  }
  CHECK(ReasonOf(client.Refresh(repository)) == "ok");
  CHECK(client.cache["root"] == repository.served[StrCat(kMaxRootRotations + 1, ".root.json")]);
  CHECK(ReasonOf(client.Refresh(repository)) == "ok");
  CHECK(client.cache["root"] == repository.served[StrCat(kMaxRootRotations + 3, ".root.json")]);
}

TEST_CASE_FIXTURE(Fixture,
                  "a first root that did not sign itself is refused before anything else") {
  repository.root.signers = {{9}};
  TufTestClient deceived(repository.RootFile());
  CHECK(ReasonOf(deceived.Refresh(repository)) == "tuf-threshold");
  CHECK(deceived.asked.empty());
}

// --- Timestamp -----------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Fixture, "a timestamp that its key did not sign is refused") {
  repository.timestamp.signers = {{3}};
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-threshold");
  CHECK(client.Cached() == Names{"root"});
}

TEST_CASE_FIXTURE(Fixture, "an older timestamp is refused") {
  const TufRepository old = repository;
  PublishNext();
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  const auto before = client.cache;
  CHECK(ReasonOf(client.Refresh(old)) == "tuf-rollback");
  CHECK(client.cache == before);
}

TEST_CASE_FIXTURE(Fixture, "an older timestamp is refused also if it names the same snapshot") {
  const TufRepository old = repository;
  ++repository.timestamp.version;
  repository.Publish();
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  CHECK(ReasonOf(client.Refresh(old)) == "tuf-rollback");
}

TEST_CASE_FIXTURE(Fixture, "an older timestamp is refused also after the cached one has expired") {
  const TufRepository old = [&] {
    TufRepository copy = repository;
    copy.timestamp.expires = kTufNow + 30 * kTufDay;
    copy.Publish();
    return copy;
  }();
  PublishNext();
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  client.now += 2 * kTufDay;
  repository.root = {.keys = {0}, .version = 2, .expires = kTufNow + 30 * kTufDay};
  TufRepository attack = old;
  attack.served["2.root.json"] = repository.RootFile();
  CHECK(ReasonOf(client.Refresh(attack)) == "tuf-rollback");
}

TEST_CASE_FIXTURE(Fixture, "a new timestamp that names an older snapshot is refused") {
  PublishNext();
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  repository.timestamp.version = 3;
  repository.snapshot.version = 1;
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-rollback");
  CHECK(client.asked == Names{"timestamp.json"});
}

TEST_CASE_FIXTURE(Fixture, "another timestamp of the same version is not looked at") {
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  const auto before = client.cache;
  repository.snapshot.version = 100;
  repository.served["timestamp.json"] = repository.TimestampFile();
  CHECK(ReasonOf(client.Refresh(repository)) == "ok");
  CHECK(client.cache == before);
}

TEST_CASE_FIXTURE(Fixture, "a timestamp that has expired is refused, new or known") {
  repository.timestamp.expires = kTufNow;
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-expired");
  CHECK(client.Cached() == Names{"root"});
  // Freeze: the server goes on with what was good yesterday.
  repository.timestamp.expires = kTufNow + kTufDay / 2;
  repository.Publish();
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  client.now = kTufNow + kTufDay / 2;
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-expired");
}

TEST_CASE_FIXTURE(Fixture, "a timestamp that is not there is an error") {
  repository.served.erase("timestamp.json");
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-missing");
}

TEST_CASE_FIXTURE(Fixture, "a timestamp that is too long is not read") {
  repository.served["timestamp.json"].append(kMaxTimestampBytes, ' ');
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-length");
}

// --- Snapshot ------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Fixture,
                  "a snapshot that its key did not sign is refused, and the timestamp kept") {
  repository.snapshot.signers = {{1}};
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-threshold");
  CHECK(client.Cached() == Names{"root", "timestamp"});
}

TEST_CASE_FIXTURE(Fixture, "a snapshot of another version than the timestamp names is refused") {
  repository.promised_versions["snapshot"] = 2;
  repository.Publish();
  repository.served["2.snapshot.json"] = repository.served["1.snapshot.json"];
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-version");
}

TEST_CASE_FIXTURE(Fixture, "a snapshot that is not what the timestamp promises is refused") {
  repository.hashes = true;
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "ok");
  client = TufTestClient(client.cache["root"]);
  repository.served["1.snapshot.json"] += " ";
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-length");
  repository.served["1.snapshot.json"].pop_back();
  repository.served["1.snapshot.json"].pop_back();
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-length");
  repository.served["1.snapshot.json"] += " ";
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-hash");
}

TEST_CASE_FIXTURE(Fixture, "a snapshot with an older version of a role is refused") {
  for (const bool hashes : {false, true}) {
    CAPTURE(hashes);
    Fixture fixture;
    fixture.repository.hashes = hashes;
    fixture.PublishNext();
    REQUIRE(ReasonOf(fixture.client.Refresh(fixture.repository)) == "ok");
    fixture.PublishNext();
    fixture.repository.targets.version = 1;
    fixture.repository.Publish();
    CHECK(ReasonOf(fixture.client.Refresh(fixture.repository)) == "tuf-rollback");
  }
}

TEST_CASE_FIXTURE(Fixture, "a snapshot that leaves out a role that it had is refused") {
  repository.delegated["a"] = {.role = {.keys = {5}}};
  repository.delegations = {"a"};
  PublishNext();
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  repository.unlisted = {"a"};
  PublishNext();
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-rollback");
}

TEST_CASE_FIXTURE(Fixture,
                  "a snapshot that has expired, is missing or lists no targets is refused") {
  repository.snapshot.expires = kTufNow;
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-expired");
  repository.snapshot.expires = kTufNow + kTufDay;
  repository.unlisted = {"targets"};
  PublishNext();
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-format");
  repository.unlisted.clear();
  PublishNext();
  repository.served.erase("3.snapshot.json");
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-missing");
}

// --- Targets -------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Fixture,
                  "targets that their key did not sign are refused, and the rest is kept") {
  repository.targets.signers = {{1, 2}};
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-threshold");
  CHECK(client.Cached() == Names{"root", "snapshot", "timestamp"});
}

TEST_CASE_FIXTURE(Fixture, "targets of another version than the snapshot names are refused") {
  repository.promised_versions["targets"] = 2;
  repository.Publish();
  repository.served["2.targets.json"] = repository.served["1.targets.json"];
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-version");
}

TEST_CASE_FIXTURE(Fixture, "targets that have expired or are missing are refused") {
  repository.targets.expires = kTufNow;
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-expired");
  repository.served.erase("1.targets.json");
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-missing");
}

TEST_CASE_FIXTURE(Fixture, "targets that are not what the snapshot promises are refused") {
  repository.hashes = true;
  repository.Publish();
  repository.served["1.targets.json"].replace(2, 1, "S");
  CHECK(ReasonOf(client.Refresh(repository)) == "tuf-hash");
}

// --- Recovery and the cache ----------------------------------------------------------------------

TEST_CASE_FIXTURE(Fixture, "after keys were rotated versions may begin anew") {
  repository.timestamp.version = 100;
  repository.snapshot.version = 100;
  repository.targets.version = 100;
  repository.Publish();
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  repository.timestamp = {.keys = {11}};
  repository.snapshot = {.keys = {12}};
  repository.targets.version = 1;
  repository.root.version = 2;
  repository.Publish();
  const Result<Refreshed> refreshed = client.Refresh(repository);
  REQUIRE(ReasonOf(refreshed) == "ok");
  CHECK(refreshed.value().targets()->common.version == 1);
}

TEST_CASE_FIXTURE(Fixture, "new snapshot keys are enough for the timestamp to begin anew") {
  repository.timestamp.version = 100;
  repository.Publish();
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  repository.timestamp.version = 1;
  repository.snapshot.keys = {12};
  repository.root.version = 2;
  repository.Publish();
  CHECK(ReasonOf(client.Refresh(repository)) == "ok");
}

TEST_CASE_FIXTURE(Fixture, "after a new root with the same keys, or more, they may not") {
  const TufRepository old = repository;
  PublishNext();
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  TufRepository attack = old;
  attack.root.version = 2;
  attack.timestamp.keys = {1, 11};
  attack.Publish();
  CHECK(ReasonOf(client.Refresh(attack)) == "tuf-rollback");
}

TEST_CASE_FIXTURE(Fixture, "a cache that was tampered with is fetched anew") {
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  const auto good = client.cache;
  for (const char* role : {"timestamp", "snapshot", "targets"}) {
    CAPTURE(role);
    client.cache[role] = "{}";
    CHECK(ReasonOf(client.Refresh(repository)) == "ok");
    CHECK(client.cache == good);
  }
}

TEST_CASE_FIXTURE(Fixture, "without a network the cache is enough as long as nothing has expired") {
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  CHECK(ReasonOf(client.Refresh(TufRepository(), Mode::kCacheOnly)) == "ok");
  CHECK(client.asked.empty());
  client.now = kTufNow + kTufDay;
  CHECK(ReasonOf(client.Refresh(TufRepository(), Mode::kCacheOnly)) == "tuf-expired");
}

TEST_CASE_FIXTURE(Fixture, "files of the cache are held to what is promised of them") {
  repository.hashes = true;
  repository.Publish();
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  const auto good = client.cache;
  for (const char* role : {"snapshot", "targets"}) {
    CAPTURE(role);
    client.cache[role] += " ";
    CHECK(ReasonOf(client.Refresh(repository, Mode::kCacheOnly)) == "tuf-length");
    CHECK(ReasonOf(client.Refresh(repository)) == "ok");
    CHECK(client.cache == good);
  }
}

TEST_CASE_FIXTURE(Fixture, "without a network each file of the cache must be there and be good") {
  REQUIRE(ReasonOf(client.Refresh(repository)) == "ok");
  const auto good = client.cache;
  for (const char* role : {"timestamp", "snapshot", "targets"}) {
    CAPTURE(role);
    client.cache = good;
    client.cache.erase(role);
    CHECK(ReasonOf(client.Refresh(repository, Mode::kCacheOnly)) == "tuf-missing");
    client.cache = good;
    client.cache[role].replace(client.cache[role].find("\"version\":1"), 11, "\"version\":2");
    CHECK(ReasonOf(client.Refresh(repository, Mode::kCacheOnly)) == "tuf-threshold");
  }
}

// --- Sigstore's own repositories, as they were on one day ---------------------------------------

std::string Published(std::string_view name) {
  return util::ReadFile(testing::FixturePath(StrCat("tuf/", name)), 1 << 20).value();
}

TufRepository Served(const std::string& instance, int roots) {
  TufRepository repository;
  for (int i = 1; i <= roots; ++i) {
    const std::string name = StrCat(i, ".root.json");
    repository.served[name] = Published(StrCat(instance, "/", name));
  }
  const bool production = instance == "production";
  repository.served["timestamp.json"] = Published(instance + "/timestamp.json");
  repository.served[production ? "165.snapshot.json" : "25.snapshot.json"] =
      Published(instance + "/snapshot.json");
  repository.served[production ? "14.targets.json" : "28.targets.json"] =
      Published(instance + "/targets.json");
  repository.served["8.registry.npmjs.org.json"] = Published(instance + "/registry.npmjs.org.json");
  return repository;
}

TEST_CASE("the chains of Sigstore verify from their first root on, on the day they were read") {
  for (const auto& [instance, roots] : {std::pair("production", 15), std::pair("staging", 14)}) {
    CAPTURE(instance);
    const TufRepository repository = Served(instance, roots);
    TufTestClient client(repository.served.at("1.root.json"));
    client.now = util::ParseRfc3339("2026-08-26T00:00:00Z").value();
    const Result<Refreshed> refreshed = client.Refresh(repository);
    REQUIRE(ReasonOf(refreshed) == "ok");
    CHECK(refreshed.value().root()->common.version == roots);
    CHECK(refreshed.value().targets()->targets.contains("trusted_root.json"));
    client.now = util::ParseRfc3339("2026-11-21T00:00:00Z").value();
    CHECK(ReasonOf(client.Refresh(repository)) == "tuf-expired");
  }
}

TEST_CASE("the delegated target of Sigstore is found where it is delegated to") {
  const TufRepository repository = Served("production", 15);
  TufTestClient client(repository.served.at("15.root.json"));
  client.now = util::ParseRfc3339("2026-08-26T00:00:00Z").value();
  const Result<FoundTarget> found = client.Find(repository, "registry.npmjs.org/keys.json");
  REQUIRE(ReasonOf(found) == "ok");
  CHECK(ReasonOf(found.value().Check(Published("production/npm-keys.json"))) == "ok");
  CHECK(found.value().FileName().value().starts_with("registry.npmjs.org/"));
}

}  // namespace
}  // namespace ociship::tuf
