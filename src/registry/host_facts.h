// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_HOST_FACTS_H_
#define OCISHIP_REGISTRY_HOST_FACTS_H_

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "util/clock.h"

namespace ociship::registry {

// What a registry was seen not to take. Nothing here is needed for a right result: it saves the
// requests and bytes that would show it again.
struct HostFacts {
  enum class Seen { kNo, kYes };

  // A request body of more bytes was refused as too large.
  std::optional<std::uint64_t> body_limit = {};
  Seen refuses_chunks = Seen::kNo;       // more than one PATCH, or what they leave is not the blob
  Seen refuses_streams = Seen::kNo;      // a body of unknown length
  Seen refuses_whole_blobs = Seen::kNo;  // a body in the PUT
  Seen refuses_mount_anywhere = Seen::kNo;  // a mount without `from`
  Seen ignores_tag_queries = Seen::kNo;     // PUT MANIFEST?tag=

  friend bool operator==(const HostFacts&, const HostFacts&) = default;
};

// The facts about one registry, for all who work with it. With a folder they are kept there for a
// month, in a file that other processes read and replace at any time; one that is damaged counts as
// empty and one that cannot be written is no error. Safe to use from several threads.
class HostMemory {
 public:
  HostMemory(std::string host, std::string folder, const util::Clock& clock);

  HostFacts Get() const;
  // Changes a fact: `change` gets all of them.
  template <typename Change>
  void Learn(Change change) {
    const std::lock_guard lock(mutex_);
    HostFacts facts = facts_;
    change(facts);
    if (facts == facts_) return;
    facts_ = facts;
    Save();
  }

 private:
  void Load();
  void Save() const;

  const std::string host_;
  const std::string folder_;
  const util::Clock& clock_;
  mutable std::mutex mutex_;
  HostFacts facts_;
};

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_HOST_FACTS_H_
