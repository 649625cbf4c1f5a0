// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_KEYS_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_KEYS_H_

#include <memory>
#include <string>
#include <string_view>

#include "deployment/der.h"

namespace ociship::deployment {

enum class KeyType { kP256, kP384, kRsa2048, kEd25519, kRsa1024 };
enum class HashType { kSha1, kSha256, kSha384, kSha512 };

Bytes Hash(HashType type, ByteView bytes);
Bytes Sha256(ByteView bytes);

// A private key that comes from its label alone, and signs the same bytes with the same signature
// each time, so that whatever is minted is the same in each run. Of no use for anything but tests.
class Key {
 public:
  static Key Of(KeyType type, std::string_view label);
  // The public half of somebody's P-256 key, which cannot sign.
  static Key OfPublicP256(ByteView spki);

  KeyType type() const { return type_; }
  // The hash that belongs to the key: SHA-384 for P-384, SHA-256 for the others.
  HashType hash() const;
  // SubjectPublicKeyInfo, DER and PEM.
  const Bytes& spki() const { return spki_; }
  std::string Pem() const;
  // The content of the key's BIT STRING; of an Ed25519 key its 32 bytes.
  const Bytes& raw() const { return raw_; }
  // ECDSA with the hash of the key, DER; RSA PKCS#1 v1.5; pure Ed25519.
  // Another `salt` gives another signature where the algorithm has more than one.
  Bytes Sign(ByteView message, std::string_view salt = "") const;
  // The AlgorithmIdentifier of such signatures.
  Bytes SignatureAlgorithm() const;

  // Used inside keys.cc alone.
  struct Secret;

 private:
  Key(KeyType type, std::string_view label);
  explicit Key(KeyType type) : type_(type) {}

  KeyType type_;
  std::shared_ptr<const Secret> secret_;
  Bytes raw_;
  Bytes spki_;
};

// One PEM block.
std::string Pem(std::string_view name, ByteView der);

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_KEYS_H_
