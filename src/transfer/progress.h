// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_PROGRESS_H_
#define OCISHIP_TRANSFER_PROGRESS_H_

#include <cstdint>

#include "ociship/digest.h"

namespace ociship::transfer {

enum class LayerState {
  kSent,      // read and sent
  kWasThere,  // read, and found in the destination
  kKnown,     // not even compressed: the destination is known to have it
};

// Is told what happens. Called from several threads at once.
class Progress {
 public:
  virtual ~Progress() = default;
  // A layer or other blob of the image is stored: its digest and size as they are stored.
  virtual void LayerStored(const Digest& digest, std::uint64_t size, LayerState state) = 0;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_PROGRESS_H_
