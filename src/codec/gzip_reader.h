// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_GZIP_READER_H_
#define OCISHIP_CODEC_GZIP_READER_H_

#include <cstdint>
#include <memory>
#include <span>

#include "codec/compression.h"
#include "codec/input_buffer.h"
#include "ociship/core.h"
#include "util/io.h"

namespace ociship::codec {

// The content of all members of a gzip file (RFC 1952), with CRC and length of each checked.
class GzipReader : public util::Reader {
 public:
  GzipReader(InputBuffer input, Trailing trailing);
  ~GzipReader() override;

  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override;

 private:
  struct State;
  enum class Position { kBetweenMembers, kInMember, kEnd };

  // The header of the next member, or the end.
  Status BeginMember();
  Status ReadHeader();
  Status SkipHeaderField(std::size_t size);
  Status SkipHeaderText();
  // A step inside a member; gives how much of `buffer` was filled.
  Result<std::size_t> Inflate(std::span<std::uint8_t> buffer);

  InputBuffer input_;
  Trailing trailing_;
  Position position_ = Position::kBetweenMembers;
  std::uint64_t members_ = 0;
  std::unique_ptr<State> state_;
};

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_GZIP_READER_H_
