// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_COMPRESS_H_
#define OCISHIP_TESTS_SUPPORT_COMPRESS_H_

#include <memory>
#include <string>
#include <string_view>

#include "codec/compression.h"
#include "codec/gzip_writer.h"
#include "util/bytes.h"
#include "util/io.h"

namespace ociship::testing {

// One gzip member with `content`, at most one block.
inline std::string GzipOf(std::string_view content) {
  std::string gzip(util::AsText(codec::GzipHeader()));
  codec::BlockDeflater deflater;
  gzip +=
      util::AsText(deflater.Deflate(util::AsBytes(content), codec::BlockDeflater::Position::kLast));
  gzip += util::AsText(codec::GzipTrailer(codec::Crc32(0, util::AsBytes(content)), content.size()));
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
