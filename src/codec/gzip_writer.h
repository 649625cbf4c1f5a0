// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_GZIP_WRITER_H_
#define OCISHIP_CODEC_GZIP_WRITER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "ociship/core.h"
#include "util/bytes.h"

namespace ociship::codec {

// Deterministic gzip in blocks that can be made on any thread: header, one BlockDeflater output per
// block in order, trailer. The same bytes whatever the number of threads and the way the input was
// read, for every x86-64 processor (ISA-L levels 0 to 2; another architecture gives other bytes).
//
// Every block but the last is exactly kGzipBlockBytes; the last one is 0 to kGzipBlockBytes.
inline constexpr std::size_t kGzipBlockBytes = 512 * 1024;

// What names these bytes: the implementation, its version, the level and the block size. Part of
// the key under which compressed digests are remembered.
std::string GzipRecipe();

// RFC 1952: no name, time 0, operating system 255.
std::array<std::uint8_t, 10> GzipHeader();
// CRC-32 of the uncompressed bytes and their count modulo 2^32.
std::array<std::uint8_t, 8> GzipTrailer(std::uint32_t crc, std::uint64_t size);

// CRC-32 as gzip has it, continued from `crc` (0 at the beginning).
std::uint32_t Crc32(std::uint32_t crc, ByteView bytes);

// Deflates single blocks (RFC 1951). Each thread has its own.
class BlockDeflater {
 public:
  enum class Position { kInside, kLast };

  BlockDeflater();
  ~BlockDeflater();

  // The deflate stream of `block`, ending on a byte boundary; that of kLast ends the whole stream.
  // The result stays valid until the next call.
  ByteView Deflate(ByteView block, Position position);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_GZIP_WRITER_H_
