// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_RELEASE_TAGS_H_
#define OCISHIP_RELEASE_TAGS_H_

#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "ociship/reference.h"

namespace ociship::release {

// The tags that an image of this version gets, in the order in which they are set: the version
// itself, then MAJOR.MINOR, MAJOR and latest. kUsage when it is no version of semver.org 2.0.0; a
// leading 'v' is taken off.
//
//   1.4.2        1.4.2, 1.4, 1, latest
//   0.3.1        0.3.1, 0.3, latest      an API below 1.0 changes with each minor version
//   2.0.0-rc.1   2.0.0-rc.1              a pre-release moves nothing
//   1.4.2+b7     1.4.2-b7, 1.4, 1, latest
//
// MAJOR.MINOR, MAJOR and latest move only forward: each is left out when `existing`, the tags that
// the repository has, holds a higher release that it stands for. A tag cannot hold a '+', so a
// version with build metadata looks like a pre-release in `existing` and holds nothing back.
Result<std::vector<Tag>> SemverTags(std::string_view version,
                                    const std::vector<std::string>& existing);

}  // namespace ociship::release

#endif  // OCISHIP_RELEASE_TAGS_H_
