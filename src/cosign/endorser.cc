// SPDX-License-Identifier: Apache-2.0
// Signatures in the form of bundles, and the check that every new one passes. Covered by
// tests/cosign/endorser_test.cc.
#include "cosign/endorser.h"

#include <string>
#include <utility>

#include "crypto/hash.h"
#include "sigstore/bundle_writer.h"
#include "sigstore/dsse.h"
#include "sigstore/hash_name.h"
#include "util/try.h"

namespace ociship::cosign {
namespace {

Error SignedBadly() {
  return Error(Code::kFailure,
               "the signer made a signature that does not verify with its own public key");
}

Error OtherHash() {
  return Error(Code::kUsage, "the key signs another hash than the one that is known");
}

Result<util::Bytes> SignArtifact(Signer& signer, const sigstore::Artifact& artifact,
                                 crypto::HashAlgorithm algorithm) {
  if (artifact.bytes()) return signer.Sign(*artifact.bytes());
  const std::optional<util::Bytes>& hash = artifact.Hash(algorithm);
  if (!hash) return OtherHash();
  return signer.SignHash(*hash);
}

}  // namespace

Status SignEnvelope(Signer& signer, sigstore::Envelope& envelope) {
  const std::string message = sigstore::PreAuthEncoding(envelope.payload_type, envelope.payload);
  envelope.signature = TRY(signer.Sign(util::AsBytes(message)));
  if (!sigstore::VerifyEnvelope(envelope, signer.public_key()).ok()) return SignedBadly();
  return Ok();
}

Result<sigstore::MessageSignature> SignMessage(Signer& signer, const sigstore::Artifact& artifact) {
  const crypto::PublicKey key = signer.public_key();
  const crypto::HashAlgorithm algorithm = crypto::DefaultHash(key.type());
  const std::optional<util::Bytes>& hash = artifact.Hash(algorithm);
  if (!hash) return OtherHash();
  sigstore::MessageSignature message{
      .digest_algorithm = std::string(sigstore::NamesOf(algorithm).proto),
      .digest = *hash,
      .signature = {}};
  message.signature = TRY(SignArtifact(signer, artifact, algorithm));
  if (!sigstore::VerifyMessageSignature(message, artifact, key).ok()) return SignedBadly();
  return message;
}

Result<Expectation> KeyEndorser::Expect(Carrier) {
  const std::lock_guard lock(mutex_);
  return Expectation{.policy = sigstore::KeyAlone(signer_.public_key())};
}

Result<sigstore::Material> KeyEndorser::EndorseEnvelope(sigstore::Envelope envelope) {
  const std::lock_guard lock(mutex_);
  TRY(SignEnvelope(signer_, envelope));
  return sigstore::Material{.signer = sigstore::HintOf(signer_.public_key()),
                            .content = std::move(envelope),
                            .log_entries = {},
                            .timestamps = {}};
}

Result<sigstore::Material> KeyEndorser::EndorseMessage(const sigstore::Artifact& artifact,
                                                       Carrier) {
  const std::lock_guard lock(mutex_);
  sigstore::MessageSignature message = TRY(SignMessage(signer_, artifact));
  return sigstore::Material{.signer = sigstore::HintOf(signer_.public_key()),
                            .content = std::move(message),
                            .log_entries = {},
                            .timestamps = {}};
}

}  // namespace ociship::cosign
