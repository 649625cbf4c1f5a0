// SPDX-License-Identifier: Apache-2.0
// Looks ahead in a stream. Tested by tests/archive/archive_test.cc, since every stream is sniffed.
#include "archive/peek_reader.h"

#include "util/try.h"

namespace ociship::archive {

Result<ByteView> PeekReader::Peek(std::size_t count) {
  const std::size_t have = peeked_.size() - used_;
  if (have < count) {
    peeked_.erase(peeked_.begin(), peeked_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ = 0;
    peeked_.resize(count);
    auto got = util::ReadFull(source_, std::span(peeked_).subspan(have));
    peeked_.resize(have + (got.ok() ? got.value() : 0));
    if (!got.ok()) return std::move(got).error();
  }
  return ByteView(peeked_).subspan(used_, std::min(count, peeked_.size() - used_));
}

Result<std::size_t> PeekReader::Read(std::span<std::uint8_t> buffer) {
  if (used_ == peeked_.size()) return source_.Read(buffer);
  const std::size_t count = std::min(buffer.size(), peeked_.size() - used_);
  std::copy_n(peeked_.begin() + static_cast<std::ptrdiff_t>(used_), count, buffer.begin());
  used_ += count;
  return count;
}

}  // namespace ociship::archive
