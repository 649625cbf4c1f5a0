// SPDX-License-Identifier: Apache-2.0
#include "sigstore/verify.h"

#include <doctest/doctest.h>

#include "cosign_fixtures.h"
#include "sigstore/bundle.h"
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

KeyPolicy PolicyOf(crypto::PublicKey key, std::map<std::string, std::string> annotations = {}) {
  return {.key = std::move(key), .annotations = std::move(annotations), .log = LogPolicy::kIgnore};
}

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
  const util::Bytes& good = std::get<Envelope>(bundle.value().content()).signature;
  util::Bytes bad = good;
  bad[bad.size() / 2] ^= 1;
  return Changed(text, util::Base64Encode(good), util::Base64Encode(bad));
}

TEST_CASE(
    "VerifyBundleWithKey: signatures of cosign verify, for each type of key it can sign with") {
  for (const char* name : {"p256", "p384", "p521", "rsa"}) {
    INFO(name);
    Result<VerifiedBundle> verified =
        VerifyBundleWithKey(CosignFixture(std::string(name) + ".bundle.json"), CosignImage(),
                            PolicyOf(CosignKey(name)));
    REQUIRE(verified.ok());
    CHECK(verified.value().subject().digest() == CosignImage());
    CHECK(verified.value().subject().predicate_type() == kImageSignaturePredicate);
    CHECK(verified.value().unchecked_log_entries() == 0);
  }
}

TEST_CASE("VerifyBundleWithKey: a flipped signature is refused, for each type of key") {
  for (const char* name : {"p256", "p384", "p521", "rsa"}) {
    INFO(name);
    const std::string flipped = FlippedSignature(CosignFixture(std::string(name) + ".bundle.json"));
    CheckRefused(VerifyBundleWithKey(flipped, CosignImage(), PolicyOf(CosignKey(name))),
                 Code::kNoMatch, "");
  }
}

TEST_CASE("VerifyBundleWithKey: another key is refused") {
  CheckRefused(VerifyBundleWithKey(CosignFixture("p256.bundle.json"), CosignImage(),
                                   PolicyOf(CosignKey("other"))),
               Code::kNoMatch, "");
  CheckRefused(VerifyBundleWithKey(CosignFixture("p256.bundle.json"), CosignImage(),
                                   PolicyOf(CosignKey("rsa"))),
               Code::kNoMatch, "");
}

TEST_CASE("VerifyBundleWithKey: a signature that was moved to another image is refused") {
  CheckRefused(VerifyBundleWithKey(CosignFixture("p256.bundle.json"), OtherImage(),
                                   PolicyOf(CosignKey("p256"))),
               Code::kNoMatch, "another image, " + CosignImage().text());
}

TEST_CASE("VerifyBundleWithKey: an attestation of the same key is no signature") {
  CheckRefused(VerifyBundleWithKey(CosignFixture("attestation.bundle.json"), CosignImage(),
                                   PolicyOf(CosignKey("p256"))),
               Code::kNoMatch, "attestation of type \"https://example.com/test/v1\"");
}

TEST_CASE("VerifyBundleWithKey: demanded annotations must be there with their values") {
  const std::string bundle = CosignFixture("annotated.bundle.json");
  const crypto::PublicKey key = CosignKey("p256");
  Result<VerifiedBundle> verified =
      VerifyBundleWithKey(bundle, CosignImage(), PolicyOf(key, {{"env", "prod"}}));
  REQUIRE(verified.ok());
  CHECK(verified.value().subject().annotations() ==
        std::map<std::string, std::string>{{"env", "prod"}, {"note", "<a> & \xC3\xA9/"}});
  CheckRefused(VerifyBundleWithKey(bundle, CosignImage(), PolicyOf(key, {{"env", "test"}})),
               Code::kNoMatch, "not \"test\"");
  CheckRefused(
      VerifyBundleWithKey(bundle, CosignImage(), PolicyOf(key, {{"env", "prod"}, {"missing", ""}})),
      Code::kNoMatch, "no annotation \"missing\"");
  CheckRefused(VerifyBundleWithKey(CosignFixture("p256.bundle.json"), CosignImage(),
                                   PolicyOf(key, {{"env", "prod"}})),
               Code::kNoMatch, "no annotation \"env\"");
}

