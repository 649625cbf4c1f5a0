// SPDX-License-Identifier: Apache-2.0
// Legacy signatures with certificates, out of a minted deployment: what the annotations amount to,
// and the verdict on the whole.
#include <doctest/doctest.h>

#include "cosign/legacy_material.h"
#include "cosign/signature_image.h"
#include "cosign/verify.h"
#include "cosign_fixtures.h"
#include "crypto/hash.h"
#include "crypto/pem.h"
#include "deployment/judge.h"
#include "deployment/mint.h"
#include "oci/media_types.h"

namespace ociship::cosign {
namespace {

using namespace ociship::deployment;
using ociship::testing::Changed;

Plan LegacyPlan() {
  Plan plan;
  plan.stamps = Stamps::kBare;
  return plan;
}

LegacyCandidate CandidateOf(const MintedLegacy& minted) {
  return {.manifest = {.media_type = std::string(oci::kOciManifest),
                       .digest = ociship::testing::OtherImage(),
                       .size = 1},
          .payload = minted.payload,
          .signature = minted.signature,
          .certificate = minted.certificate,
          .log_entry = minted.bundle,
          .timestamp = minted.timestamp};
}

struct Case {
  MintedLegacy minted = MintLegacy(LegacyPlan());
  LegacyCandidate candidate = CandidateOf(minted);
  Digest image = Digest::Parse(minted.image_digest).value();
  deployment::Judge judge = deployment::Judge::Of(minted.verify).value();

