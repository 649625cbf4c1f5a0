// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_DECODING_READER_H_
#define OCISHIP_CODEC_DECODING_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "codec/compression.h"
#include "codec/input_buffer.h"
#include "ociship/core.h"
#include "util/io.h"

namespace ociship::codec {

// What the readers of all formats have in common: a file is a row of parts (members, frames,
// streams), behind which there may be padding, and must not unpack to more than a limit.
class DecodingReader : public util::Reader {
 public:
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) final;

 protected:
  DecodingReader(InputBuffer input, Trailing trailing, const ExpansionLimit& limit)
      : input_(std::move(input)), trailing_(trailing), limit_(limit) {}

  enum class Found { kPart, kNoPart };
  // Prepares for the part that begins at input(). kNoPart, with nothing of it consumed, when there
  // is none; where parts() is 0 that is an error, which names the format.
  virtual Result<Found> BeginPart() = 0;

  enum class Place { kInPart, kPartEnded };
  struct Step {
    std::size_t filled;  // how much of the buffer
    Place place;
  };
  // A step inside a part, which consumes input, fills some of `buffer`, or ends the part.
  virtual Result<Step> Decode(std::span<std::uint8_t> buffer) = 0;

  InputBuffer& input() { return input_; }
  Trailing trailing() const { return trailing_; }
  // How many were begun.
  std::uint64_t parts() const { return parts_; }

 private:
  enum class Position { kBetweenParts, kInPart, kEnd };

  Status NextPart();
  // Adds to what came out, and compares it with the limit.
  Status Count(std::size_t filled);

  InputBuffer input_;
  Trailing trailing_;
  ExpansionLimit limit_;
  Position position_ = Position::kBetweenParts;
  std::uint64_t parts_ = 0;
  std::uint64_t produced_ = 0;
};

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_DECODING_READER_H_
