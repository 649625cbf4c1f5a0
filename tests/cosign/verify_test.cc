// SPDX-License-Identifier: Apache-2.0
#include "cosign/verify.h"

#include <doctest/doctest.h>

#include "signed_store.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"

namespace ociship::cosign {
namespace {

using namespace ociship::testing;

Policy PolicyOf(crypto::PublicKey key, std::map<std::string, std::string> annotations = {}) {
  return sigstore::KeyAlone(std::move(key), std::move(annotations));
}

// With a key alone nothing else is needed.
Result<Verification> Verify(const Gathered& gathered, const Digest& image, const Policy& policy) {
  return cosign::Verify(gathered, image, policy, {});
}
Result<Verification> VerifyImage(Store& store, const Digest& image, const Policy& policy) {
  return cosign::VerifyImage(store, image, policy, {});
}

// As cosign annotates it; nobody signed it.
const std::string kSomeLogEntry =
    R"({"SignedEntryTimestamp":"AQ==","Payload":{"body":"eyJhcGlWZXJzaW9uIjoiMC4wLjEiLCJraW5kIjoi)"
    R"(aGFzaGVkcmVrb3JkIn0=","integratedTime":1700000000,"logIndex":1,"logID":)"
    R"("c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d"}})";

Descriptor SomeManifest() {
  return {.media_type = std::string(oci::kOciManifest), .digest = OtherImage(), .size = 1};
}

LegacyCandidate CosignLegacy(const std::string& name) {
  Result<oci::ImageManifest> manifest =
      oci::ParseImageManifest(CosignFixture(name + ".sig-manifest.json"));
  REQUIRE(manifest.ok());
  std::optional<std::string> signature =
      LayerAnnotation(manifest.value().layers.front(), kSignatureAnnotation);
  REQUIRE(signature.has_value());
  return {.manifest = SomeManifest(),
          .payload = CosignFixture(name + ".payload.json"),
          .signature = *signature};
}

// A legacy signature of any payload, signed well.
LegacyCandidate SignedLegacy(const crypto::PrivateKey& key, const std::string& payload) {
  Result<util::Bytes> signature = crypto::Sign(key, util::AsBytes(payload));
  REQUIRE(signature.ok());
  return {.manifest = SomeManifest(),
          .payload = payload,
          .signature = util::Base64Encode(signature.value())};
}

Gathered Only(BundleCandidate candidate) { return {.bundles = {std::move(candidate)}}; }
Gathered Only(LegacyCandidate candidate) { return {.legacy = {std::move(candidate)}}; }
BundleCandidate CosignBundle(const std::string& name) {
  return {.manifest = SomeManifest(), .bundle = CosignFixture(name + ".bundle.json")};
}

void CheckRefused(const Result<Verification>& result, Code code, std::string_view reason) {
  REQUIRE(!result.ok());
  INFO(result.error().message());
  CHECK(result.error().code() == code);
  CHECK(result.error().message().find(reason) != std::string::npos);
}

TEST_CASE("Verify: both formats of cosign verify, for each type of key it can sign with") {
  for (const char* name : {"p256", "p384", "p521", "rsa"}) {
    INFO(name);
    const Policy policy = PolicyOf(CosignKey(name));
    CHECK(Verify(Only(CosignBundle(name)), CosignImage(), policy).ok());
    CHECK(Verify(Only(CosignLegacy(name)), CosignImage(), policy).ok());
    const Policy other = PolicyOf(CosignKey("other"));
    CheckRefused(Verify(Only(CosignBundle(name)), CosignImage(), other), Code::kNoMatch, "");
    CheckRefused(Verify(Only(CosignLegacy(name)), CosignImage(), other), Code::kNoMatch, "");
  }
}

TEST_CASE("Verify: what a verified bundle offers for printing") {
  Result<Verification> result =
      Verify(Only(CosignBundle("annotated")), CosignImage(), PolicyOf(CosignKey("p256")));
  REQUIRE(result.ok());
  REQUIRE(result.value().signatures.size() == 1);
  const VerifiedSignature& signature = result.value().signatures.front();
  CHECK(FormatName(signature.format()) == "bundle");
  CHECK(signature.manifest() == OtherImage());
  CHECK(signature.material().key().der() == CosignKey("p256").der());
  CHECK(!signature.claimed_name().has_value());
  CHECK(signature.predicate_type() == "https://sigstore.dev/cosign/sign/v1");
  CHECK(signature.material().log_entries().unchecked() == 0);
  CHECK(signature.annotations().size() == 2);
  // As cosign 3.1.2 prints it, but for the annotations.
  CHECK(signature.PayloadJson("registry.test/app:1") ==
        util::StrCat(R"({"critical":{"identity":{"docker-reference":"registry.test/app:1"},)",
                     R"("image":{"docker-manifest-digest":")", CosignImage().text(),
                     R"("},"type":"https://sigstore.dev/cosign/sign/v1"},)",
                     R"("optional":{"env":"prod","note":"\u003ca\u003e \u0026 )", "\xC3\xA9",
                     R"(/"}})"));
}

