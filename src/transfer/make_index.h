// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_MAKE_INDEX_H_
#define OCISHIP_TRANSFER_MAKE_INDEX_H_

#include <vector>

#include "ociship/core.h"
#include "ociship/store.h"
#include "transfer/push.h"

namespace ociship::transfer {

// The index of images for different platforms, in the given order (image-spec image-index.md).
// kBadInput when one is an index itself or has no platform, or two have the same.
Result<Manifest> MakeIndex(const std::vector<PushedImage>& images);

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_MAKE_INDEX_H_
