// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_RELEASE_GIT_H_
#define OCISHIP_RELEASE_GIT_H_

#include <string>
#include <vector>

#include "ociship/core.h"
#include "ociship/reference.h"

namespace ociship::release {

// What git says about a work tree without changes.
struct GitFacts {
  std::string commit;  // the whole ID of HEAD: 40 or 64 lower-case hexadecimal digits
};

// Asks the git program about the work tree that `folder` is in; an empty name is the current
// folder. kBadInput when that is no work tree, has no commit, or has changes or new files that git
// does not ignore: then the image would not be what the commit says. kFailure when git cannot be
// run.
Result<GitFacts> ReadGit(const std::string& folder);

// Runs git in `folder` with these arguments and gives what it prints: kBadInput, with its words,
// when it fails.
Result<std::string> RunGit(const std::string& folder, std::vector<std::string> arguments);

// The tags of a commit: its whole ID, and "sha-" with the first 7 digits.
Result<std::vector<Tag>> GitTags(const GitFacts& facts);

}  // namespace ociship::release

#endif  // OCISHIP_RELEASE_GIT_H_
