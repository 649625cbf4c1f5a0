// SPDX-License-Identifier: Apache-2.0
// Folders and files that are believed because nobody else can write them. Tested by
// tuf_cache_test.cc.
#include "services/private_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "crypto/hash.h"
#include "tuf/refusal.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"
#include "util/url.h"

namespace ociship::services {
namespace {

using util::StrCat;

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;
// File systems have names of at most 255 bytes, and a temporary one is longer.
constexpr std::size_t kMaxFileName = 200;
constexpr mode_t kOthersMayWrite = S_IWGRP | S_IWOTH;

Error NotTrusted(std::string message) {
  return tuf::Refuse(tuf::reason::kCache, std::move(message));
}

Error NotReadable(const std::string& path) {
  return util::SystemError(Code::kTrustMaterial, "cannot read the cache", path)
      .Because(tuf::reason::kCache);
}

// `there` is of the descriptor that is read, not of whatever has the name a moment later.
Status CheckOwner(const struct stat& there, const std::string& path) {
  if (there.st_uid != ::geteuid() && there.st_uid != 0) {
    return NotTrusted(StrCat(util::Quoted(path),
                             " belongs to another user, so what is in it can not be trusted: "
                             "remove it, or set TUF_ROOT to a folder of your own"));
  }
  if ((there.st_mode & kOthersMayWrite) == 0) return Ok();
  return NotTrusted(StrCat("others may write to ", util::Quoted(path),
                           ", so what is in it can not be trusted: remove it, or, if nobody did, "
                           "chmod go-w it"));
}

}  // namespace

std::string FileNameOf(std::string_view name) {
  std::string encoded = util::PercentEncode(name);
  if (encoded.size() > kMaxFileName) {
    encoded = StrCat("%", crypto::Sha256(util::AsBytes(name)).hex());
  }
  // "." and ".." are no names of files.
  if (encoded == "." || encoded == "..") encoded.insert(0, "%");
  return encoded;
}

Status MakePrivateFolder(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), kFolderMode) != 0 && errno != EEXIST) {
      // A part that is there may be one that nothing can be made in.
      struct stat there {};
      const int why = errno;
      if (::stat(part.c_str(), &there) != 0 || !S_ISDIR(there.st_mode)) {
        errno = why;
        return util::SystemError(Code::kFailure, "cannot make the folder", part);
      }
    }
    if (end == std::string::npos) return Ok();
  }
}

Result<Presence> CheckPrivateFolder(const std::string& path) {
  const util::Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (fd.get() < 0) {
    if (errno == ENOENT) return Presence::kAbsent;
    if (errno != ELOOP && errno != ENOTDIR) return NotReadable(path);
    return NotTrusted(StrCat(util::Quoted(path),
                             " is a link, or no folder: remove it, or name the folder itself"));
  }
  struct stat there {};
  if (::fstat(fd.get(), &there) != 0) return NotReadable(path);
  TRY(CheckOwner(there, path));
  return Presence::kPresent;
}

Result<std::optional<std::string>> ReadPrivateFile(const std::string& path, std::size_t max_bytes) {
  util::Fd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (fd.get() < 0) {
    if (errno == ENOENT) return std::optional<std::string>();
    return NotReadable(path);
  }
  struct stat there {};
  if (::fstat(fd.get(), &there) != 0) return NotReadable(path);
  if (!S_ISREG(there.st_mode)) {
    return NotTrusted(StrCat(util::Quoted(path), " is no regular file: remove it"));
  }
  TRY(CheckOwner(there, path));
  if (std::cmp_greater(there.st_size, max_bytes)) return std::optional<std::string>();
  const std::unique_ptr<util::File> file = TRY(util::File::Adopt(std::move(fd), path));
  util::FileReader reader(*file);
  Result<std::string> text = util::ReadAll(reader, max_bytes, util::Quoted(path));
  if (text.ok()) return std::optional<std::string>(std::move(text).value());
  return std::move(text).error().As(Code::kTrustMaterial).Because(tuf::reason::kCache);
}

Status WritePrivateFile(const std::string& path, std::string_view bytes) {
  Status written = util::WriteNewFile(path, bytes, kFileMode);
  if (written.ok()) return written;
  return std::move(written).error().As(Code::kFailure);
}

std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code problem;
  std::filesystem::directory_iterator entries(folder, problem);
  while (!problem && entries != std::filesystem::directory_iterator()) {
    const std::filesystem::file_status status = entries->symlink_status(problem);
    if (!problem && std::filesystem::is_regular_file(status)) {
      names.push_back(entries->path().filename().string());
    }
    entries.increment(problem);
  }
  return names;
}

}  // namespace ociship::services
