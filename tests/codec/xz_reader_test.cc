// SPDX-License-Identifier: Apache-2.0
#include "codec/xz_reader.h"

#include <doctest/doctest.h>

#include <string>

#include "codec/layer_compression.h"
#include "samples.h"
#include "util/bytes.h"

namespace ociship::codec {
namespace {

using namespace std::string_literals;
using util::AsBytes;

constexpr std::size_t kStreamHeaderBytes = 12;

void WriteCrc(std::string& file, std::size_t begin, std::size_t end) {
  const std::uint32_t crc = Crc32(0, AsBytes(file).subspan(begin, end - begin));
  for (std::size_t i = 0; i < 4; ++i) file[end + i] = static_cast<char>(crc >> (8 * i));
}

// A file whose first block asks for another dictionary (.xz file format, section 5.3.1).
std::string WithDictionary(std::string file, char size_code) {
  const std::size_t header_size = (static_cast<std::size_t>(file[kStreamHeaderBytes]) + 1) * 4;
  const std::size_t filter = file.find("\x21\x01"s, kStreamHeaderBytes);
  REQUIRE(filter < kStreamHeaderBytes + header_size);
  file[filter + 2] = size_code;
  WriteCrc(file, kStreamHeaderBytes, kStreamHeaderBytes + header_size - 4);
  return file;
}

}  // namespace

TEST_CASE("xz: content comes back for every size of reads and every kind of checksum") {
  const std::string text = Repeated(300'000);
  for (const lzma_check check :
       {LZMA_CHECK_NONE, LZMA_CHECK_CRC32, LZMA_CHECK_CRC64, LZMA_CHECK_SHA256}) {
    const std::string file = XzOf(text, check);
    for (const std::size_t step : {1, 7, 4096, 1 << 20}) {
      CHECK(Expand(Compression::kXz, file, Trailing::kRefuse, step).value() == text);
    }
  }
}

TEST_CASE("xz: an unknown kind of checksum is refused") {
  std::string file = XzOf("hello");
  file[7] = 0x02;  // reserved (.xz file format, section 2.1.1.2)
  WriteCrc(file, 6, 8);
  RequireRefusal(Expand(Compression::kXz, file), "unknown kind of checksum");
}

TEST_CASE("xz: a wrong checksum is refused") {
  for (const lzma_check check : {LZMA_CHECK_CRC32, LZMA_CHECK_CRC64, LZMA_CHECK_SHA256}) {
    std::string file = XzOf("hello", check);
    const std::size_t at = file.find("hello");  // stored, since it is too short to compress
    REQUIRE(at != std::string::npos);
    file[at] = 'j';
    RequireRefusal(Expand(Compression::kXz, file), "damaged");
  }
}

TEST_CASE("xz: streams follow each other, also empty ones and with padding between them") {
  const std::string empty = XzOf("");
  CHECK(Expand(Compression::kXz, empty).value().empty());
  CHECK(Expand(Compression::kXz, empty + empty).value().empty());
  const std::string file = empty + XzOf("one ") + std::string(4, '\0') + empty + XzOf("two ") +
                           std::string(200'000, '\0') + XzOf("three");
  for (const std::size_t step : {1, 3, 4096, 1 << 20}) {
    CHECK(Expand(Compression::kXz, file, Trailing::kRefuse, step).value() == "one two three");
  }
}

TEST_CASE("xz: padding between streams that is no multiple of four is refused") {
  for (const Trailing trailing : {Trailing::kRefuse, Trailing::kAllowPadding}) {
    for (const std::size_t zeros : {1, 2, 3, 5, 131'073}) {
      const std::string file = XzOf("one") + std::string(zeros, '\0') + XzOf("two");
      RequireRefusal(Expand(Compression::kXz, file, trailing), "multiple of four");
    }
  }
}

TEST_CASE("xz: zeros behind the last stream are taken around an archive and refused in a layer") {
  for (const std::size_t zeros : {1, 4, 512, 200'000}) {
    const std::string file = XzOf("hello") + std::string(zeros, '\0');
    CHECK(Expand(Compression::kXz, file, Trailing::kAllowPadding).value() == "hello");
    RequireRefusal(Expand(Compression::kXz, file, Trailing::kRefuse), "other bytes after");
  }
}

TEST_CASE("xz: other bytes behind the data are refused everywhere") {
  for (const Trailing trailing : {Trailing::kRefuse, Trailing::kAllowPadding}) {
    for (const std::string& tail : {"x"s, "\xfd"s, "\xfd\x37zX"s, "abcdefgh"s,
                                    std::string(200'000, '\0') + "x", "\0\0\0\0\xfd\x37"s}) {
      RequireRefusal(Expand(Compression::kXz, XzOf("a") + tail, trailing), "other bytes after");
    }
  }
}

TEST_CASE("xz: a second stream cut off behind its magic is refused") {
  const std::string file = XzOf("one");
  for (std::size_t size = file.size() + 6; size < 2 * file.size(); ++size) {
    RequireRefusal(Expand(Compression::kXz, (file + file).substr(0, size)), "cut off");
  }
}

TEST_CASE("xz: data that begins otherwise is refused") {
  RequireRefusal(Expand(Compression::kXz, "something else"), "not xz data");
  // The legacy .lzma format.
  RequireRefusal(Expand(Compression::kXz, "\x5d\0\0\x80\0\xff\xff\xff"s), "not xz data");
}

TEST_CASE("xz: a dictionary of 96 MiB is taken and one of 128 MiB refused") {
  const std::string file = XzOf("hello");
  CHECK(Expand(Compression::kXz, WithDictionary(file, 29)).value() == "hello");
  RequireRefusal(Expand(Compression::kXz, WithDictionary(file, 30)), "more than 128 MiB");
  RequireRefusal(Expand(Compression::kXz, WithDictionary(file, 40)), "more than 128 MiB");
}

}  // namespace ociship::codec
