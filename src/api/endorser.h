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

// Tokens of a function of the caller's.
class ProvidedTokens : public services::TokenSource {
 public:
  ProvidedTokens(TokenProvider provider, Clock& clock)
      : provider_(std::move(provider)), clock_(clock) {}
  Result<services::IdentityToken> Get() override;

 private:
  TokenProvider provider_;
  Clock& clock_;
  std::optional<services::IdentityToken> current_;
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
  ServiceEndorser(Workshop workshop, TokenProvider tokens);

  // Gets a token, where there is to be one.
  Status Prepare();
  // Gets a certificate, where there is to be one.
  Status Certify();
  Publication publication() const;
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
  std::mutex mutex_;  // of tokens_, certificates_ and prepared_
};

}  // namespace ociship::api

#endif  // OCISHIP_API_ENDORSER_H_
