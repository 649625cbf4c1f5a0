// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_ZSTD_READER_H_
#define OCISHIP_CODEC_ZSTD_READER_H_

#include <cstdint>
#include <memory>
#include <span>

#include "codec/compression.h"
#include "codec/input_buffer.h"
#include "ociship/core.h"
#include "util/io.h"

namespace ociship::codec {

// Whether zstd data, or a skippable frame (RFC 8878 sections 3.1.1 and 3.1.2), begins here.
bool IsZstdFrame(ByteView first);

// The content of all frames of a zstd file (RFC 8878).
class ZstdReader : public util::Reader {
 public:
  ZstdReader(InputBuffer input, Trailing trailing);
  ~ZstdReader() override;

  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override;

 private:
  struct State;
  enum class Position { kBetweenFrames, kInFrame, kEnd };

  Status BeginFrame();
  Result<std::size_t> Decode(std::span<std::uint8_t> buffer);

  InputBuffer input_;
  Trailing trailing_;
  Position position_ = Position::kBetweenFrames;
  std::uint64_t frames_ = 0;
  std::unique_ptr<State> state_;
};

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_ZSTD_READER_H_
