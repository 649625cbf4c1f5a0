// SPDX-License-Identifier: Apache-2.0
// Reads oci-layout and index.json and decides which entries are images (OCI image-spec
// image-layout.md). Tested by tests/archive/oci_layout_test.cc.
#include "archive/oci_layout.h"

#include <algorithm>
#include <utility>

#include "oci/layout_index.h"
#include "oci/media_types.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using util::StrCat;

std::string NameOf(const Descriptor& entry) {
  const auto full = entry.annotations.find(std::string(oci::kContainerdNameAnnotation));
  if (full != entry.annotations.end() && !full->second.empty()) return full->second;
  return std::string(oci::RefName(entry));
}

void AddName(std::vector<std::string>& names, std::string name) {
  if (name.empty() || std::ranges::find(names, name) != names.end()) return;
  names.push_back(std::move(name));
}

Status CheckLayoutFile(Contents& contents) {
  const std::string name(oci::kLayoutFileName);
  if (contents.Look(oci::kIndexFileName) == Contents::Presence::kAbsent) {
    return Error(Code::kBadInput,
                 StrCat("it has no ", oci::kIndexFileName, ", so it is no OCI image layout"));
  }
  if (contents.Look(name) == Contents::Presence::kAbsent) {
    return Error(Code::kBadInput, StrCat("it has ", oci::kIndexFileName, " and no ", name,
                                         ", so it is no OCI image layout"));
  }
  const std::string text = TRY(contents.ReadDocument(name, oci::kMaxLayoutFileBytes));
  auto checked = oci::CheckLayoutFile(text);
  if (!checked.ok()) return std::move(checked).error().While(name);
  return Ok();
}

// Entries with one digest are one image with several names.
Status AddEntry(Contents& contents, const Descriptor& entry, DocumentBudget& budget,
                std::vector<OciRoot>& roots) {
  if (oci::KindOf(entry.media_type) == oci::ManifestKind::kOther) return Ok();
  const auto known = std::ranges::find(roots, entry.digest, &OciRoot::digest);
  if (known != roots.end()) {
    if (known->media_type != entry.media_type || known->size != entry.size) {
      return Error(Code::kBadInput, StrCat("two entries give ", entry.digest.text(),
                                           " different sizes or media types"));
    }
    AddName(known->names, NameOf(entry));
    return Ok();
  }
  OciTree tree = TRY(WalkOciTree(contents, LayoutNames(), entry, budget));
  OciRoot root{.digest = entry.digest,
               .media_type = entry.media_type,
               .size = entry.size,
               .names = {},
               .tree = std::move(tree)};
  AddName(root.names, NameOf(entry));
  roots.push_back(std::move(root));
  return Ok();
}

bool IsCompanion(Contents& contents, const OciRoot& root, const std::vector<OciRoot>& roots) {
  if (!root.names.empty()) return false;
  const auto& subject = root.tree.subject;
  if (subject && contents.Look(LayoutNames().Blob(*subject)) == Contents::Presence::kThere)
    return true;
  return std::ranges::any_of(roots, [&](const OciRoot& other) {
    return other.digest != root.digest && other.tree.manifests.contains(root.digest);
  });
}

}  // namespace

Result<std::vector<OciRoot>> ReadOciRoots(Contents& contents) {
  TRY(CheckLayoutFile(contents));
  const std::string name(oci::kIndexFileName);
  const std::string text = TRY(contents.ReadDocument(name, oci::kMaxLayoutIndexBytes));
  auto index = oci::ParseLayoutIndex(text);
  if (!index.ok()) return std::move(index).error().While(name);
  std::vector<OciRoot> roots;
  DocumentBudget budget;
  for (const oci::LayoutEntry& entry : index.value().entries) {
    auto added = AddEntry(contents, entry.descriptor, budget, roots);
    if (!added.ok()) return std::move(added).error().While(name);
  }
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < roots.size(); ++i) {
    if (!IsCompanion(contents, roots[i], roots)) chosen.push_back(i);
  }
  // Somebody may want to push nothing but a referrer.
  if (chosen.empty()) return roots;
  std::vector<OciRoot> images;
  images.reserve(chosen.size());
  for (const std::size_t i : chosen) images.push_back(std::move(roots[i]));
  return images;
}

}  // namespace ociship::archive
