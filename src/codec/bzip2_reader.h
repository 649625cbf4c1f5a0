// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_BZIP2_READER_H_
#define OCISHIP_CODEC_BZIP2_READER_H_

#include <cstdint>
#include <memory>
#include <span>

#include "codec/compression.h"
#include "codec/decoding_reader.h"
#include "codec/input_buffer.h"
#include "ociship/core.h"

namespace ociship::codec {

// Whether a bzip2 stream begins here.
bool IsBzip2Stream(ByteView first);

// The content of all streams of a bzip2 file, with the checksums of blocks and streams verified.
class Bzip2Reader : public DecodingReader {
 public:
  Bzip2Reader(InputBuffer input, Trailing trailing, const ExpansionLimit& limit);
  ~Bzip2Reader() override;

 private:
  struct State;

  Result<Found> BeginPart() override;
  Result<Step> Decode(std::span<std::uint8_t> buffer) override;

  std::unique_ptr<State> state_;
};

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_BZIP2_READER_H_
