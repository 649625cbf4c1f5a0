// SPDX-License-Identifier: Apache-2.0
// A bounded pipe for the body of a request. Tested by body_pipe_test.cc.
#include "registry/body_pipe.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "util/try.h"

namespace ociship::registry {
namespace {

// How long a request to cancel may go unseen: it comes from a signal handler, which cannot wake
// anybody.
constexpr std::chrono::milliseconds kSlice{100};

}  // namespace

template <typename Ready>
Status BodyPipe::WaitFor(Lock& lock, const util::Cancel& cancel, Ready ready) {
  while (!ready()) {
    TRY(cancel.Check());
    changed_.wait_for(lock, kSlice, ready);
  }
  return Ok();
}

Result<BodyPipe::Put> BodyPipe::Write(ByteView bytes, const util::Cancel& cancel) {
  while (!bytes.empty()) {
    std::uint64_t used = 0;
    std::uint64_t begin = 0;
    {
      Lock lock(mutex_);
      TRY(WaitFor(lock, cancel, [this] { return ended_ || put_ - taken_ < capacity_; }));
      if (ended_) return Put::kEnded;
      used = put_ - taken_;
      begin = put_ % capacity_;
    }
    // The room that was free stays free until put_ moves, so the copy needs no lock.
    const auto room = static_cast<std::size_t>(std::min(capacity_ - used, capacity_ - begin));
    const std::size_t count = std::min(room, bytes.size());
    std::memcpy(ring_.get() + begin, bytes.data(), count);
    bytes = bytes.subspan(count);
    const Lock lock(mutex_);
    put_ += count;
    changed_.notify_all();
  }
  return Put::kTaken;
}

void BodyPipe::Close() {
  const Lock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void BodyPipe::Abort() {
  const Lock lock(mutex_);
  aborted_ = true;
  changed_.notify_all();
}

Status BodyPipe::WaitForEnd(const util::Cancel& cancel) {
  Lock lock(mutex_);
  return WaitFor(lock, cancel, [this] { return ended_; });
}

Result<std::size_t> BodyPipe::Read(std::span<std::uint8_t> buffer) {
  std::uint64_t begin = 0;
  std::size_t count = 0;
  {
    Lock lock(mutex_);
    changed_.wait(lock, [this] { return aborted_ || closed_ || put_ > taken_; });
    if (aborted_) return Error(Code::kInterrupted, "an upload was given up");
    if (put_ == taken_) {
      drained_ = true;
      return std::size_t{0};
    }
    begin = taken_ % capacity_;
    count = static_cast<std::size_t>(
        std::min<std::uint64_t>({put_ - taken_, capacity_ - begin, buffer.size()}));
  }
  std::memcpy(buffer.data(), ring_.get() + begin, count);
  const Lock lock(mutex_);
  taken_ += count;
  changed_.notify_all();
  return count;
}

void BodyPipe::End() {
  const Lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

std::uint64_t BodyPipe::taken() const {
  const Lock lock(mutex_);
  return taken_;
}

bool BodyPipe::drained() const {
  const Lock lock(mutex_);
  return drained_;
}

}  // namespace ociship::registry
