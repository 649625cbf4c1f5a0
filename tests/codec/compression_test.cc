// SPDX-License-Identifier: Apache-2.0
#include "codec/compression.h"

#include <doctest/doctest.h>

#include <string>

#include "codec/layer_compression.h"
#include "samples.h"
#include "util/bytes.h"

namespace ociship::codec {
namespace {

using namespace std::string_literals;
using util::AsBytes;
using util::AsText;

std::string Body(std::string_view text) {
  const auto deflater = LayerCompression::Gzip().NewCompressor();
  return std::string(AsText(deflater->Compress(AsBytes(text), BlockCompressor::Position::kLast)));
}

std::string Trailer(std::string_view text) {
  return std::string(
      AsText(LayerCompression::Gzip().Trailer(Crc32(0, AsBytes(text)), text.size())));
}

std::string Gzip(std::string_view text) { return Store(text, "gzip"); }

// A frame with one raw block (RFC 8878 section 3.1.1), at most 255 bytes.
std::string Zstd(std::string_view text) {
  const auto block = static_cast<std::uint32_t>(text.size() << 3 | 1);
  std::string frame = "\x28\xb5\x2f\xfd\x20"s;
  frame += static_cast<char>(text.size());
  for (int i = 0; i < 3; ++i) frame += static_cast<char>(block >> (8 * i));
  return frame + std::string(text);
}

const std::string kSkippable = "\x5a\x2a\x4d\x18\x03\x00\x00\x00xyz"s;

}  // namespace

TEST_CASE("SniffCompression: known formats are told by their first bytes") {
  CHECK(SniffCompression(AsBytes(Gzip("a"))) == Compression::kGzip);
  CHECK(SniffCompression(AsBytes(Zstd("a"))) == Compression::kZstd);
  CHECK(SniffCompression(AsBytes(kSkippable)) == Compression::kZstd);
  CHECK(SniffCompression(AsBytes("\xfd\x37zXZ\0\0\0"s)) == Compression::kXz);
  CHECK(SniffCompression(AsBytes("BZh91AY"s)) == Compression::kBzip2);
}

TEST_CASE("SniffCompression: everything else is not compressed") {
  for (const std::string& text :
       {""s, "\x1f"s, "\x28\xb5\x2f"s, "{\"a\":1}"s, "BZhello"s, std::string(512, '\0')}) {
    CHECK(SniffCompression(AsBytes(text)) == Compression::kNone);
  }
}

TEST_CASE("Decompress: content without compression passes as it is") {
  CHECK(Expand(Compression::kNone, "abc").value() == "abc");
}

TEST_CASE("gzip: content comes back for every size of reads") {
  const std::string text = Repeated(300'000);
  const std::string file = Gzip(text);
  for (const std::size_t step : {1, 7, 4096, 1 << 20}) {
    CHECK(Expand(Compression::kGzip, file, Trailing::kRefuse, step).value() == text);
  }
}

TEST_CASE("gzip: an empty content is no error") {
  CHECK(Expand(Compression::kGzip, Gzip("")).value().empty());
}

TEST_CASE("gzip: members follow each other") {
  std::string file;
  for (int i = 0; i < 50; ++i) file += Gzip(i % 7 == 0 ? "" : "piece ");
  const std::string text = Expand(Compression::kGzip, file, Trailing::kRefuse, 13).value();
  CHECK(text.size() == 6 * 42);
}

TEST_CASE("gzip: all optional header fields are skipped, however they are cut") {
  // FHCRC, FEXTRA, FNAME, FCOMMENT (RFC 1952 section 2.3.1).
  const std::string header = "\x1f\x8b\x08\x1e\0\0\0\0\0\xff\x04\0abcdname\0comment\0\x12\x34"s;
  const std::string file = header + Body("hello") + Trailer("hello");
  for (std::size_t step = 1; step < file.size(); ++step) {
    CHECK(Expand(Compression::kGzip, file, Trailing::kRefuse, step).value() == "hello");
  }
}

TEST_CASE("gzip: a file cut off anywhere is refused") {
  const std::string file = Gzip(Repeated(2000));
  for (std::size_t size = 0; size < file.size(); ++size) {
    RequireRefusal(Expand(Compression::kGzip, file.substr(0, size)), "cut off");
  }
}

TEST_CASE("gzip: a second member cut off behind its magic is refused") {
  const std::string file = Gzip("one");
  for (std::size_t size = file.size() + 2; size < 2 * file.size(); ++size) {
    RequireRefusal(Expand(Compression::kGzip, (file + file).substr(0, size)), "cut off");
  }
}

TEST_CASE("gzip: a wrong checksum or length is refused") {
  const std::string file = Gzip("hello");
  for (std::size_t back = 1; back <= 8; ++back) {
    std::string damaged = file;
    damaged[damaged.size() - back] ^= 1;
    RequireRefusal(Expand(Compression::kGzip, damaged), "checksum");
  }
}

TEST_CASE("gzip: an unknown method, unknown flags and damaged data are refused") {
  std::string file = Gzip("hello");
  file[2] = 7;
  RequireRefusal(Expand(Compression::kGzip, file), "method");
  file = Gzip("hello");
  file[3] = '\x80';
  RequireRefusal(Expand(Compression::kGzip, file), "flags");
  file = Gzip("hello");
  file[10] = '\xff';
  RequireRefusal(Expand(Compression::kGzip, file), "damaged");
}

TEST_CASE("gzip: an endless name in the header is refused") {
  const std::string file = "\x1f\x8b\x08\x08\0\0\0\0\0\xff"s + std::string(1 << 20, 'n');
  RequireRefusal(Expand(Compression::kGzip, file), "header is too long");
}

TEST_CASE("gzip: zeros behind the data are taken around an archive and refused in a layer") {
  const std::string file = Gzip("hello") + std::string(200'000, '\0');
  CHECK(Expand(Compression::kGzip, file, Trailing::kAllowPadding).value() == "hello");
  RequireRefusal(Expand(Compression::kGzip, file, Trailing::kRefuse), "other bytes after");
}

TEST_CASE("gzip: other bytes behind the data are refused everywhere") {
  for (const Trailing trailing : {Trailing::kRefuse, Trailing::kAllowPadding}) {
    RequireRefusal(Expand(Compression::kGzip, Gzip("a") + "x", trailing), "other bytes after");
    RequireRefusal(
        Expand(Compression::kGzip, Gzip("a") + std::string(200'000, '\0') + "x", trailing),
        "other bytes after");
  }
}

TEST_CASE("zstd: frames follow each other, skippable frames are passed over") {
  const std::string file = kSkippable + Zstd("one ") + kSkippable + Zstd("") + Zstd("two");
  for (const std::size_t step : {1, 3, 1000}) {
    CHECK(Expand(Compression::kZstd, file, Trailing::kRefuse, step).value() == "one two");
  }
}

TEST_CASE("zstd: a file cut off inside a frame is refused") {
  const std::string first = Zstd("one");
  const std::string file = first + Zstd("two");
  for (std::size_t size = 4; size < file.size(); ++size) {
    if (size >= first.size() && size < first.size() + 4) continue;
    RequireRefusal(Expand(Compression::kZstd, file.substr(0, size)), "cut off");
  }
}

TEST_CASE("zstd: trailing bytes are judged as in gzip") {
  const std::string file = Zstd("one");
  CHECK(Expand(Compression::kZstd, file + std::string(9, '\0'), Trailing::kAllowPadding).value() ==
        "one");
  RequireRefusal(Expand(Compression::kZstd, file + std::string(9, '\0')), "other bytes after");
  RequireRefusal(Expand(Compression::kZstd, file + "abc"), "other bytes after");
  RequireRefusal(Expand(Compression::kZstd, file + "abc", Trailing::kAllowPadding),
                 "other bytes after");
}

TEST_CASE("zstd: a file of nothing but skippable frames is empty") {
  CHECK(Expand(Compression::kZstd, kSkippable).value().empty());
  CHECK(Expand(Compression::kZstd, Skippable(8) + Skippable(300'000)).value().empty());
}

TEST_CASE("zstd: a skippable frame that is cut off is refused") {
  for (std::size_t size = 0; size < kSkippable.size(); ++size) {
    RequireRefusal(Expand(Compression::kZstd, kSkippable.substr(0, size)), "cut off");
  }
}

TEST_CASE("zstd: a wrong checksum is refused") {
  std::string file = Store("hello", "zstd");
  CHECK(Expand(Compression::kZstd, file).value() == "hello");
  file.back() = static_cast<char>(file.back() ^ 1);
  RequireRefusal(Expand(Compression::kZstd, file), "checksum");
}

TEST_CASE("zstd: damaged data is refused") {
  std::string file = Zstd("hello");
  file[6] = '\x07';  // the reserved block type
  RequireRefusal(Expand(Compression::kZstd, file), "damaged");
}

TEST_CASE("zstd: a window of 128 MiB is taken and a larger one refused") {
  // No single segment, a window descriptor (RFC 8878 section 3.1.1.1.2), one raw block.
  const std::string block = "\x29\0\0hello"s;
  const std::string allowed = "\x28\xb5\x2f\xfd\0"s + "\x88"s + block;  // 2^27
  CHECK(Expand(Compression::kZstd, allowed).value() == "hello");
  const std::string larger = "\x28\xb5\x2f\xfd\0"s + "\x90"s + block;  // 2^28
  RequireRefusal(Expand(Compression::kZstd, larger), "128 MiB");
}

}  // namespace ociship::codec
