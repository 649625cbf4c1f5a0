// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_RANGE_H_
#define OCISHIP_REGISTRY_RANGE_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace ociship::registry {

// How many bytes of an upload a registry holds, by the Range header of its answer to a status
// request (distribution-spec, "Resuming an interrupted upload": "0-<end-of-range>", the end
// inclusive). `confirmed` is how many it has confirmed before, `sent` how many were sent; more than
// that is never believed. "0-0" is what servers say for one byte and for none: it counts as none
// unless exactly one was confirmed. "bytes=0-N" and "0--1" are in use too. nullopt for any other
// text.
std::optional<std::uint64_t> StoredBytes(std::string_view range, std::uint64_t confirmed,
                                         std::uint64_t sent);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_RANGE_H_
