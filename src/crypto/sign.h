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

// The same for a message of which only the hash value is there: ECDSA and RSA, as
// VerifyPrehashed verifies it. kUsage for Ed25519, which cannot sign so, and for a hash value that
// has not the length of `hash`.
Result<util::Bytes> SignPrehashed(const PrivateKey& key, ByteView hash_value, HashAlgorithm hash);

// Signs with Ed25519ph (RFC 8032 section 5.1) and the empty context, which hashes the message with
// SHA-512 by itself. kUsage when the key is not Ed25519.
Result<util::Bytes> SignEd25519ph(const PrivateKey& key, ByteView message);

// Proof that `signature` over `message` was made with the key: only the functions
// below make one.
class VerifiedSignature {
 public:
  const PublicKey& key() const { return key_; }

 private:
  friend Result<VerifiedSignature> Verify(const PublicKey&, ByteView, ByteView, HashAlgorithm);
  friend Result<VerifiedSignature> VerifyPrehashed(const PublicKey&, ByteView, HashAlgorithm,
                                                   ByteView);
  friend Result<VerifiedSignature> VerifyPss(const PublicKey&, ByteView, ByteView, HashAlgorithm);
  friend Result<VerifiedSignature> VerifyEd25519ph(const PublicKey&, ByteView, ByteView);
  explicit VerifiedSignature(PublicKey key) : key_(std::move(key)) {}
  PublicKey key_;
};

// Verifies with ECDSA or RSA over `hash`, or with pure Ed25519, for which `hash` is not used.
// kNoMatch when the signature is not of this key over this message, whatever the reason.
Result<VerifiedSignature> Verify(const PublicKey& key, ByteView message, ByteView signature,
                                 HashAlgorithm hash);

// The same for a message of which only the hash value is there. kUsage for Ed25519, which cannot be
// verified so, and for a hash value that has not the length of `hash`.
Result<VerifiedSignature> VerifyPrehashed(const PublicKey& key, ByteView hash_value,
                                          HashAlgorithm hash, ByteView signature);

// Verifies with RSASSA-PSS (RFC 8017 section 8.1.2): MGF1 with the same hash, salt of any length.
// kNoMatch otherwise, also when the key is not RSA.
Result<VerifiedSignature> VerifyPss(const PublicKey& key, ByteView message, ByteView signature,
                                    HashAlgorithm hash);

// Verifies with Ed25519ph (RFC 8032 section 5.1) and the empty context, which hashes the message
// with SHA-512 by itself. kNoMatch otherwise, also when the key is not Ed25519; a pure Ed25519
// signature never matches.
Result<VerifiedSignature> VerifyEd25519ph(const PublicKey& key, ByteView message,
                                          ByteView signature);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_SIGN_H_
