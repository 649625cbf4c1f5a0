// SPDX-License-Identifier: Apache-2.0
// A folder with what a TUF client trusts. Tested by tuf_cache_test.cc.
#include "services/tuf_cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include "services/private_folder.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using util::StrCat;

constexpr mode_t kFileMode = 0600;
constexpr std::string_view kRoots = "roots/";
constexpr std::string_view kTargets = "targets/";
constexpr std::string_view kState = "refreshed.txt";
// Of a file that is written and not yet in its place.
constexpr std::string_view kNew = ".ociship-new";
constexpr std::string_view kTemporary = ".json.tmp-";  // as util::WriteFileAtomically has them

std::string LockPath(const std::string& folder) { return folder + "/.lock"; }

Status RemoveFile(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return Ok();
  return util::SystemError(Code::kFailure, "cannot remove", path);
}

bool IsHalfWritten(std::string_view file) {
  return file.ends_with(kNew) || file.find(kTemporary) != std::string_view::npos;
}

// The names below the folder of all files that are ours, without the lock.
std::vector<std::string> OwnFiles(const std::string& folder) {
  std::vector<std::string> files;
  for (const std::string_view part : {std::string_view(), kRoots, kTargets}) {
    for (const std::string& name : FilesIn(StrCat(folder, "/", part))) {
      const bool ours =
          !part.empty() || name.ends_with(".json") || name == kState || IsHalfWritten(name);
      if (ours) files.push_back(StrCat(part, name));
    }
  }
  return files;
}

// With the lock: nobody is writing them any longer.
Status RemoveHalfWritten(const std::string& folder) {
  for (const std::string& file : OwnFiles(folder)) {
    if (IsHalfWritten(file)) TRY(RemoveFile(StrCat(folder, "/", file)));
  }
  return Ok();
}

// The lock file is not for others either, whatever the umask says.
void MakeLockFile(const std::string& folder) {
  const util::Fd made(
      ::open(LockPath(folder).c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kFileMode));
}

// Roots come first and the state last: what was killed between them is no worse than incomplete.
std::vector<std::string> InOrder(const TufChanges& changes) {
  const auto rank = [](const std::string& file) {
    if (file.starts_with(kRoots)) return 0;
    return file == kState ? 2 : 1;
  };
  std::vector<std::string> files;
  for (const auto& [file, content] : changes.files) files.push_back(file);
  std::ranges::stable_sort(files, {}, rank);
  return files;
}

}  // namespace

std::string TufCache::RoleFile(std::string_view role) { return StrCat(FileNameOf(role), ".json"); }
std::string TufCache::RootFile(std::int64_t version) {
  return StrCat(kRoots, version, ".root.json");
}
std::string TufCache::TargetFile(std::string_view path) {
  return StrCat(kTargets, FileNameOf(path));
}
std::string TufCache::StateFile() { return std::string(kState); }

Result<TufCache> TufCache::Open(const std::string& folder, int lock_seconds) {
  TRY(MakePrivateFolder(folder));
  TRY(CheckPrivateFolder(folder));
  MakeLockFile(folder);
  util::FileLock lock = TRY(util::FileLock::Take(LockPath(folder), lock_seconds));
  TRY(RemoveHalfWritten(folder));
  return TufCache(folder, std::move(lock));
}

Result<std::optional<TufCache>> TufCache::OpenToRead(const std::string& folder) {
  const Presence presence = TRY(CheckPrivateFolder(folder));
  switch (presence) {
    case Presence::kAbsent:
      return std::optional<TufCache>();
    case Presence::kPresent:
      break;
  }
  return std::optional<TufCache>(TufCache(folder, std::nullopt));
}

std::string TufCache::PathOfTarget(std::string_view path) const {
  return StrCat(targets_, "/", FileNameOf(path));
}

Result<std::optional<std::string>> TufCache::ReadFile(const std::string& file,
                                                      std::size_t max_bytes) const {
  if (file.starts_with(kRoots)) TRY(CheckPrivateFolder(StrCat(folder_, "/", "roots")));
  return ReadPrivateFile(StrCat(folder_, "/", file), max_bytes);
}

Status TufCache::Stage(const TufChanges& changes) const {
  for (const auto& [file, content] : changes.files) {
    if (!content) continue;
    const std::string path = StrCat(folder_, "/", file);
    if (file.find('/') != std::string::npos) {
      TRY(MakePrivateFolder(path.substr(0, path.rfind('/'))));
    }
    TRY(WritePrivateFile(StrCat(path, kNew), *content));
  }
  return Ok();
}

Status TufCache::Commit(const TufChanges& changes) const {
  if (changes.others == TufChanges::Others::kRemoved) {
    // What is replaced is there all the time: who reads must not take it for something missing.
    for (const std::string& file : OwnFiles(folder_)) {
      if (IsHalfWritten(file) || changes.files.contains(file)) continue;
      TRY(RemoveFile(StrCat(folder_, "/", file)));
    }
  }
  for (const std::string& file : InOrder(changes)) {
    const std::string path = StrCat(folder_, "/", file);
    if (!changes.files.at(file)) {
      TRY(RemoveFile(path));
    } else if (::rename(StrCat(path, kNew).c_str(), path.c_str()) != 0) {
      return util::SystemError(Code::kFailure, "cannot replace", path);
    }
  }
  for (const std::string_view part : {kRoots, kTargets, std::string_view()}) {
    // File systems that can not say so are no worse off.
    static_cast<void>(util::SyncFolder(StrCat(folder_, "/", part)));
  }
  return Ok();
}

Status TufCache::Apply(const TufChanges& changes) {
  TRY(RemoveHalfWritten(folder_));
  Status done = Stage(changes);
  if (done.ok()) done = Commit(changes);
  if (done.ok()) return done;
  static_cast<void>(RemoveHalfWritten(folder_));
  return done;
}

Result<std::optional<std::string>> TufCache::Read(std::string_view role,
                                                  std::size_t max_bytes) const {
  return ReadFile(RoleFile(role), max_bytes);
}

Status TufCache::Write(std::string_view role, std::string_view bytes) {
  return Apply({.files = {{RoleFile(role), std::string(bytes)}}});
}

Status TufCache::Remove(std::string_view role) {
  return RemoveFile(StrCat(folder_, "/", RoleFile(role)));
}

// Whoever wrote it: it is compared with what the metadata says. One that can not be read is as good
// as none.
Result<std::optional<std::string>> TufCache::ReadTarget(std::string_view path,
                                                        std::size_t max_bytes) const {
  Result<std::optional<std::string>> target = ReadPrivateFile(PathOfTarget(path), max_bytes);
  if (target.ok()) return target;
  return std::optional<std::string>();
}

Status TufCache::WriteTarget(std::string_view path, std::string_view bytes) {
  TRY(MakePrivateFolder(targets_));
  return util::WriteFileAtomically(PathOfTarget(path), bytes, kFileMode);
}

}  // namespace ociship::services
