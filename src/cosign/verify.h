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
#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/store.h"
#include "sigstore/policy.h"
#include "sigstore/verify.h"

// Judges what was gathered. Verify is pure: no clock, no Store, no file.
namespace ociship::cosign {

using sigstore::Circumstances;
using sigstore::Policy;

enum class Format { kBundle, kLegacy };

// "bundle" or "legacy".
std::string_view FormatName(Format format);

// Proof that a payload was signed as the policy demands and names the image, with the annotations
// that were demanded.
class VerifiedPayload {
 public:
  const SimpleSigning& content() const { return content_; }
  const sigstore::VerifiedMaterial& material() const { return material_; }

 private:
  friend Result<VerifiedPayload> VerifyLegacy(const LegacyCandidate&, const Digest&, const Policy&,
                                              const Circumstances&);
  VerifiedPayload(sigstore::VerifiedMaterial material, SimpleSigning content)
      : material_(std::move(material)), content_(std::move(content)) {}

  sigstore::VerifiedMaterial material_;
  SimpleSigning content_;
};

// Verifies one legacy signature: the signer over the exact payload bytes, whatever else the policy
// demands, the type, the digest, the annotations (cosign, SIGNATURE_SPEC.md). kNoMatch or kBadInput
// with the reason, kUsage for a policy that is silent.
Result<VerifiedPayload> VerifyLegacy(const LegacyCandidate& candidate, const Digest& image,
                                     const Policy& policy, const Circumstances& circumstances);

// One signature that verifies, and what can be shown of it. Made by the verification alone.
class VerifiedSignature {
 public:
  Format format() const { return format_; }
  // The manifest that carries it: the referrer, or the signature image.
  const Digest& manifest() const { return manifest_; }
  // Who signed, when, and which logs know of it.
  const sigstore::VerifiedMaterial& material() const { return material_; }
  // The docker-reference that the signer wrote down, which nobody checked; bundles have none.
  const std::optional<std::string>& claimed_name() const { return claimed_name_; }
  // All annotations whose values are strings.
  const std::map<std::string, std::string>& annotations() const { return annotations_; }
  // The type of the statement; empty for a legacy signature.
  const std::string& predicate_type() const { return predicate_type_; }

  // One line of JSON as cosign prints it: {"critical":...,"optional":...}. The signed payload of a
  // legacy signature; made up for a bundle, with `reference` as its docker-reference.
  std::string PayloadJson(std::string_view reference) const;

 private:
  friend class Judge;
  VerifiedSignature(const BundleCandidate& candidate, const Digest& image,
                    const sigstore::VerifiedBundle& evidence);
  VerifiedSignature(const LegacyCandidate& candidate, const VerifiedPayload& evidence);

  Format format_;
  Digest manifest_;
  Digest image_;
  sigstore::VerifiedMaterial material_;
  std::optional<std::string> claimed_name_;
  std::map<std::string, std::string> annotations_;
  std::string predicate_type_;
  std::string payload_;  // signed bytes of a legacy signature
};

// What verifies, at least one signature, bundles first.
struct Verification {
  std::vector<VerifiedSignature> signatures;
  std::vector<std::string> notes;  // one sentence for each candidate that could not be read
};

// Verifies that `image` is signed as `policy` demands. One signature that verifies is enough. Else
//   kNoSignature    there is no candidate, and nothing was left unread
//   kNoCertificate  a certificate is demanded, and all candidates are signed with keys
//   kNoMatch        no candidate verifies; the sentence gives up to five reasons
//   kUnknown        no candidate verifies, and some could not be read
//   kUsage          the policy is silent about something
// Error::reason() is that of the first candidate.
Result<Verification> Verify(const Gathered& gathered, const Digest& image, const Policy& policy,
                            const Circumstances& circumstances);

// Gathers and verifies with as few requests as possible: the legacy tag is asked only when no
// bundle verifies. The same outcome as Verify of Gather but for signatures that were not asked for.
// An Error of Gather keeps its code when nothing was found out at all.
Result<Verification> VerifyImage(Store& store, const Digest& image, const Policy& policy,
                                 const Circumstances& circumstances);

}  // namespace ociship::cosign

#endif  // OCISHIP_COSIGN_VERIFY_H_