TEST_CASE("Verify: what a verified legacy signature offers for printing") {
  LegacyCandidate candidate = CosignLegacy("annotated");
  candidate.log_entry = kSomeLogEntry;
  Result<Verification> result = Verify(Only(candidate), CosignImage(), PolicyOf(CosignKey("p256")));
  REQUIRE(result.ok());
  REQUIRE(result.value().signatures.size() == 1);
  const VerifiedSignature& signature = result.value().signatures.front();
  CHECK(FormatName(signature.format()) == "legacy");
  CHECK(signature.claimed_name() == std::optional<std::string>("127.0.0.1:17990/annotated"));
  CHECK(signature.predicate_type().empty());
  CHECK(signature.material().log_entries().unchecked() == 1);
  CHECK(signature.PayloadJson("unused") == CosignFixture("annotated.payload.json"));
}

TEST_CASE("PayloadJson: a payload of several lines becomes one line with the same values") {
  const crypto::PrivateKey key = NewKey();
  const std::string payload =
      Changed(FormatSimpleSigning({.identity = "r", .image = CosignImage()}), ",", ",\r\n\t");
  Result<Verification> result =
      Verify(Only(SignedLegacy(key, payload)), CosignImage(), PolicyOf(key.public_key()));
  REQUIRE(result.ok());
  const std::string line = result.value().signatures.front().PayloadJson("");
  CHECK(line.find_first_of("\r\n\t") == std::string::npos);
  CHECK(util::Json::Parse(line).ok());
}

TEST_CASE("Verify: a flipped legacy signature is refused") {
  LegacyCandidate candidate = CosignLegacy("p256");
  Result<util::Bytes> signature = util::Base64Decode(candidate.signature);
  REQUIRE(signature.ok());
  for (std::size_t i = 0; i < signature.value().size(); i += 7) {
    util::Bytes flipped = signature.value();
    flipped[i] ^= 4;
    candidate.signature = util::Base64Encode(flipped);
    CheckRefused(Verify(Only(candidate), CosignImage(), PolicyOf(CosignKey("p256"))),
                 Code::kNoMatch, "");
  }
}

TEST_CASE("Verify: a changed legacy payload is refused") {
  LegacyCandidate candidate = CosignLegacy("p256");
  candidate.payload = Changed(candidate.payload, "p256", "P256");
  CheckRefused(Verify(Only(candidate), CosignImage(), PolicyOf(CosignKey("p256"))), Code::kNoMatch,
               "");
  candidate = CosignLegacy("p256");
  candidate.payload += "\n";
  CheckRefused(Verify(Only(candidate), CosignImage(), PolicyOf(CosignKey("p256"))), Code::kNoMatch,
               "");
}

TEST_CASE("Verify: a truncated or padded signature annotation is refused") {
  const Policy policy = PolicyOf(CosignKey("p256"));
  LegacyCandidate candidate = CosignLegacy("p256");
  const std::string good = candidate.signature;
  candidate.signature = good.substr(0, good.size() - 1);
  CheckRefused(Verify(Only(candidate), CosignImage(), policy), Code::kNoMatch, "base64");
  candidate.signature = good.substr(0, good.size() - 4);
  CheckRefused(Verify(Only(candidate), CosignImage(), policy), Code::kNoMatch, "");
  candidate.signature = good + "AAAA";
  CheckRefused(Verify(Only(candidate), CosignImage(), policy), Code::kNoMatch, "");
  candidate.signature = " " + good;
  CheckRefused(Verify(Only(candidate), CosignImage(), policy), Code::kNoMatch, "base64");
  candidate.signature = "";
  CheckRefused(Verify(Only(candidate), CosignImage(), policy), Code::kNoMatch, "");
}

TEST_CASE("Verify: a signature of another image is refused and says whose it is") {
  const Policy policy = PolicyOf(CosignKey("p256"));
  CheckRefused(Verify(Only(CosignLegacy("p256")), OtherImage(), policy), Code::kNoMatch,
               "belongs to another image, " + CosignImage().text());
  CheckRefused(Verify(Only(CosignBundle("p256")), OtherImage(), policy), Code::kNoMatch,
               "belongs to other content, " + CosignImage().text());
}

