// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_JUDGE_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_JUDGE_H_

#include <chrono>
#include <string>
#include <utility>

#include "crypto/hash.h"
#include "crypto/key.h"
#include "deployment/mint.h"
#include "sigstore/verify.h"
#include "util/bytes.h"
#include "util/try.h"

// Verifies what was minted, as somebody would who expects what it was minted for.
namespace ociship::deployment {

// Exactly this, or a regular expression that means the same.
enum class Matching { kExact, kRegexp };
// The artifact as bytes, or its SHA-256 alone.
enum class Known { kBytes, kDigest };

inline util::Micros MicrosOf(Seconds time) { return util::Micros(std::chrono::seconds(time)); }

inline std::string Escaped(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '.' || c == '/' || c == '@' || c == '!') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

inline Result<sigstore::TextPattern> PatternOf(std::string_view text, Matching matching) {
  if (matching == Matching::kRegexp) return sigstore::TextPattern::Regexp(Escaped(text));
  return sigstore::TextPattern::Exact(text);
}

inline Result<sigstore::IdentityRule> RuleOf(const Minted& minted, Matching matching) {
  sigstore::IdentityRule rule;
  rule.subject.push_back(TRY(PatternOf(minted.identity, matching)));
  rule.issuer.push_back(TRY(PatternOf(minted.issuer, matching)));
  if (!minted.source_repository.empty()) {
    rule.extensions.emplace(sigstore::kSourceRepositoryExtension,
                            TRY(PatternOf(minted.source_repository, Matching::kExact)));
  }
  return rule;
}

inline sigstore::Threshold ThresholdOf(unsigned count) {
  return count == 0 ? sigstore::Threshold::Ignore() : sigstore::Threshold::Require(count);
}

inline Result<sigstore::Policy> PolicyOf(const Minted& minted, Matching matching) {
  const sigstore::Threshold logs = ThresholdOf(minted.log_threshold);
  const sigstore::Threshold stamps = ThresholdOf(minted.stamp_threshold);
  if (minted.verify_with == Signer::kKey) {
    sigstore::KeySigner signer { .key = TRY(crypto::PublicKey::FromPem(minted.public_key_pem)) };
    signer.validity.start = MicrosOf(minted.key_window.from);
    if (minted.key_window.until.has_value()) {
      signer.validity.end = MicrosOf(*minted.key_window.until);
    }
    return sigstore::Policy{.signer = signer, .log_entries = logs, .timestamps = stamps};
  }
  sigstore::CertificateSigner signer{.certificate_logs = sigstore::Threshold::Require(1)};
  signer.any_of.push_back(TRY(RuleOf(minted, matching)));
  return sigstore::Policy{.signer = std::move(signer), .log_entries = logs, .timestamps = stamps};
}

// What somebody who verifies the same thing often needs only once.
struct Judge {
  sigstore::Policy policy;
  sigstore::Circumstances circumstances;

  static Result<Judge> Of(const Minted& minted, Matching matching = Matching::kExact) {
    sigstore::TrustRoot root = TRY(sigstore::TrustRoot::Parse(minted.trust_root));
    sigstore::Policy policy = TRY(PolicyOf(minted, matching));
    // Years later: the verifier's clock must not count.
    return Judge{.policy = std::move(policy),
                 .circumstances = {
                     .root = std::move(root),
                     .now = std::chrono::sys_seconds(std::chrono::seconds(kSigned + 3 * kYear))}};
  }
};

// As a signature of a file, or as the statement of a type about it; of any type where none is
// expected.
inline Result<sigstore::VerifiedBundle> VerifyMinted(const Judge& judge, const Minted& minted,
                                                     std::string_view bundle, Known known) {
  const ByteView bytes = util::AsBytes(minted.artifact);
  const sigstore::Artifact artifact = known == Known::kBytes
                                          ? sigstore::Artifact::OfBytes(bytes)
                                          : sigstore::Artifact::OfDigest(crypto::Sha256(bytes));
  using Attestation = sigstore::BlobContent::Attestation;
  sigstore::BlobContent content;
  if (!minted.statement.empty()) {
    content.attestation = minted.predicate_type.empty() ? Attestation::kAny : Attestation::kOfType;
    content.type = minted.predicate_type;
  }
  return sigstore::VerifyBlobBundle(bundle, artifact, judge.policy, content, judge.circumstances);
}

inline Result<sigstore::VerifiedBundle> VerifyMinted(const Minted& minted, Matching matching,
                                                     Known known) {
  const Judge judge = TRY(Judge::Of(minted, matching));
  return VerifyMinted(judge, minted, minted.bundle, known);
}

// As the signature of an image whose manifest is the artifact.
inline Result<sigstore::VerifiedBundle> VerifyMintedImage(const Minted& minted) {
  const Judge judge = TRY(Judge::Of(minted));
  return sigstore::VerifyImageBundle(minted.bundle, crypto::Sha256(util::AsBytes(minted.artifact)),
                                     judge.policy, judge.circumstances);
}

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_JUDGE_H_
