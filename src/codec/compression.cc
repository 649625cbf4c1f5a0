// SPDX-License-Identifier: Apache-2.0
// Tells compressed formats by their first bytes and opens a reader for them (RFC 1952, RFC 8878).
// Tested by tests/codec/compression_test.cc.
#include "codec/compression.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/gzip_reader.h"
#include "codec/input_buffer.h"
#include "codec/zstd_reader.h"
#include "util/text.h"

namespace ociship::codec {
namespace {

constexpr std::array<std::uint8_t, 2> kGzipMagic = {0x1f, 0x8b};
constexpr std::array<std::uint8_t, 6> kXzMagic = {0xfd, '7', 'z', 'X', 'Z', 0x00};
constexpr std::array<std::uint8_t, 3> kBzip2Magic = {'B', 'Z', 'h'};

template <std::size_t kSize>
bool BeginsWith(ByteView first, const std::array<std::uint8_t, kSize>& magic) {
  return first.size() >= kSize && std::ranges::equal(first.first(kSize), magic);
}

}  // namespace

std::string_view Name(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
    case Compression::kXz:
      return "xz";
    case Compression::kBzip2:
      return "bzip2";
  }
  return "";
}

Compression SniffCompression(ByteView first) {
  if (BeginsWith(first, kGzipMagic)) return Compression::kGzip;
  if (IsZstdFrame(first)) return Compression::kZstd;
  if (BeginsWith(first, kXzMagic)) return Compression::kXz;
  // The digit is the block size; without it a text could begin like this.
  if (BeginsWith(first, kBzip2Magic) && first.size() > 3 && first[3] >= '1' && first[3] <= '9') {
    return Compression::kBzip2;
  }
  return Compression::kNone;
}

Result<std::unique_ptr<util::Reader>> Decompress(Compression compression,
                                                 std::unique_ptr<util::Reader> source,
                                                 Trailing trailing, std::string_view what) {
  switch (compression) {
    case Compression::kNone:
      return source;
    case Compression::kGzip:
      return std::unique_ptr<util::Reader>(
          std::make_unique<GzipReader>(InputBuffer(std::move(source), what), trailing));
    case Compression::kZstd:
      return std::unique_ptr<util::Reader>(
          std::make_unique<ZstdReader>(InputBuffer(std::move(source), what), trailing));
    case Compression::kXz:
    case Compression::kBzip2:
      break;
  }
  return Error(Code::kBadInput,
               util::StrCat(what, ": ", Name(compression),
                            " is not supported yet, compress it with gzip or zstd instead"));
}

}  // namespace ociship::codec
