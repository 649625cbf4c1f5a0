// SPDX-License-Identifier: Apache-2.0
// Tells compressed formats by their first bytes and opens a reader for them.
// Tested by tests/codec/compression_test.cc.
#include "codec/compression.h"

#include <utility>

#include "codec/bzip2_reader.h"
#include "codec/gzip_reader.h"
#include "codec/input_buffer.h"
#include "codec/xz_reader.h"
#include "codec/zstd_reader.h"

namespace ociship::codec {
namespace {

bool IsGzipMember(ByteView first) {
  return first.size() >= 2 && first[0] == 0x1f && first[1] == 0x8b;
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
  if (IsGzipMember(first)) return Compression::kGzip;
  if (IsZstdFrame(first)) return Compression::kZstd;
  if (IsXzStream(first)) return Compression::kXz;
  if (IsBzip2Stream(first)) return Compression::kBzip2;
  return Compression::kNone;
}

Result<std::unique_ptr<util::Reader>> Decompress(Compression compression,
                                                 std::unique_ptr<util::Reader> source,
                                                 Trailing trailing, std::string_view what,
                                                 const ExpansionLimit& limit) {
  if (compression == Compression::kNone) return source;
  InputBuffer input(std::move(source), what);
  std::unique_ptr<util::Reader> reader;
  switch (compression) {
    case Compression::kNone:
      break;
    case Compression::kGzip:
      reader = std::make_unique<GzipReader>(std::move(input), trailing, limit);
      break;
    case Compression::kZstd:
      reader = std::make_unique<ZstdReader>(std::move(input), trailing, limit);
      break;
    case Compression::kXz:
      reader = std::make_unique<XzReader>(std::move(input), trailing, limit);
      break;
    case Compression::kBzip2:
      reader = std::make_unique<Bzip2Reader>(std::move(input), trailing, limit);
      break;
  }
  return reader;
}

}  // namespace ociship::codec
