// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_KEY_H_
#define OCISHIP_CRYPTO_KEY_H_

#include <memory>
#include <string>
#include <string_view>

#include "crypto/hash.h"
#include "ociship/core.h"
#include "util/bytes.h"

namespace ociship::crypto {

enum class KeyType { kEcdsaP256, kEcdsaP384, kEcdsaP521, kRsa, kEd25519 };

// A public key that signatures are verified with. Immutable; safe to share between threads.
class PublicKey {
 public:
  // PEM "PUBLIC KEY" (PKIX, RFC 5480, RFC 8410) or "RSA PUBLIC KEY" (PKCS#1). kBadInput for
  // everything else, also for RSA under 2048 or over 16384 bits, other curves than P-256, P-384 and
  // P-521, and points that are not on the curve or not uncompressed.
  static Result<PublicKey> FromPem(std::string_view pem);
  // DER SubjectPublicKeyInfo, without bytes behind it, and equal to how it would be written again.
  static Result<PublicKey> FromDer(ByteView der);
  // DER RSAPublicKey (RFC 8017 appendix A.1.1), what is inside "RSA PUBLIC KEY".
  static Result<PublicKey> FromPkcs1Der(ByteView der);
  // The 32 bytes of an Ed25519 key (RFC 8032 section 5.1.5).
  static Result<PublicKey> FromEd25519Raw(ByteView key);
  // An uncompressed point (SEC 1 section 2.3.3: 04, X, Y). Its length says which curve: 65 bytes
  // are P-256, 97 P-384, 133 P-521.
  static Result<PublicKey> FromEcPoint(ByteView point);

  KeyType type() const;
  // DER SubjectPublicKeyInfo: what key ids are the hash of.
  const util::Bytes& der() const;
  std::string Pem() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  friend class PrivateKey;
  explicit PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// A private key in memory, which is cleared when the last copy goes.
class PrivateKey {
 public:
  // A new ECDSA P-256 key.
  static Result<PrivateKey> Generate();
  // DER PKCS#8 (RFC 5958) of a key type above. SEC1, PKCS#1, bytes behind the key and a public half
  // that does not belong to the private one are refused.
  static Result<PrivateKey> FromPkcs8(ByteView der);

  PublicKey public_key() const;
  // DER PKCS#8. The caller keeps it secret and clears it.
  Result<util::Bytes> Pkcs8() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit PrivateKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// The hash that a key type signs with by default: SHA-256 for P-256 and RSA, SHA-384 for P-384,
// SHA-512 for P-521 and Ed25519ph.
HashAlgorithm DefaultHash(KeyType type);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_KEY_H_
