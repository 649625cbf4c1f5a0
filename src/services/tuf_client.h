// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_TUF_CLIENT_H_
#define OCISHIP_SERVICES_TUF_CLIENT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "ociship/core.h"
#include "services/fetch.h"
#include "services/tuf_shelf.h"
#include "tuf/search.h"
#include "tuf/step.h"
#include "tuf/update.h"
#include "util/url.h"

namespace ociship::services {

// The largest target that is downloaded; it is held in memory.
inline constexpr std::size_t kMaxTargetBytes = 32 << 20;

// Where a TUF repository is.
struct TufPlace {
  util::Url metadata;
  util::Url targets;

  // Of a repository as Sigstore lays it out: metadata at `base`, targets in the folder "targets".
  static Result<TufPlace> At(std::string_view base);
};

// A TUF client: the workflows of the room tuf on a shelf and, in Mode::kRefresh, on a repository.
// What a workflow accepts is on the shelf before the next file is asked for; what it refuses never
// is.
// Refusals are kTrustMaterial with a reason of tuf/refusal.h. Not thread-safe.
class TufClient {
 public:
  // Judges what is on the shelf. All that is passed by reference lives longer than the client.
  explicit TufClient(TufShelf& shelf) : shelf_(shelf) {}
  // Asks the repository.
  TufClient(TufShelf& shelf, TufPlace place, Fetcher& fetcher)
      : shelf_(shelf), place_(std::move(place)), fetcher_(&fetcher) {}

  // The top-level metadata, from `root` on, at the time `now`.
  Result<tuf::Refreshed> Refresh(std::string_view root, std::chrono::sys_seconds now);

  // The bytes of a target, of the shelf if they are what the metadata says.
  Result<std::string> Target(const tuf::Refreshed& refreshed, const std::string& path);

 private:
  tuf::Mode mode() const {
    return fetcher_ == nullptr ? tuf::Mode::kCacheOnly : tuf::Mode::kRefresh;
  }
  Result<std::optional<std::string>> Obtain(const tuf::Need& need);
  template <typename Workflow>
  Status Run(Workflow& workflow);

  TufShelf& shelf_;
  TufPlace place_;
  Fetcher* fetcher_ = nullptr;
};

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_TUF_CLIENT_H_
