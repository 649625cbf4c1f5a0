// SPDX-License-Identifier: Apache-2.0
// The contents of TUF metadata as types (sections 4.3 to 4.6). Tested by metadata_test.cc.
#include "tuf/metadata.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "crypto/hash.h"
#include "tuf/refusal.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/time.h"
#include "util/try.h"

namespace ociship::tuf {
namespace {

using util::Json;
using util::Quoted;
using util::StrCat;

Error BadFormat(std::string message) { return Refuse(reason::kFormat, std::move(message)); }

// A Result of util::Json with the refusal of this room.
template <typename T>
Result<T> Wanted(Result<T> result) {
  if (result.ok()) return result;
  return BadFormat(result.error().message());
}

Status CheckName(std::string_view name, std::string_view what) {
  if (name.empty()) return BadFormat(StrCat(what, " has an empty name"));
  if (name.size() > kMaxNameBytes) return BadFormat(StrCat(what, " has a name that is too long"));
  return Ok();
}

Result<std::int64_t> ParseVersion(const Json& object) {
  const std::int64_t version = TRY(Wanted(object.Integer("version")));
  if (version < 1) return BadFormat(StrCat("the version ", version, " is below 1"));
  if (version > kMaxVersion) {
    return BadFormat(StrCat("the version ", version, " is above ", kMaxVersion));
  }
  return version;
}

// Section 4.3: "_type", "spec_version" (of which the first number says what is compatible),
// "version" and "expires".
Result<Common> ParseCommon(const Json& body, std::string_view type) {
  const std::string given = TRY(Wanted(body.String("_type")));
  if (given != type) return BadFormat(StrCat("it is of the type ", Quoted(given)));
  const std::string specification = TRY(Wanted(body.String("spec_version")));
  if (!specification.starts_with("1.")) {
    return BadFormat(StrCat("it is written after version ", Quoted(specification),
                            " of the specification, which is not supported"));
  }
  Common common;
  common.version = TRY(ParseVersion(body));
  const std::string expires = TRY(Wanted(body.String("expires")));
  common.expires = TRY(Wanted(util::ParseRfc3339(expires)));
  return common;
}

// HASHES: algorithm and digest. Unknown algorithms are passed over as long as there is a known one.
Result<std::vector<Digest>> ParseHashes(const Json& hashes) {
  std::vector<Digest> digests;
  for (const auto& [algorithm, value] : hashes.members()) {
    const std::string hex = TRY(Wanted(value.AsString(algorithm)));
    if (algorithm != "sha256" && algorithm != "sha512") continue;
    Digest digest = TRY(Wanted(Digest::Parse(StrCat(algorithm, ":", hex))));
    digests.push_back(std::move(digest));
  }
  return digests;
}

Result<Fingerprint> ParseFingerprint(const Json& file) {
  Fingerprint fingerprint;
  if (file.Find("length") != nullptr) {
    fingerprint.length = TRY(Wanted(file.Unsigned("length")));
  }
  if (file.Find("hashes") != nullptr) {
    const Json* hashes = TRY(Wanted(file.Object("hashes")));
    fingerprint.digests = TRY(ParseHashes(*hashes));
    fingerprint.hashes = Fingerprint::Hashes::kListed;
  }
  return fingerprint;
}

Result<MetaFile> ParseMetaFile(const Json& file) {
  MetaFile meta;
  meta.version = TRY(ParseVersion(file));
  meta.fingerprint = TRY(ParseFingerprint(file));
  return meta;
}

Result<TargetFile> ParseTargetFile(const Json& file) {
  TargetFile target;
  target.length = TRY(Wanted(file.Unsigned("length")));
  TRY(Wanted(file.Object("hashes")));
  target.fingerprint = TRY(ParseFingerprint(file));
  return target;
}

Result<RoleKeys> ParseTopLevelRole(const Json& roles, std::string_view name) {
  const Json* role = TRY(Wanted(roles.Object(name)));
  Result<RoleKeys> keys = ParseRoleKeys(*role);
  if (!keys.ok()) return std::move(keys).error().While(name);
  return keys;
}

Result<std::vector<std::string>> ParsePatterns(const Json& role, std::string_view key) {
  const Json* array = TRY(Wanted(role.Array(key)));
  if (array->elements().size() > kMaxPatterns) {
    return BadFormat(StrCat("more than ", kMaxPatterns, " ", key));
  }
  std::vector<std::string> patterns;
  for (const Json& element : array->elements()) {
    std::string pattern = TRY(Wanted(element.AsString(key)));
    TRY(CheckName(pattern, key));
    patterns.push_back(std::move(pattern));
  }
  return patterns;
}

Result<Delegation> ParseDelegation(const Json& role) {
  Delegation delegation;
  delegation.name = TRY(Wanted(role.String("name")));
  TRY(CheckName(delegation.name, "a delegated role"));
  constexpr std::array kTaken = {kRootRole, kTimestampRole, kSnapshotRole, kTargetsRole};
  if (std::find(kTaken.begin(), kTaken.end(), delegation.name) != kTaken.end()) {
    return BadFormat(StrCat("a delegated role is called ", delegation.name));
  }
  delegation.keys = TRY(ParseRoleKeys(role));
  const Json* terminating = role.Find("terminating");
  if (terminating == nullptr || terminating->kind() != Json::Kind::kBoolean) {
    return BadFormat("\"terminating\" is not true or false");
  }
  if (terminating->is_true()) delegation.search = Delegation::Search::kTerminates;
  const bool has_paths = role.Find("paths") != nullptr;
  if (has_paths == (role.Find("path_hash_prefixes") != nullptr)) {
    return BadFormat(StrCat("the role ", Quoted(delegation.name),
                            " has not one of \"paths\" and \"path_hash_prefixes\""));
  }
  if (has_paths) {
    delegation.paths = TRY(ParsePatterns(role, "paths"));
  } else {
    delegation.hash_prefixes = TRY(ParsePatterns(role, "path_hash_prefixes"));
  }
  return delegation;
}

Status ParseDelegations(const Json& delegations, Targets& targets) {
  const Json* keys = TRY(Wanted(delegations.Object("keys")));
  targets.delegated_keys = TRY(KeyRing::Parse(*keys));
  if (delegations.Find("succinct_roles") != nullptr) {
    return BadFormat("it delegates to hash bins (\"succinct_roles\"), which is not supported");
  }
  const Json* roles = TRY(Wanted(delegations.Array("roles")));
  if (roles->elements().size() > kMaxRoles) {
    return BadFormat(StrCat("more than ", kMaxRoles, " delegated roles"));
  }
  std::set<std::string> seen;
  for (const Json& role : roles->elements()) {
    Delegation delegation = TRY(ParseDelegation(role));
    if (!seen.insert(delegation.name).second) {
      return BadFormat(StrCat("two delegations to ", Quoted(delegation.name)));
    }
    targets.delegations.push_back(std::move(delegation));
  }
  return Ok();
}

// "*" is any number of characters and "?" is one, none of them a '/'. One place to go back to is
// enough, since what an earlier star took can always be left to a later one; so the work is at most
// the product of the two lengths.
Delegation::Match MatchPattern(std::string_view pattern, std::string_view path) {
  std::size_t p = 0;
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_at = 0;
  while (at < path.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_at = at;
    } else if (p < pattern.size() &&
               (pattern[p] == '?' ? path[at] != '/' : pattern[p] == path[at])) {
      ++p;
      ++at;
    } else if (star != std::string_view::npos && path[star_at] != '/') {
      p = star + 1;
      at = ++star_at;
    } else {
      return Delegation::Match::kNo;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size() ? Delegation::Match::kYes : Delegation::Match::kNo;
}

}  // namespace

Status Fingerprint::Check(std::string_view bytes, std::string_view what) const {
  if (length && bytes.size() != *length) {
    return Refuse(reason::kLength,
                  StrCat(what, " has ", bytes.size(), " bytes, and ", *length, " were promised"));
  }
  for (const Digest& digest : digests) {
    if (crypto::DigestLike(digest, util::AsBytes(bytes)) == digest) continue;
    return Refuse(reason::kHash, StrCat(what, " is not what was promised: its ", digest.algorithm(),
                                        " is another"));
  }
  if (digests.empty() && hashes == Hashes::kListed) {
    return Refuse(reason::kHash, StrCat(what, " has no hash of a kind that is supported"));
  }
  return Ok();
}

Result<Root> Root::Parse(const Json& body) {
  Root root;
  root.common = TRY(ParseCommon(body, kType));
  if (const Json* consistent = body.FindNonNull("consistent_snapshot")) {
    if (consistent->kind() != Json::Kind::kBoolean) {
      return BadFormat("\"consistent_snapshot\" is not true or false");
    }
    if (consistent->is_true()) root.snapshots = Snapshots::kConsistent;
  }
  const Json* keys = TRY(Wanted(body.Object("keys")));
  root.keys = TRY(KeyRing::Parse(*keys));
  const Json* roles = TRY(Wanted(body.Object("roles")));
  root.root = TRY(ParseTopLevelRole(*roles, kRootRole));
  root.timestamp = TRY(ParseTopLevelRole(*roles, kTimestampRole));
  root.snapshot = TRY(ParseTopLevelRole(*roles, kSnapshotRole));
  root.targets = TRY(ParseTopLevelRole(*roles, kTargetsRole));
  return root;
}

Result<Timestamp> Timestamp::Parse(const Json& body) {
  Timestamp timestamp;
  timestamp.common = TRY(ParseCommon(body, kType));
  const Json* meta = TRY(Wanted(body.Object("meta")));
  const Json* snapshot = TRY(Wanted(meta->Object("snapshot.json")));
  timestamp.snapshot = TRY(ParseMetaFile(*snapshot));
  return timestamp;
}

Result<Snapshot> Snapshot::Parse(const Json& body) {
  Snapshot snapshot;
  snapshot.common = TRY(ParseCommon(body, kType));
  const Json* meta = TRY(Wanted(body.Object("meta")));
  if (meta->members().size() > kMaxRoles) {
    return BadFormat(StrCat("more than ", kMaxRoles, " files of metadata"));
  }
  for (const auto& [name, file] : meta->members()) {
    MetaFile parsed = TRY(ParseMetaFile(file));
    snapshot.files.emplace(name, std::move(parsed));
  }
  return snapshot;
}

Result<Targets> Targets::Parse(const Json& body) {
  Targets targets;
  targets.common = TRY(ParseCommon(body, kType));
  const Json* files = TRY(Wanted(body.Object("targets")));
  if (files->members().size() > kMaxTargets) {
    return BadFormat(StrCat("more than ", kMaxTargets, " targets"));
  }
  for (const auto& [path, file] : files->members()) {
    TRY(CheckName(path, "a target"));
    TargetFile parsed = TRY(ParseTargetFile(file));
    targets.targets.emplace(path, std::move(parsed));
  }
  if (body.FindNonNull("delegations") != nullptr) {
    const Json* delegations = TRY(Wanted(body.Object("delegations")));
    TRY(ParseDelegations(*delegations, targets));
  }
  return targets;
}

Delegation::Match Delegation::Matches(std::string_view path) const {
  for (const std::string& pattern : paths) {
    if (MatchPattern(pattern, path) == Match::kYes) return Match::kYes;
  }
  if (hash_prefixes.empty()) return Match::kNo;
  // Section 4.5: "the SHA2-256 hash of the target path".
  const Digest hash = crypto::Sha256(util::AsBytes(path));
  for (const std::string& prefix : hash_prefixes) {
    if (hash.hex().starts_with(prefix)) return Match::kYes;
  }
  return Match::kNo;
}

}  // namespace ociship::tuf
