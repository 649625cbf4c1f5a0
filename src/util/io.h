// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_IO_H_
#define OCISHIP_UTIL_IO_H_

#include <cstdint>
#include <span>
#include <string>

#include "ociship/core.h"
#include "ociship/store.h"
#include "util/bytes.h"

namespace ociship::util {

// Bytes that are pulled. Used by one thread at a time.
class Reader {
 public:
  virtual ~Reader() = default;
  // Fills up to buffer.size() bytes, at least one unless the end is reached; 0 at the end. Blocks.
  virtual Result<std::size_t> Read(std::span<std::uint8_t> buffer) = 0;
};

// Bytes at any place, of a size that is known. Safe to use from several threads.
class RandomReader {
 public:
  virtual ~RandomReader() = default;
  virtual std::uint64_t size() const = 0;
  // As Reader::Read, from `offset` on.
  virtual Result<std::size_t> ReadAt(std::uint64_t offset, std::span<std::uint8_t> buffer) = 0;
};

// Fills the whole buffer if there is as much; gives how much there was.
Result<std::size_t> ReadFull(Reader& reader, std::span<std::uint8_t> buffer);

// Reads to the end and keeps nothing.
Status ReadThrough(Reader& reader);

// All of it. kBadInput when there are more than `limit` bytes; `what` is how the message calls it.
Result<std::string> ReadAll(Reader& reader, std::size_t limit, std::string_view what);

// Reads memory that somebody else owns.
class MemoryReader : public Reader {
 public:
  explicit MemoryReader(ByteView bytes) : rest_(bytes) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override;

 private:
  ByteView rest_;
};

// The part [offset, offset + size) of a RandomReader, in order.
class RangeReader : public Reader {
 public:
  RangeReader(RandomReader& source, std::uint64_t offset, std::uint64_t size)
      : source_(source), at_(offset), end_(offset + size) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override;

 private:
  RandomReader& source_;
  std::uint64_t at_;
  std::uint64_t end_;
};

// Keeps everything in memory, up to a limit; more is kBadInput.
class StringSink : public ByteSink {
 public:
  explicit StringSink(std::size_t limit) : limit_(limit) {}
  Status Write(ByteView bytes) override;
  std::string& text() { return text_; }

 private:
  std::size_t limit_;
  std::string text_;
};

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_IO_H_
