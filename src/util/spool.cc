// SPDX-License-Identifier: Apache-2.0
// Bytes in memory first, then in a file without a name. Tested by spool_test.cc.
#include "util/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "util/text.h"
#include "util/try.h"

namespace ociship::util {
namespace {

// What is taken from the budget at once, so that nothing that was stored is ever moved.
constexpr std::size_t kChunk = 64 * 1024;

// On file systems without O_TMPFILE: a name that is gone before anybody can use it.
int OpenAndUnlink(const std::string& folder) {
  std::string path = folder + "/ociship-XXXXXX";
  const int fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd >= 0) ::unlink(path.c_str());
  return fd;
}

Result<Fd> OpenUnnamed(const std::string& folder) {
  int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) fd = OpenAndUnlink(folder);
  if (fd < 0) return SystemError(Code::kFailure, "cannot make a temporary file in", folder);
  return Fd(fd);
}

Error CannotWrite(const std::string& folder) {
  if (errno == ENOSPC || errno == EDQUOT) {
    return Error(Code::kFailure, StrCat("no space is left in the temporary folder ", Quoted(folder),
                                        ": free some or name another in TMPDIR"));
  }
  return SystemError(Code::kFailure, "cannot write a temporary file in", folder);
}

}  // namespace

SpoolBudget::Grant SpoolBudget::Take(std::size_t bytes) {
  const auto wanted = static_cast<std::int64_t>(bytes);
  std::int64_t left = left_.load();
  while (left >= wanted) {
    if (left_.compare_exchange_weak(left, left - wanted)) return Grant::kGranted;
  }
  return Grant::kFull;
}

void SpoolBudget::Give(std::size_t bytes) { left_ += static_cast<std::int64_t>(bytes); }

Spool::~Spool() { budget_.Give(chunks_.size() * kChunk); }

// Gives what did not find room. Once a byte went to the file, all that follow go there.
ByteView Spool::AppendToMemory(ByteView bytes) {
  while (!bytes.empty() && file_.get() < 0) {
    if (in_memory_ == chunks_.size() * kChunk) {
      if (budget_.Take(kChunk) == SpoolBudget::Grant::kFull) break;
      chunks_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(kChunk));
    }
    const std::size_t at = in_memory_ % kChunk;
    const std::size_t count = std::min(bytes.size(), kChunk - at);
    std::memcpy(chunks_.back().get() + at, bytes.data(), count);
    in_memory_ += count;
    size_ += count;
    bytes = bytes.subspan(count);
  }
  return bytes;
}

Status Spool::AppendToFile(ByteView bytes) {
  if (file_.get() < 0) file_ = TRY(OpenUnnamed(budget_.folder()));
  while (!bytes.empty()) {
    const ssize_t count =
        ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_ - in_memory_));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotWrite(budget_.folder());
    size_ += static_cast<std::uint64_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return Ok();
}

Status Spool::Append(ByteView bytes) {
  const ByteView rest = AppendToMemory(bytes);
  if (rest.empty()) return Ok();
  return AppendToFile(rest);
}

Result<std::size_t> Spool::ReadAt(std::uint64_t offset, std::span<std::uint8_t> buffer) {
  if (offset >= size_ || buffer.empty()) return std::size_t{0};
  if (offset < in_memory_) {
    const auto at = static_cast<std::size_t>(offset % kChunk);
    const auto left =
        static_cast<std::size_t>(std::min<std::uint64_t>(kChunk - at, in_memory_ - offset));
    const std::size_t count = std::min(buffer.size(), left);
    std::memcpy(buffer.data(), chunks_[static_cast<std::size_t>(offset / kChunk)].get() + at,
                count);
    return count;
  }
  for (;;) {
    const ssize_t count =
        ::pread(file_.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset - in_memory_));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) {
      return SystemError(Code::kFailure, "cannot read a temporary file in", budget_.folder());
    }
  }
}

}  // namespace ociship::util
