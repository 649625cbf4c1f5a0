// SPDX-License-Identifier: Apache-2.0
// Setting tags: first look at all that must not move, then write. Tested by
// tests/release/apply_tags_test.cc.

#include "release/apply_tags.h"

#include <algorithm>
#include <utility>

#include "util/text.h"
#include "util/try.h"

namespace ociship::release {
namespace {

using util::StrCat;

// What a tag names; nothing when it is not there.
Result<std::optional<Digest>> FindTag(Store& store, const Tag& tag) {
  const Result<Descriptor> there = store.Resolve(tag);
  if (there.ok()) return std::optional(there.value().digest);
  if (there.error().code() == Code::kNotFound) return std::optional<Digest>();
  return there.error();
}

enum class State { kFree, kSet };

// Whether a version tag may be set, or is set to this manifest already.
Result<State> LookUp(Store& store, const Digest& digest, const Tag& tag) {
  const std::optional<Digest> there = TRY(FindTag(store, tag));
  if (!there) return State::kFree;
  if (*there == digest) return State::kSet;
  return Error(Code::kTagConflict,
               StrCat("tag ", util::Quoted(tag.text()), " of ",
                      util::Quoted(store.repository().text()), " names another image, ",
                      there->text(), ": a version is not given twice, use a new one"));
}

// The tags that have to be written, each once.
Result<std::vector<Tag>> TagsToSet(Store& store, const Digest& digest, const std::vector<Tag>& tags,
                                   const std::optional<Tag>& version) {
  std::vector<Tag> to_set;
  for (const Tag& tag : tags) {
    if (std::ranges::find(to_set, tag) != to_set.end()) continue;
    if (tag == version) {
      const State state = TRY(LookUp(store, digest, tag));
      if (state == State::kSet) continue;
    }
    to_set.push_back(tag);
  }
  return to_set;
}

}  // namespace

Result<std::vector<std::optional<Digest>>> TagsBefore(Store& store, const std::vector<Tag>& tags) {
  std::vector<std::optional<Digest>> before;
  for (const Tag& tag : tags) {
    std::optional<Digest> there = TRY(FindTag(store, tag));
    before.push_back(std::move(there));
  }
  return before;
}

Status ApplyTags(Store& store, const Manifest& manifest, const std::vector<Tag>& tags,
                 const std::optional<Tag>& version) {
  const std::vector<Tag> to_set = TRY(TagsToSet(store, manifest.descriptor.digest, tags, version));
  return to_set.empty() ? Ok() : store.SetTags(manifest, to_set);
}

}  // namespace ociship::release
