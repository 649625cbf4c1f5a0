// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_KNOWN_LAYERS_H_
#define OCISHIP_TRANSFER_KNOWN_LAYERS_H_

#include <map>
#include <optional>
#include <vector>

#include "ociship/core.h"
#include "ociship/store.h"
#include "transfer/stored_layer.h"

namespace ociship::transfer {

// Which blob of a destination holds which layer, by diff ID. What stands here was said by an image
// in the destination, and is used only after a look-up of the blob.
class KnownLayers {
 public:
  // Adds the compressed layers of the image `digest`, or of all images of that index, by their
  // configs.
  Status Learn(Store& store, const Digest& digest);

  // The blob with this layer, if one is known.
  std::optional<StoredLayer> Find(const Digest& diff_id) const;

  // All of them.
  std::vector<StoredLayer> All() const;

  enum class Knowledge { kNone, kSome };
  Knowledge knowledge() const { return by_diff_id_.empty() ? Knowledge::kNone : Knowledge::kSome; }

 private:
  Status LearnImage(Store& store, const Manifest& manifest);

  std::map<Digest, StoredLayer> by_diff_id_;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_KNOWN_LAYERS_H_
