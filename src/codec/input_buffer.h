// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_INPUT_BUFFER_H_
#define OCISHIP_CODEC_INPUT_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "codec/compression.h"
#include "ociship/core.h"
#include "util/bytes.h"
#include "util/io.h"

namespace ociship::codec {

// The zeros that may follow compressed data where padding is taken.
inline constexpr std::uint64_t kMaxPaddingBytes = std::uint64_t{1} << 30;

// The compressed bytes on their way into a decoder.
class InputBuffer {
 public:
  InputBuffer(std::unique_ptr<util::Reader> source, std::string_view what)
      : source_(std::move(source)), what_(what), buffer_(kBytes) {}

  // What was read and not consumed.
  ByteView rest() const { return ByteView(buffer_).subspan(begin_, end_ - begin_); }
  void Consume(std::size_t count) {
    begin_ += count;
    consumed_ += count;
  }
  // How many bytes were consumed since the beginning.
  std::uint64_t consumed() const { return consumed_; }

  // Reads until rest() has `count` bytes (at most kBytes) or the source ends.
  Status Want(std::size_t count);

  enum class Next { kByte, kEnd };
  // Whether there is anything left.
  Result<Next> Peek();

  // Judges everything that is left, which belongs to no compressed data.
  Status ReadTrailing(Trailing trailing);

  // "WHAT: REASON", kBadInput.
  Error Bad(std::string_view reason) const;

 private:
  static constexpr std::size_t kBytes = 128 * 1024;

  std::unique_ptr<util::Reader> source_;
  std::string what_;
  util::Bytes buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t consumed_ = 0;
};

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_INPUT_BUFFER_H_
