// SPDX-License-Identifier: Apache-2.0
#include "release/git.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "temp_folder.h"
#include "util/text.h"
#include "work_tree.h"

namespace ociship::release {
namespace {

using testing::Git;
using testing::LookForGit;
using testing::TempFolder;
using testing::WorkTree;
using util::StrCat;

std::string DirtyMessage(const WorkTree& tree) {
  const auto facts = ReadGit(tree.path());
  REQUIRE_FALSE(facts.ok());
  CHECK(facts.error().code() == Code::kBadInput);
  return facts.error().message();
}

TEST_CASE("ReadGit: a clean work tree gives its commit, also from a folder inside") {
  if (LookForGit() == Git::kMissing) return;
  WorkTree tree;
  const std::string commit = tree.Git({"rev-parse", "HEAD"});
  CHECK(ReadGit(tree.path()).value().commit == commit);
  std::filesystem::create_directory(tree.path() + "/inside");
  CHECK(ReadGit(tree.path() + "/inside").value().commit == commit);
}

TEST_CASE("ReadGit: ignored files do not make it dirty") {
  if (LookForGit() == Git::kMissing) return;
  WorkTree tree;
  tree.Write(".git/info/exclude", "build\n");
  tree.Write("build", "x");
  CHECK(ReadGit(tree.path()).ok());
}

TEST_CASE("ReadGit: a changed, staged, new or deleted file is refused by name") {
  if (LookForGit() == Git::kMissing) return;
  WorkTree changed;
  changed.Write("file", "two");
  CHECK(DirtyMessage(changed).find("(\"file\")") != std::string::npos);
  changed.Git({"add", "file"});
  CHECK(DirtyMessage(changed).find("(\"file\")") != std::string::npos);
  WorkTree added;
  added.Write("new one", "x");
  CHECK(DirtyMessage(added).find("(\"new one\")") != std::string::npos);
  WorkTree deleted;
  std::filesystem::remove(deleted.path() + "/file");
  CHECK(DirtyMessage(deleted).find("(\"file\")") != std::string::npos);
}

TEST_CASE("ReadGit: a renamed file is one change, under its new name") {
  if (LookForGit() == Git::kMissing) return;
  WorkTree tree;
  tree.Git({"mv", "file", "moved"});
  CHECK(DirtyMessage(tree).find("(\"moved\")") != std::string::npos);
}

TEST_CASE("ReadGit: three of many changes are named, and without control characters") {
  if (LookForGit() == Git::kMissing) return;
  WorkTree tree;
  for (const std::string_view name : {"a", "b\n\x1b[31m", "c", "d", "e"}) tree.Write(name, "x");
  const std::string message = DirtyMessage(tree);
  CAPTURE(message);
  CHECK(message.find("and 2 more") != std::string::npos);
  CHECK(message.find("\"d\"") == std::string::npos);
  CHECK(message.find('\x1b') == std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
}

TEST_CASE("ReadGit: without a work tree, a commit or a folder there are no facts") {
  if (LookForGit() == Git::kMissing) return;
  const TempFolder plain;
  const auto none = ReadGit(plain.path());
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().code() == Code::kBadInput);
  CHECK(none.error().message().find("repository") != std::string::npos);
  const WorkTree empty(WorkTree::Start::kEmpty);
  const auto no_commit = ReadGit(empty.path());
  REQUIRE_FALSE(no_commit.ok());
  CHECK(no_commit.error().code() == Code::kBadInput);
  CHECK_FALSE(ReadGit(plain / "missing").ok());
}

TEST_CASE("GitTags: the whole commit and seven digits of it") {
  const std::string commit = "0123456789abcdef0123456789abcdef01234567";
  const auto tags = GitTags({.commit = commit});
  REQUIRE(tags.ok());
  REQUIRE(tags.value().size() == 2);
  CHECK(tags.value()[0].text() == commit);
  CHECK(tags.value()[1].text() == "sha-0123456");
  CHECK(GitTags({.commit = std::string(64, 'a')}).ok());
}

TEST_CASE("GitTags: what is no commit is refused") {
  for (const std::string& commit : {std::string(), std::string(39, 'a'), std::string(40, 'A'),
                                    std::string(40, 'g'), std::string(63, 'a')}) {
    CHECK_FALSE(GitTags({.commit = commit}).ok());
  }
}

}  // namespace
}  // namespace ociship::release
