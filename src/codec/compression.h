// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_COMPRESSION_H_
#define OCISHIP_CODEC_COMPRESSION_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "ociship/core.h"
#include "util/io.h"

namespace ociship::codec {

enum class Compression { kNone, kGzip, kZstd, kXz, kBzip2 };

// "gzip", "zstd", ...
std::string_view Name(Compression compression);

// How many bytes SniffCompression wants to see.
inline constexpr std::size_t kSniffBytes = 8;

// By the first bytes of the content: RFC 1952, RFC 8878 (also a skippable frame), xz, bzip2.
Compression SniffCompression(ByteView first);

// What is left unread after the compressed data ended.
enum class Trailing {
  kRefuse,        // any byte behind the last member, frame or stream is kBadInput: for layers
  kAllowPadding,  // zero bytes are taken: for files around an archive
};

// More bytes than this out of each byte in are taken for a decompression bomb, once
// kExpansionGrace bytes came out.
inline constexpr std::uint64_t kMaxExpansionRatio = 1000;
inline constexpr std::uint64_t kExpansionGrace = 64 << 20;

// What keeps a decompression bomb from being unpacked.
struct ExpansionLimit {
  // Of decompressed content.
  std::uint64_t max_bytes = std::uint64_t{1} << 40;
  // Whether kMaxExpansionRatio holds. It is judged while the content passes, over everything that
  // came out so far and the compressed bytes that the decoder took so far; what waits in the input
  // buffer does not count.
  enum class Ratio { kCapped, kAny } ratio = Ratio::kCapped;
  // Where the compressed bytes come out of another compression: how many bytes were read of what is
  // outermost, so that two around each other have no square of the ratio. It outlives the Reader.
  const std::uint64_t* outermost = nullptr;
};

// A Reader of the decompressed bytes of `source`: all members, frames or streams, one after the
// other, with their checksums verified. Truncated or damaged input is kBadInput, and so is what
// goes beyond `limit`; `what` is how the message calls it. After an error it must not be read
// again. kNone gives `source` itself, to which `limit` does not apply.
//
// The window of zstd and the memory of xz are limited to 128 MiB each. Between streams of xz,
// stream padding (a multiple of four zero bytes) is a part of the format; behind the last stream
// `trailing` judges it.
Result<std::unique_ptr<util::Reader>> Decompress(Compression compression,
                                                 std::unique_ptr<util::Reader> source,
                                                 Trailing trailing, std::string_view what,
                                                 const ExpansionLimit& limit = {});

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_COMPRESSION_H_
