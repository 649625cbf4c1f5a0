// SPDX-License-Identifier: Apache-2.0
// A folder with what a TUF client trusts. Tested by tuf_cache_test.cc.
#include "services/tuf_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "crypto/hash.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/try.h"
#include "util/url.h"

namespace ociship::services {
namespace {

using util::StrCat;

// Nobody holds the lock longer than an update takes.
constexpr int kLockSeconds = 60;
constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;
// File systems have names of at most 255 bytes, and a temporary one is longer.
constexpr std::size_t kMaxFileName = 200;

// One name of a folder for every name of a role or target. A '%' is encoded too, so that a hash
// that stands for a long name is nobody else's name.
std::string FileNameOf(std::string_view name) {
  std::string encoded = util::PercentEncode(name);
  if (encoded.size() > kMaxFileName) {
    encoded = StrCat("%", crypto::Sha256(util::AsBytes(name)).hex());
  }
  // "." and ".." are no names of files.
  if (encoded == "." || encoded == "..") encoded.insert(0, "%");
  return encoded;
}

std::string LockPath(const std::string& folder) { return folder + "/.lock"; }
std::string StatePath(const std::string& folder) { return folder + "/refreshed.txt"; }

Result<std::optional<std::string>> ReadIfThere(const std::string& path, std::size_t max_bytes) {
  struct stat there {};
  if (::stat(path.c_str(), &there) != 0) return std::optional<std::string>();
  if (!S_ISREG(there.st_mode) || std::cmp_greater(there.st_size, max_bytes)) {
    return std::optional<std::string>();
  }
  Result<std::string> text = util::ReadRegularFile(path, max_bytes);
  if (!text.ok()) return std::move(text).error().As(Code::kFailure);
  return std::optional<std::string>(std::move(text).value());
}

std::string ParentOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

// Others must not read which images are verified here, nor write what is trusted.
Status MakePrivateFolder(const std::string& path) {
  if (path.find('/') != std::string::npos && !ParentOf(path).empty()) {
    TRY(util::MakeFolders(ParentOf(path)));
  }
  if (::mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return util::SystemError(Code::kFailure, "cannot make the folder", path);
  }
  return Ok();
}

Status CheckOwned(const std::string& folder) {
  struct stat there {};
  if (::stat(folder.c_str(), &there) != 0) {
    return util::SystemError(Code::kFailure, "cannot use the folder", folder);
  }
  if ((there.st_mode & S_IWOTH) == 0) return Ok();
  return Error(Code::kTrustMaterial,
               StrCat("everybody may write to ", util::Quoted(folder),
                      ", so what is in it can not be trusted: chmod 700 it, or remove it"))
      .Because("tuf-cache");
}

bool IsThere(const std::string& folder) {
  struct stat there {};
  return ::stat(folder.c_str(), &there) == 0;
}

}  // namespace

Result<TufCache> TufCache::Open(const std::string& folder) {
  TRY(MakePrivateFolder(folder));
  TRY(CheckOwned(folder));
  util::FileLock lock = TRY(util::FileLock::Take(LockPath(folder), kLockSeconds));
  return TufCache(folder, std::move(lock));
}

Result<std::optional<TufCache>> TufCache::OpenToRead(const std::string& folder) {
  if (!IsThere(folder)) return std::optional<TufCache>();
  TRY(CheckOwned(folder));
  Result<util::FileLock> lock = util::FileLock::Take(LockPath(folder), kLockSeconds);
  if (lock.ok()) return std::optional<TufCache>(TufCache(folder, std::move(lock).value()));
  if (lock.error().code() == Code::kUnavailable) return std::move(lock).error();
  return std::optional<TufCache>(TufCache(folder, std::nullopt));
}

std::string TufCache::PathOf(std::string_view role) const {
  return StrCat(folder_, "/", FileNameOf(role), ".json");
}

std::string TufCache::PathOfTarget(std::string_view path) const {
  return StrCat(targets_, "/", FileNameOf(path));
}

Result<std::optional<std::string>> TufCache::Read(std::string_view role,
                                                  std::size_t max_bytes) const {
  return ReadIfThere(PathOf(role), max_bytes);
}

Status TufCache::Write(std::string_view role, std::string_view bytes) {
  return util::WriteFileAtomically(PathOf(role), bytes, kFileMode);
}

Status TufCache::Remove(std::string_view role) {
  const std::string path = PathOf(role);
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return Ok();
  return util::SystemError(Code::kFailure, "cannot remove", path);
}

Result<std::optional<std::string>> TufCache::ReadTarget(std::string_view path,
                                                        std::size_t max_bytes) const {
  return ReadIfThere(PathOfTarget(path), max_bytes);
}

Status TufCache::WriteTarget(std::string_view path, std::string_view bytes) {
  TRY(MakePrivateFolder(targets_));
  return util::WriteFileAtomically(PathOfTarget(path), bytes, kFileMode);
}

Result<std::optional<std::string>> TufCache::ReadState(std::size_t max_bytes) const {
  return ReadIfThere(StatePath(folder_), max_bytes);
}

Status TufCache::WriteState(std::string_view bytes) {
  return util::WriteFileAtomically(StatePath(folder_), bytes, kFileMode);
}

}  // namespace ociship::services
