// SPDX-License-Identifier: Apache-2.0
#include "codec/layer_compression.h"

#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "codec/compression.h"
#include "samples.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/text.h"

namespace ociship::codec {
namespace {

using Position = BlockCompressor::Position;
using util::AsBytes;
using util::AsText;
using util::Bytes;

// One of each implementation and kind of level.
const std::vector<std::string> kChoices = {"gzip:0", "gzip:1",     "gzip:2",   "gzip:3",
                                           "gzip:9", "portable:1", "portable", "zstd:1",
                                           "zstd",   "zstd:5",     "zstd:12",  "zstd:19"};

LayerCompression Choice(std::string_view text) { return LayerCompression::Parse(text).value(); }

// Bytes that look a little like a layer: pseudo-random, of few values, with repetitions. The same
// everywhere.
Bytes Sample(std::size_t size) {
  Bytes bytes(size);
  std::uint64_t state = 0x9e3779b97f4a7c15;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const auto random = static_cast<std::uint8_t>(state >> 56);
    bytes[i] = i >= 4096 && (state >> 32) % 8 != 0 ? bytes[i - 4096 + random % 16] : random % 64;
  }
  return bytes;
}

// The same everywhere, and nothing can compress it.
Bytes Noise(std::size_t size) {
  Bytes noise(size);
  std::uint64_t state = 1;
  for (std::uint8_t& byte : noise) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<std::uint8_t>(state >> 56);
  }
  return noise;
}

std::vector<ByteView> Cut(ByteView content) {
  std::vector<ByteView> blocks;
  while (content.size() > kBlockBytes) {
    blocks.push_back(content.first(kBlockBytes));
    content = content.subspan(kBlockBytes);
  }
  blocks.push_back(content);
  return blocks;
}

Bytes CopyOf(ByteView bytes) { return Bytes(bytes.begin(), bytes.end()); }

// Block i is made by thread i modulo `threads`.
Bytes Compress(const LayerCompression& compression, ByteView content, std::size_t threads = 1) {
  const std::vector<ByteView> blocks = Cut(content);
  std::vector<Bytes> results(blocks.size());
  std::vector<std::thread> pool;
  for (std::size_t t = 0; t < threads; ++t) {
    pool.emplace_back([&, t] {
      const auto compressor = compression.NewCompressor();
      for (std::size_t i = t; i < blocks.size(); i += threads) {
        const auto position = i + 1 == blocks.size() ? Position::kLast : Position::kInside;
        results[i] = CopyOf(compressor->Compress(blocks[i], position));
      }
    });
  }
  for (std::thread& thread : pool) thread.join();
  Bytes file = compression.Header();
  for (const Bytes& block : results) file.insert(file.end(), block.begin(), block.end());
  const Bytes trailer = compression.Trailer(Crc32(0, content), content.size());
  file.insert(file.end(), trailer.begin(), trailer.end());
  return file;
}

Result<std::string> ExpandFile(const LayerCompression& compression, ByteView file) {
  return Expand(compression.format(), std::string(AsText(file)));
}

// FNV-1a: enough to pin bytes.
std::uint64_t Fingerprint(ByteView bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

}  // namespace

TEST_CASE("Crc32: gives the check value of CRC-32 and can be continued") {
  CHECK(Crc32(0, AsBytes("123456789")) == 0xcbf43926);
  CHECK(Crc32(Crc32(0, AsBytes("1234")), AsBytes("56789")) == 0xcbf43926);
  CHECK(Crc32(0, AsBytes("")) == 0);
}

TEST_CASE("LayerCompression: every choice is read and has its format") {
  CHECK(Choice("none").format() == Compression::kNone);
  CHECK(Choice("gzip").format() == Compression::kGzip);
  CHECK(Choice("portable").format() == Compression::kGzip);
  CHECK(Choice("zstd").format() == Compression::kZstd);
  for (int level = 0; level <= 9; ++level) {
    CHECK(Choice(util::StrCat("gzip:", level)).format() == Compression::kGzip);
    if (level > 0) CHECK(Choice(util::StrCat("portable:", level)).format() == Compression::kGzip);
  }
  for (int level = 1; level <= 19; ++level) {
    CHECK(Choice(util::StrCat("zstd:", level)).format() == Compression::kZstd);
  }
}

TEST_CASE("LayerCompression: everything else is refused with the choices") {
  for (const std::string_view text : {"",
                                      ":",
                                      "gzip:",
                                      "gzip:10",
                                      "gzip:-1",
                                      "gzip:-0",
                                      "gzip:+1",
                                      "gzip:01",
                                      "gzip:1 ",
                                      "gzip: 1",
                                      "gzip:1:2",
                                      "gzip:1x",
                                      "gzip:99999999999",
                                      "GZIP",
                                      " gzip",
                                      "gzip ",
                                      "portable:",
                                      "portable:0",
                                      "portable:10",
                                      "zstd:",
                                      "zstd:0",
                                      "zstd:20",
                                      "zstd:-1",
                                      "zstd:22",
                                      "none:",
                                      "none:1",
                                      "lz4",
                                      "xz",
                                      "gzi",
                                      "gzipp"}) {
    CAPTURE(text);
    const Result<LayerCompression> result = LayerCompression::Parse(text);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code() == Code::kUsage);
    for (const std::string_view choice :
         {"gzip:0 to gzip:9", "portable:1 to portable:9", "zstd:1 to zstd:19", "none"}) {
      CHECK(result.error().message().find(choice) != std::string::npos);
    }
  }
}

