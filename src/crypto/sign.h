// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_SIGN_H_
#define OCISHIP_CRYPTO_SIGN_H_

#include "crypto/key.h"
#include "ociship/core.h"
#include "util/bytes.h"

namespace ociship::crypto {

// Signs `message` as cosign does with this type of key: ECDSA (the signature is ASN.1 DER) and RSA
// (PKCS#1 v1.5) over the default hash, Ed25519 pure.
Result<util::Bytes> Sign(const PrivateKey& key, ByteView message);

// Proof that `signature` over `message` was made with the key: only Verify makes one.
class VerifiedSignature {
 public:
  const PublicKey& key() const { return key_; }

 private:
  friend Result<VerifiedSignature> Verify(const PublicKey&, ByteView, ByteView, HashAlgorithm);
  explicit VerifiedSignature(PublicKey key) : key_(std::move(key)) {}
  PublicKey key_;
};

// Verifies with ECDSA or RSA over `hash`, or with pure Ed25519, for which `hash` is not used.
// kNoMatch when the signature is not of this key over this message, whatever the reason.
Result<VerifiedSignature> Verify(const PublicKey& key, ByteView message, ByteView signature,
                                 HashAlgorithm hash);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_SIGN_H_
