// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_LAYER_CACHE_H_
#define OCISHIP_TRANSFER_LAYER_CACHE_H_

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "ociship/digest.h"
#include "transfer/stored_layer.h"

namespace ociship::transfer {

// What plain layers became when this program compressed them: recipe and diff ID -> digest and
// size, in a file that outlives the program. Only what was computed here is in it, never what
// somebody said. Thread-safe; several programs may have the same file open.
//
// The file is text: a line with the SHA-256 of the rest, and a line for every entry, the last used
// at the end. Whatever is wrong with it, it counts as empty, and the next Save replaces it.
class LayerCache {
 public:
  // What the file may hold; the oldest entries go first. About 2.5 MB.
  static constexpr std::size_t kMaxEntries = 10'000;
  static constexpr std::size_t kMaxFileBytes = 8 << 20;

  // Reads what is there for one recipe (codec::LayerCompression::recipe), which has no spaces. An
  // empty `folder` is a cache that forgets.
  LayerCache(std::string folder, std::string recipe);

  // Why the file was not used, for the person; empty when it was, or is not there yet.
  const std::string& warning() const { return warning_; }

  std::optional<StoredLayer> Find(const Digest& diff_id) const;
  void Add(const Digest& diff_id, const StoredLayer& layer);

  // Joins what was added here with what others wrote meanwhile, under a lock. Does nothing when
  // nothing was added.
  Status Save();

 private:
  std::string FileName() const;

  std::string folder_;
  std::string recipe_;
  std::string warning_;
  mutable std::mutex mutex_;
  std::map<Digest, StoredLayer> found_;
  std::vector<std::pair<Digest, StoredLayer>> added_;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_LAYER_CACHE_H_
