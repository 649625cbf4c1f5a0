// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_BODY_PIPE_H_
#define OCISHIP_REGISTRY_BODY_PIPE_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

#include "ociship/core.h"
#include "util/cancel.h"
#include "util/io.h"

namespace ociship::registry {

// Carries the body of a request from the thread that makes it to the thread that sends it. Holds a
// bounded number of bytes. Other than util::BytePipe it tells the maker when the sender has
// stopped, counts what was taken, and its waits on the maker's side can be cancelled. One thread on
// each side.
class BodyPipe : public util::Reader {
 public:
  explicit BodyPipe(std::size_t capacity)
      : capacity_(capacity), ring_(std::make_unique_for_overwrite<std::uint8_t[]>(capacity)) {}

  // The maker's side.
  enum class Put { kTaken, kEnded };
  // Waits for room. kEnded: the sender has stopped, the bytes are lost. kInterrupted.
  Result<Put> Write(ByteView bytes, const util::Cancel& cancel);
  // No more bytes come.
  void Close();
  // Read fails from now on, also where it waits.
  void Abort();
  // Waits until the sender has stopped. kInterrupted.
  Status WaitForEnd(const util::Cancel& cancel);

  // The sender's side.
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override;
  // The sender reads no further.
  void End();

  // How many bytes the sender has taken, and whether it has seen the end of them.
  std::uint64_t taken() const;
  bool drained() const;

 private:
  using Lock = std::unique_lock<std::mutex>;
  // Waits until `ready` or the cancel.
  template <typename Ready>
  Status WaitFor(Lock& lock, const util::Cancel& cancel, Ready ready);

  const std::size_t capacity_;
  const std::unique_ptr<std::uint8_t[]> ring_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t put_ = 0;  // bytes since the beginning; put_ - taken_ are in the ring
  std::uint64_t taken_ = 0;
  bool closed_ = false;
  bool aborted_ = false;
  bool ended_ = false;
  bool drained_ = false;
};

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_BODY_PIPE_H_
