// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_LAYER_COMPRESSION_H_
#define OCISHIP_CODEC_LAYER_COMPRESSION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "codec/compression.h"
#include "ociship/core.h"
#include "util/bytes.h"

namespace ociship::codec {

// Deterministic compression in blocks that can be made on any thread: LayerCompression::Header, the
// output of a BlockCompressor for each block in order, LayerCompression::Trailer. The same bytes
// whatever the number of threads and the way the input was read.
//
// Every block but the last is exactly kBlockBytes; the last one is 0 to kBlockBytes. Whoever cuts
// has to cut in one way: an empty block behind a full one changes the bytes.
inline constexpr std::size_t kBlockBytes = 512 * 1024;

// CRC-32 as gzip has it, continued from `crc` (0 at the beginning).
std::uint32_t Crc32(std::uint32_t crc, ByteView bytes);

// Compresses single blocks. Each thread has its own. What it writes depends on the block and its
// position alone, not on the blocks before. Each takes memory, in MiB (measured, zstd 1.5.4): ISA-L
// 1.3 to 1.7, zlib 0.8, zstd:3 1.8, zstd:9 7, zstd:19 9.8.
class BlockCompressor {
 public:
  enum class Position { kInside, kLast };

  virtual ~BlockCompressor() = default;

  // The compressed form of `block`, at most kBlockBytes. Valid until the next call. Ends the
  // process if memory runs out or the library behind it fails: no input can make it.
  virtual ByteView Compress(ByteView block, Position position) = 0;
};

// How plain layers are stored. A small value.
//
//   gzip:0-2       ISA-L: fast; the same bytes on every x86-64 processor, other bytes elsewhere.
//                  Level 0 can make content a third larger.
//   gzip:3-9       zlib, as portable:3-9
//   portable:1-9   zlib: the same bytes on every architecture with the same version of zlib
//   zstd:1-19      each block a frame of its own (RFC 8878) with content size and checksum. A frame
//                  of zeros is over ten thousand times smaller than its content, which
//                  kMaxExpansionRatio refuses to read back where a layer has many of them.
//   none           the layer as it is
class LayerCompression {
 public:
  // "gzip", "gzip:0" to "gzip:9", "portable", "portable:1" to "portable:9", "zstd", "zstd:1" to
  // "zstd:19", "none". kUsage, naming the choices, otherwise.
  static Result<LayerCompression> Parse(std::string_view text);
  // The default, gzip:1.
  static LayerCompression Gzip();

  // kGzip, kZstd or kNone.
  Compression format() const;

  // What names the bytes: implementation, its version, level and block size. Part of the key under
  // which compressed digests are remembered.
  const std::string& recipe() const { return recipe_; }

  // Not for kNone, where it ends the process.
  std::unique_ptr<BlockCompressor> NewCompressor() const;

  // Before the first block; empty for zstd and none. RFC 1952: no name, time 0, operating system
  // 255, whatever the level.
  util::Bytes Header() const;
  // After the last block; empty for zstd and none. `crc` and `size` are those of the whole layer.
  util::Bytes Trailer(std::uint32_t crc, std::uint64_t size) const;

 private:
  enum class Implementation { kIsal, kZlib, kZstd, kNone };

  LayerCompression(Implementation implementation, int level);

  Implementation implementation_;
  int level_;
  std::string recipe_;
};

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_LAYER_COMPRESSION_H_
