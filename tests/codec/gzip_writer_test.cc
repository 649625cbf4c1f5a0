// SPDX-License-Identifier: Apache-2.0
#include "codec/gzip_writer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "codec/compression.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/io.h"

namespace ociship::codec {
namespace {

using util::AsBytes;
using util::AsText;
using util::Bytes;

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

Bytes Assemble(ByteView content, const std::vector<Bytes>& blocks) {
  const auto header = GzipHeader();
  Bytes file(header.begin(), header.end());
  for (const Bytes& block : blocks) file.insert(file.end(), block.begin(), block.end());
  const auto trailer = GzipTrailer(Crc32(0, content), content.size());
  file.insert(file.end(), trailer.begin(), trailer.end());
  return file;
}

std::vector<ByteView> Cut(ByteView content) {
  std::vector<ByteView> blocks;
  while (content.size() > kGzipBlockBytes) {
    blocks.push_back(content.first(kGzipBlockBytes));
    content = content.subspan(kGzipBlockBytes);
  }
  blocks.push_back(content);
  return blocks;
}

// Block i is made by thread i modulo `threads`.
Bytes Compress(ByteView content, std::size_t threads) {
  const std::vector<ByteView> blocks = Cut(content);
  std::vector<Bytes> results(blocks.size());
  std::vector<std::thread> pool;
  for (std::size_t t = 0; t < threads; ++t) {
    pool.emplace_back([&, t] {
      BlockDeflater deflater;
      for (std::size_t i = t; i < blocks.size(); i += threads) {
        const auto position = i + 1 == blocks.size() ? BlockDeflater::Position::kLast
                                                     : BlockDeflater::Position::kInside;
        const ByteView result = deflater.Deflate(blocks[i], position);
        results[i].assign(result.begin(), result.end());
      }
    });
  }
  for (std::thread& thread : pool) thread.join();
  return Assemble(content, results);
}

Result<std::string> Expand(ByteView file) {
  auto reader = Decompress(Compression::kGzip, std::make_unique<util::MemoryReader>(file),
                           Trailing::kRefuse, "the sample");
  if (!reader.ok()) return std::move(reader).error();
  return util::ReadAll(*reader.value(), 64 << 20, "the sample");
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

TEST_CASE("GzipTrailer: is little-endian and counts modulo 2^32") {
  const auto trailer = GzipTrailer(0x01020304, (std::uint64_t{1} << 32) + 0x0a0b0c0d);
  CHECK(util::HexEncode(trailer) == "040302010d0c0b0a");
}

TEST_CASE("GzipHeader: has neither name nor time") {
  CHECK(util::HexEncode(GzipHeader()) == "1f8b08000000000000ff");
}

TEST_CASE("GzipRecipe: names implementation, level and block size") {
  const std::string recipe = GzipRecipe();
  CHECK(recipe.starts_with("isal-2."));
  CHECK(recipe.ends_with("/gzip:1/524288"));
}

TEST_CASE(
    "BlockDeflater: what it writes is gzip of the content, for every size of the last block") {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{511}, kGzipBlockBytes - 1, kGzipBlockBytes,
        kGzipBlockBytes + 1, 3 * kGzipBlockBytes, 3 * kGzipBlockBytes + 12345}) {
    const Bytes content = Sample(size);
    CHECK(Expand(Compress(content, 1)).value() == AsText(content));
  }
}

TEST_CASE("BlockDeflater: content that cannot be compressed and zeros fit into the output") {
  Bytes noise(kGzipBlockBytes);
  std::uint64_t state = 1;
  for (std::uint8_t& byte : noise) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<std::uint8_t>(state >> 56);
  }
  CHECK(Expand(Compress(noise, 1)).value() == AsText(noise));
  const Bytes zeros(2 * kGzipBlockBytes);
  const Bytes file = Compress(zeros, 1);
  CHECK(Expand(file).value() == AsText(zeros));
  CHECK(file.size() < 20'000);
}

TEST_CASE("BlockDeflater: the number of threads changes nothing") {
  const Bytes content = Sample(9 * kGzipBlockBytes + 4321);
  const Bytes one = Compress(content, 1);
  CHECK(Compress(content, 2) == one);
  CHECK(Compress(content, 5) == one);
}

TEST_CASE("BlockDeflater: earlier blocks and the place in memory change nothing") {
  const Bytes content = Sample(kGzipBlockBytes);
  const Bytes expected = Compress(content, 1);
  for (const std::size_t shift : {1, 3, 17}) {
    Bytes moved(content.size() + shift);
    std::ranges::copy(content, moved.begin() + static_cast<std::ptrdiff_t>(shift));
    BlockDeflater deflater;
    deflater.Deflate(AsBytes("something else"), BlockDeflater::Position::kLast);
    const ByteView block =
        deflater.Deflate(ByteView(moved).subspan(shift), BlockDeflater::Position::kLast);
    CHECK(Assemble(content, {Bytes(block.begin(), block.end())}) == expected);
  }
}

#if defined(__x86_64__)
// Whoever changes these numbers changes the digest of every layer that is pushed.
TEST_CASE("BlockDeflater: the bytes of a fixed content are known") {
  const Bytes content = Sample(3 * kGzipBlockBytes + 12345);
  REQUIRE(Fingerprint(content) == 7841666028118907947u);
  const Bytes file = Compress(content, 2);
  CHECK(file.size() == 1181350);
  CHECK(Fingerprint(file) == 14252519887826312557u);
}
#endif

}  // namespace ociship::codec
