// SPDX-License-Identifier: Apache-2.0
// Bundles and statements: read or refused, and never a proof for an image that nobody signed. Run
// by scripts/fuzz.
#include <string>

#include "crypto/hash.h"
#include "crypto/key.h"
#include "fuzz.h"
#include "services/embedded.h"
#include "sigstore/bundle.h"
#include "sigstore/bundle_writer.h"
#include "sigstore/statement.h"
#include "sigstore/verify.h"

namespace ociship::fuzz {
namespace {

// fixtures/cosign/p256.pub, which signed the bundles of the corpus.
constexpr std::string_view kKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfiAhhWA9bdiJxmaGW7w7DfDU9yL+\n"
    "uE2NwbZzZJRk7+ZSSZ5MqkfMP1zKKMMwG2pJltSy7XACEFIKsdlVlnqu+w==\n"
    "-----END PUBLIC KEY-----\n";

void CheckStatement(std::string_view text) {
  const auto statement = sigstore::ParseStatement(text);
  RequireBadInput(statement);
  if (!statement.ok()) {
    RequirePrintable(statement.error().message());
    return;
  }
  Require(!statement.value().subjects.empty());
  Require(statement.value().subjects.size() <= sigstore::kMaxSubjects);
  const auto& annotations = statement.value().subjects.front().annotations;
  const Digest image = crypto::Sha256(util::AsBytes(text));
  const auto again = sigstore::ParseStatement(sigstore::FormatImageStatement(image, annotations));
  Require(again.ok() && again.value().subjects.size() == 1);
  Require(again.value().predicate_type == sigstore::kImageSignaturePredicate);
  Require(again.value().subjects.front().annotations == annotations);
  Require(again.value().subjects.front().digests.at("sha256") == image.hex());
}

// What is written again is read as the same.
void CheckWriter(const sigstore::Material& material) {
  const std::string text = sigstore::FormatBundle(material);
  const auto again = sigstore::Bundle::Parse(text);
  // Bundles of version 0.1 may have entries that no later version takes.
  if (!again.ok()) return;
  Require(again.value().version() == sigstore::BundleVersion::kV03);
  Require(sigstore::FormatBundle(again.value().material()) == text);
}

void CheckBundle(std::string_view text) {
  static const crypto::PublicKey key = crypto::PublicKey::FromPem(kKey).value();
  static const Digest unsigned_image = crypto::Sha256(util::AsBytes("nobody signed this"));
  const auto verified =
      sigstore::VerifyImageBundle(text, unsigned_image, sigstore::KeyAlone(key), {});
  Require(!verified.ok());
  Require(verified.error().code() == Code::kBadInput || verified.error().code() == Code::kNoMatch);
  RequirePrintable(verified.error().message());
  const auto bundle = sigstore::Bundle::Parse(text);
  RequireBadInput(bundle);
  if (!bundle.ok()) {
    RequirePrintable(bundle.error().message());
    return;
  }
  Require(bundle.value().material().log_entries.size() <= sigstore::kMaxLogEntries);
  Require(bundle.value().material().timestamps.size() <= sigstore::kMaxTimestamps);
  CheckWriter(bundle.value().material());
  const auto* envelope = std::get_if<sigstore::Envelope>(&bundle.value().material().content);
  if (envelope == nullptr) return;
  CheckStatement(envelope->payload);
}

// With a certificate of anybody, against the logs and authorities of the public instance, whose
// bundles are in the corpus: none of them signs this artifact.
void CheckKeyless(std::string_view text) {
  static const sigstore::TrustRoot root =
      sigstore::TrustRoot::Parse(services::embedded::kProductionTrustedRoot).value();
  static const sigstore::Policy policy{
      .signer = sigstore::CertificateSigner{.any_of = {sigstore::IdentityRule{
                                                .subject = {sigstore::TextPattern::UnsafeAny()},
                                                .issuer = {sigstore::TextPattern::UnsafeAny()}}},
                                            .certificate_logs = sigstore::Threshold::Require(1)},
      .log_entries = sigstore::Threshold::Require(1),
      .timestamps = sigstore::Threshold::Accept()};
  static const auto artifact =
      sigstore::Artifact::OfDigest(crypto::Sha256(util::AsBytes("nobody signed this")));
  const auto verified = sigstore::VerifyBlobBundle(
      text, artifact, policy, {.attestation = sigstore::BlobContent::Attestation::kAny},
      {.root = root});
  Require(!verified.ok());
  Require(!verified.error().reason().empty());
  RequirePrintable(verified.error().message());
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = ociship::fuzz::TextOf(data, size);
  ociship::fuzz::CheckBundle(text);
  ociship::fuzz::CheckStatement(text);
  ociship::fuzz::CheckKeyless(text);
  return 0;
}
