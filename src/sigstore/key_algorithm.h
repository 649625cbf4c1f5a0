// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_KEY_ALGORITHM_H_
#define OCISHIP_SIGSTORE_KEY_ALGORITHM_H_

#include <array>
#include <cstddef>
#include <string_view>

#include "crypto/hash.h"
#include "crypto/key.h"

namespace ociship::sigstore {

// What Rekor v2 calls the algorithm of a key, and the hash that goes with it
// (algorithm-registry.md; sigstore_common.proto, PublicKeyDetails).
struct KeyAlgorithm {
  crypto::KeyType type = crypto::KeyType::kEcdsaP256;
  std::string_view details = {};
  crypto::HashAlgorithm hash = crypto::HashAlgorithm::kSha256;
  // Of RSA: so long are the modulus and each signature (RFC 8017 section 8.2.1). 0 for the others.
  std::size_t modulus_bytes = 0;
};
inline constexpr std::array<KeyAlgorithm, 7> kKeyAlgorithms = {{
    {crypto::KeyType::kEcdsaP256, "PKIX_ECDSA_P256_SHA_256", crypto::HashAlgorithm::kSha256, 0},
    {crypto::KeyType::kEcdsaP384, "PKIX_ECDSA_P384_SHA_384", crypto::HashAlgorithm::kSha384, 0},
    {crypto::KeyType::kEcdsaP521, "PKIX_ECDSA_P521_SHA_512", crypto::HashAlgorithm::kSha512, 0},
    {crypto::KeyType::kRsa, "PKIX_RSA_PKCS1V15_2048_SHA256", crypto::HashAlgorithm::kSha256, 256},
    {crypto::KeyType::kRsa, "PKIX_RSA_PKCS1V15_3072_SHA256", crypto::HashAlgorithm::kSha256, 384},
    {crypto::KeyType::kRsa, "PKIX_RSA_PKCS1V15_4096_SHA256", crypto::HashAlgorithm::kSha256, 512},
    {crypto::KeyType::kEd25519, "PKIX_ED25519_PH", crypto::HashAlgorithm::kSha512, 0},
}};

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_KEY_ALGORITHM_H_
