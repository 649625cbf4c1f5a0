// SPDX-License-Identifier: Apache-2.0
// Keys, signatures and thresholds of TUF metadata (sections 4.2 and 5.1). Tested by keys_test.cc.
#include "tuf/keys.h"

#include <algorithm>
#include <set>
#include <utility>

#include "crypto/sign.h"
#include "tuf/refusal.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::tuf {
namespace {

using util::Json;
using util::StrCat;

Error BadFormat(const Error& why) { return Refuse(reason::kFormat, why.message()); }

// A member that must be a string, with the refusal of this room.
Result<std::string> Text(const Json& object, std::string_view key) {
  Result<std::string> text = object.String(key);
  if (!text.ok()) return BadFormat(text.error());
  return text;
}

}  // namespace

Result<std::vector<Signature>> ParseSignatures(const Json& array) {
  if (array.elements().size() > kMaxSignatures) {
    return Refuse(reason::kFormat, StrCat("more than ", kMaxSignatures, " signatures"));
  }
  std::vector<Signature> signatures;
  std::set<std::string> seen;
  for (const Json& element : array.elements()) {
    std::string key_id = TRY(Text(element, "keyid"));
    std::string hex = TRY(Text(element, "sig"));
    if (!seen.insert(key_id).second) {
      return Refuse(reason::kFormat, StrCat("two signatures of the key ", util::Quoted(key_id)));
    }
    signatures.push_back({.key_id = std::move(key_id), .hex = std::move(hex)});
  }
  return signatures;
}

Result<RoleKeys> ParseRoleKeys(const Json& role) {
  const Result<const Json*> ids = role.Array("keyids");
  if (!ids.ok()) return BadFormat(ids.error());
  const Result<std::int64_t> threshold = role.Integer("threshold");
  if (!threshold.ok()) return BadFormat(threshold.error());
  // Section 4.3: THRESHOLD is the number of keys that are needed; none would trust everybody.
  if (threshold.value() < 1) {
    return Refuse(reason::kFormat, StrCat("the threshold ", threshold.value(), " is less than 1"));
  }
  RoleKeys keys{.threshold = threshold.value()};
  std::set<std::string_view> seen;
  for (const Json& id : ids.value()->elements()) {
    Result<std::string> text = id.AsString("keyids");
    if (!text.ok()) return BadFormat(text.error());
    if (!seen.insert(id.text()).second) {
      return Refuse(reason::kFormat,
                    StrCat("a role lists the key ", util::Quoted(id.text()), " twice"));
    }
    if (seen.size() > kMaxKeys) {
      return Refuse(reason::kFormat, StrCat("a role lists more than ", kMaxKeys, " keys"));
    }
    keys.key_ids.push_back(std::move(text).value());
  }
  return keys;
}

// Section 4.2.2, "keytype" and "scheme". Sigstore's first roots name the scheme as key type too.
std::optional<KeyRing::Scheme> KeyRing::SchemeOf(std::string_view key_type,
                                                 std::string_view scheme) {
  const bool ecdsa = key_type == "ecdsa" || key_type == scheme;
  if (scheme == "ecdsa-sha2-nistp256" && ecdsa) return Scheme::kEcdsaSha256;
  if (scheme == "ecdsa-sha2-nistp384" && ecdsa) return Scheme::kEcdsaSha384;
  if (scheme == "ed25519" && key_type == "ed25519") return Scheme::kEd25519;
  if (scheme == "rsassa-pss-sha256" && key_type == "rsa") return Scheme::kRsaPssSha256;
  return std::nullopt;
}

