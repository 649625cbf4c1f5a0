// SPDX-License-Identifier: Apache-2.0
// Signatures with the words of Sigstore's services beside them. Tested by endorser_test.cc.
#include "api/endorser.h"

#include <algorithm>

#include "crypto/chain.h"
#include "sigstore/bundle_writer.h"
#include "sigstore/identity.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::api {
namespace {

// A token with less life would end before it is used.
constexpr std::chrono::seconds kLeastTokenLife{30};

sigstore::Threshold Needed(const sigstore::ServiceChoice& choice, sigstore::Threshold otherwise) {
  return choice.needed > 0 ? sigstore::Threshold::Require(1) : otherwise;
}

// Each once.
void AddUrls(const sigstore::ServiceChoice& choice, std::vector<std::string>& urls) {
  for (const sigstore::Service& service : choice.candidates) {
    if (std::ranges::find(urls, service.url) == urls.end()) urls.push_back(service.url);
  }
}

// Exactly the identity of a certificate.
Result<sigstore::CertificateSigner> SameIdentity(const crypto::Certificate& certificate,
                                                 sigstore::Threshold certificate_logs) {
  const sigstore::CertificateIdentity identity = TRY(sigstore::ReadIdentity(certificate));
  sigstore::TextPattern subject = TRY(sigstore::TextPattern::Exact(identity.subject));
  sigstore::TextPattern issuer = TRY(sigstore::TextPattern::Exact(identity.issuer));
  sigstore::IdentityRule rule{.subject = {std::move(subject)}, .issuer = {std::move(issuer)}};
  return sigstore::CertificateSigner{.any_of = {std::move(rule)},
                                     .certificate_logs = certificate_logs};
}

// The certificate and, for verifiers that look there, those above it: the trusted root's own.
sigstore::CertificateChain ChainOf(const crypto::Certificate& leaf,
                                   const sigstore::TrustRoot& root) {
  sigstore::CertificateChain chain{{leaf.der()}};
  for (const sigstore::CertificateAuthority& authority : root.certificate_authorities()) {
    const auto verified = crypto::VerifyChain(leaf, authority.intermediates, authority.anchor,
                                              crypto::Purpose::kCodeSigning, leaf.not_before());
    if (!verified.ok()) continue;
    for (const crypto::Certificate& above : authority.intermediates) {
      chain.ders.push_back(above.der());
    }
    chain.ders.push_back(authority.anchor.der());
    break;
  }
  return chain;
}

}  // namespace

Result<services::IdentityToken> ProvidedTokens::Get() {
  if (current_ && clock_.Now() + least_life_ < current_->expires()) return *current_;
  const std::string text = TRY(provider_());
  services::IdentityToken token = TRY(services::IdentityToken::Parse(text, audience_));
  const std::chrono::seconds life = token.expires() - clock_.Now();
  if (life <= std::chrono::seconds(0)) {
    return Error(Code::kUnauthorized, "the identity token has expired: get a new one");
  }
  if (current_ && (token.subject() != current_->subject() || token.issuer() != current_->issuer() ||
                   token.workflow() != current_->workflow())) {
    return Error(Code::kUnauthorized,
                 util::StrCat("the next identity token is of ", util::Quoted(token.subject()),
                              ", the first one was of ", util::Quoted(current_->subject())));
  }
  // One that was short when it came is not worth less for it.
  least_life_ = std::min<std::chrono::seconds>(kLeastTokenLife, life / 3);
  current_ = token;
  return token;
}

ServiceEndorser::ServiceEndorser(Workshop workshop, crypto::PrivateKey key)
    : workshop_(std::move(workshop)),
      caller_(*workshop_.transport, workshop_.effects, workshop_.patience),
      key_(std::move(key)) {}

ServiceEndorser::ServiceEndorser(Workshop workshop, TokenProvider tokens, std::string audience)
    : workshop_(std::move(workshop)),
      caller_(*workshop_.transport, workshop_.effects, workshop_.patience) {
  tokens_.emplace(std::move(tokens), std::move(audience), workshop_.effects.clock);
  certificates_.emplace(caller_, *tokens_, workshop_.plan.certificate_authorities, workshop_.root,
                        workshop_.certificate_logs, workshop_.effects.clock);
}

Status ServiceEndorser::Prepare() {
  const std::lock_guard lock(mutex_);
  if (tokens_) prepared_ = TRY(tokens_->Get());
  return Ok();
}

Status ServiceEndorser::Certify() {
  const std::lock_guard lock(mutex_);
  if (certificates_) TRY(Certificate());
  return Ok();
}

