// SPDX-License-Identifier: Apache-2.0
// What the workflows of update.cc and search.cc share. Tested by update_test.cc and search_test.cc.
#include "tuf/step.h"

#include <algorithm>
#include <utility>

#include "tuf/refusal.h"
#include "util/text.h"
#include "util/time.h"
#include "util/url.h"

namespace ociship::tuf {

using util::StrCat;

std::string Need::FileName() const {
  const std::string name = StrCat(util::PercentEncode(role), ".json");
  return version ? StrCat(*version, ".", name) : name;
}

Status CheckUnexpired(const Common& common, std::chrono::sys_seconds now, std::string_view what) {
  if (common.expires > now) return Ok();
  return Refuse(reason::kExpired, StrCat(what, " version ", common.version, " expired at ",
                                         util::FormatRfc3339(common.expires)));
}

Status CheckVersion(const Common& common, const MetaFile& promised, std::string_view what) {
  if (common.version == promised.version) return Ok();
  return Refuse(reason::kVersion, StrCat(what, " is version ", common.version, ", and version ",
                                         promised.version, " was promised"));
}

Need FromRepository(std::string role, const MetaFile& promised, const Root& root,
                    std::size_t limit) {
  Need need{.place = Need::Place::kRepository, .role = std::move(role), .max_bytes = limit};
  if (const auto length = promised.fingerprint.length) {
    need.max_bytes = static_cast<std::size_t>(std::min<std::uint64_t>(*length, limit));
  }
  switch (root.snapshots) {
    case Root::Snapshots::kConsistent:
      need.version = promised.version;
      break;
    case Root::Snapshots::kPlain:
      break;
  }
  return need;
}

Need FromCache(std::string role, std::size_t limit) {
  return {.place = Need::Place::kCache, .role = std::move(role), .max_bytes = limit};
}

Error NotThere(const Need& need) {
  switch (need.place) {
    case Need::Place::kCache:
      return Refuse(reason::kMissing,
                    StrCat("there is no copy of the metadata of ", util::Quoted(need.role)));
    case Need::Place::kRepository:
      break;
  }
  return Refuse(reason::kMissing, StrCat("the repository has no ", util::Quoted(need.FileName())));
}

}  // namespace ociship::tuf
