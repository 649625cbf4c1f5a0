// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_CODEC_SAMPLES_H_
#define OCISHIP_TESTS_CODEC_SAMPLES_H_

#include <bzlib.h>
#include <doctest/doctest.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "codec/compression.h"
#include "codec/layer_compression.h"
#include "piece_reader.h"
#include "util/bytes.h"
#include "util/io.h"
#include "util/text.h"

namespace ociship::codec {

inline Result<std::string> Expand(Compression compression, const std::string& text,
                                  Trailing trailing = Trailing::kRefuse,
                                  std::size_t step = 1 << 20) {
  auto reader = Decompress(compression, std::make_unique<testing::PieceReader>(text, step),
                           trailing, "\"sample\"");
  if (!reader.ok()) return std::move(reader).error();
  return util::ReadAll(*reader.value(), 64 << 20, "the content");
}

// Lines that compress a little.
inline std::string Repeated(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += util::StrCat("line ", i * i, "\n");
  text.resize(size);
  return text;
}

inline void RequireRefusal(const Result<std::string>& result, std::string_view reason) {
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code() == Code::kBadInput);
  CHECK_MESSAGE(result.error().message().find(reason) != std::string::npos,
                result.error().message());
  CHECK(result.error().message().starts_with("\"sample\": "));
}

// `content` in one gzip member or one row of frames of zstd, as layers are stored.
inline std::string Store(std::string_view content, std::string_view how) {
  const LayerCompression compression = LayerCompression::Parse(how).value();
  const std::unique_ptr<BlockCompressor> compressor = compression.NewCompressor();
  std::string file(util::AsText(compression.Header()));
  std::string_view rest = content;
  do {
    const std::string_view block = rest.substr(0, kBlockBytes);
    rest.remove_prefix(block.size());
    const auto position =
        rest.empty() ? BlockCompressor::Position::kLast : BlockCompressor::Position::kInside;
    file += util::AsText(compressor->Compress(util::AsBytes(block), position));
  } while (!rest.empty());
  const std::uint32_t crc = Crc32(0, util::AsBytes(content));
  return file.append(util::AsText(compression.Trailer(crc, content.size())));
}

// One gzip member in one piece, as gzip -9 makes it.
inline std::string GzipOf(std::string_view content) {
  z_stream stream = {};
  // 16: with header and trailer of gzip.
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string file(deflateBound(&stream, content.size()), '\0');
  stream.next_in = const_cast<std::uint8_t*>(util::AsBytes(content).data());
  stream.avail_in = static_cast<unsigned>(content.size());
  stream.next_out = reinterpret_cast<std::uint8_t*>(file.data());
  stream.avail_out = static_cast<unsigned>(file.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  file.resize(stream.total_out);
  deflateEnd(&stream);
  return file;
}

// One frame without a checksum.
inline std::string ZstdOf(std::string_view content) {
  std::string file(ZSTD_compressBound(content.size()), '\0');
  const std::size_t size =
      ZSTD_compress(file.data(), file.size(), content.data(), content.size(), 1);
  REQUIRE(ZSTD_isError(size) == 0);
  file.resize(size);
  return file;
}

// A skippable frame (RFC 8878 section 3.1.2) of `size` bytes, at least 8.
inline std::string Skippable(std::size_t size) {
  REQUIRE(size >= 8);
  std::string frame = "\x5a\x2a\x4d\x18";
  for (int i = 0; i < 4; ++i) frame += static_cast<char>((size - 8) >> (8 * i));
  frame.resize(size, 'x');
  return frame;
}

// One stream of .xz.
inline std::string XzOf(std::string_view content, lzma_check check = LZMA_CHECK_CRC64) {
  std::string file(lzma_stream_buffer_bound(content.size()), '\0');
  std::size_t size = 0;
  const lzma_ret result =
      lzma_easy_buffer_encode(0, check, nullptr, util::AsBytes(content).data(), content.size(),
                              reinterpret_cast<std::uint8_t*>(file.data()), &size, file.size());
  REQUIRE(result == LZMA_OK);
  file.resize(size);
  return file;
}

// One stream of bzip2.
inline std::string Bzip2Of(std::string_view content, int level = 9) {
  std::string file(content.size() + content.size() / 100 + 600, '\0');
  auto size = static_cast<unsigned>(file.size());
  // libbz2 does not write to its input.
  const int result = BZ2_bzBuffToBuffCompress(file.data(), &size, const_cast<char*>(content.data()),
                                              static_cast<unsigned>(content.size()), level, 0, 0);
  REQUIRE(result == BZ_OK);
  file.resize(size);
  return file;
}

}  // namespace ociship::codec

#endif  // OCISHIP_TESTS_CODEC_SAMPLES_H_
