// SPDX-License-Identifier: Apache-2.0
// Files read, written in one step, and locked, by POSIX calls. Tested by file_test.cc.
#include "util/file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <system_error>
#include <thread>

#include "util/text.h"
#include "util/try.h"

namespace ociship::util {
namespace {

// How many names are tried for a temporary file before the folder is called unusable.
constexpr int kTemporaryNames = 1000;

Status WriteAll(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(Code::kFailure, "cannot write", path);
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return Ok();
}

// Writes the content through to the disk and closes the file.
Status WriteAndSync(Fd fd, std::string_view content, const std::string& path) {
  TRY(WriteAll(fd.get(), content, path));
  if (::fsync(fd.get()) != 0) return SystemError(Code::kFailure, "cannot sync", path);
  if (::close(fd.Release()) != 0) return SystemError(Code::kFailure, "cannot close", path);
  return Ok();
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

struct Temporary {
  Fd fd;
  std::string path;
};

// A file beside `path` that nobody else has; it gets `mode` without what the umask takes away.
Result<Temporary> MakeTemporary(const std::string& path, mode_t mode) {
  for (int i = 0; i < kTemporaryNames; ++i) {
    std::string name = StrCat(path, ".tmp-", ::getpid(), "-", i);
    Fd fd(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (fd.get() >= 0) return Temporary{std::move(fd), std::move(name)};
    if (errno != EEXIST) break;
  }
  return SystemError(Code::kFailure, "cannot make a temporary file beside", path);
}

Status KeepMode(int fd, const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return Ok();  // a new file
  if (::fchmod(fd, info.st_mode & 07777) != 0) {
    return SystemError(Code::kFailure, "cannot set the mode of", path);
  }
  return Ok();
}

Status FillAndRename(Temporary temporary, const std::string& path, std::string_view content) {
  TRY(KeepMode(temporary.fd.get(), path));
  TRY(WriteAndSync(std::move(temporary.fd), content, path));
  if (::rename(temporary.path.c_str(), path.c_str()) != 0) {
    return SystemError(Code::kFailure, "cannot replace", path);
  }
  return Ok();
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this == &other) return *this;
  if (fd_ >= 0) ::close(fd_);
  fd_ = other.Release();
  return *this;
}

File::File(Fd fd, std::string name, Kind kind, std::uint64_t begin, std::uint64_t size)
    : fd_(std::move(fd)), name_(std::move(name)), kind_(kind), begin_(begin), size_(size) {}

Result<std::unique_ptr<File>> File::Open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (fd.get() < 0) return SystemError(Code::kBadInput, "cannot open", path);
  return Adopt(std::move(fd), path);
}

Result<std::unique_ptr<File>> File::Adopt(Fd fd, std::string name) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return SystemError(Code::kBadInput, "cannot read", name);
  Kind kind = Kind::kStream;
  if (S_ISREG(info.st_mode)) kind = Kind::kRegular;
  if (S_ISDIR(info.st_mode)) kind = Kind::kDirectory;
  if (kind != Kind::kRegular) {
    return std::unique_ptr<File>(new File(std::move(fd), std::move(name), kind, 0, 0));
  }
  const off_t position = std::clamp<off_t>(::lseek(fd.get(), 0, SEEK_CUR), 0, info.st_size);
  const auto begin = static_cast<std::uint64_t>(position);
  const std::uint64_t size = static_cast<std::uint64_t>(info.st_size) - begin;
  return std::unique_ptr<File>(new File(std::move(fd), std::move(name), kind, begin, size));
}

Result<std::size_t> File::ReadAt(std::uint64_t offset, std::span<std::uint8_t> buffer) {
  if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()) - begin_) {
    return std::size_t{0};
  }
  for (;;) {
    const ssize_t count =
        ::pread(fd_.get(), buffer.data(), buffer.size(), static_cast<off_t>(begin_ + offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return SystemError(Code::kBadInput, "cannot read", name_);
  }
}

// Waits until a Read would not.
Status File::WaitForInput() const {
  constexpr int kSliceMs = 100;  // how long a request to cancel may go unseen
  pollfd input{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  for (;;) {
    TRY(cancel_->Check());
    const int ready = ::poll(&input, 1, kSliceMs);
    if (ready > 0) return Ok();
    if (ready < 0 && errno != EINTR) return SystemError(Code::kBadInput, "cannot read", name_);
  }
}

Result<std::size_t> File::Read(std::span<std::uint8_t> buffer) {
  if (cancel_ != nullptr && kind_ == Kind::kStream) TRY(WaitForInput());
  for (;;) {
    const ssize_t count = ::read(fd_.get(), buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return SystemError(Code::kBadInput, "cannot read", name_);
  }
}

Result<std::string> ReadFile(const std::string& path, std::size_t limit) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (fd.get() < 0) {
    const Code code = errno == ENOENT || errno == ENOTDIR ? Code::kNotFound : Code::kBadInput;
    return SystemError(code, "cannot open", path);
  }
  const std::unique_ptr<File> file = TRY(File::Adopt(std::move(fd), path));
  FileReader reader(*file);
  return ReadAll(reader, limit, Quoted(path));
}

Result<std::string> ReadInputFile(const std::string& path, std::size_t limit) {
  Result<std::string> text = ReadFile(path, limit);
  if (!text.ok()) return std::move(text).error().As(Code::kBadInput);
  return text;
}

Result<std::string> ReadRegularFile(const std::string& path, std::size_t limit) {
  std::error_code problem;
  const std::filesystem::file_status status = std::filesystem::status(path, problem);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return Error(Code::kBadInput, StrCat(Quoted(path), " is no regular file"));
  }
  return ReadFile(path, limit);
}

Status WriteFileAtomically(const std::string& path, std::string_view content, mode_t mode) {
  Temporary temporary = TRY(MakeTemporary(path, mode));
  const std::string name = temporary.path;
  Status written = FillAndRename(std::move(temporary), path, content);
  if (!written.ok()) {
    ::unlink(name.c_str());
    return written;
  }
  return SyncFolder(FolderOf(path));
}

Status WriteResultFile(const std::string& path, std::string_view content, mode_t mode) {
  std::error_code problem;
  const std::filesystem::path target = std::filesystem::weakly_canonical(path, problem);
  const std::filesystem::file_status status = std::filesystem::status(path, problem);
  if (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status)) {
    return WriteFileAtomically(target.empty() ? path : target.string(), content, mode);
  }
  Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (fd.get() < 0) return SystemError(Code::kFailure, "cannot write", path);
  return WriteAll(fd.get(), content, path);
}

