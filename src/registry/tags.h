// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_TAGS_H_
#define OCISHIP_REGISTRY_TAGS_H_

#include <span>
#include <string>
#include <vector>

#include "ociship/core.h"
#include "ociship/store.h"
#include "registry/client.h"

namespace ociship::registry {

// What a list from outside may cost.
inline constexpr std::size_t kMaxPages = 1'000;
inline constexpr std::size_t kMaxTags = 500'000;

// All tags, sorted bytewise, each once; none when the repository does not exist (distribution-spec,
// "Listing Tags"). Names that are no tags are left out: nothing could be asked for by them.
Result<std::vector<std::string>> ListTags(Client& client);

// Makes a tag name a manifest that is stored already. A registry that holds the tag immutable and
// has it on this very manifest is content; kTagConflict when it is on another one.
Status SetTag(Client& client, const Manifest& manifest, const Tag& tag);

// The same with several: by one request where the registry knows how (distribution-spec, "Pushing
// Manifests", end-7b), else one after the other. Errors name the tag.
Status SetTags(Client& client, const Manifest& manifest, std::span<const Tag> tags);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_TAGS_H_
