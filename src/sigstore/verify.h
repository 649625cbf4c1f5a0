// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_VERIFY_H_
#define OCISHIP_SIGSTORE_VERIFY_H_

// The way from the bytes of a bundle to a proof that something was signed. Each step takes the
// proof of the step before and makes its own; no other code can make one:
//
//   Material --ClaimSigner-->      ClaimedSigner       who is said to have signed
//            --VerifyLogEntries--> VerifiedLogEntries  which logs have this signature
//            --CollectTimes-->     TrustedTimes        when it existed
//            --VerifySigner-->     VerifiedSigner      the key could speak for its owner then
//            --MatchIdentity-->    MatchedIdentity     and the owner is one that is accepted
//            --VerifyEnvelope-->   VerifiedEnvelope    the key signed exactly this payload
//            --MatchSubject-->     MatchedSubject      which speaks of this artifact, as demanded
//
// Everything is pure and safe to call from several threads. What evidence speaks against is
// kNoMatch, what can not be read is kBadInput, a policy that is silent is kUsage; Error::reason()
// says which check it was.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "crypto/sct.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "sigstore/content.h"
#include "sigstore/identity.h"
#include "sigstore/log.h"
#include "sigstore/policy.h"
#include "sigstore/signer.h"
#include "sigstore/subject.h"
#include "sigstore/trust_root.h"
#include "sigstore/trusted_time.h"

namespace ociship::sigstore {

// What is given from outside besides material and policy.
struct Circumstances {
  // Empty where the policy demands a key and nothing else.
  TrustRoot root{TrustRoot::Parts{}};
  // The verifier's clock: used where nobody says when the signature was made, for certificates if
  // the policy ignores logs, and for logs that promise no time. For nothing else.
  std::chrono::sys_seconds now = {};
  // An SCT that came beside the certificate.
  std::optional<crypto::Sct> detached_sct = {};
};

// Proof that material signs its content as a policy demands. Whether the content is what somebody
// has in hand is shown for messages alone; an envelope's statement is looked at by MatchSubject.
class VerifiedMaterial {
 public:
  using Content = std::variant<VerifiedEnvelope, VerifiedMessage>;

  const crypto::PublicKey& key() const { return signer_.claimed().key; }
  // Nothing for a signature with a key.
  const std::optional<MatchedIdentity>& identity() const { return identity_; }
  const VerifiedSigner& signer() const { return signer_; }
  const VerifiedLogEntries& log_entries() const { return log_entries_; }
  const TrustedTimes& times() const { return times_; }
  const Content& content() const { return content_; }

 private:
  friend Result<VerifiedMaterial> VerifyMaterial(const Material&, const Artifact&, const Policy&,
                                                 const Circumstances&);
  VerifiedMaterial(VerifiedSigner signer, std::optional<MatchedIdentity> identity,
                   VerifiedLogEntries log_entries, TrustedTimes times, Content content)
      : signer_(std::move(signer)),
        identity_(std::move(identity)),
        log_entries_(std::move(log_entries)),
        times_(std::move(times)),
        content_(std::move(content)) {}

  VerifiedSigner signer_;
  std::optional<MatchedIdentity> identity_;
  VerifiedLogEntries log_entries_;
  TrustedTimes times_;
  Content content_;
};

// Verifies all but what an envelope's statement says.
Result<VerifiedMaterial> VerifyMaterial(const Material& material, const Artifact& artifact,
                                        const Policy& policy, const Circumstances& circumstances);

// Proof that a bundle signs an artifact as a policy demands.
class VerifiedBundle {
 public:
  const VerifiedMaterial& material() const { return material_; }
  // The statement that was matched; nothing for a message signature.
  const std::optional<MatchedSubject>& subject() const { return subject_; }

 private:
  friend Result<VerifiedBundle> VerifyImageBundle(std::string_view, const Digest&, const Policy&,
                                                  const Circumstances&);
  friend Result<VerifiedBundle> VerifyBlobBundle(std::string_view, const Artifact&, const Policy&,
                                                 const struct BlobContent&, const Circumstances&);
  VerifiedBundle(VerifiedMaterial material, std::optional<MatchedSubject> subject)
      : material_(std::move(material)), subject_(std::move(subject)) {}

  VerifiedMaterial material_;
  std::optional<MatchedSubject> subject_;
};

// Verifies the exact bytes of a bundle as the signature of the image with digest `image`: a
// statement of type kImageSignaturePredicate with a subject that has the digest and the
// annotations.
Result<VerifiedBundle> VerifyImageBundle(std::string_view bundle, const Digest& image,
                                         const Policy& policy, const Circumstances& circumstances);

// What a bundle may hold to do for the signature of a file.
struct BlobContent {
  enum class Attestation {
    kRefused,  // a signature of the file alone
    kOfType,   // a statement of the type below alone
    kAny,      // a signature, or a statement of any type
  };
  Attestation attestation = Attestation::kRefused;
  std::string type = {};
};

// Verifies the exact bytes of a bundle as the signature of a file, or as an attestation about it.
// kNoMatch (content-kind) when it is the other.
Result<VerifiedBundle> VerifyBlobBundle(std::string_view bundle, const Artifact& artifact,
                                        const Policy& policy, const BlobContent& content,
                                        const Circumstances& circumstances);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_VERIFY_H_
