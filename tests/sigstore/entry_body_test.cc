// SPDX-License-Identifier: Apache-2.0
// What the bodies of log entries say. That it must be what the bundle says is shown by
// deployment_test.cc.
#include "sigstore/entry_body.h"

#include <doctest/doctest.h>

#include "cosign_fixtures.h"
#include "util/encoding.h"
#include "util/text.h"

namespace ociship::sigstore {
namespace {

using ociship::testing::Changed;

const std::string kHex = std::string(63, '0') + "1";
const std::string kPem = util::Base64Encode(
    util::AsBytes("-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n"));

std::string HashedRekord1() {
  return util::StrCat(R"({"apiVersion":"0.0.1","kind":"hashedrekord","spec":{"data":{"hash":{)",
                      R"("algorithm":"sha256","value":")", kHex, R"("}},"signature":{"content":)",
                      R"("BAU=","publicKey":{"content":")", kPem, R"("}}}})");
}

std::string HashedRekord2() {
  return R"({"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{)"
         R"("algorithm":"SHA2_256","digest":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE="},)"
         R"("signature":{"content":"BAU=","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256",)"
         R"("publicKey":{"rawBytes":"AQID"}}}}}})";
}

LogEntry EntryOf(std::string body, std::string_view kind, std::string_view version) {
  LogEntry entry{};
  entry.kind = kind;
  entry.version = version;
  entry.body = std::move(body);
  return entry;
}

TEST_CASE("ParseEntryBody: both generations of hashedrekord say the same in their own way") {
  for (const auto& [body, version, generation] :
       {std::tuple{HashedRekord1(), "0.0.1", LogGeneration::kRekor1},
        std::tuple{HashedRekord2(), "0.0.2", LogGeneration::kRekor2}}) {
    CAPTURE(body);
    const Result<EntryClaims> claims = ParseEntryBody(EntryOf(body, "hashedrekord", version));
    REQUIRE(claims.ok());
    CHECK(claims.value().generation == generation);
    CHECK(claims.value().digest.size() == 32);
    CHECK(claims.value().digest.back() == 1);
    CHECK(claims.value().signature == util::Bytes{4, 5});
    CHECK(claims.value().signer_form == EntryClaims::SignerForm::kKey);
    CHECK(claims.value().signer == util::Bytes{1, 2, 3});
  }
}

TEST_CASE("ParseEntryBody: a body of another kind than the entry names is refused") {
  const auto refused = [](const LogEntry& entry) {
    const Result<EntryClaims> claims = ParseEntryBody(entry);
    REQUIRE(!claims.ok());
    CHECK(claims.error().code() == Code::kNoMatch);
    CHECK(claims.error().reason() == "entry-kind");
  };
  refused(EntryOf(HashedRekord1(), "dsse", "0.0.1"));
  refused(EntryOf(HashedRekord1(), "hashedrekord", "0.0.2"));
  refused(EntryOf(Changed(HashedRekord1(), "hashedrekord", "rekord"), "rekord", "0.0.1"));
  refused(EntryOf(Changed(HashedRekord1(), "0.0.1", "0.0.3"), "hashedrekord", "0.0.3"));
}

TEST_CASE("ParseEntryBody: a body that can not be read is refused") {
  const auto refused = [](const std::string& body, std::string_view version) {
    CAPTURE(body);
    const Result<EntryClaims> claims = ParseEntryBody(EntryOf(body, "hashedrekord", version));
    REQUIRE(!claims.ok());
    CHECK(claims.error().reason() == "entry-malformed");
  };
  const std::string v1 = HashedRekord1();
  refused(v1.substr(0, v1.size() - 1), "0.0.1");
  refused(Changed(v1, "sha256", "sha1"), "0.0.1");
  refused(Changed(v1, "sha256", "sha512"), "0.0.1");
  refused(Changed(v1, kHex, kHex.substr(2)), "0.0.1");
  refused(Changed(v1, "BAU=", "BAU"), "0.0.1");
  refused(Changed(v1, kPem, "AAAA"), "0.0.1");
  refused(Changed(v1, kPem,
                  util::Base64Encode(util::AsBytes(
                      "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n"))),
          "0.0.1");
  refused(Changed(v1, R"("spec")", R"("kind":"dsse","spec")"), "0.0.1");
  const std::string v2 = HashedRekord2();
  refused(Changed(v2, "SHA2_256", "SHA2_384"), "0.0.2");
  refused(Changed(v2, R"("publicKey")", R"("key")"), "0.0.2");
  refused(Changed(v2, R"("publicKey")", R"("x509Certificate":{"rawBytes":"AQID"},"publicKey")"),
          "0.0.2");
}

}  // namespace
}  // namespace ociship::sigstore
