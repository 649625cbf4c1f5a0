// SPDX-License-Identifier: Apache-2.0
#include "sigstore/verify.h"

#include <doctest/doctest.h>

#include "cosign_fixtures.h"
#include "sigstore/bundle.h"
#include "sigstore/statement.h"
#include "util/encoding.h"
#include "util/text.h"

namespace ociship::sigstore {
namespace {

using ociship::testing::Changed;
using ociship::testing::CosignFixture;
using ociship::testing::CosignImage;
using ociship::testing::CosignKey;
using ociship::testing::NewKey;
using ociship::testing::OtherImage;
using ociship::testing::SignedBundle;

Policy PolicyOf(crypto::PublicKey key, std::map<std::string, std::string> annotations = {}) {
  return KeyAlone(std::move(key), std::move(annotations));
}

Result<VerifiedBundle> VerifyByKey(std::string_view bundle, const Digest& image,
                                   const Policy& policy) {
  return VerifyImageBundle(bundle, image, policy, {});
}

Result<VerifiedMessage> VerifyText(const std::string& key, std::string_view text,
                                   const util::Bytes& signature) {
  return VerifyMessageSignature({.signature = signature}, Artifact::OfBytes(util::AsBytes(text)),
                                CosignKey(key));
}

// Well-formed, and of a log that nobody knows.
constexpr std::string_view kSomeLogEntry =
    R"({"logIndex":"1","logId":{"keyId":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},)"
    R"("kindVersion":{"kind":"dsse","version":"0.0.1"},"inclusionProof":{"logIndex":"1",)"
    R"("rootHash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","treeSize":"2",)"
    R"("hashes":[],"checkpoint":{"envelope":"x"}},"canonicalizedBody":"e30="})";

void CheckRefused(const Result<VerifiedBundle>& result, Code code, std::string_view reason) {
  REQUIRE(!result.ok());
  INFO(result.error().message());
  CHECK(result.error().code() == code);
  CHECK(result.error().message().find(reason) != std::string::npos);
}

// The bundle with one byte of its signature changed, which stays well-formed base64.
std::string FlippedSignature(const std::string& text) {
  Result<Bundle> bundle = Bundle::Parse(text);
  REQUIRE(bundle.ok());
  const util::Bytes& good = std::get<Envelope>(bundle.value().material().content).signature;
  util::Bytes bad = good;
  bad[bad.size() / 2] ^= 1;
  return Changed(text, util::Base64Encode(good), util::Base64Encode(bad));
}

TEST_CASE("VerifyImageBundle: signatures of cosign verify, for each type of key it can sign with") {
  for (const char* name : {"p256", "p384", "p521", "rsa"}) {
    INFO(name);
    Result<VerifiedBundle> verified = VerifyByKey(CosignFixture(std::string(name) + ".bundle.json"),
                                                  CosignImage(), PolicyOf(CosignKey(name)));
    REQUIRE(verified.ok());
    CHECK(verified.value().subject()->predicate_type() == kImageSignaturePredicate);
    CHECK(verified.value().material().log_entries().unchecked() == 0);
  }
}

TEST_CASE("VerifyImageBundle: a flipped signature is refused, for each type of key") {
  for (const char* name : {"p256", "p384", "p521", "rsa"}) {
    INFO(name);
    const std::string flipped = FlippedSignature(CosignFixture(std::string(name) + ".bundle.json"));
    CheckRefused(VerifyByKey(flipped, CosignImage(), PolicyOf(CosignKey(name))), Code::kNoMatch,
                 "");
  }
}

TEST_CASE("VerifyImageBundle: another key is refused") {
  CheckRefused(
      VerifyByKey(CosignFixture("p256.bundle.json"), CosignImage(), PolicyOf(CosignKey("other"))),
      Code::kNoMatch, "");
  CheckRefused(
      VerifyByKey(CosignFixture("p256.bundle.json"), CosignImage(), PolicyOf(CosignKey("rsa"))),
      Code::kNoMatch, "");
}

TEST_CASE("VerifyImageBundle: a signature that was moved to other content is refused") {
  CheckRefused(
      VerifyByKey(CosignFixture("p256.bundle.json"), OtherImage(), PolicyOf(CosignKey("p256"))),
      Code::kNoMatch, "other content, " + CosignImage().text());
}

TEST_CASE("VerifyImageBundle: an attestation of the same key is no signature") {
  CheckRefused(VerifyByKey(CosignFixture("attestation.bundle.json"), CosignImage(),
                           PolicyOf(CosignKey("p256"))),
               Code::kNoMatch, "attestation of type \"https://example.com/test/v1\"");
}

TEST_CASE("VerifyImageBundle: demanded annotations must be there with their values") {
  const std::string bundle = CosignFixture("annotated.bundle.json");
  const crypto::PublicKey key = CosignKey("p256");
  Result<VerifiedBundle> verified =
      VerifyByKey(bundle, CosignImage(), PolicyOf(key, {{"env", "prod"}}));
  REQUIRE(verified.ok());
  CHECK(verified.value().subject()->annotations() ==
        std::map<std::string, std::string>{{"env", "prod"}, {"note", "<a> & \xC3\xA9/"}});
  CheckRefused(VerifyByKey(bundle, CosignImage(), PolicyOf(key, {{"env", "test"}})), Code::kNoMatch,
               "not \"test\"");
  CheckRefused(
      VerifyByKey(bundle, CosignImage(), PolicyOf(key, {{"env", "prod"}, {"missing", ""}})),
      Code::kNoMatch, "no annotation \"missing\"");
  CheckRefused(VerifyByKey(CosignFixture("p256.bundle.json"), CosignImage(),
                           PolicyOf(key, {{"env", "prod"}})),
               Code::kNoMatch, "no annotation \"env\"");
}

TEST_CASE("VerifyImageBundle: annotations count only on the subject that has the digest") {
  const crypto::PrivateKey key = NewKey();
  const auto statement = [](std::string_view first, std::string_view second) {
    return util::StrCat(R"({"_type":"https://in-toto.io/Statement/v1","subject":[)",
                        R"({"digest":{"sha256":")", OtherImage().hex(), R"("},"annotations":{)",
                        first, R"(}},{"digest":{"sha256":")", CosignImage().hex(),
                        R"("},"annotations":{)", second, R"(}}],"predicateType":")",
                        kImageSignaturePredicate, "\"}");
  };
  const Policy policy = PolicyOf(key.public_key(), {{"env", "prod"}});
  const std::string there = SignedBundle(key, statement("", R"("env":"prod")"));
  CHECK(VerifyByKey(there, CosignImage(), policy).ok());
  const std::string elsewhere = SignedBundle(key, statement(R"("env":"prod")", ""));
  CheckRefused(VerifyByKey(elsewhere, CosignImage(), policy), Code::kNoMatch,
               "no annotation \"env\"");
}

