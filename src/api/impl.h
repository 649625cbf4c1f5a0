// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_API_IMPL_H_
#define OCISHIP_API_IMPL_H_

#include "crypto/key.h"
#include "ociship/sign.h"
#include "ociship/verify.h"
#include "sigstore/policy.h"
#include "sigstore/trust_root.h"
#include "sigstore/verify.h"

namespace ociship {

// What stands behind the public types.
struct SigningKey::Impl {
  crypto::PrivateKey key;
};

struct VerifyPolicy::Impl {
  sigstore::Policy policy;
};

struct TrustRoot::Impl {
  sigstore::TrustRoot root;
};

struct Blob::Impl {
  std::string kept;  // what `artifact` has a view of, if the Blob read it itself
  std::optional<sigstore::Artifact> artifact;
};

// The public words for what was shown, and the judge's for what was handed in.
Evidence EvidenceOf(const sigstore::VerifiedMaterial& material);
Result<sigstore::Circumstances> CircumstancesOf(const VerifyCircumstances& given);

// The policy that a key's own signatures meet.
Result<VerifyPolicy> PolicyOf(const SigningKey& key);

}  // namespace ociship

#endif  // OCISHIP_API_IMPL_H_
