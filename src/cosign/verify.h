// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_COSIGN_VERIFY_H_
#define OCISHIP_COSIGN_VERIFY_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cosign/gather.h"
#include "cosign/simple_signing.h"
#include "crypto/sign.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/store.h"
#include "sigstore/policy.h"
#include "sigstore/verify.h"

// Judges what was gathered. Verify is pure: no clock, no Store, no file.
namespace ociship::cosign {

using sigstore::KeyPolicy;
using sigstore::LogPolicy;

enum class Format { kBundle, kLegacy };

// "bundle" or "legacy".
std::string_view FormatName(Format format);

// Proof that a payload was signed with the policy's key and names the image, with the annotations
// that were demanded.
class VerifiedPayload {
 public:
  const SimpleSigning& content() const { return content_; }
  const crypto::PublicKey& key() const { return signature_.key(); }

 private:
  friend Result<VerifiedPayload> VerifyLegacy(const LegacyCandidate&, const Digest&,
                                              const KeyPolicy&);
  VerifiedPayload(crypto::VerifiedSignature signature, SimpleSigning content)
      : signature_(std::move(signature)), content_(std::move(content)) {}

  crypto::VerifiedSignature signature_;
  SimpleSigning content_;
};

// Verifies one legacy signature: the key over the exact payload bytes, the type, the digest, the
// annotations (cosign, SIGNATURE_SPEC.md). kNoMatch or kBadInput with the reason, kUsage for a
// policy that is silent.
Result<VerifiedPayload> VerifyLegacy(const LegacyCandidate& candidate, const Digest& image,
                                     const KeyPolicy& policy);

// One signature that verifies, and what can be shown of it. Made by the verification alone.
class VerifiedSignature {
 public:
  Format format() const { return format_; }
  // The manifest that carries it: the referrer, or the signature image.
  const Digest& manifest() const { return manifest_; }
  const crypto::PublicKey& key() const { return key_; }
  // The docker-reference that the signer wrote down, which nobody checked; bundles have none.
  const std::optional<std::string>& identity() const { return identity_; }
  // All annotations whose values are strings.
  const std::map<std::string, std::string>& annotations() const { return annotations_; }
  // The type of the statement; empty for a legacy signature.
  const std::string& predicate_type() const { return predicate_type_; }
  // Whether entries of transparency logs were there, which nobody checked.
  bool has_unchecked_log_entries() const { return has_unchecked_log_entries_; }

  // One line of JSON as cosign prints it: {"critical":...,"optional":...}. The signed payload of a
  // legacy signature; made up for a bundle, with `reference` as its docker-reference.
  std::string PayloadJson(std::string_view reference) const;

 private:
  friend class Judge;
  VerifiedSignature(const BundleCandidate& candidate, const sigstore::VerifiedBundle& evidence);
  VerifiedSignature(const LegacyCandidate& candidate, const VerifiedPayload& evidence);

  Format format_;
  Digest manifest_;
  Digest image_;
  crypto::PublicKey key_;
  std::optional<std::string> identity_;
  std::map<std::string, std::string> annotations_;
  std::string predicate_type_;
  bool has_unchecked_log_entries_;
  std::string payload_;  // signed bytes of a legacy signature
};

// What verifies, at least one signature, bundles first.
struct Verification {
  std::vector<VerifiedSignature> signatures;
  std::vector<std::string> notes;  // one sentence for each candidate that could not be read
};

// Verifies that `image` is signed as `policy` demands. One signature that verifies is enough. Else
//   kNoSignature  there is no candidate, and nothing was left unread
//   kNoMatch      no candidate verifies; the sentence gives up to five reasons
//   kUnknown      no candidate verifies, and some could not be read
//   kUsage        the policy is silent about log entries
Result<Verification> Verify(const Gathered& gathered, const Digest& image, const KeyPolicy& policy);

// Gathers and verifies with as few requests as possible: the legacy tag is asked only when no
// bundle verifies. The same outcome as Verify of Gather but for signatures that were not asked for.
// An Error of Gather keeps its code when nothing was found out at all.
Result<Verification> VerifyImage(Store& store, const Digest& image, const KeyPolicy& policy);

}  // namespace ociship::cosign

#endif  // OCISHIP_COSIGN_VERIFY_H_
