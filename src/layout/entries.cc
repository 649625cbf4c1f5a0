// SPDX-License-Identifier: Apache-2.0
// The entries of index.json (OCI image-spec image-layout.md, "index.json file"). Tested by
// tests/layout/entries_test.cc.

#include "layout/entries.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "oci/manifest.h"
#include "oci/media_types.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::layout {
namespace {

using oci::LayoutEntry;
using oci::LayoutIndex;
using util::StrCat;

// The tag at the end of a full reference, "docker.io/library/app:1.0"; empty without one.
std::string_view TagOfFullName(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view tag = name.substr(colon + 1);
  return tag.find('/') == std::string_view::npos ? tag : std::string_view();
}

// Whether an entry says no more than media type, size and digest, so that nothing is lost with it.
bool IsPlain(const LayoutEntry& entry) {
  const Descriptor& descriptor = entry.descriptor;
  const Descriptor plain{
      .media_type = descriptor.media_type, .digest = descriptor.digest, .size = descriptor.size};
  return descriptor == plain;
}

Status CheckRoom(const LayoutIndex& index) {
  if (index.entries.size() < oci::kMaxDescriptors) return Ok();
  return Error(Code::kBadInput,
               StrCat("index.json has ", index.entries.size(), " manifests, more are not allowed"));
}

void DropPlain(LayoutIndex& index, const std::set<Digest>& digests) {
  std::erase_if(index.entries, [&](const LayoutEntry& entry) {
    return IsPlain(entry) && digests.contains(entry.descriptor.digest);
  });
}

Result<Change> AddReferrer(LayoutIndex& index, const Manifest& manifest) {
  Descriptor entry = TRY(oci::ReferrerEntry(manifest));
  entry.annotations.erase(std::string(oci::kRefNameAnnotation));  // would be a tag
  const bool there =
      std::any_of(index.entries.begin(), index.entries.end(), [&](const LayoutEntry& other) {
        return other.descriptor.digest == entry.digest && oci::RefName(other.descriptor).empty();
      });
  if (there) return Change::kNone;
  TRY(CheckRoom(index));
  index.entries.push_back({.descriptor = std::move(entry)});
  return Change::kMade;
}

}  // namespace

Result<const LayoutEntry*> FindTag(const LayoutIndex& index, const Tag& tag) {
  const LayoutEntry* exact = nullptr;
  const LayoutEntry* full = nullptr;
  enum class Clash { kNo, kYes };
  Clash exact_clash = Clash::kNo;
  Clash full_clash = Clash::kNo;
  const auto take = [](const LayoutEntry& entry, const LayoutEntry*& found, Clash& clash) {
    if (found == nullptr) found = &entry;
    if (found->descriptor.digest != entry.descriptor.digest) clash = Clash::kYes;
  };
  for (const LayoutEntry& entry : index.entries) {
    const std::string_view name = oci::RefName(entry.descriptor);
    if (name == tag.text()) {
      take(entry, exact, exact_clash);
    } else if (TagOfFullName(name) == tag.text()) {
      take(entry, full, full_clash);
    }
  }
  if (exact_clash == Clash::kYes || (exact == nullptr && full_clash == Clash::kYes)) {
    return Error(Code::kBadInput, StrCat("index.json names several manifests ",
                                         util::Quoted(tag.text()), ", give a digest"));
  }
  return exact != nullptr ? exact : full;
}

const LayoutEntry* FindDigest(const LayoutIndex& index, const Digest& digest) {
  for (const LayoutEntry& entry : index.entries) {
    if (entry.descriptor.digest == digest) return &entry;
  }
  return nullptr;
}

std::vector<std::string> TagNames(const LayoutIndex& index) {
  std::set<std::string> names;
  for (const LayoutEntry& entry : index.entries) {
    const std::string_view name = oci::RefName(entry.descriptor);
    for (const std::string_view candidate : {name, TagOfFullName(name)}) {
      if (Tag::Parse(candidate).ok()) names.emplace(candidate);
    }
  }
  return {names.begin(), names.end()};
}

Result<Change> AddManifest(LayoutIndex& index, const Manifest& manifest) {
  const std::optional<Descriptor> subject = TRY(oci::ParseSubject(manifest));
  if (subject.has_value()) return AddReferrer(index, manifest);
  const std::size_t before = index.entries.size();
  if (oci::KindOf(manifest.descriptor.media_type) == oci::ManifestKind::kIndex) {
    const oci::ImageIndex parent = TRY(oci::ParseImageIndex(manifest.bytes));
    std::set<Digest> children;
    for (const Descriptor& child : parent.manifests) children.insert(child.digest);
    DropPlain(index, children);
  }
  const bool dropped = index.entries.size() != before;
  if (FindDigest(index, manifest.descriptor.digest) != nullptr) {
    return dropped ? Change::kMade : Change::kNone;
  }
  TRY(CheckRoom(index));
  index.entries.push_back({.descriptor = {.media_type = manifest.descriptor.media_type,
                                          .digest = manifest.descriptor.digest,
                                          .size = manifest.descriptor.size}});
  return Change::kMade;
}

Result<Change> SetTag(LayoutIndex& index, const Manifest& manifest, const Tag& tag) {
  const Descriptor& descriptor = manifest.descriptor;
  const std::optional<Descriptor> subject = TRY(oci::ParseSubject(manifest));
  const LayoutEntry* there = TRY(FindTag(index, tag));
  const bool exact = there != nullptr && oci::RefName(there->descriptor) == tag.text();
  if (exact && there->descriptor.digest == descriptor.digest) return Change::kNone;
  if (!exact) TRY(CheckRoom(index));

  LayoutEntry named{.descriptor = {.media_type = descriptor.media_type,
                                   .digest = descriptor.digest,
                                   .size = descriptor.size}};
  named.descriptor.annotations.emplace(oci::kRefNameAnnotation, tag.text());
  const auto has_name = [&](const LayoutEntry& entry) {
    return oci::RefName(entry.descriptor) == tag.text();
  };
  const auto at = std::ranges::find_if(index.entries, has_name);
  if (at == index.entries.end()) {
    index.entries.push_back(std::move(named));
  } else {
    *at = std::move(named);
    // The same name a second time, for the digest that it had before.
    index.entries.erase(std::remove_if(at + 1, index.entries.end(), has_name), index.entries.end());
  }
  // Tools that do not know artifact types leave the entry of a referrer without one.
  if (!subject.has_value()) DropPlain(index, {descriptor.digest});
  return Change::kMade;
}

}  // namespace ociship::layout
