// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_CLAIMED_SIGNER_H_
#define OCISHIP_SIGSTORE_CLAIMED_SIGNER_H_

#include <optional>

#include "crypto/certificate.h"
#include "crypto/key.h"
#include "ociship/core.h"
#include "sigstore/bundle.h"
#include "sigstore/policy.h"

namespace ociship::sigstore {

// Who is said to have signed: a key of the verifier's own, or the certificate of a bundle. What is
// said of the certificate is not verified yet.
struct ClaimedSigner {
  crypto::PublicKey key;
  std::optional<crypto::Certificate> certificate;
};

// Takes the signer out of the policy or the material, whichever the policy is about. Of a chain the
// first certificate counts; the others are the signer's word and are not looked at. kNoMatch
// or kNoCertificate (signer-kind) when the material has the other kind; kBadInput
// (certificate-malformed).
Result<ClaimedSigner> ClaimSigner(const SignerMaterial& material, const Policy& policy);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_CLAIMED_SIGNER_H_
