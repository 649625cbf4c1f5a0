// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_VERIFY_H_
#define OCISHIP_VERIFY_H_

// Verify: whether an image was signed by who should have signed it.
//
// A verdict is a Result: a Verification exists only for an image that has at least one signature
// for which everything that the policy demands was shown. Everything else is an Error, and its code
// tells absence from refusal and both from ignorance:
//   kNoSignature   nobody signed this image
//   kNoMatch       there are signatures, and none is what the policy demands; also one that was
//                  moved here from another image
//   kUnknown       signatures may exist that could not be read
//   kUnauthorized, kRateLimited, kUnavailable   nothing could be found out at all
//
// EXAMPLE
//   Result<VerifyPolicy> policy = VerifyPolicy::WithKey(pem);
//   Result<Verification> verified = VerifyImage(*store, image, policy.value());
//   if (!verified.ok()) return Refuse(verified.error());
//   Deploy(verified.value().digest());   // by digest: a tag may have moved meanwhile

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/sign.h"
#include "ociship/store.h"

namespace ociship {

// What a signature must be. With a key the key is the policy: no entry in a transparency log is
// demanded. Immutable; safe to share between threads.
class VerifyPolicy {
 public:
  // PEM "PUBLIC KEY". Each of `annotations` must be signed with exactly this value. kBadInput for a
  // key that cannot be used.
  static Result<VerifyPolicy> WithKey(std::string_view public_pem,
                                      std::map<std::string, std::string> annotations = {});

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit VerifyPolicy(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// One signature for which everything was shown.
struct VerifiedSignature {
  SignatureFormats format = SignatureFormats::kBundle;  // kBundle or kLegacy
  Digest manifest;                                      // that carries it
  std::string identity;  // docker-reference of a legacy payload: a claim that nobody checks
  std::string type;      // type of the payload, or predicate type of the statement
  std::map<std::string, std::string> annotations;  // that were signed
  bool has_unchecked_log_entries = false;          // there, and not looked at
  // One line of JSON as cosign prints it: {"critical":...,"optional":...}.
  std::string payload;
};

// Proof that an image is signed: only VerifyImage makes one.
class Verification {
 public:
  const Digest& digest() const { return digest_; }
  const std::vector<VerifiedSignature>& signatures() const { return signatures_; }  // at least one
  // Sentences on what could not be read besides; the verdict stands without it.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  friend Result<Verification> VerifyImage(Store&, const Digest&, const VerifyPolicy&);
  Verification(Digest digest, std::vector<VerifiedSignature> signatures,
               std::vector<std::string> notes)
      : digest_(std::move(digest)), signatures_(std::move(signatures)), notes_(std::move(notes)) {}

  Digest digest_;
  std::vector<VerifiedSignature> signatures_;
  std::vector<std::string> notes_;
};

// Gathers the signatures of `image` from `store`, then judges them without any further access.
Result<Verification> VerifyImage(Store& store, const Digest& image, const VerifyPolicy& policy);

}  // namespace ociship

#endif  // OCISHIP_VERIFY_H_
