// SPDX-License-Identifier: Apache-2.0
#include "sigstore/trust_root.h"

#include <doctest/doctest.h>

#include "cosign_fixtures.h"
#include "deployment/mint.h"
#include "util/file.h"
#include "util/text.h"

namespace ociship::sigstore {
namespace {

using ociship::testing::Changed;

std::string Embedded(const std::string& name) {
  const std::string root = std::getenv("OCISHIP_SOURCE_ROOT");
  Result<std::string> text =
      util::ReadFile(root + "/src/services/embedded/" + name, kMaxTrustRootBytes);
  REQUIRE(text.ok());
  return std::move(text).value();
}

const std::string& Minted() {
  static const std::string text = deployment::Mint({}).trust_root;
  return text;
}

void CheckRefused(const std::string& text) {
  const Result<TrustRoot> root = TrustRoot::Parse(text);
  REQUIRE(!root.ok());
  INFO(root.error().message());
  CHECK(root.error().code() == Code::kTrustMaterial);
  CHECK(root.error().reason() == "trust-root-malformed");
}

TEST_CASE("TrustRoot: the roots of the public instances are read") {
  const TrustRoot production = TrustRoot::Parse(Embedded("production.trusted_root.json")).value();
  CHECK(production.logs().size() == 2);
  CHECK(production.certificate_authorities().size() == 2);
  CHECK(production.certificate_logs().size() == 2);
  CHECK(production.timestamp_authorities().size() == 1);
  CHECK(production.notes().empty());
  CHECK(production.logs().front().name == "rekor.sigstore.dev");
  CHECK(production.logs().front().id == LogIdOf(production.logs().front().key));
  // One of its certificate logs has a key in PKCS#1.
  const TrustRoot staging = TrustRoot::Parse(Embedded("staging.trusted_root.json")).value();
  CHECK(staging.logs().size() == 5);
  CHECK(staging.certificate_logs().size() == 5);
}

TEST_CASE("TrustRoot: unknown fields and nulls are read, other media types are not") {
  const std::string& good = Minted();
  REQUIRE(TrustRoot::Parse(good).ok());
  CHECK(TrustRoot::Parse(Changed(good, "\"tlogs\"", "\"future\":{\"a\":1},\"tlogs\"")).ok());
  CHECK(
      TrustRoot::Parse(Changed(good, "\"baseUrl\"", "\"checkpointKeyId\":null,\"baseUrl\"")).ok());
  const std::size_t at = good.find("application/vnd");
  const std::string media_type = good.substr(at, good.find('"', at) - at);
  CHECK(TrustRoot::Parse(
            Changed(good, media_type, "application/vnd.dev.sigstore.trustedroot.v0.2+json"))
            .ok());
  CheckRefused(Changed(good, media_type, "application/vnd.dev.sigstore.trustedroot.v0.3+json"));
  CheckRefused(Changed(good, media_type, "application/json"));
}

TEST_CASE("TrustRoot: a log without start, with another hash, or a short ID is refused") {
  const std::string& good = Minted();
  CheckRefused(Changed(good, "\"start\"", "\"begin\""));
  CheckRefused(Changed(good, "SHA2_256", "SHA2_512"));
  CheckRefused(Changed(good, "\"keyId\":\"", "\"keyId\":\"AAAA"));
  CheckRefused(Changed(good, "\"hashAlgorithm\"", "\"hash\""));
}

TEST_CASE("TrustRoot: a log with a key of an unknown algorithm is left out with a note") {
  const std::string changed = Changed(Minted(), "PKIX_ECDSA_P256_SHA_256", "ML_DSA_65");
  const Result<TrustRoot> root = TrustRoot::Parse(changed);
  REQUIRE(root.ok());
  CHECK(root.value().notes().size() == 1);
  CHECK(root.value().logs().size() + root.value().certificate_logs().size() + 1 ==
        TrustRoot::Parse(Minted()).value().logs().size() +
            TrustRoot::Parse(Minted()).value().certificate_logs().size());
  // A known algorithm that is not the key's is a mistake.
  CheckRefused(Changed(Minted(), "PKIX_ECDSA_P256_SHA_256", "PKIX_ECDSA_P384_SHA_384"));
}

TEST_CASE("TrustRoot: a name in the other spelling of protobuf is refused, not passed over") {
  CheckRefused(Changed(Minted(), "\"validFor\"", "\"valid_for\""));
  CheckRefused(Changed(Minted(), "\"operator\"", "\"some_name\""));
}

TEST_CASE("TrustRoot: a log is called by the host of its URL, without port") {
  const std::string& good = Minted();
  const std::size_t at = good.find("\"baseUrl\":\"") + 11;
  const std::string url = good.substr(at, good.find('"', at) - at);
  const auto name = [&](std::string_view other) {
    return TrustRoot::Parse(Changed(good, url, other)).value().logs().front().name;
  };
  CHECK(name("https://log.example:8443/path") == "log.example");
  CHECK(name("log.example") == "log.example");
  CHECK(name("http://[::1]:3000") == "::1");
}

TEST_CASE("TrustRoot: what is no trusted root is refused") {
  for (const char* text : {"", "{}", "[]", "null", "{\"mediaType\":1}"}) CheckRefused(text);
  CheckRefused(Minted().substr(0, Minted().size() / 2));
  CheckRefused(Minted() + "x");
  CheckRefused(Changed(Minted(), "\"tlogs\":[", "\"tlogs\":[1,"));
  CheckRefused(Changed(Minted(), "\"certificates\":[", "\"certificates\":[],\"others\":["));
}

TEST_CASE("Validity: both ends belong to it, and a missing end is open") {
  const auto at = [](int second) { return util::Micros(std::chrono::seconds(second)); };
  const Validity validity{.start = at(10), .end = at(20)};
  CHECK(!validity.Contains(at(10) - std::chrono::microseconds(1)));
  CHECK(validity.Contains(at(10)));
  CHECK(validity.Contains(at(20)));
  CHECK(!validity.Contains(at(20) + std::chrono::microseconds(1)));
  CHECK(Validity{}.Contains(at(0)));
}

}  // namespace
}  // namespace ociship::sigstore
