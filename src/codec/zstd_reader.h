// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_ZSTD_READER_H_
#define OCISHIP_CODEC_ZSTD_READER_H_

#include <cstdint>
#include <memory>
#include <span>

#include "codec/compression.h"
#include "codec/decoding_reader.h"
#include "codec/input_buffer.h"
#include "ociship/core.h"

namespace ociship::codec {

// Whether zstd data, or a skippable frame (RFC 8878 sections 3.1.1 and 3.1.2), begins here.
bool IsZstdFrame(ByteView first);

// The content of all frames of a zstd file (RFC 8878), with the checksums that they have verified.
// A file of nothing but skippable frames is empty.
class ZstdReader : public DecodingReader {
 public:
  ZstdReader(InputBuffer input, Trailing trailing, const ExpansionLimit& limit);
  ~ZstdReader() override;

 private:
  struct State;

  Result<Found> BeginPart() override;
  Result<Step> Decode(std::span<std::uint8_t> buffer) override;

  std::unique_ptr<State> state_;
};

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_ZSTD_READER_H_