TEST_CASE("LayerCompression: the recipe names implementation, level and block size") {
  CHECK(Choice("gzip").recipe().starts_with("isal-2."));
  CHECK(Choice("gzip").recipe().ends_with("/gzip:1/524288"));
  CHECK(Choice("gzip:9").recipe() == util::StrCat("zlib-", zlibVersion(), "/gzip:9/524288"));
  CHECK(Choice("zstd").recipe() == util::StrCat("zstd-", ZSTD_versionString(), "/zstd:3/524288"));
  CHECK(Choice("none").recipe() == "none");
}

TEST_CASE("LayerCompression: the same bytes have one recipe, others have another") {
  CHECK(LayerCompression::Gzip().recipe() == Choice("gzip:1").recipe());
  CHECK(Choice("gzip").recipe() == Choice("gzip:1").recipe());
  CHECK(Choice("portable").recipe() == Choice("portable:4").recipe());
  CHECK(Choice("gzip:5").recipe() == Choice("portable:5").recipe());
  CHECK(Choice("gzip:1").recipe() != Choice("portable:1").recipe());
  std::set<std::string> recipes;
  for (const std::string& choice : kChoices) recipes.insert(Choice(choice).recipe());
  CHECK(recipes.size() == kChoices.size());
}

TEST_CASE("LayerCompression: the header of gzip has neither name nor time, the others have none") {
  for (const std::string_view choice : {"gzip:0", "gzip", "gzip:9", "portable"}) {
    CHECK(util::HexEncode(Choice(choice).Header()) == "1f8b08000000000000ff");
  }
  CHECK(Choice("zstd").Header().empty());
  CHECK(Choice("none").Header().empty());
}

TEST_CASE("LayerCompression: the trailer is little-endian and counts modulo 2^32") {
  const std::uint64_t size = (std::uint64_t{1} << 32) + 0x0a0b0c0d;
  CHECK(util::HexEncode(Choice("gzip").Trailer(0x01020304, size)) == "040302010d0c0b0a");
  CHECK(util::HexEncode(Choice("portable").Trailer(0x01020304, size)) == "040302010d0c0b0a");
  CHECK(Choice("zstd").Trailer(0x01020304, size).empty());
  CHECK(Choice("none").Trailer(0x01020304, size).empty());
}

TEST_CASE("BlockCompressor: what it writes is the content, for every size of the last block") {
  for (const std::string& choice : kChoices) {
    CAPTURE(choice);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{511}, kBlockBytes - 1, kBlockBytes,
          kBlockBytes + 1, 2 * kBlockBytes + 12345}) {
      const Bytes content = Sample(size);
      CHECK(ExpandFile(Choice(choice), Compress(Choice(choice), content)).value() ==
            AsText(content));
    }
  }
}

