// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TUF_METADATA_H_
#define OCISHIP_TUF_METADATA_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "ociship/digest.h"
#include "tuf/keys.h"
#include "util/json.h"

// What stands in "signed" of the four kinds of metadata (specification section 4). To parse one
// says nothing about who wrote it: verify.h does. All refusals are kTrustMaterial with tuf-format.
namespace ociship::tuf {

inline constexpr std::size_t kMaxRoles = 4096;       // that one document names
inline constexpr std::size_t kMaxTargets = 100'000;  // of one role
inline constexpr std::size_t kMaxPatterns = 4096;    // of one delegation
inline constexpr std::size_t kMaxNameBytes = 1024;   // of a role, a target or a pattern
// Of a document: what every reader of JSON holds exactly, and far from where adding one overflows.
inline constexpr std::int64_t kMaxVersion = std::int64_t{1} << 53;

// The names of the top-level roles.
inline constexpr std::string_view kRootRole = "root";
inline constexpr std::string_view kTimestampRole = "timestamp";
inline constexpr std::string_view kSnapshotRole = "snapshot";
inline constexpr std::string_view kTargetsRole = "targets";

// What all four have (section 4.3).
struct Common {
  std::int64_t version = 0;  // from 1 to kMaxVersion
  std::chrono::sys_seconds expires;
};

// How a file is known: all that is listed must hold.
struct Fingerprint {
  std::optional<std::uint64_t> length;
  std::vector<Digest> digests;
  // Whether hashes were listed at all, maybe of unknown algorithms only, which nothing can match.
  enum class Hashes { kNone, kListed } hashes = Hashes::kNone;

  // tuf-length, tuf-hash. `what` names the file.
  Status Check(std::string_view bytes, std::string_view what) const;
};

// A file of metadata as a timestamp or snapshot names it (METAFILES of section 4.4).
struct MetaFile {
  std::int64_t version = 0;  // from 1 to kMaxVersion
  Fingerprint fingerprint;
};

struct Root {
  static constexpr std::string_view kType = kRootRole;
  static Result<Root> Parse(const util::Json& body);

  Common common;
  enum class Snapshots { kPlain, kConsistent } snapshots = Snapshots::kPlain;
  KeyRing keys;
  RoleKeys root, timestamp, snapshot, targets;
};

struct Timestamp {
  static constexpr std::string_view kType = kTimestampRole;
  static Result<Timestamp> Parse(const util::Json& body);

  Common common;
  MetaFile snapshot;
};

struct Snapshot {
  static constexpr std::string_view kType = kSnapshotRole;
  static Result<Snapshot> Parse(const util::Json& body);

  Common common;
  std::map<std::string, MetaFile, std::less<>> files;  // "targets.json" and those of other roles
};

// A target file (TARGETS of section 4.5).
struct TargetFile {
  std::uint64_t length = 0;
  Fingerprint fingerprint;  // with the same length
};

// Whom a role trusts with which targets (section 4.5, "delegations").
struct Delegation {
  std::string name;
  RoleKeys keys;
  enum class Search { kGoesOn, kTerminates } search = Search::kGoesOn;
  // One of the two has entries, if any.
  std::vector<std::string> paths;
  std::vector<std::string> hash_prefixes;

  enum class Match { kYes, kNo };
  // Whether the role is trusted with a target of this path.
  Match Matches(std::string_view path) const;
};

struct Targets {
  static constexpr std::string_view kType = kTargetsRole;
  static Result<Targets> Parse(const util::Json& body);

  Common common;
  std::map<std::string, TargetFile, std::less<>> targets;
  KeyRing delegated_keys;
  std::vector<Delegation> delegations;  // in the order of their priority
};

}  // namespace ociship::tuf

#endif  // OCISHIP_TUF_METADATA_H_
