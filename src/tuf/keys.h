// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TUF_KEYS_H_
#define OCISHIP_TUF_KEYS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/key.h"
#include "ociship/core.h"
#include "util/json.h"

namespace ociship::tuf {

// Caps of one document.
inline constexpr std::size_t kMaxKeys = 1024;
inline constexpr std::size_t kMaxSignatures = 1024;

// One entry of "signatures" (specification section 4.2.1).
struct Signature {
  std::string key_id;
  std::string hex;  // as it was written; roots of Sigstore have empty ones
};

// The array of them. tuf-format also for a key ID that stands twice: "The keyid MUST be unique in
// the 'signatures' array".
Result<std::vector<Signature>> ParseSignatures(const util::Json& array);

// Who signs for a role: "keyids" and "threshold" (section 4.3).
struct RoleKeys {
  std::vector<std::string> key_ids;
  std::int64_t threshold = 0;  // at least 1; may be more than there are keys
};

Result<RoleKeys> ParseRoleKeys(const util::Json& role);

// The object "keys" of a root or of delegations (section 4.2.2): ecdsa-sha2-nistp256 and 384 as PEM
// or as a point in hexadecimal, ed25519, rsassa-pss-sha256. A key of another type or scheme, or one
// that can not be read, is kept as one that nothing verifies with: who can do without it does.
class KeyRing {
 public:
  static Result<KeyRing> Parse(const util::Json& keys);

  // Section 5.1: "a threshold of keys" of `role` signed `message`. A key that is listed under
  // several IDs counts once. tuf-threshold otherwise, with `what` as the name of what was signed.
  Status CheckThreshold(const RoleKeys& role, const std::vector<Signature>& signatures,
                        std::string_view message, std::string_view what) const;

  // The keys of a role that can be used, each as its DER, sorted and without repetition.
  std::set<std::string> UsableKeys(const RoleKeys& role) const;

 private:
  enum class Scheme { kEcdsaSha256, kEcdsaSha384, kEd25519, kRsaPssSha256 };
  struct Key {
    crypto::PublicKey key;
    Scheme scheme;
  };
  static std::optional<Scheme> SchemeOf(std::string_view key_type, std::string_view scheme);
  static Result<crypto::PublicKey> ReadKey(Scheme scheme, const std::string& text);
  static Status CheckSignature(const Key& key, std::string_view message, std::string_view hex);

  // Every key ID of the document; nullopt for a key that can not be used.
  std::map<std::string, std::optional<Key>, std::less<>> keys_;
};

}  // namespace ociship::tuf

#endif  // OCISHIP_TUF_KEYS_H_
