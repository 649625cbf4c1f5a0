// SPDX-License-Identifier: Apache-2.0
// Goes through the parts of a compressed file and stops decompression bombs.
// Tested by tests/codec/compression_test.cc and tests/codec/decoding_reader_test.cc.
#include "codec/decoding_reader.h"

#include <algorithm>

#include "util/text.h"
#include "util/try.h"

namespace ociship::codec {

Result<std::size_t> DecodingReader::Read(std::span<std::uint8_t> buffer) {
  if (buffer.empty()) return std::size_t{0};
  while (position_ != Position::kEnd) {
    if (position_ == Position::kBetweenParts) {
      TRY(NextPart());
      continue;
    }
    const Step step = TRY(Decode(buffer));
    if (step.place == Place::kPartEnded) position_ = Position::kBetweenParts;
    if (step.filled == 0) continue;
    TRY(Count(step.filled));
    return step.filled;
  }
  return std::size_t{0};
}

Status DecodingReader::NextPart() {
  const Found found = TRY(BeginPart());
  if (found == Found::kPart) {
    position_ = Position::kInPart;
    ++parts_;
    return Ok();
  }
  TRY(input_.ReadTrailing(trailing_));
  position_ = Position::kEnd;
  return Ok();
}

Status DecodingReader::Count(std::size_t filled) {
  produced_ += filled;
  if (produced_ > limit_.max_bytes) {
    return input_.Bad(util::StrCat("it unpacks to more than ", util::HumanBytes(limit_.max_bytes),
                                   "; --max-layer-size SIZE allows more"));
  }
  std::uint64_t packed = input_.consumed();
  if (limit_.outermost != nullptr) packed = std::min(packed, *limit_.outermost);
  // Divided and not multiplied, so that nothing overflows: more than RATIO bytes for each byte.
  if (limit_.ratio == ExpansionLimit::Ratio::kCapped && produced_ > kExpansionGrace &&
      (produced_ - 1) / kMaxExpansionRatio >= packed) {
    return input_.Bad(util::StrCat("it unpacks to more than ", kMaxExpansionRatio,
                                   " times its size; --max-layer-size SIZE allows it"));
  }
  return Ok();
}

}  // namespace ociship::codec
