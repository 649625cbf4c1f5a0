// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_LINK_H_
#define OCISHIP_REGISTRY_LINK_H_

#include <optional>
#include <string>

#include "http/message.h"

namespace ociship::registry {

// Where the next page is: the target of the first Link field with rel="next" (RFC 8288 section 3),
// as it stands there. nullopt when there is none.
std::optional<std::string> NextLink(const http::Headers& headers);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_LINK_H_
