// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_RELEASE_WORK_TREE_H_
#define OCISHIP_TESTS_RELEASE_WORK_TREE_H_

#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "temp_folder.h"
#include "util/file.h"
#include "util/process.h"
#include "util/text.h"

namespace ociship::testing {

// A repository with one commit, or none.
class WorkTree {
 public:
  enum class Start { kEmpty, kOneCommit };

  explicit WorkTree(Start start = Start::kOneCommit) {
    Git({"init", "-q"});
    if (start == Start::kEmpty) return;
    Write("file", "one");
    Git({"add", "file"});
    Git({"commit", "-q", "-m", "first"});
  }

  const std::string& path() const { return folder_.path(); }
  void Write(std::string_view name, std::string_view content) {
    REQUIRE(util::WriteFileAtomically(folder_ / name, content, 0644).ok());
  }
  std::string Git(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-c",
                      "commit.gpgsign=false"});
    const auto output = util::RunProcess(arguments, {.folder = folder_.path()});
    REQUIRE(output.ok());
    CAPTURE(output.value().errors);
    REQUIRE(output.value().exit_status == 0);
    return std::string(util::Trim(output.value().output));
  }

 private:
  TempFolder folder_;
};

enum class Git { kThere, kMissing };
inline Git LookForGit() {
  const auto output = util::RunProcess({"git", "--version"}, {});
  if (output.ok() && output.value().exit_status == 0) return Git::kThere;
  std::puts("SKIPPED: git is not there");
  return Git::kMissing;
}

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_RELEASE_WORK_TREE_H_
