// SPDX-License-Identifier: Apache-2.0
// Which key a signature is to be verified with. Covered by tests/sigstore/deployment_test.cc.
#include "sigstore/claimed_signer.h"

#include <variant>

#include "sigstore/reason.h"
#include "util/try.h"

namespace ociship::sigstore {

Result<ClaimedSigner> ClaimSigner(const SignerMaterial& material, const Policy& policy) {
  const bool has_key_hint = std::holds_alternative<KeyHint>(material);
  if (const auto* key = std::get_if<KeySigner>(&policy.signer)) {
    if (!has_key_hint) {
      return Refuse(Reason::kSignerKind, "expected key signature, not certificate");
    }
    return ClaimedSigner{.key = key->key, .certificate = std::nullopt};
  }
  if (has_key_hint) {
    return Error(Code::kNoCertificate, "expected certificate, not key signature")
        .Because(Word(Reason::kSignerKind));
  }
  const auto* leaf = std::get_if<LeafCertificate>(&material);
  const util::Bytes& der =
      leaf != nullptr ? leaf->der : std::get<CertificateChain>(material).ders.front();
  Result<crypto::Certificate> certificate = crypto::Certificate::FromDer(der);
  if (!certificate.ok())
    return std::move(certificate).error().Because(crypto::kCertificateMalformed);
  return ClaimedSigner{.key = certificate.value().public_key(), .certificate = certificate.value()};
}

}  // namespace ociship::sigstore
