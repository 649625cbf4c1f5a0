// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_KNOWN_LAYERS_H_
#define OCISHIP_TRANSFER_KNOWN_LAYERS_H_

#include <map>
#include <optional>

#include "ociship/core.h"
#include "ociship/store.h"

namespace ociship::transfer {

// Which compressed blob of a destination holds which layer: diff ID -> descriptor. What stands here
// was said by an image in the destination, and is used only after a look-up of the blob.
class KnownLayers {
 public:
  // Adds the layers of the image `digest`, or of all images of that index, by their configs.
  // Layers that are not gzip are left out: what is pushed must not depend on what is there.
  Status Learn(Store& store, const Digest& digest);

  // The descriptor of the blob with this layer, if one is known.
  std::optional<Descriptor> Find(const Digest& diff_id) const;

 private:
  Status LearnImage(Store& store, const Manifest& manifest);

  std::map<Digest, Descriptor> by_diff_id_;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_KNOWN_LAYERS_H_