Publication ServiceEndorser::publication(SignatureFormats formats) const {
  const services::SigningPlan& plan = workshop_.plan;
  Publication publication;
  if (formats != SignatureFormats::kLegacy) AddUrls(plan.bundle.logs, publication.logs);
  if (formats != SignatureFormats::kBundle) AddUrls(plan.legacy.logs, publication.logs);
  AddUrls(plan.certificate_authorities, publication.certificate_authorities);
  const std::lock_guard lock(mutex_);
  if (!prepared_) return publication;
  publication.identity =
      prepared_->workflow().empty() ? prepared_->subject() : prepared_->workflow();
  publication.issuer =
      prepared_->connector().empty() ? prepared_->issuer() : prepared_->connector();
  return publication;
}

const services::VoucherPlan& ServiceEndorser::PlanFor(cosign::Carrier carrier) const {
  return carrier == cosign::Carrier::kBundle ? workshop_.plan.bundle : workshop_.plan.legacy;
}

Result<ServiceEndorser::Credential> ServiceEndorser::Ready() {
  TRY(caller_.AwaitTurn());
  if (key_) return Credential{.key = *key_, .certificate = std::nullopt};
  const std::lock_guard lock(mutex_);
  const services::SigningCertificate certificate = TRY(Certificate());
  return Credential{.key = certificate.key(), .certificate = certificate.leaf()};
}

Result<services::SigningCertificate> ServiceEndorser::Certificate() {
  if (refused_) return *refused_;
  Result<services::SigningCertificate> certificate = certificates_->Get();
  if (!certificate.ok()) {
    refused_ = certificate.error();
    return certificate;
  }
  if (!identity_) {
    identity_ = TRY(SameIdentity(certificate.value().leaf(), workshop_.certificate_logs));
  }
  return certificate;
}

Result<sigstore::Policy> ServiceEndorser::SignerPolicy() {
  if (key_) return sigstore::KeyAlone(key_->public_key());
  const std::lock_guard lock(mutex_);
  if (!identity_) TRY(Certificate());
  return sigstore::Policy{.signer = *identity_};
}

Result<cosign::Expectation> ServiceEndorser::Expect(cosign::Carrier carrier) {
  const services::VoucherPlan& plan = PlanFor(carrier);
  sigstore::Policy policy = TRY(SignerPolicy());
  policy.log_entries = Needed(plan.logs, sigstore::Threshold::Ignore());
  policy.timestamps = Needed(plan.timestamp_authorities, sigstore::Threshold::Accept());
  return cosign::Expectation{
      .policy = std::move(policy),
      .circumstances = {.root = workshop_.root, .now = workshop_.effects.clock.Now()}};
}

Result<sigstore::SignerMaterial> ServiceEndorser::SignerOf(const Credential& credential,
                                                           cosign::Carrier carrier) const {
  if (!credential.certificate) {
    return sigstore::SignerMaterial(sigstore::HintOf(credential.key.public_key()));
  }
  if (carrier == cosign::Carrier::kBundle) {
    return sigstore::SignerMaterial(sigstore::LeafCertificate{credential.certificate->der()});
  }
  return sigstore::SignerMaterial(ChainOf(*credential.certificate, workshop_.root));
}

Result<sigstore::Material> ServiceEndorser::Vouched(sigstore::Material material,
                                                    const sigstore::Artifact& artifact,
                                                    const Credential& credential,
                                                    cosign::Carrier carrier) {
  material.signer = TRY(SignerOf(credential, carrier));
  const sigstore::ClaimedSigner signer{.key = credential.key.public_key(),
                                       .certificate = credential.certificate};
  services::Vouched words = TRY(services::AskVouchers(
      caller_, PlanFor(carrier), {.material = material, .artifact = artifact, .signer = signer},
      workshop_.root));
  material.log_entries = std::move(words.log_entries);
  material.timestamps = std::move(words.timestamps);
  return material;
}

Result<sigstore::Material> ServiceEndorser::EndorseEnvelope(sigstore::Envelope envelope) {
  const Credential credential = TRY(Ready());
  cosign::KeySigner signer(credential.key);
  TRY(cosign::SignEnvelope(signer, envelope));
  // An envelope is its own artifact: nothing of it is looked up by this.
  const auto artifact = sigstore::Artifact::OfBytes({});
  return Vouched({.signer = sigstore::KeyHint{},
                  .content = std::move(envelope),
                  .log_entries = {},
                  .timestamps = {}},
                 artifact, credential, cosign::Carrier::kBundle);
}

Result<sigstore::Material> ServiceEndorser::EndorseMessage(const sigstore::Artifact& artifact,
                                                           cosign::Carrier carrier) {
  const Credential credential = TRY(Ready());
  cosign::KeySigner signer(credential.key);
  sigstore::MessageSignature message = TRY(cosign::SignMessage(signer, artifact));
  return Vouched({.signer = sigstore::KeyHint{},
                  .content = std::move(message),
                  .log_entries = {},
                  .timestamps = {}},
                 artifact, credential, carrier);
}

}  // namespace ociship::api
