// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_API_SOURCE_H_
#define OCISHIP_API_SOURCE_H_

#include <memory>
#include <string>
#include <string_view>

#include "archive/archive.h"
#include "ociship/core.h"

namespace ociship::api {

// A SOURCE of push that is open, and the image that its text chooses, if it does.
struct OpenedSource {
  std::unique_ptr<archive::Archive> archive;
  std::string image;
};

// Opens what ociship/push.h, "WHAT IS READ", describes. kBadInput when it is not there.
// Reading a pipe ends with kInterrupted once `cancel` is requested, which outlives the archive.
Result<OpenedSource> OpenSource(std::string_view text, const Cancel& cancel);

}  // namespace ociship::api

#endif  // OCISHIP_API_SOURCE_H_