TEST_CASE("VerifyBundleWithKey: annotations count only on the subject that has the digest") {
  const crypto::PrivateKey key = NewKey();
  const auto statement = [](std::string_view first, std::string_view second) {
    return util::StrCat(R"({"_type":"https://in-toto.io/Statement/v1","subject":[)",
                        R"({"digest":{"sha256":")", OtherImage().hex(), R"("},"annotations":{)",
                        first, R"(}},{"digest":{"sha256":")", CosignImage().hex(),
                        R"("},"annotations":{)", second, R"(}}],"predicateType":")",
                        kImageSignaturePredicate, "\"}");
  };
  const KeyPolicy policy = PolicyOf(key.public_key(), {{"env", "prod"}});
  const std::string there = SignedBundle(key, statement("", R"("env":"prod")"));
  CHECK(VerifyBundleWithKey(there, CosignImage(), policy).ok());
  const std::string elsewhere = SignedBundle(key, statement(R"("env":"prod")", ""));
  CheckRefused(VerifyBundleWithKey(elsewhere, CosignImage(), policy), Code::kNoMatch,
               "no annotation \"env\"");
}

TEST_CASE("VerifyBundleWithKey: another payload type is refused although it is signed") {
  const crypto::PrivateKey key = NewKey();
  const std::string statement = FormatImageStatement(CosignImage(), {});
  const KeyPolicy policy = PolicyOf(key.public_key());
  CHECK(VerifyBundleWithKey(SignedBundle(key, statement), CosignImage(), policy).ok());
  CheckRefused(
      VerifyBundleWithKey(SignedBundle(key, statement, "application/json"), CosignImage(), policy),
      Code::kNoMatch, "\"application/json\"");
  // And a type that is changed after signing is not covered by the signature.
  CheckRefused(VerifyBundleWithKey(
                   Changed(SignedBundle(key, statement, "application/json"), "\"application/json\"",
                           util::StrCat("\"", kInTotoPayloadType, "\"")),
                   CosignImage(), policy),
               Code::kNoMatch, "");
}

TEST_CASE("VerifyBundleWithKey: a signature over the payload alone is refused") {
  const crypto::PrivateKey key = NewKey();
  Envelope envelope{.payload_type = std::string(kInTotoPayloadType),
                    .payload = FormatImageStatement(CosignImage(), {})};
  Result<util::Bytes> signature = crypto::Sign(key, util::AsBytes(envelope.payload));
  REQUIRE(signature.ok());
  envelope.signature = signature.value();
  CheckRefused(VerifyBundleWithKey(FormatKeyBundle(key.public_key(), envelope), CosignImage(),
                                   PolicyOf(key.public_key())),
               Code::kNoMatch, "");
}

TEST_CASE("VerifyBundleWithKey: a certificate instead of a key is refused, whoever signed") {
  const std::string bundle = CosignFixture("p256.bundle.json");
  const std::string with_certificate =
      Changed(bundle, R"("publicKey":{"hint":"UjxNFFYOJYvC52qAyFiZRz5HWoWI0+mqzFmCtCZyynE="})",
              R"("certificate":{"rawBytes":"MAA="})");
  CheckRefused(VerifyBundleWithKey(with_certificate, CosignImage(), PolicyOf(CosignKey("p256"))),
               Code::kNoMatch, "expected key signature, not certificate");
}

TEST_CASE("VerifyBundleWithKey: the hint has no weight") {
  const std::string bundle = Changed(CosignFixture("p256.bundle.json"),
                                     "UjxNFFYOJYvC52qAyFiZRz5HWoWI0+mqzFmCtCZyynE=", "x");
  CHECK(VerifyBundleWithKey(bundle, CosignImage(), PolicyOf(CosignKey("p256"))).ok());
  CheckRefused(VerifyBundleWithKey(bundle, CosignImage(), PolicyOf(CosignKey("other"))),
               Code::kNoMatch, "");
}

