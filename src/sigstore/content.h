// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_CONTENT_H_
#define OCISHIP_SIGSTORE_CONTENT_H_

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "crypto/hash.h"
#include "crypto/key.h"
#include "crypto/sign.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "sigstore/bundle.h"
#include "sigstore/dsse.h"
#include "util/bytes.h"

namespace ociship::sigstore {

// What somebody has and wants to know the signer of: the bytes, or only hashes of them.
class Artifact {
 public:
  // The bytes stay the caller's, and there as long as the Artifact.
  static Artifact OfBytes(ByteView bytes);
  static Artifact OfDigest(const Digest& digest);
  // Of all three algorithms, computed by the caller while the bytes passed; with the bytes, as
  // above, where they were kept.
  static Artifact OfHashes(util::Bytes sha256, util::Bytes sha384, util::Bytes sha512,
                           std::optional<ByteView> bytes = std::nullopt);

  // nullopt for a hash that is not known.
  const std::optional<util::Bytes>& Hash(crypto::HashAlgorithm algorithm) const;
  // nullopt where only hashes are known.
  const std::optional<ByteView>& bytes() const { return bytes_; }

 private:
  Artifact() = default;
  std::array<std::optional<util::Bytes>, 3> hashes_;
  std::optional<ByteView> bytes_;
};

// Proof that a key signed the pre-authentication encoding of this in-toto payload.
class VerifiedEnvelope {
 public:
  const std::string& payload() const { return payload_; }
  const crypto::PublicKey& key() const { return signature_.key(); }

 private:
  friend Result<VerifiedEnvelope> VerifyEnvelope(const Envelope&, const crypto::PublicKey&);
  VerifiedEnvelope(std::string payload, crypto::VerifiedSignature signature)
      : payload_(std::move(payload)), signature_(std::move(signature)) {}

  std::string payload_;
  crypto::VerifiedSignature signature_;
};

// Verifies the signature of an envelope. The payload type must be kInTotoPayloadType (DSSE v1.0.2,
// protocol.md: a verifier rejects types that it does not expect). kNoMatch: payload-type,
// signature.
Result<VerifiedEnvelope> VerifyEnvelope(const Envelope& envelope, const crypto::PublicKey& key);

// Proof that a key signed this artifact.
class VerifiedMessage {
 public:
  const crypto::PublicKey& key() const { return signature_.key(); }

 private:
  friend Result<VerifiedMessage> VerifyMessageSignature(const MessageSignature&, const Artifact&,
                                                        const crypto::PublicKey&);
  explicit VerifiedMessage(crypto::VerifiedSignature signature)
      : signature_(std::move(signature)) {}

  crypto::VerifiedSignature signature_;
};

// Verifies the signature of an artifact: ECDSA and RSA with the default hash of the key, then P-384
// and P-521 with SHA-256, which older clients used with every key; Ed25519 prehashed (Ed25519ph),
// then pure, for both of which the bytes are needed. kNoMatch: digest-mismatch, signature,
// signature-algorithm when the artifact is known by hashes that the key does not sign.
Result<VerifiedMessage> VerifyMessageSignature(const MessageSignature& message,
                                               const Artifact& artifact,
                                               const crypto::PublicKey& key);

// The same for bytes and a signature that come without a bundle.
Result<VerifiedMessage> VerifyBytes(const crypto::PublicKey& key, ByteView message,
                                    util::Bytes signature);

// kNoMatch (digest-mismatch) when a bundle says itself that it signs another artifact. A bundle
// that says nothing, or an artifact of which that hash is not known, passes: it is a hint.
Status CheckDigestHint(const MessageSignature& message, const Artifact& artifact);

// The hash of the bytes that the signature covers: of the artifact, or of an envelope's
// pre-authentication encoding. nullopt when it is not known.
std::optional<util::Bytes> HashOfSignedBytes(const SignedContent& content, const Artifact& artifact,
                                             crypto::HashAlgorithm algorithm);

// The signature itself, which log entries and timestamps are about.
const util::Bytes& SignatureOf(const SignedContent& content);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_CONTENT_H_
