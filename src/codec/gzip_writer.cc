// SPDX-License-Identifier: Apache-2.0
// Writes gzip (RFC 1952) in blocks of deflate (RFC 1951) that ISA-L makes. Tested by
// tests/codec/gzip_writer_test.cc.
#include "codec/gzip_writer.h"

#include <isa-l.h>

#include <cstdlib>

#include "util/text.h"

namespace ociship::codec {
namespace {

constexpr std::uint32_t kLevel = 1;
// What ISA-L writes depends on how its output is cut: with this room one call is always enough.
constexpr std::size_t kRoomBytes = 2 * kGzipBlockBytes + 256 * 1024;
// A part of what decides about the bytes, as the block size is.
constexpr std::size_t kLevelBufferBytes = ISAL_DEF_LVL1_DEFAULT;

void StoreLittleEndian(std::uint32_t value, std::uint8_t* to) {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

}  // namespace

std::string GzipRecipe() {
  return util::StrCat("isal-", ISAL_MAJOR_VERSION, ".", ISAL_MINOR_VERSION, ".", ISAL_PATCH_VERSION,
                      "/gzip:", kLevel, "/", kGzipBlockBytes);
}

std::array<std::uint8_t, 10> GzipHeader() { return {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}; }

std::array<std::uint8_t, 8> GzipTrailer(std::uint32_t crc, std::uint64_t size) {
  std::array<std::uint8_t, 8> trailer{};
  StoreLittleEndian(crc, trailer.data());
  StoreLittleEndian(static_cast<std::uint32_t>(size), trailer.data() + 4);
  return trailer;
}

std::uint32_t Crc32(std::uint32_t crc, ByteView bytes) {
  return crc32_gzip_refl(crc, bytes.data(), bytes.size());
}

struct BlockDeflater::State {
  isal_zstream stream;
  // Not vectors: nobody needs these megabytes to be zero first.
  std::unique_ptr<std::uint8_t[]> level_buffer{new std::uint8_t[kLevelBufferBytes]};
  std::unique_ptr<std::uint8_t[]> output{new std::uint8_t[kRoomBytes]};
};

BlockDeflater::BlockDeflater() : state_(std::make_unique<State>()) {
  isal_deflate_init(&state_->stream);
  state_->stream.level = kLevel;
  state_->stream.level_buf = state_->level_buffer.get();
  state_->stream.level_buf_size = kLevelBufferBytes;
  state_->stream.gzip_flag = IGZIP_DEFLATE;
}

BlockDeflater::~BlockDeflater() = default;

ByteView BlockDeflater::Deflate(ByteView block, Position position) {
  isal_zstream& stream = state_->stream;
  isal_deflate_reset(&stream);
  // ISA-L does not write to its input.
  stream.next_in = const_cast<std::uint8_t*>(block.data());
  stream.avail_in = static_cast<std::uint32_t>(block.size());
  stream.next_out = state_->output.get();
  stream.avail_out = kRoomBytes;
  // A full flush ends the block on a byte boundary and makes it independent of its neighbours.
  stream.flush = FULL_FLUSH;
  stream.end_of_stream = position == Position::kLast ? 1 : 0;
  const int result = isal_deflate(&stream);
  // A second call would give bytes that depend on the first: better none at all.
  if (result != COMP_OK || stream.avail_in != 0 || stream.avail_out == 0) std::abort();
  return {state_->output.get(), kRoomBytes - stream.avail_out};
}

}  // namespace ociship::codec
