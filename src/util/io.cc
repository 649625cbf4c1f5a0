// SPDX-License-Identifier: Apache-2.0
// Readers and sinks over memory and over other readers. Tested by io_test.cc.
#include "util/io.h"

#include <algorithm>

#include "util/text.h"
#include "util/try.h"

namespace ociship::util {
namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kThroughBlock = 256 * 1024;

}  // namespace

Result<std::size_t> ReadFull(Reader& reader, std::span<std::uint8_t> buffer) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const std::size_t count = TRY(reader.Read(buffer.subspan(filled)));
    if (count == 0) break;
    filled += count;
  }
  return filled;
}

Status ReadThrough(Reader& reader) {
  Bytes block(kThroughBlock);
  for (;;) {
    const std::size_t count = TRY(reader.Read(block));
    if (count == 0) return Ok();
  }
}

Result<std::string> ReadAll(Reader& reader, std::size_t limit, std::string_view what) {
  std::string text;
  Bytes block(std::min(limit, kBlock) + 1);
  for (;;) {
    const std::size_t count = TRY(reader.Read(block));
    if (count == 0) return text;
    if (count > limit - text.size()) {
      return Error(Code::kBadInput, StrCat(what, ": larger than ", HumanBytes(limit)));
    }
    text.append(AsText(ByteView(block).first(count)));
  }
}

Result<std::size_t> MemoryReader::Read(std::span<std::uint8_t> buffer) {
  const std::size_t count = std::min(buffer.size(), rest_.size());
  std::copy_n(rest_.begin(), count, buffer.begin());
  rest_ = rest_.subspan(count);
  return count;
}

Result<std::size_t> RangeReader::Read(std::span<std::uint8_t> buffer) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end_ - at_));
  if (count == 0) return std::size_t{0};
  const std::size_t got = TRY(source_.ReadAt(at_, buffer.first(count)));
  if (got == 0) {
    return Error(Code::kBadInput,
                 StrCat("the file ends at byte ", at_, ", byte ", end_, " was expected"));
  }
  at_ += got;
  return got;
}

Status StringSink::Write(ByteView bytes) {
  if (bytes.size() > limit_ - text_.size()) {
    return Error(Code::kBadInput, StrCat("the content is larger than ", HumanBytes(limit_)));
  }
  text_.append(AsText(bytes));
  return Ok();
}

}  // namespace ociship::util
