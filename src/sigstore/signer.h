// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_SIGNER_H_
#define OCISHIP_SIGSTORE_SIGNER_H_

#include <cstddef>
#include <optional>
#include <utility>

#include "crypto/certificate.h"
#include "crypto/sct.h"
#include "ociship/core.h"
#include "sigstore/claimed_signer.h"
#include "sigstore/policy.h"
#include "sigstore/trust_root.h"
#include "sigstore/trusted_time.h"
#include "util/time.h"

namespace ociship::sigstore {

// Proof that a key could speak for its owner when it signed: of a certificate, that a trusted
// authority issued it, that it was valid at each time, and that certificate logs know it.
class VerifiedSigner {
 public:
  const ClaimedSigner& claimed() const { return claimed_; }
  // How many certificate logs vouch.
  std::size_t certificate_logs() const { return certificate_logs_; }

 private:
  friend Result<VerifiedSigner> VerifySigner(ClaimedSigner, const Policy&,
                                             const std::optional<crypto::Sct>&, const TrustRoot&,
                                             const TrustedTimes&);
  friend Result<VerifiedSigner> VerifyIssued(const crypto::Certificate&, const Threshold&,
                                             const std::optional<crypto::Sct>&, const TrustRoot&,
                                             util::Micros);
  VerifiedSigner(ClaimedSigner claimed, std::size_t certificate_logs)
      : claimed_(std::move(claimed)), certificate_logs_(certificate_logs) {}

  ClaimedSigner claimed_;
  std::size_t certificate_logs_;
};

// Verifies a signer at every one of `times`. `detached` is an SCT that came beside the certificate.
// kNoMatch: time-outside-signer, certificate-*, sct-*.
Result<VerifiedSigner> VerifySigner(ClaimedSigner claimed, const Policy& policy,
                                    const std::optional<crypto::Sct>& detached,
                                    const TrustRoot& root, const TrustedTimes& times);

// The same for somebody who was given a certificate and has not signed anything with it yet, at a
// time of his own. kUsage (policy-silent) when `certificate_logs` says nothing.
Result<VerifiedSigner> VerifyIssued(const crypto::Certificate& certificate,
                                    const Threshold& certificate_logs,
                                    const std::optional<crypto::Sct>& detached,
                                    const TrustRoot& root, util::Micros time);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_SIGNER_H_
