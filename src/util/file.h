// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_FILE_H_
#define OCISHIP_UTIL_FILE_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "util/io.h"

namespace ociship::util {

// Owns a file descriptor.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  ~Fd();
  Fd(Fd&& other) noexcept : fd_(other.Release()) {}
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;

  int get() const { return fd_; }
  int Release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

// A file that is open for reading. Errors are kBadInput and name the path.
class File : public RandomReader {
 public:
  enum class Kind { kRegular, kDirectory, kStream };  // kStream: pipe, socket, character device

  static Result<std::unique_ptr<File>> Open(const std::string& path);
  // Takes a descriptor that is open, for instance a duplicate of standard input. Of a regular file
  // only what stands behind its present position counts, since somebody else may have read before.
  static Result<std::unique_ptr<File>> Adopt(Fd fd, std::string name);

  Kind kind() const { return kind_; }
  // As it was opened: for messages.
  const std::string& name() const { return name_; }
  // Of a regular file, from where it stood when it was adopted; 0 for others.
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<std::uint8_t> buffer) override;
  // From the current position on.
  Result<std::size_t> Read(std::span<std::uint8_t> buffer);
  // From now on a Read that waits for a stream ends with kInterrupted once `cancel` is requested.
  void WatchCancel(const Cancel& cancel) { cancel_ = &cancel; }

 private:
  File(Fd fd, std::string name, Kind kind, std::uint64_t begin, std::uint64_t size);
  Status WaitForInput() const;

  Fd fd_;
  std::string name_;
  Kind kind_;
  std::uint64_t begin_;  // of what is read, in the file
  std::uint64_t size_;
  const Cancel* cancel_ = nullptr;
};

// Reads a File from its current position on.
class FileReader : public Reader {
 public:
  explicit FileReader(File& file) : file_(file) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override { return file_.Read(buffer); }

 private:
  File& file_;
};

// The whole file, at most `limit` bytes. kNotFound when it does not exist, else kBadInput.
Result<std::string> ReadFile(const std::string& path, std::size_t limit);

// The same of a file that a person named: kBadInput also where it does not exist.
Result<std::string> ReadInputFile(const std::string& path, std::size_t limit);

// The same of a regular file alone: kBadInput for a pipe, which would be waited for.
Result<std::string> ReadRegularFile(const std::string& path, std::size_t limit);

// Replaces the file in one step: written beside it, synced, renamed. `mode` is for a new file.
Status WriteFileAtomically(const std::string& path, std::string_view content, mode_t mode);

// The file that a person named for a result: a regular one, or one that is not there yet, is
// replaced in one step, wherever links lead; a device or a pipe is written to.
Status WriteResultFile(const std::string& path, std::string_view content, mode_t mode);

// Makes a file that must not exist yet; kBadInput when it does.
Status WriteNewFile(const std::string& path, std::string_view content, mode_t mode);

// After this a rename in the folder outlives a power cut, if its file system has a way to do so.
Status SyncFolder(const std::string& folder);

// Makes a folder and its parents where they are missing.
Status MakeFolders(const std::string& path);

// The current errno as an Error: what + quoted path + reason, as in
// cannot open "x": No such file or directory
Error SystemError(Code code, std::string_view what, std::string_view path);

// An exclusive lock on a file of this name, made where it is missing and held until destruction.
// Waits at most `seconds`; then kUnavailable.
class FileLock {
 public:
  static Result<FileLock> Take(const std::string& path, int seconds);

 private:
  explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_FILE_H_
