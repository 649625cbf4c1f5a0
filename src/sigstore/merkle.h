// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_MERKLE_H_
#define OCISHIP_SIGSTORE_MERKLE_H_

#include <cstdint>
#include <vector>

#include "ociship/core.h"
#include "util/bytes.h"

namespace ociship::sigstore {

// The hash of a leaf: SHA-256 of 0x00 and the entry (RFC 9162 section 2.1.1).
util::Bytes LeafHash(ByteView entry);

// The root of the tree of `size` leaves in which `leaf` has the place `index`, by the hashes of
// `path` (RFC 9162 section 2.1.3.2). kNoMatch (log-proof) when a path for that place has another
// length.
Result<util::Bytes> RootFromPath(const util::Bytes& leaf, std::uint64_t index, std::uint64_t size,
                                 const std::vector<util::Bytes>& path);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_MERKLE_H_
