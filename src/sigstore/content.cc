// SPDX-License-Identifier: Apache-2.0
// Signatures over what a bundle carries: DSSE v1.0.2 protocol.md, sigstore_common.proto
// MessageSignature, algorithm-registry.md. Covered by tests/sigstore/verify_test.cc.
#include "sigstore/content.h"

#include <algorithm>
#include <vector>

#include "sigstore/hash_name.h"
#include "sigstore/reason.h"
#include "util/encoding.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

using crypto::HashAlgorithm;
using crypto::KeyType;

std::size_t IndexOf(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return 0;
    case HashAlgorithm::kSha384:
      return 1;
    case HashAlgorithm::kSha512:
      return 2;
  }
  std::abort();
}

// The hashes that a signature with this key may be over (algorithm-registry.md; SHA-256 with the
// larger curves is what clients did before that registry).
std::vector<HashAlgorithm> HashesOf(KeyType type) {
  const HashAlgorithm usual = crypto::DefaultHash(type);
  if (type == KeyType::kEcdsaP384 || type == KeyType::kEcdsaP521) {
    return {usual, HashAlgorithm::kSha256};
  }
  return {usual};
}

Error NoMatch() {
  return Refuse(Reason::kSignature, "the signature does not match this key and content");
}

Result<crypto::VerifiedSignature> VerifyEd25519(const crypto::PublicKey& key,
                                                const std::optional<ByteView>& bytes,
                                                const util::Bytes& signature) {
  if (!bytes) {
    return Refuse(Reason::kSignatureAlgorithm,
                  "a signature with an Ed25519 key can not be verified by digest: the content "
                  "itself is needed");
  }
  Result<crypto::VerifiedSignature> prehashed = crypto::VerifyEd25519ph(key, *bytes, signature);
  if (prehashed.ok()) return prehashed;
  Result<crypto::VerifiedSignature> pure =
      crypto::Verify(key, *bytes, signature, HashAlgorithm::kSha512);
  if (pure.ok()) return pure;
  return NoMatch();
}

}  // namespace

Artifact Artifact::OfBytes(ByteView bytes) {
  return OfHashes(crypto::HashBytes(HashAlgorithm::kSha256, bytes),
                  crypto::HashBytes(HashAlgorithm::kSha384, bytes),
                  crypto::HashBytes(HashAlgorithm::kSha512, bytes), bytes);
}

Artifact Artifact::OfDigest(const Digest& digest) {
  Artifact artifact;
  Result<util::Bytes> hash = util::HexDecode(digest.hex());
  artifact.hashes_[IndexOf(crypto::AlgorithmOf(digest))] = std::move(hash).value();
  return artifact;
}

Artifact Artifact::OfHashes(util::Bytes sha256, util::Bytes sha384, util::Bytes sha512,
                            std::optional<ByteView> bytes) {
  Artifact artifact;
  artifact.bytes_ = bytes;
  artifact.hashes_ = {std::move(sha256), std::move(sha384), std::move(sha512)};
  return artifact;
}

const std::optional<util::Bytes>& Artifact::Hash(HashAlgorithm algorithm) const {
  return hashes_[IndexOf(algorithm)];
}

Result<VerifiedEnvelope> VerifyEnvelope(const Envelope& envelope, const crypto::PublicKey& key) {
  if (envelope.payload_type != kInTotoPayloadType) {
    return Refuse(Reason::kPayloadType,
                  util::StrCat("the envelope holds ", util::Quoted(envelope.payload_type), ", not ",
                               util::Quoted(kInTotoPayloadType)));
  }
  // "Verify signature against PAE(UTF8(payloadType), SERIALIZED_BODY)": the decoded bytes, which
  // are used from here on and never made anew.
  const std::string message = PreAuthEncoding(envelope.payload_type, envelope.payload);
  const ByteView bytes = util::AsBytes(message);
  if (key.type() == KeyType::kEd25519) {
    crypto::VerifiedSignature signature =
        TRY(VerifyEd25519(key, std::optional<ByteView>(bytes), envelope.signature));
    return VerifiedEnvelope(envelope.payload, std::move(signature));
  }
  for (const HashAlgorithm hash : HashesOf(key.type())) {
    Result<crypto::VerifiedSignature> verified =
        crypto::Verify(key, bytes, envelope.signature, hash);
    if (verified.ok()) return VerifiedEnvelope(envelope.payload, std::move(verified).value());
  }
  return NoMatch();
}

Status CheckDigestHint(const MessageSignature& message, const Artifact& artifact) {
  const std::optional<HashAlgorithm> algorithm = HashOfProtoName(message.digest_algorithm);
  if (!algorithm) {
    if (message.digest_algorithm.empty()) return Ok();
    return Refuse(Reason::kSignatureAlgorithm,
                  util::StrCat("the digest algorithm ", util::Quoted(message.digest_algorithm),
                               " is not supported"));
  }
  const std::optional<util::Bytes>& known = artifact.Hash(*algorithm);
  if (known && *known != message.digest) {
    return Refuse(Reason::kDigestMismatch,
                  util::StrCat("the bundle signs other content, with the ",
                               message.digest_algorithm, " ", util::HexEncode(message.digest)));
  }
  return Ok();
}

Result<VerifiedMessage> VerifyMessageSignature(const MessageSignature& message,
                                               const Artifact& artifact,
                                               const crypto::PublicKey& key) {
  TRY(CheckDigestHint(message, artifact));
  if (key.type() == KeyType::kEd25519) {
    crypto::VerifiedSignature signature =
        TRY(VerifyEd25519(key, artifact.bytes(), message.signature));
    return VerifiedMessage(std::move(signature));
  }
  bool any_hash = false;
  for (const HashAlgorithm hash : HashesOf(key.type())) {
    const std::optional<util::Bytes>& value = artifact.Hash(hash);
    if (!value) continue;
    any_hash = true;
    Result<crypto::VerifiedSignature> verified =
        crypto::VerifyPrehashed(key, *value, hash, message.signature);
    if (verified.ok()) return VerifiedMessage(std::move(verified).value());
  }
  if (any_hash) return NoMatch();
  return Refuse(Reason::kSignatureAlgorithm,
                "this key signs another kind of digest than the one that was given: the content "
                "itself is needed");
}

Result<VerifiedMessage> VerifyBytes(const crypto::PublicKey& key, ByteView message,
                                    util::Bytes signature) {
  return VerifyMessageSignature({.signature = std::move(signature)}, Artifact::OfBytes(message),
                                key);
}

std::optional<util::Bytes> HashOfSignedBytes(const SignedContent& content, const Artifact& artifact,
                                             HashAlgorithm algorithm) {
  const auto* envelope = std::get_if<Envelope>(&content);
  if (envelope == nullptr) return artifact.Hash(algorithm);
  const std::string message = PreAuthEncoding(envelope->payload_type, envelope->payload);
  return crypto::HashBytes(algorithm, util::AsBytes(message));
}

const util::Bytes& SignatureOf(const SignedContent& content) {
  const auto* envelope = std::get_if<Envelope>(&content);
  if (envelope != nullptr) return envelope->signature;
  return std::get<MessageSignature>(content).signature;
}

}  // namespace ociship::sigstore
