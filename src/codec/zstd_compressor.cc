// SPDX-License-Identifier: Apache-2.0
// Compresses blocks to frames of zstd. Tested by tests/codec/layer_compression_test.cc.
#include "codec/zstd_compressor.h"

#include <zstd.h>

#include <cstdlib>

#include "util/text.h"

namespace ociship::codec {
namespace {

// kBlockBytes, so that a reader never needs more, and that tables are not made for larger content.
constexpr int kWindowLog = 19;
static_assert(std::size_t{1} << kWindowLog == kBlockBytes);

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

void Set(ZSTD_CCtx* context, ZSTD_cParameter parameter, int value) {
  if (ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value)) != 0) std::abort();
}

class ZstdCompressor : public BlockCompressor {
 public:
  explicit ZstdCompressor(int level) : level_(level) {}

  ByteView Compress(ByteView block, Position /*position*/) override {
    // A context that was used before might give other bytes: zstd reuses its tables without always
    // clearing them, and newer versions salt them. A new one costs nothing measurable beside half a
    // megabyte of content.
    const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    if (context == nullptr) std::abort();  // no memory
    Set(context.get(), ZSTD_c_compressionLevel, level_);
    Set(context.get(), ZSTD_c_windowLog, kWindowLog);
    Set(context.get(), ZSTD_c_contentSizeFlag, 1);
    Set(context.get(), ZSTD_c_checksumFlag, 1);
    const std::size_t size =
        ZSTD_compress2(context.get(), output_.get(), room_, block.data(), block.size());
    if (ZSTD_isError(size) != 0) std::abort();
    return {output_.get(), size};
  }

 private:
  int level_;
  std::size_t room_ = ZSTD_compressBound(kBlockBytes);
  std::unique_ptr<std::uint8_t[]> output_{new std::uint8_t[room_]};
};

}  // namespace

std::string ZstdName() { return util::StrCat("zstd-", ZSTD_versionString()); }

std::unique_ptr<BlockCompressor> NewZstdCompressor(int level) {
  return std::make_unique<ZstdCompressor>(level);
}

}  // namespace ociship::codec