Status WriteNewFile(const std::string& path, std::string_view content, mode_t mode) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (fd.get() < 0 && errno == EEXIST) {
    return Error(Code::kBadInput, StrCat(Quoted(path), " exists already and is not overwritten"));
  }
  if (fd.get() < 0) return SystemError(Code::kFailure, "cannot make", path);
  Status written = WriteAndSync(std::move(fd), content, path);
  if (!written.ok()) {
    ::unlink(path.c_str());
    return written;
  }
  return SyncFolder(FolderOf(path));
}

// Some file systems can not sync a folder and say EINVAL; there is nothing better to do on them.
Status SyncFolder(const std::string& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return SystemError(Code::kFailure, "cannot open", folder);
  if (::fsync(fd.get()) != 0 && errno != EINVAL) {
    return SystemError(Code::kFailure, "cannot sync", folder);
  }
  return Ok();
}

Status MakeFolders(const std::string& path) {
  std::error_code problem;
  std::filesystem::create_directories(path, problem);
  if (problem) {
    return Error(Code::kFailure,
                 StrCat("cannot make the folder ", Quoted(path), ": ", problem.message()));
  }
  return Ok();
}

Error SystemError(Code code, std::string_view what, std::string_view path) {
  const int number = errno;
  return Error(code,
               StrCat(what, " ", Quoted(path), ": ", std::generic_category().message(number)));
}

Result<FileLock> FileLock::Take(const std::string& path, int seconds) {
  constexpr std::chrono::milliseconds kPause{20};
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (fd.get() < 0) return SystemError(Code::kFailure, "cannot open the lock file", path);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return SystemError(Code::kFailure, "cannot lock", path);
    if (std::chrono::steady_clock::now() >= end) {
      return Error(Code::kUnavailable,
                   StrCat(Quoted(path), " is still locked by another process after ", seconds,
                          " s: wait until that one has ended"));
    }
    std::this_thread::sleep_for(kPause);
  }
  return FileLock(std::move(fd));
}

}  // namespace ociship::util
