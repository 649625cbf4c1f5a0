// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_API_ENDORSER_H_
#define OCISHIP_API_ENDORSER_H_

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "cosign/endorser.h"
#include "crypto/key.h"
#include "http/transport.h"
#include "ociship/core.h"
#include "ociship/sign.h"
#include "services/fulcio.h"
#include "services/identity_token.h"
#include "services/service_call.h"
#include "services/signing_plan.h"
#include "services/vouchers.h"
#include "sigstore/trust_root.h"

// Joins the services to cosign: who signs, and whose words go beside the signature.
namespace ociship::api {

// Tokens of a function of the caller's. All are of one identity, which is the first one's: that was
// announced, and nobody signs as somebody else in the middle of a command.
class ProvidedTokens : public services::TokenSource {
 public:
  ProvidedTokens(TokenProvider provider, std::string audience, Clock& clock)
      : provider_(std::move(provider)), audience_(std::move(audience)), clock_(clock) {}
  Result<services::IdentityToken> Get() override;

 private:
  TokenProvider provider_;
  std::string audience_;
  Clock& clock_;
  std::optional<services::IdentityToken> current_;
  std::chrono::seconds least_life_{0};  // of current_
};

// What an endorser works with. All of it is handed in, so that tests can do so too.
struct Workshop {
  services::SigningPlan plan;
  sigstore::TrustRoot root;
  sigstore::Threshold certificate_logs;
  std::unique_ptr<http::Transport> transport;
  Effects effects;
  std::chrono::milliseconds patience;
};

// Signs with a key, or with certificates, and asks services for their words. Safe to use from
// several threads at once, which share one certificate.
class ServiceEndorser : public cosign::Endorser {
 public:
  ServiceEndorser(Workshop workshop, crypto::PrivateKey key);
  ServiceEndorser(Workshop workshop, TokenProvider tokens, std::string audience);

  // Gets a token, where there is to be one.
  Status Prepare();
  // Gets a certificate, where there is to be one.
  Status Certify();
  Publication publication(SignatureFormats formats) const;
  const services::SigningPlan& plan() const { return workshop_.plan; }

  Result<cosign::Expectation> Expect(cosign::Carrier carrier) override;
  Result<sigstore::Material> EndorseEnvelope(sigstore::Envelope envelope) override;
  Result<sigstore::Material> EndorseMessage(const sigstore::Artifact& artifact,
                                            cosign::Carrier carrier) override;

 private:
  // A key, and the certificate where there is one.
  struct Credential {
    crypto::PrivateKey key;
    std::optional<crypto::Certificate> certificate;
  };
  // After a pause that a service may want, and with life enough for one signature.
  Result<Credential> Ready();
  // The certificate; what once could not be had is not asked for again by others who wait.
  Result<services::SigningCertificate> Certificate();
  // Who signs: the key, or the identity of the first certificate, which all others share.
  Result<sigstore::Policy> SignerPolicy();
  Result<sigstore::SignerMaterial> SignerOf(const Credential& credential,
                                            cosign::Carrier carrier) const;
  Result<sigstore::Material> Vouched(sigstore::Material material,
                                     const sigstore::Artifact& artifact,
                                     const Credential& credential, cosign::Carrier carrier);
  const services::VoucherPlan& PlanFor(cosign::Carrier carrier) const;

  Workshop workshop_;
  services::ServiceCaller caller_;
  std::optional<crypto::PrivateKey> key_;
  std::optional<ProvidedTokens> tokens_;
  std::optional<services::CertificateSource> certificates_;
  std::optional<services::IdentityToken> prepared_;
  std::optional<sigstore::CertificateSigner> identity_;
  std::optional<Error> refused_;
  mutable std::mutex mutex_;  // of everything from tokens_ on
};

}  // namespace ociship::api

#endif  // OCISHIP_API_ENDORSER_H_
