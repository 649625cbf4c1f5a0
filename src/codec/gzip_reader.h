// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_GZIP_READER_H_
#define OCISHIP_CODEC_GZIP_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "codec/compression.h"
#include "codec/decoding_reader.h"
#include "codec/input_buffer.h"
#include "ociship/core.h"

namespace ociship::codec {

// The content of all members of a gzip file (RFC 1952), with CRC and length of each checked.
class GzipReader : public DecodingReader {
 public:
  GzipReader(InputBuffer input, Trailing trailing, const ExpansionLimit& limit);
  ~GzipReader() override;

 private:
  struct State;

  Result<Found> BeginPart() override;
  Result<Step> Decode(std::span<std::uint8_t> buffer) override;
  Status ReadHeader();
  Status SkipHeaderField(std::size_t size);
  Status SkipHeaderText();

  std::unique_ptr<State> state_;
};

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_GZIP_READER_H_
