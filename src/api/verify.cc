// SPDX-License-Identifier: Apache-2.0
// Verification through the public interface (ociship/verify.h). Judges what a Store has.
// Tested by sign_verify_test.cc.
#include "cosign/verify.h"

#include <utility>

#include "api/impl.h"
#include "util/try.h"

namespace ociship {
namespace {

VerifiedSignature Describe(const cosign::VerifiedSignature& signature,
                           const Repository& repository) {
  const bool bundle = signature.format() == cosign::Format::kBundle;
  return {.format = bundle ? SignatureFormat::kBundle : SignatureFormat::kLegacy,
          .manifest = signature.manifest(),
          .claimed_name = signature.claimed_name().value_or(""),
          .type = bundle ? signature.predicate_type() : std::string(cosign::kSimpleSigningType),
          .annotations = signature.annotations(),
          .evidence = EvidenceOf(signature.material()),
          .payload = signature.PayloadJson(repository.text())};
}

}  // namespace

Result<Verification> VerifyImage(Store& store, const Digest& image, const VerifyPolicy& policy,
                                 const VerifyCircumstances& circumstances) {
  const cosign::Circumstances given = TRY(CircumstancesOf(circumstances));
  cosign::Verification verified =
      TRY(cosign::VerifyImage(store, image, policy.impl().policy, given));
  std::vector<VerifiedSignature> signatures;
  for (const cosign::VerifiedSignature& signature : verified.signatures) {
    signatures.push_back(Describe(signature, store.repository()));
  }
  return Verification(image, std::move(signatures), std::move(verified.notes));
}

}  // namespace ociship
