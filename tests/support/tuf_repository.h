// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_TUF_REPOSITORY_H_
#define OCISHIP_TESTS_SUPPORT_TUF_REPOSITORY_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/hash.h"
#include "crypto/key.h"
#include "crypto/sign.h"
#include "tuf/canonical_json.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/time.h"
#include "util/url.h"

namespace ociship::testing {

inline constexpr std::chrono::sys_seconds kTufNow{std::chrono::seconds(1'800'000'000)};
inline constexpr std::chrono::hours kTufDay{24};

// Who signs a role, and how new it is.
struct TufRole {
  std::vector<int> keys = {};  // that its delegator lists
  std::int64_t threshold = 1;
  std::int64_t version = 1;
  std::chrono::sys_seconds expires = kTufNow + kTufDay;
  std::optional<std::vector<int>> signers = {};  // who really does; nullopt: the keys
};

struct TufDelegation {
  TufRole role;
  std::vector<std::string> paths = {"*"};
  std::vector<std::string> hash_prefixes = {};  // instead of paths, if there are any
  bool terminating = false;
  std::map<std::string, std::string> targets = {};  // path -> content
  std::vector<std::string> delegations = {};        // names, in order
};

// A TUF repository that is minted in memory: change the fields, then Publish. The fields say also
// what is wrong, so that each attack is one honest repository and one line.
class TufRepository {
 public:
  TufRepository() {
    root.keys = {0};
    timestamp.keys = {1};
    snapshot.keys = {2};
    targets.keys = {3};
  }

  TufRole root, timestamp, snapshot, targets;
  std::map<std::string, std::string> files;  // path -> content
  std::vector<std::string> delegations;      // of targets
  std::map<std::string, TufDelegation> delegated;
  bool consistent = true;
  bool hashes = false;
  // What the metadata says of targets and roles, where it is another than what is there.
  std::map<std::string, std::int64_t> promised_versions;
  std::vector<std::string> unlisted;  // roles that the snapshot leaves out
  // Changes the text of "signed" of a role before it is signed, or a whole file after that.
  std::function<void(std::string_view role, std::string& body)> before_signing;
  std::function<void(std::string_view role, std::string& file)> after_signing;

  // What a server has, by name.
  std::map<std::string, std::string> served;

  // Puts the present state of everything into `served`.
  void Publish() {
    served[Versioned("root", root.version, true)] = RootFile();
    for (const auto& [name, delegation] : delegated) {
      served[Versioned(name, delegation.role.version, consistent)] = DelegatedFile(name);
    }
    served[Versioned("targets", targets.version, consistent)] = TargetsFile();
    served[Versioned("snapshot", snapshot.version, consistent)] = SnapshotFile();
    served["timestamp.json"] = TimestampFile();
    for (const auto& [path, content] : files) ServeTarget(path, content);
    for (const auto& [name, delegation] : delegated) {
      for (const auto& [path, content] : delegation.targets) ServeTarget(path, content);
    }
  }

  std::string RootFile() const {
    util::JsonWriter json;
    Begin(json, "root", root);
    json.Key("consistent_snapshot").Boolean(consistent).Key("keys").BeginObject();
    for (const TufRole* role : {&root, &timestamp, &snapshot, &targets}) AddKeys(json, *role);
    written_.clear();
    json.EndObject().Key("roles").BeginObject();
    AddRole(json.Key("root"), root);
    AddRole(json.Key("timestamp"), timestamp);
    AddRole(json.Key("snapshot"), snapshot);
    AddRole(json.Key("targets"), targets);
    json.EndObject().EndObject();
    return Sign("root", json.text(), root);
  }

  std::string TimestampFile() const {
    util::JsonWriter json;
    Begin(json, "timestamp", timestamp);
    json.Key("meta").BeginObject();
    AddMeta(json, "snapshot", snapshot.version, SnapshotFile());
    json.EndObject().EndObject();
    return Sign("timestamp", json.text(), timestamp);
  }

  std::string SnapshotFile() const {
    util::JsonWriter json;
    Begin(json, "snapshot", snapshot);
    json.Key("meta").BeginObject();
    AddMeta(json, "targets", targets.version, TargetsFile());
    for (const auto& [name, delegation] : delegated) {
      AddMeta(json, name, delegation.role.version, DelegatedFile(name));
    }
    json.EndObject().EndObject();
    return Sign("snapshot", json.text(), snapshot);
  }

  std::string TargetsFile() const {
    return Sign("targets", TargetsBody(targets, files, delegations), targets);
  }

  std::string DelegatedFile(const std::string& name) const {
    const TufDelegation& delegation = delegated.at(name);
    return Sign(name, TargetsBody(delegation.role, delegation.targets, delegation.delegations),
                delegation.role);
  }

  // Where a target is served, below "targets/".
  std::string TargetName(const std::string& path, std::string_view content) const {
    const std::size_t slash = path.rfind('/');
    const std::size_t base = slash == std::string::npos ? 0 : slash + 1;
    if (!consistent) return path;
    const Digest hash = crypto::Sha256(util::AsBytes(content));
    return util::StrCat(path.substr(0, base), hash.hex(), ".", path.substr(base));
  }

  static std::string KeyId(int key) { return util::StrCat("key-", key); }

  // The same keys in every repository of a test program: making them takes time.
  static const crypto::PrivateKey& Key(int number) {
    static std::map<int, crypto::PrivateKey> keys;
    const auto found = keys.find(number);
    if (found != keys.end()) return found->second;
    return keys.emplace(number, crypto::PrivateKey::Generate().value()).first->second;
  }

 private:
  static std::string Versioned(std::string_view role, std::int64_t version, bool numbered) {
    const std::string name = util::StrCat(util::PercentEncode(role), ".json");
    return numbered ? util::StrCat(version, ".", name) : name;
  }

  void ServeTarget(const std::string& path, const std::string& content) {
    served[util::StrCat("targets/", TargetName(path, content))] = content;
  }

  static void Begin(util::JsonWriter& json, std::string_view type, const TufRole& role) {
    json.BeginObject().Key("_type").String(type).Key("spec_version").String("1.0.34");
    json.Key("version").Integer(role.version);
    json.Key("expires").String(util::FormatRfc3339(role.expires));
  }

  void AddKeys(util::JsonWriter& json, const TufRole& role) const {
    for (const int key : role.keys) {
      if (!written_.insert(key).second) continue;
      json.Key(KeyId(key)).BeginObject().Key("keytype").String("ecdsa");
      json.Key("scheme").String("ecdsa-sha2-nistp256").Key("keyval").BeginObject();
      json.Key("public").String(Key(key).public_key().Pem()).EndObject().EndObject();
    }
  }

  static void AddKeyIds(util::JsonWriter& json, const TufRole& role) {
    json.Key("keyids").BeginArray();
    for (const int key : role.keys) json.String(KeyId(key));
    json.EndArray().Key("threshold").Integer(role.threshold);
  }

  static void AddRole(util::JsonWriter& json, const TufRole& role) {
    json.BeginObject();
    AddKeyIds(json, role);
    json.EndObject();
  }

  void AddMeta(util::JsonWriter& json, const std::string& role, std::int64_t version,
               std::string_view file) const {
    if (std::ranges::find(unlisted, role) != unlisted.end()) return;
    const auto promised = promised_versions.find(role);
    json.Key(util::StrCat(role, ".json")).BeginObject().Key("version");
    json.Integer(promised == promised_versions.end() ? version : promised->second);
    if (hashes) AddFingerprint(json, file);
    json.EndObject();
  }

  static void AddFingerprint(util::JsonWriter& json, std::string_view content) {
    json.Key("length").Unsigned(content.size()).Key("hashes").BeginObject();
    json.Key("sha256").String(crypto::Sha256(util::AsBytes(content)).hex()).EndObject();
  }

  std::string TargetsBody(const TufRole& role, const std::map<std::string, std::string>& content,
                          const std::vector<std::string>& names) const {
    util::JsonWriter json;
    Begin(json, "targets", role);
    json.Key("targets").BeginObject();
    for (const auto& [path, text] : content) {
      json.Key(path).BeginObject();
      AddFingerprint(json, text);
      json.EndObject();
    }
    json.EndObject();
    if (!names.empty()) AddDelegations(json, names);
    json.EndObject();
    return json.text();
  }

  void AddDelegations(util::JsonWriter& json, const std::vector<std::string>& names) const {
    json.Key("delegations").BeginObject().Key("keys").BeginObject();
    for (const std::string& name : names) AddKeys(json, delegated.at(name).role);
    written_.clear();
    json.EndObject().Key("roles").BeginArray();
    for (const std::string& name : names) {
      const TufDelegation& delegation = delegated.at(name);
      json.BeginObject().Key("name").String(name);
      AddKeyIds(json, delegation.role);
      json.Key("terminating").Boolean(delegation.terminating);
      const bool hashed = !delegation.hash_prefixes.empty();
      json.Key(hashed ? "path_hash_prefixes" : "paths").BeginArray();
      for (const std::string& pattern : hashed ? delegation.hash_prefixes : delegation.paths) {
        json.String(pattern);
      }
      json.EndArray().EndObject();
    }
    json.EndArray().EndObject();
  }

  // Signatures of one moment are remembered: ECDSA gives another one each time, and with it the
  // file another hash.
  std::string Sign(std::string_view name, std::string body, const TufRole& role) const {
    if (before_signing) before_signing(name, body);
    const util::Json parsed = util::Json::Parse(body).value();
    const std::string canonical = tuf::CanonicalJson(parsed).value();
    util::JsonWriter json;
    json.BeginObject().Key("signatures").BeginArray();
    for (const int key : role.signers.value_or(role.keys)) {
      std::string& signature = signatures_[{key, canonical}];
      if (signature.empty()) {
        signature = util::HexEncode(crypto::Sign(Key(key), util::AsBytes(canonical)).value());
      }
      json.BeginObject().Key("keyid").String(KeyId(key)).Key("sig").String(signature).EndObject();
    }
    json.EndArray().Key("signed").Raw(body).EndObject();
    std::string file = json.text();
    if (after_signing) after_signing(name, file);
    return file;
  }

  mutable std::set<int> written_;
  mutable std::map<std::pair<int, std::string>, std::string> signatures_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_TUF_REPOSITORY_H_
