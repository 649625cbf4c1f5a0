// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TUF_STEP_H_
#define OCISHIP_TUF_STEP_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "tuf/metadata.h"
#include "tuf/verify.h"

namespace ociship::tuf {

// The file that a workflow needs next.
struct Need {
  enum class Place { kCache, kRepository } place = Place::kRepository;
  std::string role;
  // In the repository: which version; nullopt: the file has no number in its name.
  std::optional<std::int64_t> version = {};
  // More than that must not be read: a larger file is refused (section 5.3.3 and others).
  std::size_t max_bytes = 0;

  // In the repository: "4.root.json", "timestamp.json"; the name of a role is percent-encoded.
  std::string FileName() const;
};

// What a step changes in the cache, to be done before the next one.
struct Change {
  // Roles whose metadata is not to be believed any longer.
  std::vector<std::string> forget = {};
  // Whether the file that was given is now the metadata of its role, byte for byte as it was.
  enum class Given { kNotKept, kKept } given = Given::kNotKept;
};

// A file that a workflow was given; nullopt: it is not there.
using GivenFile = std::optional<std::string_view>;

// Whether a workflow may ask the repository.
enum class Mode {
  kRefresh,    // looks for what is new
  kCacheOnly,  // judges what is in the cache, which must be complete and unexpired
};

// Below: what the workflows share.

// Section 5.3.10 and others: "The expiration timestamp in the ... metadata file MUST be higher than
// the fixed update start time". tuf-expired.
Status CheckUnexpired(const Common& common, std::chrono::sys_seconds now, std::string_view what);

// Section 5.5.4 and 5.6.4: the version number must be the one that the file which names it has.
// tuf-version.
Status CheckVersion(const Common& common, const MetaFile& promised, std::string_view what);

// The file that `promised` describes, with at most `limit` bytes.
Need FromRepository(std::string role, const MetaFile& promised, const Root& root,
                    std::size_t limit);
Need FromCache(std::string role, std::size_t limit);

// tuf-missing: what metadata names is not there.
Error NotThere(const Need& need);

}  // namespace ociship::tuf

#endif  // OCISHIP_TUF_STEP_H_
