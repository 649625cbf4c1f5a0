// SPDX-License-Identifier: Apache-2.0
// Deflates blocks with ISA-L, and its CRC-32. Tested by tests/codec/layer_compression_test.cc.
#include "codec/isal_deflater.h"

#include <isa-l.h>

#include <array>
#include <cstdlib>

#include "util/text.h"

namespace ociship::codec {
namespace {

// What ISA-L writes depends on how its output is cut: with this room one call is always enough.
constexpr std::size_t kRoomBytes = 2 * kBlockBytes + 256 * 1024;
// By level. A part of what decides about the bytes, as the block size is.
constexpr std::array<std::uint32_t, 3> kLevelBufferBytes = {0, ISAL_DEF_LVL1_DEFAULT,
                                                            ISAL_DEF_LVL2_DEFAULT};

// The first bytes of a block go in by a call of their own, at levels 1 and 2. The routine that
// takes long inputs looks up the third byte of a fresh stream under bits 16 to 47 of the *address*
// of the stream (`.write_first_byte` in igzip_icf_body_h1_gr_bt.asm up to ISA-L 2.32.1, where a
// register still holds it), so that about one block in three thousand differs from run to run. The
// one that takes these few does not; it needs more than 3 bytes to begin a history, and 16 are
// short.
constexpr std::uint32_t kFirstBytes = 4;

class IsalDeflater : public BlockCompressor {
 public:
  explicit IsalDeflater(int level)
      : level_buffer_(new std::uint8_t[kLevelBufferBytes.at(static_cast<std::size_t>(level))]) {
    isal_deflate_init(&stream_);
    stream_.level = static_cast<std::uint32_t>(level);
    stream_.level_buf_size = kLevelBufferBytes.at(static_cast<std::size_t>(level));
    stream_.level_buf = level == 0 ? nullptr : level_buffer_.get();
    stream_.gzip_flag = IGZIP_DEFLATE;
  }

  ByteView Compress(ByteView block, Position position) override {
    isal_deflate_reset(&stream_);
    // ISA-L does not write to its input.
    stream_.next_in = const_cast<std::uint8_t*>(block.data());
    stream_.avail_in = static_cast<std::uint32_t>(block.size());
    stream_.next_out = output_.get();
    stream_.avail_out = kRoomBytes;
    if (stream_.level != 0 && block.size() > kFirstBytes) {
      stream_.avail_in = kFirstBytes;
      Deflate(SYNC_FLUSH, Position::kInside);
      stream_.avail_in = static_cast<std::uint32_t>(block.size()) - kFirstBytes;
    }
    // A full flush ends the block on a byte boundary and makes it independent of its neighbours.
    Deflate(FULL_FLUSH, position);
    return {output_.get(), kRoomBytes - stream_.avail_out};
  }

 private:
  void Deflate(std::uint16_t flush, Position position) {
    stream_.flush = flush;
    stream_.end_of_stream = position == Position::kLast ? 1 : 0;
    const int result = isal_deflate(&stream_);
    // Another call would give bytes that depend on this one: better none at all.
    if (result != COMP_OK || stream_.avail_in != 0 || stream_.avail_out == 0) std::abort();
  }

  isal_zstream stream_;
  // Not vectors: nobody needs these megabytes to be zero first.
  std::unique_ptr<std::uint8_t[]> level_buffer_;
  std::unique_ptr<std::uint8_t[]> output_{new std::uint8_t[kRoomBytes]};
};

}  // namespace

std::string IsalName() {
  return util::StrCat("isal-", ISAL_MAJOR_VERSION, ".", ISAL_MINOR_VERSION, ".", ISAL_PATCH_VERSION,
                      "/", kFirstBytes);
}

std::uint32_t Crc32(std::uint32_t crc, ByteView bytes) {
  return crc32_gzip_refl(crc, bytes.data(), bytes.size());
}

std::unique_ptr<BlockCompressor> NewIsalDeflater(int level) {
  return std::make_unique<IsalDeflater>(level);
}

}  // namespace ociship::codec
