// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_FALLBACK_TAGS_H_
#define OCISHIP_REGISTRY_FALLBACK_TAGS_H_

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "oci/layout_index.h"
#include "ociship/core.h"
#include "ociship/store.h"
#include "registry/client.h"

namespace ociship::registry {

// The tag that lists the referrers of `subject` where there is no API: algorithm, '-', the first 64
// digits (distribution-spec, "Referrers Tag Schema").
std::string FallbackTag(const Digest& subject);

// Keeps lists of referrers that other clients write at the same time. Registries have no
// compare-and-swap for tags: whoever reads a list, adds to it and writes it, undoes what was
// written in between. So everybody looks again afterwards until nothing has changed for a good
// while, and puts back whatever he has ever seen and that is gone: Settle(). What that cannot mend
// is a writer who is slower than that while; docs/registries.md says so. Safe to use from several
// threads.
class FallbackTags {
 public:
  explicit FallbackTags(Client& client) : client_(client) {}

  // Adds `entry` to the list of `subject`, unless it is there. kFailure when the tag holds
  // something else than an index: it is not overwritten. kUnavailable when others overwrite it all
  // the time.
  Status Add(const Digest& subject, const Descriptor& entry);

  // Waits until all lists that were added to are stable, and mends them. At once where none was.
  Status Settle();

 private:
  struct List {
    std::vector<oci::LayoutEntry> seen;  // everything that was ever in it, and what was added
    std::string last;                    // as it was when it was read last
  };
  enum class State { kComplete, kMended };

  // Reads a list, and learns who else has added to it.
  Result<oci::LayoutIndex> Read(const std::string& tag, List& list);
  // Reads it, and writes it again if something is missing there.
  Result<State> Merge(const std::string& tag, List& list);
  Status Write(const std::string& tag, oci::LayoutIndex index,
               const std::vector<oci::LayoutEntry>& missing);
  std::chrono::milliseconds QuietTime() const;

  Client& client_;
  std::mutex mutex_;                   // one update at a time
  std::map<std::string, List> lists_;  // by tag
  // The longest time between the beginning of a read and the end of the write that it led to: for
  // so long, at least, another writer may be under way.
  std::chrono::milliseconds slowest_{0};
};

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_FALLBACK_TAGS_H_
