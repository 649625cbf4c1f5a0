// SPDX-License-Identifier: Apache-2.0
// The state of a work tree, asked of the git program: git-rev-parse(1), and the porcelain format of
// git-status(1). Tested by tests/release/git_test.cc.

#include "release/git.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "util/process.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::release {
namespace {

constexpr std::size_t kSha1HexDigits = 40;
constexpr std::size_t kSha256HexDigits = 64;
constexpr std::size_t kShortDigits = 7;
constexpr std::size_t kNamedPaths = 3;
constexpr std::size_t kPathColumn = 3;  // "XY path"
constexpr std::size_t kMaxStatusBytes = 64 << 20;
constexpr std::chrono::seconds kTimeLimit{300};  // a large tree on a cold disk

using util::StrCat;

bool IsCommitId(std::string_view text) {
  return (text.size() == kSha1HexDigits || text.size() == kSha256HexDigits) &&
         std::ranges::all_of(
             text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

struct Changes {
  std::vector<std::string> named;  // the first kNamedPaths, quoted
  std::size_t count = 0;
};

// "XY path" NUL, and after a rename or copy the old path and another NUL.
Changes ParseStatus(std::string_view status) {
  Changes changes;
  enum class Next { kEntry, kOldPath };
  Next next = Next::kEntry;
  for (const std::string_view piece : util::Split(status, '\0')) {
    if (next == Next::kOldPath || piece.size() <= kPathColumn) {
      next = Next::kEntry;
      continue;
    }
    const bool has_old_path = piece.substr(0, 2).find_first_of("RC") != std::string_view::npos;
    next = has_old_path ? Next::kOldPath : Next::kEntry;
    if (changes.named.size() < kNamedPaths) {
      changes.named.push_back(util::Quoted(piece.substr(kPathColumn)));
    }
    ++changes.count;
  }
  return changes;
}

Status CheckClean(std::string_view status) {
  if (status.empty()) return Ok();
  const Changes changes = ParseStatus(status);
  std::string names;
  for (const std::string& name : changes.named) {
    names += StrCat(names.empty() ? "" : ", ", name);
  }
  if (changes.count > changes.named.size()) {
    names += StrCat(" and ", changes.count - changes.named.size(), " more");
  }
  return Error(Code::kBadInput, StrCat("the work tree has changes that are in no commit (", names,
                                       "), commit, stash or ignore them"));
}

Result<GitFacts> Read(const std::string& folder) {
  const std::string head = TRY(RunGit(folder, {"rev-parse", "--verify", "HEAD^{commit}"}));
  const std::string_view commit = util::Trim(head);
  if (!IsCommitId(commit)) {
    return Error(Code::kBadInput, StrCat("git gave no commit: ", util::Quoted(commit)));
  }
  const std::string status =
      TRY(RunGit(folder, {"status", "--porcelain=v1", "-z", "--untracked-files=normal"}));
  TRY(CheckClean(status));
  return GitFacts{.commit = std::string(commit)};
}

}  // namespace

Result<std::string> RunGit(const std::string& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"git", "--no-optional-locks"});
  const util::ProcessOutput output = TRY(util::RunProcess(
      arguments, {.folder = folder, .output_limit = kMaxStatusBytes, .time_limit = kTimeLimit}));
  if (output.exit_status != 0) {
    return Error(Code::kBadInput, StrCat("git says: ", util::Printable(util::Trim(output.errors))));
  }
  return output.output;
}

Result<GitFacts> ReadGit(const std::string& folder) {
  auto facts = Read(folder);
  if (!facts.ok()) {
    return std::move(facts).error().While(
        StrCat("git facts of ", util::Quoted(folder.empty() ? "." : folder)));
  }
  return facts;
}

Result<std::vector<Tag>> GitTags(const GitFacts& facts) {
  if (!IsCommitId(facts.commit)) {
    return Error(Code::kBadInput, StrCat("no commit: ", util::Quoted(facts.commit)));
  }
  Tag whole = TRY(Tag::Parse(facts.commit));
  Tag shortened = TRY(Tag::Parse(StrCat("sha-", facts.commit.substr(0, kShortDigits))));
  return std::vector<Tag>{std::move(whole), std::move(shortened)};
}

}  // namespace ociship::release