TEST_CASE("VerifyImageBundle: another payload type is refused although it is signed") {
  const crypto::PrivateKey key = NewKey();
  const std::string statement = FormatImageStatement(CosignImage(), {});
  const Policy policy = PolicyOf(key.public_key());
  CHECK(VerifyByKey(SignedBundle(key, statement), CosignImage(), policy).ok());
  CheckRefused(VerifyByKey(SignedBundle(key, statement, "application/json"), CosignImage(), policy),
               Code::kNoMatch, "\"application/json\"");
  // And a type that is changed after signing is not covered by the signature.
  CheckRefused(
      VerifyByKey(Changed(SignedBundle(key, statement, "application/json"), "\"application/json\"",
                          util::StrCat("\"", kInTotoPayloadType, "\"")),
                  CosignImage(), policy),
      Code::kNoMatch, "");
}

TEST_CASE("VerifyImageBundle: a signature over the payload alone is refused") {
  const crypto::PrivateKey key = NewKey();
  Envelope envelope{.payload_type = std::string(kInTotoPayloadType),
                    .payload = FormatImageStatement(CosignImage(), {})};
  Result<util::Bytes> signature = crypto::Sign(key, util::AsBytes(envelope.payload));
  REQUIRE(signature.ok());
  envelope.signature = signature.value();
  CheckRefused(VerifyByKey(ociship::testing::KeyBundle(key.public_key(), envelope), CosignImage(),
                           PolicyOf(key.public_key())),
               Code::kNoMatch, "");
}

TEST_CASE("VerifyImageBundle: a certificate instead of a key is refused, whoever signed") {
  const std::string bundle = CosignFixture("p256.bundle.json");
  const std::string with_certificate =
      Changed(bundle, R"("publicKey":{"hint":"UjxNFFYOJYvC52qAyFiZRz5HWoWI0+mqzFmCtCZyynE="})",
              R"("certificate":{"rawBytes":"MAA="})");
  CheckRefused(VerifyByKey(with_certificate, CosignImage(), PolicyOf(CosignKey("p256"))),
               Code::kNoMatch, "expected key signature, not certificate");
}

TEST_CASE("VerifyImageBundle: the hint has no weight") {
  const std::string bundle = Changed(CosignFixture("p256.bundle.json"),
                                     "UjxNFFYOJYvC52qAyFiZRz5HWoWI0+mqzFmCtCZyynE=", "x");
  CHECK(VerifyByKey(bundle, CosignImage(), PolicyOf(CosignKey("p256"))).ok());
  CheckRefused(VerifyByKey(bundle, CosignImage(), PolicyOf(CosignKey("other"))), Code::kNoMatch,
               "");
}

