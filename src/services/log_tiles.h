// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_LOG_TILES_H_
#define OCISHIP_SERVICES_LOG_TILES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "services/service_call.h"
#include "sigstore/log_entry.h"
#include "sigstore/trust_root.h"
#include "util/bytes.h"

// Reading a log that keeps its tree in files (C2SP tlog-tiles.md), as Rekor v2 does.
namespace ociship::services {

// The most that a tile has hashes, or a bundle entries.
inline constexpr std::uint64_t kFullTile = 256;

// The tree below `height` levels over one node: that over 2^height leaves, of which there are all.
// It is the one with number `index` from the left.
struct Subtree {
  unsigned height = 0;
  std::uint64_t index = 0;
  bool operator==(const Subtree&) const = default;
};

// What leads from the leaf `index` to the root of a tree of `size` leaves, the lowest first
// (RFC 9162 section 2.1.3.1, PATH). The hash of one that is not full is made of those of several
// subtrees, from left to right. `index` is below `size`.
std::vector<std::vector<Subtree>> SubtreesOnPath(std::uint64_t index, std::uint64_t size);

// A file of hashes: those of all nodes of height 8 * level from number * 256 on.
struct Tile {
  unsigned level = 0;
  std::uint64_t number = 0;
  std::uint64_t width = kFullTile;
  bool operator==(const Tile&) const = default;
};

// The tile at this place in a tree of `size` leaves, with as many hashes as are there.
Tile TileAt(unsigned level, std::uint64_t number, std::uint64_t size);
// "tile/0/x001/234" or "tile/0/x001/234.p/17", and the same for a bundle of entries:
// "tile/entries/x001/234".
std::string PathOfTile(const Tile& tile);
std::string PathOfEntries(const Tile& tile);

// Gives the bytes of a tile: 32 for each hash.
using TileSource = std::function<Result<util::Bytes>(const Tile&)>;

// The hashes of an inclusion proof. kBadInput for an index that is not in the tree and for a tile
// that has another size than it says; errors of the source.
Result<std::vector<util::Bytes>> ProofFromTiles(std::uint64_t index, std::uint64_t size,
                                                const TileSource& source);

// The entries of a bundle, of which there are `count` and nothing else: each behind its length in
// two bytes, big-endian. kBadInput.
Result<std::vector<std::string>> ParseEntryBundle(ByteView bundle, std::uint64_t count);

// The entry at `index` of the log whose checkpoint is at BASE_URL/api/v2/checkpoint, with its
// proof, as a bundle has it. A log of `root` must have signed that checkpoint; the entry itself is
// not looked at. kSigningService.
Result<sigstore::LogEntry> ReadTiledEntry(ServiceCaller& caller, std::string_view base_url,
                                          std::uint64_t index, const sigstore::TrustRoot& root);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_LOG_TILES_H_