TEST_CASE("VerifyBundleWithKey: a second signature in the envelope is refused") {
  const std::string bundle = CosignFixture("p256.bundle.json");
  const std::size_t at = bundle.find(R"([{"sig":)") + 1;
  const std::string signature = bundle.substr(at, bundle.find(']', at) - at);
  CheckRefused(VerifyBundleWithKey(Changed(bundle, signature, signature + "," + signature),
                                   CosignImage(), PolicyOf(CosignKey("p256"))),
               Code::kBadInput, "2 signatures");
}

TEST_CASE("VerifyBundleWithKey: the signature of a file is refused") {
  const std::string bundle =
      R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json",)"
      R"("verificationMaterial":{"publicKey":{}},"messageSignature":{"signature":"AA=="}})";
  CheckRefused(VerifyBundleWithKey(bundle, CosignImage(), PolicyOf(CosignKey("p256"))),
               Code::kNoMatch, "file");
}

TEST_CASE("VerifyBundleWithKey: log entries are counted and not looked at") {
  const std::string bundle = Changed(CosignFixture("p256.bundle.json"), R"("publicKey")",
                                     R"("tlogEntries":[{"logIndex":"1"}],"publicKey")");
  Result<VerifiedBundle> verified =
      VerifyBundleWithKey(bundle, CosignImage(), PolicyOf(CosignKey("p256")));
  REQUIRE(verified.ok());
  CHECK(verified.value().unchecked_log_entries() == 1);
}

TEST_CASE("VerifyBundleWithKey: a policy that is silent about log entries refuses") {
  KeyPolicy policy{.key = CosignKey("p256")};
  CheckRefused(VerifyBundleWithKey(CosignFixture("p256.bundle.json"), CosignImage(), policy),
               Code::kUsage, "log entry");
}

TEST_CASE("VerifyBundleWithKey: what is signed but no statement is refused") {
  const crypto::PrivateKey key = NewKey();
  for (const char* payload : {"{}", "x", "[]", "null"}) {
    INFO(payload);
    CheckRefused(
        VerifyBundleWithKey(SignedBundle(key, payload), CosignImage(), PolicyOf(key.public_key())),
        Code::kBadInput, "");
  }
}

TEST_CASE("VerifyBundleWithKey: the digest must stand under its own algorithm, in lower case") {
  const crypto::PrivateKey key = NewKey();
  const std::string good = FormatImageStatement(CosignImage(), {});
  const KeyPolicy policy = PolicyOf(key.public_key());
  CheckRefused(VerifyBundleWithKey(SignedBundle(key, Changed(good, "sha256", "sha512")),
                                   CosignImage(), policy),
               Code::kNoMatch, "another image");
  const std::string hex(CosignImage().hex());
  CheckRefused(VerifyBundleWithKey(SignedBundle(key, Changed(good, hex, hex.substr(1))),
                                   CosignImage(), policy),
               Code::kNoMatch, "another image");
}

TEST_CASE(
    "VerifyMessage: P-384 and P-521 signatures over SHA-256 verify, as old clients made them") {
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
    CHECK(VerifyMessage(CosignKey(example.key), util::AsBytes("message"), signature.value()).ok());
    CHECK(!VerifyMessage(CosignKey(example.key), util::AsBytes("massage"), signature.value()).ok());
  }
}

TEST_CASE("VerifyMessage: P-256 verifies over SHA-256 alone") {
  Result<util::Bytes> signature = util::Base64Decode(
      "MEYCIQDGSUqEv4Eu0PssFQ8FOupEko4qkr3SPY+0oyujpKLFrwIhAOptkkhtvvqCg5A6vRYzA3zKDu5L5NAZNaIbc/"
      "aEhIZo");
  REQUIRE(signature.ok());
  // Made with openssl dgst -sha512 -sign.
  CHECK(!VerifyMessage(CosignKey("p256"), util::AsBytes("message"), signature.value()).ok());
}

}  // namespace
}  // namespace ociship::sigstore
