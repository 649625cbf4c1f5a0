// SPDX-License-Identifier: Apache-2.0
// Adds to lists that others write too (distribution-spec, "Referrers Tag Schema"). Tested by
// fallback_tags_test.cc and referrers_test.cc.
#include "registry/fallback_tags.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "oci/manifest.h"
#include "oci/media_types.h"
#include "registry/manifests.h"
#include "util/clock.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using util::StrCat;

constexpr std::size_t kMaxTagHexDigits = 64;
// How often an addition that was overwritten at once is made again.
constexpr int kMaxUpdates = 30;

// A list counts as stable when nothing has changed for as long as eight of our own slowest updates
// took, since another writer is hardly so much slower on his machine.
constexpr int kQuietUpdates = 8;
constexpr milliseconds kShortestQuiet{1000};
constexpr milliseconds kLongestQuiet{10'000};
constexpr int kLooks = 4;  // in that time
// After this many looks, or so long, the list changes for another reason than a few writers.
constexpr int kMaxLooks = 600;
constexpr std::chrono::minutes kLongestSettle{5};

bool Contains(const std::vector<oci::LayoutEntry>& entries, const Digest& digest) {
  return std::ranges::any_of(entries, [&digest](const oci::LayoutEntry& entry) {
    return entry.descriptor.digest == digest;
  });
}

// Those of `entries` that are not in `there`, each once.
std::vector<oci::LayoutEntry> MissingIn(const std::vector<oci::LayoutEntry>& there,
                                        const std::vector<oci::LayoutEntry>& entries) {
  std::set<Digest> known;
  for (const oci::LayoutEntry& entry : there) known.insert(entry.descriptor.digest);
  std::vector<oci::LayoutEntry> missing;
  std::ranges::copy_if(entries, std::back_inserter(missing), [&](const oci::LayoutEntry& entry) {
    return known.insert(entry.descriptor.digest).second;
  });
  return missing;
}

Error NotAnIndex(const Client& client, const std::string& tag, std::string_view why) {
  return Error(Code::kFailure,
               StrCat("cannot list a referrer in ", client.repository().text(), ":", tag,
                      ", the tag holds something else than an image index, move it away", why));
}

// The index that a fallback tag holds, an empty one where there is no tag.
Result<oci::LayoutIndex> ReadTag(Client& client, const std::string& tag) {
  const std::optional<Manifest> there = TRY(FindManifest(client, ManifestName::OfTag(tag)));
  if (!there) return oci::LayoutIndex();
  if (there->descriptor.media_type != oci::kOciIndex) return NotAnIndex(client, tag, "");
  Result<oci::LayoutIndex> index = oci::ParseLayoutIndex(there->bytes);
  if (!index.ok()) return NotAnIndex(client, tag, StrCat(": ", index.error().message()));
  return index;
}

}  // namespace

std::string FallbackTag(const Digest& subject) {
  return StrCat(subject.algorithm(), "-", subject.hex().substr(0, kMaxTagHexDigits));
}

Status FallbackTags::Write(const std::string& tag, oci::LayoutIndex index,
                           const std::vector<oci::LayoutEntry>& missing) {
  index.entries.insert(index.entries.end(), missing.begin(), missing.end());
  const Manifest manifest = oci::NewManifest(oci::FormatLayoutIndex(index), oci::kOciIndex);
  if (manifest.bytes.size() > kMaxManifestBytes || index.entries.size() > oci::kMaxDescriptors) {
    return Error(Code::kFailure, StrCat("the list of referrers in tag ", tag,
                                        " has become too large, remove some"));
  }
  return PutManifest(client_, manifest, ManifestName::OfTag(tag));
}

Result<oci::LayoutIndex> FallbackTags::Read(const std::string& tag, List& list) {
  oci::LayoutIndex index = TRY(ReadTag(client_, tag));
  std::ranges::move(MissingIn(list.seen, index.entries), std::back_inserter(list.seen));
  return index;
}

Result<FallbackTags::State> FallbackTags::Merge(const std::string& tag, List& list) {
  const auto begin = util::SteadyNow();
  oci::LayoutIndex index = TRY(Read(tag, list));
  const std::vector<oci::LayoutEntry> missing = MissingIn(index.entries, list.seen);
  if (missing.empty()) {
    list.last = oci::FormatLayoutIndex(index);
    return State::kComplete;
  }
  TRY(Write(tag, std::move(index), missing));
  slowest_ = std::max(slowest_, duration_cast<milliseconds>(util::SteadyNow() - begin));
  return State::kMended;
}

Status FallbackTags::Add(const Digest& subject, const Descriptor& entry) {
  const std::string tag = FallbackTag(subject);
  const std::lock_guard lock(mutex_);
  List list;
  const auto known = lists_.find(tag);
  if (known != lists_.end()) list = known->second;
  if (!Contains(list.seen, entry.digest)) list.seen.push_back({.descriptor = entry});
  for (int updates = 1; updates <= kMaxUpdates; ++updates) {
    const State state = TRY(Merge(tag, list));
    // What was there from the beginning is nobody's to lose.
    if (state == State::kComplete && updates == 1) return Ok();
    lists_.insert_or_assign(tag, list);
    if (state == State::kComplete) return Ok();
    const oci::LayoutIndex written = TRY(Read(tag, list));
    if (MissingIn(written.entries, list.seen).empty()) return Ok();
    // As long as a few updates take, and not the same time as the others who collided.
    const auto pause =
        std::clamp(slowest_ * 4, milliseconds(80), kLongestQuiet) * client_.backoff().Fraction();
    TRY(client_.backoff().Wait(duration_cast<milliseconds>(pause)));
  }
  return Error(Code::kUnavailable,
               StrCat("the entry of ", entry.digest.text(), " in ", client_.repository().text(),
                      ":", tag, " was overwritten ", kMaxUpdates, " times"));
}

milliseconds FallbackTags::QuietTime() const {
  return std::clamp(slowest_ * kQuietUpdates, kShortestQuiet, kLongestQuiet);
}

Status FallbackTags::Settle() {
  const std::lock_guard lock(mutex_);
  int quiet_looks = 0;
  milliseconds waited{0};
  for (int looks = 0; !lists_.empty() && quiet_looks < kLooks; ++looks) {
    if (looks == kMaxLooks || waited > kLongestSettle) {
      return Error(Code::kUnavailable, StrCat("the lists of referrers in ",
                                              client_.repository().text(), " do not come to rest"));
    }
    // Not all who wait look in the same moment.
    const double spread = 0.75 + 0.5 * client_.backoff().Fraction();
    const auto pause = duration_cast<milliseconds>(QuietTime() * spread / kLooks);
    TRY(client_.backoff().Wait(pause));
    waited += pause;
    ++quiet_looks;
    for (auto& [tag, list] : lists_) {
      const std::string before = list.last;
      const State state = TRY(Merge(tag, list));
      if (state == State::kMended || list.last != before) quiet_looks = 0;
    }
  }
  lists_.clear();
  return Ok();
}

}  // namespace ociship::registry
