// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_VERIFY_H_
#define OCISHIP_SIGSTORE_VERIFY_H_

// The way from the bytes of a bundle to a proof that an image was signed. Each step takes the proof
// of the step before and makes its own; no other code can make one:
//
//   Envelope --VerifyEnvelope--> VerifiedEnvelope    the key signed exactly this payload
//            --MatchSubject-->   MatchedSubject      the payload speaks of this image, as demanded
//            --VerifyBundleWithKey--> VerifiedBundle the policy as a whole holds
//
// Everything is pure and safe to call from several threads. What evidence speaks against is
// kNoMatch, what can not be read is kBadInput, a policy that is silent is kUsage.

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/key.h"
#include "crypto/sign.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "sigstore/dsse.h"
#include "sigstore/policy.h"
#include "sigstore/statement.h"

namespace ociship::sigstore {

// Verifies a signature of unknown hash: with the default hash of the key type, then, for P-384 and
// P-521, with SHA-256, which older clients used with every key. Ed25519 is verified pure; the
// prehashed form, which cosign itself writes, is not available (OpenSSL 3.0) and gives kNoMatch.
Result<crypto::VerifiedSignature> VerifyMessage(const crypto::PublicKey& key, ByteView message,
                                                ByteView signature);

// kNoMatch with one sentence unless each of `wanted` is in `found` with the same value.
Status MatchAnnotations(const std::map<std::string, std::string>& wanted,
                        const std::map<std::string, std::string>& found);

// Proof that a key signed the pre-authentication encoding of this in-toto payload.
class VerifiedEnvelope {
 public:
  const std::string& payload() const { return payload_; }
  const crypto::PublicKey& key() const { return signature_.key(); }

 private:
  friend Result<VerifiedEnvelope> VerifyEnvelope(const Envelope&, const crypto::PublicKey&);
  VerifiedEnvelope(std::string payload, crypto::VerifiedSignature signature)
      : payload_(std::move(payload)), signature_(std::move(signature)) {}

  std::string payload_;
  crypto::VerifiedSignature signature_;
};

// The payload type must be kInTotoPayloadType (DSSE v1.0.2, protocol.md: a verifier rejects types
// that it does not expect).
Result<VerifiedEnvelope> VerifyEnvelope(const Envelope& envelope, const crypto::PublicKey& key);

// What the statement of an envelope must say.
struct SubjectPolicy {
  std::string_view predicate_type;
  Digest digest;
  std::map<std::string, std::string> annotations;
};

// Proof that a signed statement of the demanded type has a subject with the demanded digest and
// annotations.
class MatchedSubject {
 public:
  const VerifiedEnvelope& envelope() const { return envelope_; }
  const Digest& digest() const { return digest_; }
  const std::string& predicate_type() const { return predicate_type_; }
  // All annotations of that subject whose values are strings.
  const std::map<std::string, std::string>& annotations() const { return annotations_; }

 private:
  friend Result<MatchedSubject> MatchSubject(VerifiedEnvelope, const SubjectPolicy&);
  MatchedSubject(VerifiedEnvelope envelope, Digest digest, std::string predicate_type,
                 std::map<std::string, std::string> annotations)
      : envelope_(std::move(envelope)),
        digest_(std::move(digest)),
        predicate_type_(std::move(predicate_type)),
        annotations_(std::move(annotations)) {}

  VerifiedEnvelope envelope_;
  Digest digest_;
  std::string predicate_type_;
  std::map<std::string, std::string> annotations_;
};

// kNoMatch that names the other image when no subject has the digest.
Result<MatchedSubject> MatchSubject(VerifiedEnvelope envelope, const SubjectPolicy& policy);

// Proof that a bundle signs an image as a policy demands.
class VerifiedBundle {
 public:
  const MatchedSubject& subject() const { return subject_; }
  // How many log entries the bundle has. None of them was looked at.
  std::size_t unchecked_log_entries() const { return unchecked_log_entries_; }

 private:
  friend Result<VerifiedBundle> VerifyBundleWithKey(std::string_view, const Digest&,
                                                    const KeyPolicy&);
  VerifiedBundle(MatchedSubject subject, std::size_t unchecked_log_entries)
      : subject_(std::move(subject)), unchecked_log_entries_(unchecked_log_entries) {}

  MatchedSubject subject_;
  std::size_t unchecked_log_entries_;
};

// Verifies the exact bytes of a bundle as the signature of the image with digest `image`: an
// envelope signed with the policy's key (a bundle with a certificate is refused, whoever signed
// it), a statement of type kImageSignaturePredicate, a subject with the digest and the annotations.
Result<VerifiedBundle> VerifyBundleWithKey(std::string_view bundle, const Digest& image,
                                           const KeyPolicy& policy);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_VERIFY_H_
