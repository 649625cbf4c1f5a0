// SPDX-License-Identifier: Apache-2.0
// Buffers compressed input and judges what follows it. Tested by tests/codec/compression_test.cc.
#include "codec/input_buffer.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "util/text.h"
#include "util/try.h"

namespace ociship::codec {

Status InputBuffer::Want(std::size_t count) {
  count = std::min(count, kBytes);
  if (end_ - begin_ >= count) return Ok();
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  while (end_ < count) {
    const std::size_t got = TRY(source_->Read(std::span(buffer_).subspan(end_)));
    if (got == 0) break;
    end_ += got;
  }
  return Ok();
}

Result<InputBuffer::Next> InputBuffer::Peek() {
  TRY(Want(1));
  return begin_ < end_ ? Next::kByte : Next::kEnd;
}

Status InputBuffer::ReadTrailing(Trailing trailing) {
  std::uint64_t padding = 0;
  while (true) {
    const Next next = TRY(Peek());
    if (next == Next::kEnd) return Ok();
    const bool zeros = std::ranges::all_of(rest(), [](std::uint8_t byte) { return byte == 0; });
    if (trailing == Trailing::kRefuse || !zeros) {
      return Bad("it goes on with other bytes after the compressed data");
    }
    padding += rest().size();
    if (padding > kMaxPaddingBytes) return Bad("it is padded with zeros without an end");
    Consume(rest().size());
  }
}

Error InputBuffer::Bad(std::string_view reason) const {
  return Error(Code::kBadInput, util::StrCat(what_, ": ", reason));
}

}  // namespace ociship::codec