  Result<VerifiedPayload> Verify() const {
    return VerifyLegacy(candidate, image, judge.policy, judge.circumstances);
  }
};

void CheckRefused(const Result<VerifiedPayload>& result, std::string_view reason) {
  REQUIRE(!result.ok());
  INFO(result.error().message());
  CHECK(result.error().reason() == reason);
}

TEST_CASE("VerifyLegacy: a keyless signature verifies, with its identity and times") {
  const Case good;
  const Result<VerifiedPayload> verified = good.Verify();
  if (!verified.ok()) FAIL(verified.error().message());
  const sigstore::VerifiedMaterial& material = verified.value().material();
  REQUIRE(material.identity().has_value());
  CHECK(material.identity()->identity().subject == good.minted.verify.identity);
  CHECK(material.times().all().size() == 2);
  CHECK(material.log_entries().all().size() == 1);
}

TEST_CASE("VerifyLegacy: another image, payload, identity or key is refused") {
  Case other_image;
  other_image.image = ociship::testing::OtherImage();
  CheckRefused(other_image.Verify(), "subject-mismatch");
  Case other_payload;
  other_payload.candidate.payload += " ";
  CheckRefused(other_payload.Verify(), "entry-digest");
  Case other_identity;
  auto& signer = std::get<sigstore::CertificateSigner>(other_identity.judge.policy.signer);
  signer.any_of.front().subject = {sigstore::TextPattern::Exact("somebody else").value()};
  CheckRefused(other_identity.Verify(), "identity-mismatch");
  Case by_key;
  by_key.judge.policy = sigstore::KeyAlone(ociship::testing::NewKey().public_key());
  CheckRefused(by_key.Verify(), "signer-kind");
}

TEST_CASE("VerifyLegacy: a signature without certificate is refused where one is demanded") {
  Case missing;
  missing.candidate.certificate.reset();
  CheckRefused(missing.Verify(), "signer-kind");
  const Result<Verification> verdict =
      cosign::Verify({.legacy = {missing.candidate}}, missing.image, missing.judge.policy,
                     missing.judge.circumstances);
  REQUIRE(!verdict.ok());
  CHECK(verdict.error().code() == Code::kNoCertificate);
}

TEST_CASE("VerifyLegacy: a signature without log entry is refused, unless logs are ignored") {
  Case missing;
  missing.candidate.log_entry.reset();
  CheckRefused(missing.Verify(), "log-threshold");
  missing.judge.policy.log_entries = sigstore::Threshold::Ignore();
  missing.judge.policy.timestamps = sigstore::Threshold::Require(1);
  CHECK(missing.Verify().ok());
  missing.candidate.timestamp.reset();
  CheckRefused(missing.Verify(), "timestamp-threshold");
}

TEST_CASE("VerifyLegacy: the log entry of another signature is refused") {
  Plan plan = LegacyPlan();
  plan.san = San::kEmail;
  const MintedLegacy other = MintLegacy(plan);
  Case spliced;
  spliced.candidate.log_entry = other.bundle;
  CHECK(!spliced.Verify().ok());
  Case changed;
  changed.candidate.log_entry =
      Changed(changed.minted.bundle, "\"integratedTime\":17", "\"integratedTime\":16");
  CheckRefused(changed.Verify(), "log-promise");
}

TEST_CASE("ReadLegacyMaterial: annotations that can not be read are refused") {
  const auto refused = [](const LegacyCandidate& candidate) {
    const Result<sigstore::Material> material =
        ReadLegacyMaterial(candidate, WantedSigner::kCertificate);
    REQUIRE(!material.ok());
    CHECK(material.error().code() == Code::kBadInput);
  };
  const LegacyCandidate good = Case().candidate;
  REQUIRE(ReadLegacyMaterial(good, WantedSigner::kCertificate).ok());
  LegacyCandidate bad = good;
  bad.signature = "x";
  refused(bad);
  bad = good;
  bad.certificate = "none";
  refused(bad);
  bad.certificate = "-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n";
  refused(bad);
  bad = good;
  bad.timestamp = "{}";
  refused(bad);
  for (const char* entry : {"", "{}", "x", R"({"SignedEntryTimestamp":"AQ=="})"}) {
    bad = good;
    bad.log_entry = entry;
    refused(bad);
  }
  bad = good;
  bad.log_entry = Changed(*good.log_entry, "\"logIndex\":", "\"logIndex\":-");
  refused(bad);
  bad.log_entry = Changed(*good.log_entry, "\"logID\":\"", "\"logID\":\"00");
  refused(bad);
}

TEST_CASE("LegacyAnnotations: what is read and written again verifies as before") {
  const Case good;
  for (const WantedSigner signer : {WantedSigner::kCertificate, WantedSigner::kKey}) {
    const Result<sigstore::Material> material = ReadLegacyMaterial(good.candidate, signer);
    REQUIRE(material.ok());
    const std::map<std::string, std::string> annotations = LegacyAnnotations(material.value());
    CHECK(annotations.at(std::string(kSignatureAnnotation)) == good.candidate.signature);
    CHECK(annotations.contains(std::string(kCertificateAnnotation)) ==
          (signer == WantedSigner::kCertificate));
    CHECK(!annotations.contains(std::string(kChainAnnotation)));
  }
  Case again;
  const sigstore::Material material =
      ReadLegacyMaterial(good.candidate, WantedSigner::kCertificate).value();
  const std::map<std::string, std::string> annotations = LegacyAnnotations(material);
  again.candidate.certificate = annotations.at(std::string(kCertificateAnnotation));
  again.candidate.log_entry = annotations.at(std::string(kLogEntryAnnotation));
  again.candidate.timestamp = annotations.at(std::string(kTimestampAnnotation));
  const Result<VerifiedPayload> verified = again.Verify();
  if (!verified.ok()) FAIL(verified.error().message());
}

TEST_CASE("LegacyAnnotations: the certificates above the first are annotated by themselves") {
  const Case good;
  sigstore::Material material =
      ReadLegacyMaterial(good.candidate, WantedSigner::kCertificate).value();
  const util::Bytes leaf = std::get<sigstore::LeafCertificate>(material.signer).der;
  material.signer = sigstore::CertificateChain{{leaf, util::Bytes{1}, util::Bytes{2}}};
  const std::map<std::string, std::string> annotations = LegacyAnnotations(material);
  CHECK(annotations.at(std::string(kCertificateAnnotation)) ==
        crypto::FormatPem("CERTIFICATE", leaf));
  CHECK(annotations.at(std::string(kChainAnnotation)) ==
        crypto::FormatPem("CERTIFICATE", util::Bytes{1}) +
            crypto::FormatPem("CERTIFICATE", util::Bytes{2}));
}

}  // namespace
}  // namespace ociship::cosign