TEST_CASE("Verify: a signed payload of another type or with duplicate keys is refused") {
  const crypto::PrivateKey key = NewKey();
  const std::string good = FormatSimpleSigning({.identity = "r", .image = CosignImage()});
  const Policy policy = PolicyOf(key.public_key());
  CHECK(Verify(Only(SignedLegacy(key, good)), CosignImage(), policy).ok());
  const std::string atomic = Changed(good, "cosign container", "atomic container");
  CheckRefused(Verify(Only(SignedLegacy(key, atomic)), CosignImage(), policy), Code::kNoMatch,
               "type");
  const std::string twice =
      Changed(good, R"("docker-manifest-digest")",
              util::StrCat(R"("docker-manifest-digest":")", OtherImage().text(),
                           R"(","docker-manifest-digest")"));
  CheckRefused(Verify(Only(SignedLegacy(key, twice)), CosignImage(), policy), Code::kNoMatch, "");
}

TEST_CASE("Verify: demanded annotations must be there with their values, in both formats") {
  const crypto::PublicKey key = CosignKey("p256");
  const auto check = [&key](const Gathered& annotated, const Gathered& plain) {
    CHECK(Verify(annotated, CosignImage(), PolicyOf(key, {{"env", "prod"}})).ok());
    CheckRefused(Verify(annotated, CosignImage(), PolicyOf(key, {{"env", "test"}})), Code::kNoMatch,
                 "not \"test\"");
    CheckRefused(Verify(annotated, CosignImage(), PolicyOf(key, {{"env2", "prod"}})),
                 Code::kNoMatch, "no annotation \"env2\"");
    CheckRefused(Verify(plain, CosignImage(), PolicyOf(key, {{"env", "prod"}})), Code::kNoMatch,
                 "no annotation \"env\"");
  };
  check(Only(CosignBundle("annotated")), Only(CosignBundle("p256")));
  check(Only(CosignLegacy("annotated")), Only(CosignLegacy("p256")));
}

TEST_CASE("Verify: a certificate does not help a legacy signature of another key") {
  LegacyCandidate candidate = CosignLegacy("p256");
  candidate.certificate = "any";
  CheckRefused(Verify(Only(candidate), CosignImage(), PolicyOf(CosignKey("other"))), Code::kNoMatch,
               "expected key signature, not certificate");
  // cosign stores a certificate beside a key signature when it is given one: the key decides.
  CHECK(Verify(Only(candidate), CosignImage(), PolicyOf(CosignKey("p256"))).ok());
}

TEST_CASE("Verify: no candidate is no signature") {
  CheckRefused(Verify({}, CosignImage(), PolicyOf(CosignKey("p256"))), Code::kNoSignature,
               CosignImage().text());
}

TEST_CASE("Verify: unread candidates make the outcome unknown, unless one verifies") {
  const Unread unread{.what = "referrer x", .error = Error(Code::kRateLimited, "come later")};
  Gathered gathered{.unread = {unread}};
  const Policy policy = PolicyOf(CosignKey("p256"));
  CheckRefused(Verify(gathered, CosignImage(), policy), Code::kUnknown,
               "referrer x could not be read: come later");
  gathered.bundles.push_back(CosignBundle("p384"));
  CheckRefused(Verify(gathered, CosignImage(), policy), Code::kUnknown, "others: ");
  gathered.bundles.push_back(CosignBundle("p256"));
  Result<Verification> result = Verify(gathered, CosignImage(), policy);
  REQUIRE(result.ok());
  CHECK(result.value().signatures.size() == 1);
  CHECK(result.value().notes ==
        std::vector<std::string>{"referrer x could not be read: come later"});
}

TEST_CASE("Verify: one signature that verifies is enough, and all that do are given") {
  const Gathered gathered{.bundles = {CosignBundle("p384"), CosignBundle("p256")},
                          .legacy = {CosignLegacy("rsa"), CosignLegacy("annotated")}};
  Result<Verification> result = Verify(gathered, CosignImage(), PolicyOf(CosignKey("p256")));
  REQUIRE(result.ok());
  CHECK(result.value().signatures.size() == 2);
  CHECK(result.value().notes.empty());
}

TEST_CASE("Verify: reasons are given once each, and at most five") {
  Gathered gathered;
  for (int i = 0; i < 7; ++i) gathered.bundles.push_back(CosignBundle("p384"));
  Result<Verification> same = Verify(gathered, CosignImage(), PolicyOf(CosignKey("p256")));
  REQUIRE(!same.ok());
  CHECK(same.error().message().find(';') == std::string::npos);
  for (int i = 0; i < 7; ++i) {
    gathered.bundles.push_back(
        {.manifest = SomeManifest(), .bundle = util::StrCat(R"({"field)", i, R"(":1})")});
  }
  CheckRefused(Verify(gathered, CosignImage(), PolicyOf(CosignKey("p256"))), Code::kNoMatch,
               "; and 3 more reasons");
}

