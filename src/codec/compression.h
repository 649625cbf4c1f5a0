// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_COMPRESSION_H_
#define OCISHIP_CODEC_COMPRESSION_H_

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
  kRefuse,        // any byte behind the last member or frame is kBadInput: for layers
  kAllowPadding,  // zero bytes are taken: for files around an archive
};

// A Reader of the decompressed bytes of `source`: all members or frames, one after the other.
// Truncated or damaged input is kBadInput; `what` is how the message calls it. The window of zstd
// is limited to 128 MiB. kBadInput for kXz and kBzip2 until they are supported.
Result<std::unique_ptr<util::Reader>> Decompress(Compression compression,
                                                 std::unique_ptr<util::Reader> source,
                                                 Trailing trailing, std::string_view what);

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_COMPRESSION_H_
