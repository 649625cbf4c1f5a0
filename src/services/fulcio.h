// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_FULCIO_H_
#define OCISHIP_SERVICES_FULCIO_H_

#include <chrono>
#include <optional>
#include <utility>

#include "crypto/certificate.h"
#include "crypto/key.h"
#include "crypto/sct.h"
#include "ociship/core.h"
#include "services/identity_token.h"
#include "services/service_call.h"
#include "sigstore/policy.h"
#include "sigstore/signing_config.h"
#include "sigstore/trust_root.h"

namespace ociship::services {

// What a certificate must have left to be used, but never more than a third of its whole life.
inline constexpr std::chrono::seconds kLeastLife{60};
// By so much our clock may be behind that of the certificate authority.
inline constexpr std::chrono::seconds kClockSlack{60};

// What Fulcio answered, as it was read: nothing in it is verified.
struct FulcioAnswer {
  crypto::Certificate leaf;
  // Beside the certificate, where it is not in it.
  std::optional<crypto::Sct> detached_sct = {};
};

// Asks for a certificate of `key` with a proof of possession (Fulcio, fulcio.proto,
// CreateSigningCertificate). kUnauthorized when the token is refused (400 to 403), else as
// ServiceCaller::Send.
Result<FulcioAnswer> RequestCertificate(ServiceCaller& caller, const sigstore::Service& fulcio,
                                        const IdentityToken& token, const crypto::PrivateKey& key);

// A key that lives as long as the program, and the certificate that says whose it is. Proof that
// the certificate was checked: only CertificateSource makes one.
class SigningCertificate {
 public:
  const crypto::PrivateKey& key() const { return key_; }
  const crypto::Certificate& leaf() const { return leaf_; }

 private:
  friend class CertificateSource;
  SigningCertificate(crypto::PrivateKey key, crypto::Certificate leaf)
      : key_(std::move(key)), leaf_(std::move(leaf)) {}
  crypto::PrivateKey key_;
  crypto::Certificate leaf_;
};

// One certificate for everything that a command signs. Used by one thread at a time. What is passed
// by reference lives longer.
class CertificateSource {
 public:
  // `certificate_logs` says how many certificate logs of `root` must have seen a certificate.
  CertificateSource(ServiceCaller& caller, TokenSource& tokens, sigstore::ServiceChoice fulcio,
                    sigstore::TrustRoot root, sigstore::Threshold certificate_logs, Clock& clock)
      : caller_(caller),
        tokens_(tokens),
        fulcio_(std::move(fulcio)),
        root_(std::move(root)),
        certificate_logs_(certificate_logs),
        clock_(clock) {}

  // The certificate in hand, or a new one with a new key where that has less than kLeastLife left.
  // A new one is used only if it is of our key, of the token's identity (its email, or the
  // workflow that it names; for all others any one subject), of its issuer or the one that this
  // stands for, verifies to the trusted root with its SCTs, all of which it carries, and is valid
  // by our clock, or will be within kClockSlack. kSigningService otherwise, with the reason of what
  // was wrong; errors of the token source as they are. Another Fulcio is tried where none can be
  // had of one; not where the token was refused, or the answer is a lie.
  Result<SigningCertificate> Get();

 private:
  Result<SigningCertificate> Renew();
  Result<SigningCertificate> Ask(const sigstore::Service& fulcio, const IdentityToken& token,
                                 const crypto::PrivateKey& key);

  ServiceCaller& caller_;
  TokenSource& tokens_;
  sigstore::ServiceChoice fulcio_;
  sigstore::TrustRoot root_;
  sigstore::Threshold certificate_logs_;
  Clock& clock_;
  std::optional<SigningCertificate> current_;
};

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_FULCIO_H_
