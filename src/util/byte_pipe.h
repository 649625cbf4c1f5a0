// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_BYTE_PIPE_H_
#define OCISHIP_UTIL_BYTE_PIPE_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>

#include "ociship/core.h"
#include "ociship/store.h"
#include "util/bytes.h"
#include "util/io.h"

namespace ociship::util {

// Joins a thread that pushes bytes with one that pulls them. Holds at most `capacity` bytes: who
// pushes waits while it is full, who pulls while it is empty. One thread on each side.
class BytePipe : public Reader, public ByteSink {
 public:
  explicit BytePipe(std::size_t capacity) : ring_(capacity) {}

  // Waits for room. The error of Fail once that was called.
  Status Write(ByteView bytes) override;
  // No more bytes come; Read gives 0 after the last.
  void Close();
  // Both sides get `error` from now on, also where they wait. The first call counts.
  void Fail(const Error& error);

  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Bytes ring_;
  std::size_t begin_ = 0;
  std::size_t used_ = 0;
  bool closed_ = false;
  std::optional<Error> failed_;
};

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_BYTE_PIPE_H_
