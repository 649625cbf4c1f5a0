// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_MAKE_INDEX_H_
#define OCISHIP_TRANSFER_MAKE_INDEX_H_

#include <map>
#include <string>
#include <vector>

#include "ociship/core.h"
#include "ociship/store.h"
#include "transfer/push.h"

namespace ociship::transfer {

// The index of images for different platforms, in the given order (image-spec image-index.md). What
// an image that was an index named stands in it directly; attestations that are there twice, once.
// kBadInput when an image has no platform, or two have the same. kUsage for
// annotations in Docker's format.
Result<Manifest> MakeIndex(const std::vector<StoredImage>& images, ManifestFormat format,
                           const std::map<std::string, std::string>& annotations);

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_MAKE_INDEX_H_
