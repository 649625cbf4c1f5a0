// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_RELEASE_APPLY_TAGS_H_
#define OCISHIP_RELEASE_APPLY_TAGS_H_

#include <optional>
#include <vector>

#include "ociship/core.h"
#include "ociship/reference.h"
#include "ociship/store.h"

namespace ociship::release {

// Makes the tags name a manifest that is stored, one after the other in their order. `version`, one
// of them, names one image for ever: kTagConflict, before any tag is set, when it names another
// one; nothing is written when it names this one already. When the Store fails, the tags before the
// one that the message names are set.
Status ApplyTags(Store& store, const Manifest& manifest, const std::vector<Tag>& tags,
                 const std::optional<Tag>& version);

// What each of the tags names before they are applied: nothing for a tag that is not there.
Result<std::vector<std::optional<Digest>>> TagsBefore(Store& store, const std::vector<Tag>& tags);

}  // namespace ociship::release

#endif  // OCISHIP_RELEASE_APPLY_TAGS_H_