TEST_CASE("Verify: a name from outside can not write to a terminal") {
  const BundleCandidate candidate{.manifest = SomeManifest(), .bundle = R"({"\u001b[2J":1})"};
  Result<Verification> result = Verify(Only(candidate), CosignImage(), PolicyOf(CosignKey("p256")));
  REQUIRE(!result.ok());
  CHECK(result.error().message().find('\x1b') == std::string::npos);
}

TEST_CASE("Verify: a policy that is silent about log entries refuses") {
  Policy silent = PolicyOf(CosignKey("p256"));
  silent.log_entries = {};
  CheckRefused(Verify(Only(CosignBundle("p256")), CosignImage(), silent), Code::kUsage,
               "log entries");
  CheckRefused(Verify(Only(CosignLegacy("p256")), CosignImage(), silent), Code::kUsage,
               "log entries");
  CheckRefused(Verify({}, CosignImage(), silent), Code::kUsage, "log entries");
}

TEST_CASE("VerifyImage: a bundle that verifies costs three requests, and no look at the tag") {
  MemoryStore store;
  PutCosignBundle(store, "p256");
  PutCosignLegacy(store, "p256");
  CHECK(VerifyImage(store, CosignImage(), PolicyOf(CosignKey("p256"))).ok());
  CHECK(store.calls().size() == 3);
}

TEST_CASE("VerifyImage: the legacy signature is found when no bundle verifies") {
  MemoryStore store;
  PutCosignBundle(store, "p384");
  PutCosignLegacy(store, "p256");
  Result<Verification> result = VerifyImage(store, CosignImage(), PolicyOf(CosignKey("p256")));
  REQUIRE(result.ok());
  CHECK(result.value().signatures.front().format() == Format::kLegacy);
  CheckRefused(VerifyImage(store, CosignImage(), PolicyOf(CosignKey("other"))), Code::kNoMatch, "");
}

TEST_CASE("VerifyImage: an unsigned image, and one with an attestation alone, have no signature") {
  MemoryStore store;
  const Policy policy = PolicyOf(CosignKey("p256"));
  CheckRefused(VerifyImage(store, CosignImage(), policy), Code::kNoSignature, "");
  PutCosignBundle(store, "attestation");
  CheckRefused(VerifyImage(store, CosignImage(), policy), Code::kNoSignature, "");
}

TEST_CASE("VerifyImage: an attestation that passes itself off as a signature does not match") {
  MemoryStore store;
  PutBundle(store, CosignFixture("attestation.bundle.json"), CosignImage());
  CheckRefused(VerifyImage(store, CosignImage(), PolicyOf(CosignKey("p256"))), Code::kNoMatch,
               "attestation of type");
}

TEST_CASE("VerifyImage: a signature that was moved to another image does not match") {
  MemoryStore store;
  PutBundle(store, CosignFixture("p256.bundle.json"), OtherImage());
  const Digest legacy = PutCosignLegacy(store, "p256");
  store.AddTag(SignatureTagText(OtherImage()), legacy);
  CheckRefused(VerifyImage(store, OtherImage(), PolicyOf(CosignKey("p256"))), Code::kNoMatch,
               "other content, " + CosignImage().text());
}

TEST_CASE("VerifyImage: failing requests never look like an unsigned image") {
  const Policy policy = PolicyOf(CosignKey("p256"));
  struct Example {
    const char* call;
    Code code;
    Code outcome;
  };
  for (const Example& example : {Example{"referrers ", Code::kRateLimited, Code::kUnknown},
                                 Example{"resolve ", Code::kUnavailable, Code::kUnknown},
                                 Example{"read manifest ", Code::kUnauthorized, Code::kUnknown},
                                 Example{"read blob ", Code::kNotFound, Code::kUnknown},
                                 Example{"", Code::kUnauthorized, Code::kUnauthorized},
                                 Example{"", Code::kRateLimited, Code::kRateLimited},
                                 Example{"", Code::kUnavailable, Code::kUnavailable},
                                 Example{"re", Code::kInterrupted, Code::kInterrupted}}) {
    INFO(example.call);
    MemoryStore store;
    PutCosignBundle(store, "p384");
    FailCalls(store, example.call, example.code);
    CheckRefused(VerifyImage(store, CosignImage(), policy), example.outcome, "");
  }
}

TEST_CASE("VerifyImage: cancelling ends it at once") {
  MemoryStore store;
  FailCalls(store, "referrers ", Code::kInterrupted);
  CheckRefused(VerifyImage(store, CosignImage(), PolicyOf(CosignKey("p256"))), Code::kInterrupted,
               "");
  CHECK(store.calls().size() == 1);
}

TEST_CASE("VerifyImage: a broken list of referrers does not hide a legacy signature") {
  MemoryStore store;
  PutCosignLegacy(store, "p256");
  FailCalls(store, "referrers ");
  Result<Verification> result = VerifyImage(store, CosignImage(), PolicyOf(CosignKey("p256")));
  REQUIRE(result.ok());
  CHECK(result.value().notes.size() == 1);
}

}  // namespace
}  // namespace ociship::cosign