TEST_CASE("VerifyImageBundle: a second signature in the envelope is refused") {
  const std::string bundle = CosignFixture("p256.bundle.json");
  const std::size_t at = bundle.find(R"([{"sig":)") + 1;
  const std::string signature = bundle.substr(at, bundle.find(']', at) - at);
  CheckRefused(VerifyByKey(Changed(bundle, signature, signature + "," + signature), CosignImage(),
                           PolicyOf(CosignKey("p256"))),
               Code::kBadInput, "2 signatures");
}

TEST_CASE("VerifyImageBundle: the signature of a file is refused") {
  const std::string bundle =
      R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json",)"
      R"("verificationMaterial":{"publicKey":{}},"messageSignature":{"signature":"AA==",)"
      R"("messageDigest":{"algorithm":"SHA2_256",)"
      R"("digest":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}})";
  CheckRefused(VerifyByKey(bundle, CosignImage(), PolicyOf(CosignKey("p256"))), Code::kNoMatch,
               "file");
}

TEST_CASE("VerifyImageBundle: log entries are counted and not looked at") {
  const std::string bundle =
      Changed(CosignFixture("p256.bundle.json"), R"("publicKey")",
              util::StrCat("\"tlogEntries\":[", kSomeLogEntry, "],\"publicKey\""));
  Result<VerifiedBundle> verified = VerifyByKey(bundle, CosignImage(), PolicyOf(CosignKey("p256")));
  REQUIRE(verified.ok());
  CHECK(verified.value().material().log_entries().unchecked() == 1);
}

TEST_CASE("VerifyImageBundle: a policy that is silent about log entries refuses") {
  Policy policy = PolicyOf(CosignKey("p256"));
  policy.log_entries = {};
  CheckRefused(VerifyByKey(CosignFixture("p256.bundle.json"), CosignImage(), policy), Code::kUsage,
               "log entries");
}

TEST_CASE("VerifyImageBundle: what is signed but no statement is refused") {
  const crypto::PrivateKey key = NewKey();
  for (const char* payload : {"{}", "x", "[]", "null"}) {
    INFO(payload);
    CheckRefused(VerifyByKey(SignedBundle(key, payload), CosignImage(), PolicyOf(key.public_key())),
                 Code::kBadInput, "");
  }
}

TEST_CASE("VerifyImageBundle: the digest must stand under its own algorithm, in lower case") {
  const crypto::PrivateKey key = NewKey();
  const std::string good = FormatImageStatement(CosignImage(), {});
  const Policy policy = PolicyOf(key.public_key());
  CheckRefused(
      VerifyByKey(SignedBundle(key, Changed(good, "sha256", "sha512")), CosignImage(), policy),
      Code::kNoMatch, "other content");
  const std::string hex(CosignImage().hex());
  CheckRefused(
      VerifyByKey(SignedBundle(key, Changed(good, hex, hex.substr(1))), CosignImage(), policy),
      Code::kNoMatch, "other content");
}

TEST_CASE(
    "VerifyMessageSignature: P-384 and P-521 signatures over SHA-256 verify, as old clients made "
    "them") {
  // Made with openssl dgst -sha256 -sign and the fixture keys over the text "message".
  struct Example {
    const char* key;
    const char* signature;
  };
  for (const Example& example :
       {Example{"p384",
                "MGUCMQDPJCqpWVK0Yi5UmX11FpLqPiu1mLN2uPiPxc//"
                "sOXRnPljTiRa5FJxTVUGzDBmZXICMHw3g4Hhytk7kARb23fcW+"
                "Xi07WmwN4kyG3Ef48fMBJym0RPOtn3WVMCPpmjCW/I0g=="},
        Example{"p521",
                "MIGHAkIBetW7yPZRV57WAVuSc3kNRggSPD+"
                "YP4T9gJIkEBVx6nJjvjxry8MBXCLcBFohr298hEIy92H6MMWeTTBe0AzLZg0CQVwi+"
                "WnNxEW9IHFyFHrtiB8XpVJsdZ605E2bJav0FYnfvxgPdRerdpJEhWj9g+"
                "rUie6jDtpFWiEevzGIMqX4oARF"}}) {
    INFO(example.key);
    Result<util::Bytes> signature = util::Base64Decode(example.signature);
    REQUIRE(signature.ok());
    CHECK(VerifyText(example.key, "message", signature.value()).ok());
    CHECK(!VerifyText(example.key, "massage", signature.value()).ok());
  }
}

TEST_CASE("VerifyMessageSignature: P-256 verifies over SHA-256 alone") {
  Result<util::Bytes> signature = util::Base64Decode(
      "MEYCIQDGSUqEv4Eu0PssFQ8FOupEko4qkr3SPY+0oyujpKLFrwIhAOptkkhtvvqCg5A6vRYzA3zKDu5L5NAZNaIbc/"
      "aEhIZo");
  REQUIRE(signature.ok());
  // Made with openssl dgst -sha512 -sign.
  CHECK(!VerifyText("p256", "message", signature.value()).ok());
}

}  // namespace
}  // namespace ociship::sigstore
