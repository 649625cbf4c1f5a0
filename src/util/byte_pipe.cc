// SPDX-License-Identifier: Apache-2.0
// A bounded pipe between two threads. Tested by byte_pipe_test.cc.
#include "util/byte_pipe.h"

#include <algorithm>

namespace ociship::util {

Status BytePipe::Write(ByteView bytes) {
  std::unique_lock lock(mutex_);
  while (!bytes.empty()) {
    changed_.wait(lock, [this] { return failed_ || used_ < ring_.size(); });
    if (failed_) return *failed_;
    const std::size_t end = (begin_ + used_) % ring_.size();
    const std::size_t room = std::min(ring_.size() - used_, ring_.size() - end);
    const std::size_t count = std::min(room, bytes.size());
    std::copy_n(bytes.begin(), count, ring_.begin() + static_cast<std::ptrdiff_t>(end));
    used_ += count;
    bytes = bytes.subspan(count);
    changed_.notify_all();
  }
  return Ok();
}

void BytePipe::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void BytePipe::Fail(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!failed_) failed_ = error;
  changed_.notify_all();
}

Result<std::size_t> BytePipe::Read(std::span<std::uint8_t> buffer) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return failed_ || closed_ || used_ > 0; });
  if (failed_) return *failed_;
  const std::size_t count = std::min({used_, ring_.size() - begin_, buffer.size()});
  std::copy_n(ring_.begin() + static_cast<std::ptrdiff_t>(begin_), count, buffer.begin());
  begin_ = (begin_ + count) % ring_.size();
  used_ -= count;
  changed_.notify_all();
  return count;
}

}  // namespace ociship::util
