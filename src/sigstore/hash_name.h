// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_HASH_NAME_H_
#define OCISHIP_SIGSTORE_HASH_NAME_H_

#include <array>
#include <optional>
#include <string_view>

#include "crypto/hash.h"

namespace ociship::sigstore {

// What a hash is called in Rekor v1 and in-toto statements, and in protobuf messages
// (sigstore_common.proto, HashAlgorithm).
struct HashName {
  std::string_view plain;
  std::string_view proto;
  crypto::HashAlgorithm algorithm;
};
inline constexpr std::array<HashName, 3> kHashNames = {{
    {"sha256", "SHA2_256", crypto::HashAlgorithm::kSha256},
    {"sha384", "SHA2_384", crypto::HashAlgorithm::kSha384},
    {"sha512", "SHA2_512", crypto::HashAlgorithm::kSha512},
}};

// The names of a hash.
const HashName& NamesOf(crypto::HashAlgorithm algorithm);

// nullopt for other names.
std::optional<crypto::HashAlgorithm> HashOfPlainName(std::string_view name);
std::optional<crypto::HashAlgorithm> HashOfProtoName(std::string_view name);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_HASH_NAME_H_
