// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_TUF_DRAFT_H_
#define OCISHIP_SERVICES_TUF_DRAFT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ociship/core.h"
#include "services/tuf_cache.h"
#include "services/tuf_shelf.h"

namespace ociship::services {

// Whether what is in a cache descends from a root, so that it counts.
enum class Lineage { kSame, kOther };

// What a cache will have, in memory: nothing is on the disk before somebody applies the changes. A
// run begins at a root that is trusted whatever is in the cache, and walks from there over the
// roots that are kept, each signed by the one before it.
class TufDraft : public TufShelf {
 public:
  // nullptr: there is no cache. It must live longer.
  explicit TufDraft(const TufCache* cache) : cache_(cache) {}

  // To be called first, once. Afterwards root() is the newest one that descends from `trusted`. An
  // empty `trusted` means the root of the cache, which must be there. Timestamp and snapshot are
  // forgotten when their keys were rotated since they were verified (section 5.3.11). When the
  // cache does not descend from it, it is as if there was none. kTrustMaterial for a root that did
  // not sign itself, or a cache that others may write to.
  Result<Lineage> BeginWith(std::string trusted);
  const std::string& root() const { return root_; }

  // To be done to the cache.
  const TufChanges& changes() const { return changes_; }
  void WriteState(std::string text) { changes_.files[TufCache::StateFile()] = std::move(text); }

  Result<std::optional<std::string>> Read(std::string_view role,
                                          std::size_t max_bytes) const override;
  // A root must be the one that follows root().
  Status Write(std::string_view role, std::string_view bytes) override;
  Status Remove(std::string_view role) override;
  Result<std::optional<std::string>> ReadTarget(std::string_view path,
                                                std::size_t max_bytes) const override;
  Status WriteTarget(std::string_view path, std::string_view bytes) override;

 private:
  struct Walk;
  Result<std::optional<std::string>> KeptRoot(std::int64_t version) const;
  Result<Walk> WalkFrom(std::string trusted) const;
  Result<Lineage> LineageOf(const Walk& walk) const;
  void KeepRoot(std::int64_t version, std::string bytes);
  Status BeginAnew(const Walk& walk);
  Status GoOn(const Walk& walk);
  // Whether what is in the cache, if it has this file at all, was written here already.
  const std::optional<std::string>* Changed(const std::string& file) const;

  const TufCache* cache_;
  std::int64_t version_ = 0;  // of root_
  std::string root_;
  TufChanges changes_;
};

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_TUF_DRAFT_H_
