// SPDX-License-Identifier: Apache-2.0
// Who signs, through the public interface (ociship/sign.h). Tested by endorser_test.cc and
// sign_verify_test.cc.
#include "api/signer.h"

#include <utility>

#include "api/trust.h"
#include "cosign/signer.h"
#include "crypto/random.h"
#include "sigstore/signing_config.h"
#include "util/try.h"

namespace ociship {
namespace {

std::uint64_t RandomSeed() {
  std::uint64_t seed = 0;
  for (const std::uint8_t byte : crypto::RandomBytes(sizeof seed)) seed = seed << 8 | byte;
  return seed;
}

sigstore::ServiceGroup OneService(const std::string& url, std::int64_t version) {
  return {.services = {{.url = url, .api_version = version}},
          .selector = sigstore::ServiceSelector{}};
}

// The signing config, with the services that are named by their URLs.
Result<sigstore::SigningConfig> ConfigOf(const SigningServices& services) {
  sigstore::SigningConfig::Parts parts;
  if (!services.signing_config.empty()) {
    const sigstore::SigningConfig config =
        TRY(sigstore::SigningConfig::Parse(services.signing_config));
    parts = {.certificate_authorities = config.certificate_authorities(),
             .identity_providers = config.identity_providers(),
             .logs = config.logs(),
             .timestamp_authorities = config.timestamp_authorities()};
  }
  if (!services.certificate_authority_url.empty()) {
    parts.certificate_authorities = {{.url = services.certificate_authority_url}};
  }
  if (!services.log_url.empty()) parts.logs = OneService(services.log_url, services.log_version);
  if (!services.timestamp_authority_url.empty()) {
    parts.timestamp_authorities = OneService(services.timestamp_authority_url, 1);
  }
  return sigstore::SigningConfig(std::move(parts));
}

Result<api::Workshop> NewWorkshop(const SigningServices& services, services::SignerKind signer,
                                  const Effects& effects) {
  const sigstore::SigningConfig config = TRY(ConfigOf(services));
  const bool logging = services.logging == SigningServices::Logging::kWanted;
  services::SigningPlan plan = TRY(services::PlanSigning(
      config, signer, logging ? services::Logging::kWanted : services::Logging::kNone,
      effects.clock.Now(), RandomSeed()));
  const bool seen = services.certificate_logs == SigningServices::CertificateLogs::kDemanded;
  return api::Workshop{
      .plan = std::move(plan),
      .root = services.root.impl().root,
      .certificate_logs = seen ? sigstore::Threshold::Require(1) : sigstore::Threshold::Ignore(),
      .transport = MakeTransport(services.tls),
      .effects = effects,
      .patience = services.patience};
}

std::shared_ptr<Signer::Impl> MakeImpl(std::unique_ptr<api::ServiceEndorser> endorser,
                                       std::optional<SigningKey> key) {
  auto impl = std::make_shared<Signer::Impl>();
  impl->services = endorser.get();
  impl->endorser = std::move(endorser);
  impl->key = std::move(key);
  return impl;
}

}  // namespace

Signer::Signer(const SigningKey& key) : impl_(std::make_shared<Impl>()) {
  impl_->raw = std::make_unique<cosign::KeySigner>(key.impl().key);
  impl_->endorser = std::make_unique<cosign::KeyEndorser>(*impl_->raw);
  impl_->key = key;
}

Result<Signer> Signer::WithKey(const SigningKey& key, const SigningServices& services,
                               const Effects& effects) {
  api::Workshop workshop = TRY(NewWorkshop(services, services::SignerKind::kKey, effects));
  return Signer(
      MakeImpl(std::make_unique<api::ServiceEndorser>(std::move(workshop), key.impl().key), key));
}

Result<Signer> Signer::Keyless(TokenProvider tokens, const SigningServices& services,
                               const Effects& effects) {
  api::Workshop workshop = TRY(NewWorkshop(services, services::SignerKind::kCertificate, effects));
  return Signer(MakeImpl(std::make_unique<api::ServiceEndorser>(
                             std::move(workshop), std::move(tokens), services.audience),
                         std::nullopt));
}

Status Signer::Prepare() const {
  return impl_->services == nullptr ? Ok() : impl_->services->Prepare();
}

Status Signer::Certify() const {
  return impl_->services == nullptr ? Ok() : impl_->services->Certify();
}

Publication Signer::publication(SignatureFormats formats) const {
  return impl_->services == nullptr ? Publication() : impl_->services->publication(formats);
}

Result<SignatureFormats> Signer::Formats(SignatureFormats wanted) const {
  using Legacy = services::SigningPlan::Legacy;
  const bool possible =
      impl_->services == nullptr || impl_->services->plan().legacy_format == Legacy::kPossible;
  if (wanted == SignatureFormats::kAuto) {
    return possible ? SignatureFormats::kBoth : SignatureFormats::kBundle;
  }
  if (possible || wanted == SignatureFormats::kBundle) return wanted;
  return Error(Code::kUsage,
               "the legacy format needs an entry in a log of Rekor v1, and there is none to ask: "
               "sign in the bundle format alone, or with --no-tlog");
}

}  // namespace ociship
