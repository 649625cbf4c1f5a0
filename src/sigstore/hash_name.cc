// SPDX-License-Identifier: Apache-2.0
// Names of hashes. Covered by tests/sigstore/entry_body_test.cc and bundle_test.cc.
#include "sigstore/hash_name.h"

namespace ociship::sigstore {
namespace {

std::optional<crypto::HashAlgorithm> Find(std::string_view HashName::*name, std::string_view text) {
  for (const HashName& known : kHashNames) {
    if (known.*name == text) return known.algorithm;
  }
  return std::nullopt;
}

}  // namespace

const HashName& NamesOf(crypto::HashAlgorithm algorithm) {
  for (const HashName& known : kHashNames) {
    if (known.algorithm == algorithm) return known;
  }
  return kHashNames.front();
}

std::optional<crypto::HashAlgorithm> HashOfPlainName(std::string_view name) {
  return Find(&HashName::plain, name);
}

std::optional<crypto::HashAlgorithm> HashOfProtoName(std::string_view name) {
  return Find(&HashName::proto, name);
}

}  // namespace ociship::sigstore
