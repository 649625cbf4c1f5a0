// SPDX-License-Identifier: Apache-2.0
// Deflates blocks with zlib. Tested by tests/codec/layer_compression_test.cc.
#include "codec/zlib_deflater.h"

#include <zlib.h>

#include <cstdlib>

#include "util/text.h"

namespace ociship::codec {
namespace {

// Raw deflate with the largest window; the other is zlib's own default. Both decide about the
// bytes.
constexpr int kWindowBits = -15;
constexpr int kMemoryLevel = 8;
// deflateBound knows no flush: the end of a block and an empty stored block.
constexpr std::size_t kFlushBytes = 64;

class ZlibDeflater : public BlockCompressor {
 public:
  explicit ZlibDeflater(int level) {
    const int result =
        deflateInit2(&stream_, level, Z_DEFLATED, kWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY);
    if (result != Z_OK) std::abort();  // no memory
    room_ = deflateBound(&stream_, kBlockBytes) + kFlushBytes;
    output_.reset(new std::uint8_t[room_]);
  }
  ~ZlibDeflater() override { deflateEnd(&stream_); }
  ZlibDeflater(const ZlibDeflater&) = delete;
  ZlibDeflater& operator=(const ZlibDeflater&) = delete;

  ByteView Compress(ByteView block, Position position) override {
    if (deflateReset(&stream_) != Z_OK) std::abort();
    // zlib does not write to its input. It refuses a null pointer, which an empty block may have.
    stream_.next_in = block.empty() ? output_.get() : const_cast<std::uint8_t*>(block.data());
    stream_.avail_in = static_cast<unsigned>(block.size());
    stream_.next_out = output_.get();
    stream_.avail_out = static_cast<unsigned>(room_);
    // A full flush ends the block on a byte boundary and makes it independent of its neighbours.
    const int flush = position == Position::kLast ? Z_FINISH : Z_FULL_FLUSH;
    const int result = deflate(&stream_, flush);
    const int expected = position == Position::kLast ? Z_STREAM_END : Z_OK;
    // A second call would give bytes that depend on the first: better none at all.
    if (result != expected || stream_.avail_in != 0 || stream_.avail_out == 0) std::abort();
    return {output_.get(), room_ - stream_.avail_out};
  }

 private:
  z_stream stream_ = {};
  std::size_t room_ = 0;
  std::unique_ptr<std::uint8_t[]> output_;
};

}  // namespace

std::string ZlibName() { return util::StrCat("zlib-", zlibVersion()); }

std::unique_ptr<BlockCompressor> NewZlibDeflater(int level) {
  return std::make_unique<ZlibDeflater>(level);
}

}  // namespace ociship::codec
