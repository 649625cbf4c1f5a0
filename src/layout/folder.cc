// SPDX-License-Identifier: Apache-2.0
// Files of a layout folder (OCI image-spec image-layout.md, "Content"). Tested by
// tests/layout/folder_test.cc.

#include "layout/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "util/text.h"
#include "util/try.h"

namespace ociship::layout {
namespace {

constexpr std::string_view kLockFileName = ".ociship.lock";
constexpr int kLockSeconds = 60;
constexpr mode_t kFileMode = 0644;  // the umask takes from it
constexpr mode_t kFolderMode = 0777;
constexpr int kMaxNewFiles = 100'000;

using util::Fd;
using util::StrCat;

std::string Join(std::string_view folder, std::string_view name) {
  return StrCat(folder, "/", name);
}

Error FileError(std::string_view path) {
  if (errno == ENOENT) {
    return Error(Code::kNotFound, StrCat(util::Quoted(path), " is not there"));
  }
  if (errno == ELOOP) {
    return Error(Code::kBadInput,
                 StrCat(util::Quoted(path), " is a symbolic link, which is not followed"));
  }
  return util::SystemError(Code::kBadInput, "cannot open", path);
}

Result<Fd> OpenRoot(const std::string& path) {
  Fd root(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (root.get() < 0) return FileError(path);
  return root;
}

Result<Fd> OpenFolderAt(const Fd& at, const std::string& name, std::string_view path) {
  Fd folder(openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (folder.get() >= 0) return folder;
  // Linux says ENOTDIR for a link here; it is told apart for the message.
  struct stat info = {};
  if (errno == ENOTDIR && fstatat(at.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
      S_ISLNK(info.st_mode)) {
    errno = ELOOP;
  }
  return FileError(path);
}

// O_NONBLOCK: a pipe that lies there must not stop us.
Result<std::unique_ptr<util::File>> OpenFileAt(const Fd& at, const std::string& name,
                                               const std::string& path) {
  Fd fd(openat(at.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (fd.get() < 0) return FileError(path);
  std::unique_ptr<util::File> file = TRY(util::File::Adopt(std::move(fd), path));
  if (file->kind() != util::File::Kind::kRegular) {
    return Error(Code::kBadInput, StrCat(util::Quoted(path), " is not a regular file"));
  }
  return file;
}

Result<std::string> ReadFileIn(const std::string& folder, std::string_view name,
                               std::size_t limit) {
  const Fd root = TRY(OpenRoot(folder));
  const std::string path = Join(folder, name);
  const std::unique_ptr<util::File> file = TRY(OpenFileAt(root, std::string(name), path));
  util::FileReader reader(*file);
  return util::ReadAll(reader, limit, util::Quoted(path));
}

Status MakeFolderAt(const Fd& at, const std::string& name, std::string_view path) {
  if (mkdirat(at.get(), name.c_str(), kFolderMode) == 0 || errno == EEXIST) return Ok();
  return util::SystemError(Code::kBadInput, "cannot make the folder", path);
}

// With the lock held.
Status WriteIfMissing(const std::string& folder, std::string_view name, std::string_view content,
                      std::size_t limit) {
  const auto there = ReadFileIn(folder, name, limit);
  if (there.ok()) return Ok();
  if (there.error().code() != Code::kNotFound) return there.error();
  return util::WriteFileAtomically(Join(folder, name), content, kFileMode);
}

}  // namespace

Status Folder::Check() const {
  const std::string text = TRY(ReadFileIn(path_, oci::kLayoutFileName, oci::kMaxLayoutFileBytes));
  if (auto status = oci::CheckLayoutFile(text); !status.ok()) {
    return std::move(status).error().While(util::Quoted(Join(path_, oci::kLayoutFileName)));
  }
  return Ok();
}

Status Folder::Create() const {
  TRY(util::MakeFolders(path_));
  const util::FileLock lock = TRY(util::FileLock::Take(Join(path_, kLockFileName), kLockSeconds));
  // oci-layout comes last: where it is, the layout is whole.
  TRY(WriteIfMissing(path_, oci::kIndexFileName, oci::FormatLayoutIndex({}),
                     oci::kMaxLayoutIndexBytes));
  TRY(WriteIfMissing(path_, oci::kLayoutFileName, oci::FormatLayoutFile(),
                     oci::kMaxLayoutFileBytes));
  return Check();
}

Result<oci::LayoutIndex> Folder::ReadIndex() const {
  const std::string text = TRY(ReadFileIn(path_, oci::kIndexFileName, oci::kMaxLayoutIndexBytes));
  auto index = oci::ParseLayoutIndex(text);
  if (!index.ok()) {
    return std::move(index).error().While(util::Quoted(Join(path_, oci::kIndexFileName)));
  }
  return index;
}

Status Folder::ChangeIndex(const std::function<Result<Change>(oci::LayoutIndex&)>& change) const {
  const util::FileLock lock = TRY(util::FileLock::Take(Join(path_, kLockFileName), kLockSeconds));
  oci::LayoutIndex index = TRY(ReadIndex());
  const Change made = TRY(change(index));
  if (made == Change::kNone) return Ok();
  const std::string text = oci::FormatLayoutIndex(index);
  if (text.size() > oci::kMaxLayoutIndexBytes) {
    return Error(Code::kBadInput,
                 StrCat(util::Quoted(Join(path_, oci::kIndexFileName)),
                        " would become larger than ", util::HumanBytes(oci::kMaxLayoutIndexBytes)));
  }
  return util::WriteFileAtomically(Join(path_, oci::kIndexFileName), text, kFileMode);
}

Result<std::unique_ptr<util::File>> Folder::OpenBlob(const Digest& digest) const {
  const std::string algorithm(digest.algorithm());
  const std::string blobs_path = Join(path_, oci::kBlobsFolderName);
  const std::string folder_path = Join(blobs_path, algorithm);
  const Fd root = TRY(OpenRoot(path_));
  const Fd blobs = TRY(OpenFolderAt(root, std::string(oci::kBlobsFolderName), blobs_path));
  const Fd folder = TRY(OpenFolderAt(blobs, algorithm, folder_path));
  return OpenFileAt(folder, std::string(digest.hex()), Join(folder_path, digest.hex()));
}

Result<NewFile> NewFile::Make(const Folder& folder) {
  Fd root = TRY(OpenRoot(folder.path()));
  for (int number = 0; number < kMaxNewFiles; ++number) {
    std::string name = StrCat(".ociship-", getpid(), "-", number);
    Fd file(openat(root.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   kFileMode));
    if (file.get() >= 0) {
      return NewFile(folder.path(), std::move(root), std::move(file), std::move(name));
    }
    if (errno != EEXIST) break;
  }
  return util::SystemError(Code::kFailure, "cannot make a file in", folder.path());
}

NewFile::~NewFile() {
  if (!name_.empty()) unlinkat(root_.get(), name_.c_str(), 0);
}

Status NewFile::Append(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return util::SystemError(Code::kFailure, "cannot write a blob in", path_);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return Ok();
}

Result<std::unique_ptr<util::File>> NewFile::Reopen() const {
  return OpenFileAt(root_, name_, Join(path_, name_));
}

Status NewFile::BecomeBlob(const Digest& digest) {
  const std::string blobs_name(oci::kBlobsFolderName);
  const std::string algorithm(digest.algorithm());
  const std::string hex(digest.hex());
  const std::string blobs_path = Join(path_, blobs_name);
  const std::string folder_path = Join(blobs_path, algorithm);
  // index.json is synced too: after a power failure it must not name a file that is empty.
  if (fdatasync(file_.get()) != 0) {
    return util::SystemError(Code::kFailure, "cannot write a blob in", path_);
  }
  TRY(MakeFolderAt(root_, blobs_name, blobs_path));
  const Fd blobs = TRY(OpenFolderAt(root_, blobs_name, blobs_path));
  TRY(MakeFolderAt(blobs, algorithm, folder_path));
  const Fd folder = TRY(OpenFolderAt(blobs, algorithm, folder_path));
  if (renameat(root_.get(), name_.c_str(), folder.get(), hex.c_str()) != 0) {
    return util::SystemError(Code::kFailure, "cannot make the blob", Join(folder_path, hex));
  }
  name_.clear();
  return Ok();
}

}  // namespace ociship::layout
