// SPDX-License-Identifier: Apache-2.0
#include "services/trust.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "trust_fixture.h"

namespace ociship::services {
namespace {

using testing::kTufDay;
using testing::ReasonOf;
using testing::TrustFixture;

struct Fixture : TrustFixture {
  Result<LoadedTrust> Load() {
    server.asked.clear();
    return LoadTrust(request, server, effects);
  }
  // The message of a refusal that must come.
  std::string Refused() {
    const Result<LoadedTrust> loaded = Load();
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.error().code() == Code::kTrustMaterial);
    return loaded.error().message();
  }
  static bool Has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
  }
};

TEST_CASE_FIXTURE(Fixture, "a file comes before everything else, and opens no connection") {
  request.trusted_root_path = WriteFile("trusted.json", embedded::kProductionTrustedRoot);
  request.legacy.root_file = "none";
  const LoadedTrust loaded = Load().value();
  CHECK(loaded.trusted_root_json == embedded::kProductionTrustedRoot);
  CHECK(loaded.origin == "file \"" + request.trusted_root_path + "\"");
  CHECK_FALSE(loaded.expires);
  CHECK(server.asked.empty());
}

TEST_CASE_FIXTURE(Fixture, "a file that is missing or no trusted root is refused") {
  request.trusted_root_path = temp / "none";
  const Result<LoadedTrust> missing = Load();
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code() == Code::kBadInput);
  request.trusted_root_path = WriteFile("trusted.json", "{}");
  CHECK(Has(Refused(), "trusted.json"));
}

TEST_CASE_FIXTURE(Fixture, "the copy in the program is taken when it is asked for") {
  request.trusted_root_path = "embedded";
  request.instance = Instance::kStaging;
  const LoadedTrust loaded = Load().value();
  CHECK(loaded.trusted_root_json == embedded::kStagingTrustedRoot);
  CHECK(loaded.origin == "embedded copy of 2026-08-26");
}

TEST_CASE_FIXTURE(Fixture, "single files come before TUF") {
  const auto known = sigstore::TrustRoot::Parse(embedded::kProductionTrustedRoot).value();
  request.legacy.rekor_public_key = WriteFile("rekor.pub", known.logs().front().key.Pem());
  const LoadedTrust loaded = Load().value();
  CHECK(loaded.root.logs().size() == 1);
  CHECK(loaded.trusted_root_json.empty());
  CHECK(server.asked.empty());
}

TEST_CASE_FIXTURE(Fixture, "TUF is asked once a day") {
  const LoadedTrust first = Load().value();
  CHECK(first.trusted_root_json == embedded::kStagingTrustedRoot);
  CHECK(first.origin ==
        "TUF https://tuf.example/repository targets version 1, verified 2027-01-15T08:00:00Z");
  CHECK(first.notes.empty());
  CHECK_FALSE(server.asked.empty());
  CHECK(Load().ok());
  CHECK(server.asked.empty());
  clock.now += kTufDay;
  CHECK(Load().ok());
  CHECK_FALSE(server.asked.empty());
}

TEST_CASE_FIXTURE(Fixture, "without a network what is unexpired is used, and the person told") {
  REQUIRE(Load().ok());
  clock.now += 2 * kTufDay;
  server.broken = testing::Lost();
  const LoadedTrust loaded = Load().value();
  REQUIRE(loaded.notes.size() == 1);
  CHECK(Has(loaded.notes[0], "could not be reached"));
  CHECK(Has(loaded.notes[0], "2027-01-15T08:00:00Z"));
  clock.now += 6 * kTufDay;
  const std::string message = Refused();
  CHECK(Has(message, "connection lost"));
  CHECK(Has(message, "expired at"));
  CHECK(Has(message, "ociship trust update"));
}

TEST_CASE_FIXTURE(Fixture, "without a network and a cache nothing is trusted") {
  server.broken = testing::Lost();
  const std::string message = Refused();
  CHECK(Has(message, "--trusted-root FILE"));
  CHECK_FALSE(Has(message, "--trusted-root embedded"));
  request.mirror.clear();
  CHECK(Has(Refused(), "--trusted-root embedded"));
}

TEST_CASE_FIXTURE(Fixture, "an attack is no failure of the network") {
  REQUIRE(Load().ok());
  clock.now += 2 * kTufDay;
  repository.timestamp.signers = {{9}};
  PublishNext();
  CHECK(ReasonOf(Load()) == "tuf-threshold");
}

TEST_CASE_FIXTURE(Fixture, "offline opens no connection, and uses what is unexpired") {
  REQUIRE(Load().ok());
  request.offline = true;
  clock.now += 2 * kTufDay;
  const LoadedTrust loaded = Load().value();
  CHECK(loaded.tuf.has_value());
  CHECK(server.asked.empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "offline a cache that has expired is refused, and not replaced by older") {
  request.mirror.clear();
  request.tuf_root_path = WriteFile("root2.json", repository.served["1.root.json"]);
  request.cache_folder = temp / "cache2";
  // As if the repository was that of the public instance.
  TrustRequest fill = request;
  fill.mirror = std::string(testing::kTufMirror);
  REQUIRE(LoadTrust(fill, server, effects).ok());
  std::filesystem::rename(temp / "cache2/https%3A%2F%2Ftuf.example%2Frepository",
                          temp / "cache2/https%3A%2F%2Ftuf-repo-cdn.sigstore.dev");
  request.offline = true;
  CHECK(Load().ok());
  clock.now += 8 * kTufDay;
  const std::string message = Refused();
  CHECK(Has(message, "expired at"));
  CHECK(Has(message, "--trusted-root FILE"));
  CHECK(ReasonOf(Load()) == "tuf-expired");
}

TEST_CASE_FIXTURE(Fixture, "offline without any cache the copy in the program is used, and named") {
  request = {.offline = true, .cache_folder = temp / "empty"};
  const LoadedTrust loaded = Load().value();
  CHECK(loaded.trusted_root_json == embedded::kProductionTrustedRoot);
  REQUIRE(loaded.notes.size() == 1);
  CHECK(Has(loaded.notes[0], "2026-08-26"));
  CHECK(server.asked.empty());
}

TEST_CASE_FIXTURE(Fixture, "offline the repository of somebody else has no copy in the program") {
  request.offline = true;
  CHECK(ReasonOf(Load()) == "tuf-missing");
}

TEST_CASE_FIXTURE(Fixture, "an update asks in any case, and must be answered") {
  REQUIRE(Load().ok());
  server.asked.clear();
  CHECK(UpdateTrust(request, server, effects).ok());
  CHECK_FALSE(server.asked.empty());
  server.broken = testing::Lost();
  const Result<LoadedTrust> failed = UpdateTrust(request, server, effects);
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code() == Code::kUnavailable);
}

}  // namespace
}  // namespace ociship::services