Result<crypto::PublicKey> KeyRing::ReadKey(Scheme scheme, const std::string& text) {
  const auto of_type = [](Result<crypto::PublicKey> key,
                          crypto::KeyType type) -> Result<crypto::PublicKey> {
    if (!key.ok() || key.value().type() == type) return key;
    return Refuse(reason::kFormat, "the key is not of its scheme");
  };
  if (scheme == Scheme::kRsaPssSha256) {
    return of_type(crypto::PublicKey::FromPem(text), crypto::KeyType::kRsa);
  }
  if (scheme == Scheme::kEd25519) {
    const util::Bytes raw = TRY(util::HexDecode(text));
    return crypto::PublicKey::FromEd25519Raw(raw);
  }
  const auto curve =
      scheme == Scheme::kEcdsaSha256 ? crypto::KeyType::kEcdsaP256 : crypto::KeyType::kEcdsaP384;
  if (text.starts_with("-----BEGIN")) return of_type(crypto::PublicKey::FromPem(text), curve);
  const util::Bytes point = TRY(util::HexDecode(text));
  return of_type(crypto::PublicKey::FromEcPoint(point), curve);
}

Result<KeyRing> KeyRing::Parse(const Json& keys) {
  if (keys.members().size() > kMaxKeys) {
    return Refuse(reason::kFormat, StrCat("more than ", kMaxKeys, " keys"));
  }
  KeyRing ring;
  for (const auto& [id, key] : keys.members()) {
    const std::string key_type = TRY(Text(key, "keytype"));
    const std::string name = TRY(Text(key, "scheme"));
    const Result<const Json*> value = key.Object("keyval");
    if (!value.ok()) return BadFormat(value.error());
    std::optional<Key>& kept = ring.keys_.emplace(id, std::nullopt).first->second;
    const std::optional<Scheme> scheme = SchemeOf(key_type, name);
    if (!scheme) continue;
    const std::string text = TRY(Text(*value.value(), "public"));
    Result<crypto::PublicKey> read = ReadKey(*scheme, text);
    if (read.ok()) kept = Key{.key = std::move(read).value(), .scheme = *scheme};
  }
  return ring;
}

Status KeyRing::CheckSignature(const Key& key, std::string_view message, std::string_view hex) {
  const util::Bytes signature = TRY(util::HexDecode(hex));
  const ByteView bytes = util::AsBytes(message);
  switch (key.scheme) {
    case Scheme::kEcdsaSha256:
    case Scheme::kEd25519:
      TRY(crypto::Verify(key.key, bytes, signature, crypto::HashAlgorithm::kSha256));
      return Ok();
    case Scheme::kEcdsaSha384:
      TRY(crypto::Verify(key.key, bytes, signature, crypto::HashAlgorithm::kSha384));
      return Ok();
    case Scheme::kRsaPssSha256:
      TRY(crypto::VerifyPss(key.key, bytes, signature, crypto::HashAlgorithm::kSha256));
      return Ok();
  }
  return Refuse(reason::kThreshold, "no such scheme");
}

Status KeyRing::CheckThreshold(const RoleKeys& role, const std::vector<Signature>& signatures,
                               std::string_view message, std::string_view what) const {
  std::set<std::string> signers;
  for (const Signature& signature : signatures) {
    // What other keys say does not count, neither for nor against.
    if (std::ranges::find(role.key_ids, signature.key_id) == role.key_ids.end()) continue;
    const auto key = keys_.find(signature.key_id);
    if (key == keys_.end() || !key->second) continue;
    if (!CheckSignature(*key->second, message, signature.hex).ok()) continue;
    // Not the ID but the key itself is counted: CVE-2020-6174, CVE-2020-15093.
    signers.emplace(util::AsText(key->second->key.der()));
  }
  if (std::cmp_greater_equal(signers.size(), role.threshold)) return Ok();
  return Refuse(reason::kThreshold, StrCat(what, " is signed by ", signers.size(), " of the ",
                                           role.threshold, " keys that are needed"));
}

std::set<std::string> KeyRing::UsableKeys(const RoleKeys& role) const {
  std::set<std::string> keys;
  for (const std::string& id : role.key_ids) {
    const auto key = keys_.find(id);
    if (key != keys_.end() && key->second) keys.emplace(util::AsText(key->second->key.der()));
  }
  return keys;
}

}  // namespace ociship::tuf
