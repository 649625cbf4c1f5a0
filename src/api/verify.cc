// SPDX-License-Identifier: Apache-2.0
// Verification through the public interface (ociship/verify.h). Tested by sign_verify_test.cc.
#include "cosign/verify.h"

#include <utility>

#include "api/impl.h"
#include "util/try.h"

namespace ociship {
namespace {

VerifiedSignature Describe(const cosign::VerifiedSignature& signature,
                           const Repository& repository) {
  const bool bundle = signature.format() == cosign::Format::kBundle;
  return {.format = bundle ? SignatureFormats::kBundle : SignatureFormats::kLegacy,
          .manifest = signature.manifest(),
          .identity = signature.identity().value_or(""),
          .type = bundle ? signature.predicate_type() : std::string(cosign::kSimpleSigningType),
          .annotations = signature.annotations(),
          .has_unchecked_log_entries = signature.has_unchecked_log_entries(),
          .payload = signature.PayloadJson(repository.text())};
}

}  // namespace

Result<VerifyPolicy> VerifyPolicy::WithKey(std::string_view public_pem,
                                           std::map<std::string, std::string> annotations) {
  const crypto::PublicKey key = TRY(crypto::PublicKey::FromPem(public_pem));
  return VerifyPolicy(std::make_shared<const Impl>(Impl{cosign::KeyPolicy{
      .key = key, .annotations = std::move(annotations), .log = cosign::LogPolicy::kIgnore}}));
}

Result<Verification> VerifyImage(Store& store, const Digest& image, const VerifyPolicy& policy) {
  cosign::Verification verified = TRY(cosign::VerifyImage(store, image, policy.impl().policy));
  std::vector<VerifiedSignature> signatures;
  for (const cosign::VerifiedSignature& signature : verified.signatures) {
    signatures.push_back(Describe(signature, store.repository()));
  }
  return Verification(image, std::move(signatures), std::move(verified.notes));
}

}  // namespace ociship