TEST_CASE("BlockCompressor: content that cannot be compressed and zeros fit into the output") {
  const Bytes noise = Noise(2 * kBlockBytes);
  const Bytes zeros(2 * kBlockBytes);
  for (const std::string& choice : kChoices) {
    CAPTURE(choice);
    const Bytes noise_file = Compress(Choice(choice), noise);
    // Level 0 of ISA-L has one table for all content.
    const std::size_t more = choice == "gzip:0" ? noise.size() / 4 : noise.size() / 100;
    CHECK(noise_file.size() < noise.size() + more);
    CHECK(ExpandFile(Choice(choice), noise_file).value() == AsText(noise));
    const Bytes zeros_file = Compress(Choice(choice), zeros);
    CHECK(zeros_file.size() < 20'000);
    CHECK(ExpandFile(Choice(choice), zeros_file).value() == AsText(zeros));
  }
}

TEST_CASE("BlockCompressor: an empty block behind a full one is no error") {
  for (const std::string& choice : kChoices) {
    CAPTURE(choice);
    const LayerCompression compression = Choice(choice);
    const Bytes content = Sample(kBlockBytes);
    const auto compressor = compression.NewCompressor();
    Bytes file = compression.Header();
    std::ranges::copy(compressor->Compress(content, Position::kInside), std::back_inserter(file));
    std::ranges::copy(compressor->Compress({}, Position::kInside), std::back_inserter(file));
    std::ranges::copy(compressor->Compress({}, Position::kLast), std::back_inserter(file));
    std::ranges::copy(compression.Trailer(Crc32(0, content), content.size()),
                      std::back_inserter(file));
    CHECK(ExpandFile(compression, file).value() == AsText(content));
  }
}

TEST_CASE("BlockCompressor: the number of threads changes nothing") {
  const Bytes content = Sample(5 * kBlockBytes + 4321);
  for (const std::string& choice : kChoices) {
    CAPTURE(choice);
    const Bytes one = Compress(Choice(choice), content, 1);
    CHECK(Compress(Choice(choice), content, 2) == one);
    CHECK(Compress(Choice(choice), content, 5) == one);
  }
}

TEST_CASE("BlockCompressor: earlier blocks and the place in memory change nothing") {
  const Bytes content = Sample(kBlockBytes);
  const Bytes noise = Noise(kBlockBytes);
  Bytes similar = content;  // what an old table could take matches from
  std::ranges::rotate(similar, similar.begin() + 777);
  for (const std::string& choice : kChoices) {
    for (const Position position : {Position::kInside, Position::kLast}) {
      CAPTURE(choice);
      const Bytes expected = CopyOf(Choice(choice).NewCompressor()->Compress(content, position));
      const auto used = Choice(choice).NewCompressor();
      for (const std::size_t shift : {1, 3, 17}) {
        used->Compress(AsBytes("something else"), Position::kLast);
        used->Compress(noise, Position::kInside);
        used->Compress(similar, Position::kInside);
        Bytes moved(content.size() + shift);
        std::ranges::copy(content, moved.begin() + static_cast<std::ptrdiff_t>(shift));
        CHECK(CopyOf(used->Compress(ByteView(moved).subspan(shift), position)) == expected);
      }
    }
  }
}

// ISA-L mixes the address of its stream into the first look-ups. Small blocks have small tables,
// where that shows often (without the remedy in isal_deflater.cc).
TEST_CASE("BlockCompressor: where the compressor lies in memory changes nothing") {
  constexpr std::size_t kGranule = 64 * 1024;
  constexpr std::string_view kText = "abcabcabcabcabcabcabcdabcdabcdabcdabcdabcd";
  for (const std::string_view choice : {"gzip:0", "gzip:1", "gzip:2"}) {
    std::set<Bytes> outputs;
    std::vector<std::unique_ptr<BlockCompressor>> alive;  // so that the next one lies elsewhere
    std::vector<std::unique_ptr<char[]>> apart;
    for (int i = 0; i < 300; ++i) {
      alive.push_back(Choice(choice).NewCompressor());
      apart.emplace_back(new char[kGranule]);
      outputs.insert(CopyOf(alive.back()->Compress(AsBytes(kText), Position::kLast)));
    }
    CAPTURE(choice);
    CHECK(outputs.size() == 1);
  }
}

TEST_CASE("zstd: each block is a frame with content size and checksum, an empty one too") {
  for (const std::string_view choice : {"zstd:1", "zstd", "zstd:19"}) {
    const auto compressor = Choice(choice).NewCompressor();
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{300}, std::size_t{70'000}, kBlockBytes}) {
      for (const Position position : {Position::kInside, Position::kLast}) {
        const Bytes content = Sample(size);
        const Bytes frame = CopyOf(compressor->Compress(content, position));
        CHECK(ZSTD_getFrameContentSize(frame.data(), frame.size()) == size);
        CHECK(ZSTD_findFrameCompressedSize(frame.data(), frame.size()) == frame.size());
        CHECK((frame.at(4) & 0x04) != 0);  // RFC 8878 section 3.1.1.1.1: Content_Checksum_flag
        CHECK(ExpandFile(Choice(choice), frame).value() == AsText(content));
      }
    }
  }
}

// Whoever changes these numbers changes the digest of every layer that is pushed.
TEST_CASE("portable: the bytes of a fixed content are known for a version of zlib") {
  const Bytes content = Sample(3 * kBlockBytes + 12345);
  REQUIRE(Fingerprint(content) == 7841666028118907947u);
  if (std::string_view(zlibVersion()) != "1.2.13") return;
  const Bytes file = Compress(Choice("portable"), content, 2);
  CHECK(file.size() == 1170906);
  CHECK(Fingerprint(file) == 13561784648919848762u);
}

#if defined(__x86_64__)
TEST_CASE("gzip: the bytes of a fixed content are known") {
  const Bytes content = Sample(3 * kBlockBytes + 12345);
  REQUIRE(Fingerprint(content) == 7841666028118907947u);
  const Bytes file = Compress(LayerCompression::Gzip(), content, 2);
  CHECK(file.size() == 1181380);
  CHECK(Fingerprint(file) == 13345954731912726391u);
}

TEST_CASE("zstd: the bytes of a fixed content are known for a version of zstd") {
  if (std::string_view(ZSTD_versionString()) != "1.5.4") return;
  const Bytes file = Compress(Choice("zstd"), Sample(3 * kBlockBytes + 12345), 2);
  CHECK(file.size() == 1189276);
  CHECK(Fingerprint(file) == 13357784076671568097u);
}
#endif

}  // namespace ociship::codec
