// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_LAYOUT_ENTRIES_H_
#define OCISHIP_LAYOUT_ENTRIES_H_

#include <string>
#include <vector>

#include "oci/layout_index.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/reference.h"
#include "ociship/store.h"

// What the entries of index.json mean and how they change; no file is touched here.
namespace ociship::layout {

enum class Change { kNone, kMade };

// The entry that a tag names, nullptr without one. kBadInput when entries with different digests
// have the name.
Result<const oci::LayoutEntry*> FindTag(const oci::LayoutIndex& index, const Tag& tag);

// The first entry with this digest, nullptr without one.
const oci::LayoutEntry* FindDigest(const oci::LayoutIndex& index, const Digest& digest);

// All tags that FindTag may be asked for, sorted bytewise, each once.
std::vector<std::string> TagNames(const oci::LayoutIndex& index);

// Makes a stored manifest reachable: one with a subject gets an entry as a referrer, another one an
// untagged entry if it has none. Untagged entries of the children of an index go, unless they say
// more than media type, size and digest: the index keeps the children reachable.
Result<Change> AddManifest(oci::LayoutIndex& index, const Manifest& manifest);

// Makes `tag` name the manifest, in the place of the entry that had the name. The untagged entry of
// the manifest goes, unless it is a referrer.
Result<Change> SetTag(oci::LayoutIndex& index, const Manifest& manifest, const Tag& tag);

}  // namespace ociship::layout

#endif  // OCISHIP_LAYOUT_ENTRIES_H_
