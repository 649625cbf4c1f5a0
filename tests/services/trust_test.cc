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
  CHECK(ReasonOf(Load()) == "tuf-no-cache");
}

TEST_CASE_FIXTURE(Fixture, "offline another root of the instance has no copy in the program") {
  request.mirror.clear();
  request.offline = true;
  CHECK(ReasonOf(Load()) == "tuf-no-cache");
}

TEST_CASE_FIXTURE(Fixture, "offline a cache that lacks a file is no reason to take older") {
  REQUIRE(Load().ok());
  const std::string folder = temp / "cache/https%3A%2F%2Ftuf.example%2Frepository";
  request.offline = true;
  for (const char* file : {"timestamp.json", "snapshot.json", "targets/trusted_root.json"}) {
    CAPTURE(file);
    const std::string aside = temp / "aside";
    std::filesystem::rename(folder + "/" + file, aside);
    CHECK(Has(Refused(), "ociship trust update"));
    CHECK(ReasonOf(Load()) == "tuf-missing");
    std::filesystem::rename(aside, folder + "/" + file);
  }
  CHECK(Load().ok());
}

TEST_CASE_FIXTURE(Fixture, "the URL of an instance stands for the instance") {
  for (const char* mirror :
       {"https://tuf-repo-cdn.sigstore.dev", "https://TUF-repo-cdn.sigstore.dev/",
        "HTTPS://tuf-repo-cdn.sigstore.dev:443//"}) {
    CAPTURE(mirror);
    request = {.mirror = mirror, .offline = true, .cache_folder = temp / "empty"};
    CHECK(Load().value().trusted_root_json == embedded::kProductionTrustedRoot);
  }
  request.mirror = "https://tuf-repo-cdn.sigstage.dev";
  CHECK(Load().value().trusted_root_json == embedded::kStagingTrustedRoot);
  request.mirror = "https://tuf-repo-cdn.sigstore.dev/other";
  CHECK(ReasonOf(Load()) == "tuf-no-cache");
}

TEST_CASE_FIXTURE(Fixture, "a mirror that is no plain URL is refused, and no password shown") {
  for (const char* mirror :
       {"..", "file:///etc", "tuf.example", "https://user:secret@tuf.example/",
        "https://tuf.example/?q=1", "https://tuf.example/#a", "https://tuf.example/a/../b",
        "https://tuf.example/%2E%2e/b", "https://tuf.example/\x1b[31m"}) {
    CAPTURE(mirror);
    request.mirror = mirror;
    const Result<LoadedTrust> loaded = Load();
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.error().code() == Code::kUsage);
    CHECK_FALSE(Has(loaded.error().message(), "secret"));
    CHECK_FALSE(Has(loaded.error().message(), "\x1b"));
  }
  CHECK_FALSE(std::filesystem::exists(request.cache_folder));
}

TEST_CASE_FIXTURE(Fixture, "a clock that was set back does not make old material good again") {
  clock.now += kTufDay;
  REQUIRE(Load().ok());
  request.offline = true;
  clock.now -= std::chrono::minutes(59);
  CHECK(Load().ok());
  clock.now -= std::chrono::minutes(2);
  CHECK(Has(Refused(), "the clock is before the last update"));
  CHECK(ReasonOf(Load()) == "tuf-clock");
}

TEST_CASE_FIXTURE(Fixture, "a redirect that is not followed is a network that fails") {
  REQUIRE(Load().ok());
  clock.now += 2 * kTufDay;
  server.answer = http::Response{.status = 302};
  server.answer->headers.Add("Location", "http://10.1.1.1/login");
  const LoadedTrust loaded = Load().value();
  REQUIRE(loaded.notes.size() == 1);
  CHECK(Has(loaded.notes[0], "which is not followed"));
}

TEST_CASE_FIXTURE(Fixture,
                  "a server that never comes to an end is waited for no longer than said") {
  REQUIRE(Load().ok());
  clock.now += 2 * kTufDay;
  request.patience = std::chrono::milliseconds(100);
  server.hangs = true;
  const LoadedTrust loaded = Load().value();
  REQUIRE(loaded.notes.size() == 1);
  CHECK(Has(loaded.notes[0], "takes longer than 1 s"));
  const Result<LoadedTrust> update = UpdateTrust(request, server, effects);
  REQUIRE_FALSE(update.ok());
  CHECK(update.error().code() == Code::kUnavailable);
  cancel.Request();
  const Result<LoadedTrust> cancelled = Load();
  REQUIRE_FALSE(cancelled.ok());
  CHECK(cancelled.error().code() == Code::kInterrupted);
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
