// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_XZ_READER_H_
#define OCISHIP_CODEC_XZ_READER_H_

#include <cstdint>
#include <memory>
#include <span>

#include "codec/compression.h"
#include "codec/decoding_reader.h"
#include "codec/input_buffer.h"
#include "ociship/core.h"

namespace ociship::codec {

// Whether a stream of the .xz file format, section 2.1.1.1, begins here.
bool IsXzStream(ByteView first);

// The content of all streams of an .xz file, with the checksums that they have verified; a checksum
// of an unknown kind is kBadInput. The decoder takes at most 128 MiB of memory.
class XzReader : public DecodingReader {
 public:
  XzReader(InputBuffer input, Trailing trailing, const ExpansionLimit& limit);
  ~XzReader() override;

 private:
  struct State;

  Result<Found> BeginPart() override;
  Result<Step> Decode(std::span<std::uint8_t> buffer) override;
  // Reads the zeros behind a stream and gives whether another one follows.
  Result<Found> ReadPadding();

  std::unique_ptr<State> state_;
};

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_XZ_READER_H_
