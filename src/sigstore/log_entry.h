// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_LOG_ENTRY_H_
#define OCISHIP_SIGSTORE_LOG_ENTRY_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ociship/core.h"
#include "util/bytes.h"
#include "util/json.h"

namespace ociship::sigstore {

inline constexpr std::size_t kMaxProofHashes = 64;  // a tree has at most 2^63 leaves
inline constexpr std::size_t kMaxCheckpointBytes = 64 << 10;
inline constexpr std::size_t kMaxEntryBodyBytes = 4 << 20;

// The way from a leaf to the root of a log's tree (RFC 9162 section 2.1.3).
struct InclusionProof {
  std::uint64_t index;
  std::uint64_t tree_size;
  util::Bytes root;  // 32 bytes
  std::vector<util::Bytes> hashes;
  std::string checkpoint;  // a signed note
};

// An entry of a transparency log as a bundle carries it (sigstore_rekor.proto,
// TransparencyLogEntry). Well-formed, and nothing more.
struct LogEntry {
  std::uint64_t index;  // in the log as a whole
  util::Bytes log_id;   // 32 bytes
  std::string kind;     // "hashedrekord"
  std::string version;  // "0.0.1"
  // When the log says that it took the entry. Of no weight without a verified promise.
  std::optional<std::chrono::sys_seconds> integrated_time;
  std::optional<util::Bytes> promise;  // the log's signature over all of this
  std::optional<InclusionProof> proof;
  std::string body;  // the exact bytes that the log keeps
};

// Reads one element of "tlogEntries". kBadInput.
Result<LogEntry> ParseLogEntry(const util::Json& json);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_LOG_ENTRY_H_
