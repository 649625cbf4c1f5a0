// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_SELECT_IMAGE_H_
#define OCISHIP_TRANSFER_SELECT_IMAGE_H_

#include <string_view>
#include <vector>

#include "archive/archive.h"
#include "ociship/core.h"
#include "ociship/push.h"

namespace ociship::transfer {

// All images, or the one that `selector` means: a name that the archive has for it, "@N" for the
// Nth from 0, or the only one when it is empty. kUsage with the list of images otherwise.
Result<std::vector<archive::Image>> SelectImages(std::vector<archive::Image> images,
                                                 PushRequest::Images which,
                                                 std::string_view selector);

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_SELECT_IMAGE_H_
