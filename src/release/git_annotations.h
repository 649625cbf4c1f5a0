// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_RELEASE_GIT_ANNOTATIONS_H_
#define OCISHIP_RELEASE_GIT_ANNOTATIONS_H_

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "ociship/core.h"

namespace ociship::release {

// What an image says about where it comes from (OCI image-spec annotations.md), of a work tree
// without changes, as for ReadGit:
//
//   org.opencontainers.image.revision   the commit
//   org.opencontainers.image.source     the remote `origin` as an https URL without user and
//                                       password; left out when it has none
//   org.opencontainers.image.version    `version` without its 'v', else the highest tag of the
//                                       commit that is a version; left out when there is none
//   org.opencontainers.image.created    `date`, else the time of the commit
//
// The same commit gives the same annotations. Errors as of ReadGit.
Result<std::map<std::string, std::string>> GitAnnotations(
    const std::string& folder, const std::optional<std::string>& version,
    const std::optional<std::chrono::sys_seconds>& date);

// "git@github.com:acme/app.git", "ssh://git@host:22/a/b" and "https://token@host/a/b.git" as
// "https://HOST/PATH"; empty for what is no address of a server.
std::string SourceUrl(std::string_view remote);

}  // namespace ociship::release

#endif  // OCISHIP_RELEASE_GIT_ANNOTATIONS_H_
