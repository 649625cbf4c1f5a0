// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_COSIGN_SIGNER_H_
#define OCISHIP_COSIGN_SIGNER_H_

#include <utility>

#include "crypto/key.h"
#include "ociship/core.h"
#include "util/bytes.h"

namespace ociship::cosign {

// Something that signs with one key, wherever the key is. Used by one thread at a time.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual crypto::PublicKey public_key() const = 0;
  // The signature over `message`, which the signer hashes as its key type demands: ASN.1 DER for
  // ECDSA, PKCS#1 v1.5 for RSA.
  virtual Result<util::Bytes> Sign(ByteView message) = 0;
  // The same for a message of which only the hash value is there, of the key's default hash. kUsage
  // for Ed25519, which cannot be done so.
  virtual Result<util::Bytes> SignHash(ByteView hash_value) = 0;
};

// A key in memory.
class KeySigner : public Signer {
 public:
  explicit KeySigner(crypto::PrivateKey key) : key_(std::move(key)) {}

  crypto::PublicKey public_key() const override { return key_.public_key(); }
  Result<util::Bytes> Sign(ByteView message) override;
  Result<util::Bytes> SignHash(ByteView hash_value) override;

 private:
  crypto::PrivateKey key_;
};

}  // namespace ociship::cosign

#endif  // OCISHIP_COSIGN_SIGNER_H_
