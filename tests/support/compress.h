// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_COMPRESS_H_
#define OCISHIP_TESTS_SUPPORT_COMPRESS_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "codec/compression.h"
#include "codec/layer_compression.h"
#include "util/bytes.h"
#include "util/io.h"

namespace ociship::testing {

// One gzip member with `content`, at most one block.
inline std::string GzipOf(std::string_view content) {
  const codec::LayerCompression compression = codec::LayerCompression::Gzip();
  const std::unique_ptr<codec::BlockCompressor> compressor = compression.NewCompressor();
  const ByteView bytes = util::AsBytes(content);
  std::string gzip(util::AsText(compression.Header()));
  gzip += util::AsText(compressor->Compress(bytes, codec::BlockCompressor::Position::kLast));
  gzip += util::AsText(compression.Trailer(codec::Crc32(0, bytes), content.size()));
  return gzip;
}

// What a gzip of any number of members holds. Empty when it is damaged.
inline std::string GunzipOf(std::string_view gzip) {
  auto plain = codec::Decompress(codec::Compression::kGzip,
                                 std::make_unique<util::MemoryReader>(util::AsBytes(gzip)),
                                 codec::Trailing::kRefuse, "gzip");
  if (!plain.ok()) return "";
  Result<std::string> all = util::ReadAll(*plain.value(), 1 << 28, "gzip");
  return all.ok() ? std::move(all).value() : "";
}

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_COMPRESS_H_
