// SPDX-License-Identifier: Apache-2.0
// Tells a tar by its first block (POSIX.1-2017, pax, "ustar Interchange Format", chksum). Tested by
// tar_header_test.cc.
#include "archive/tar_header.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace ociship::archive {
namespace {

constexpr std::size_t kChecksumOffset = 148;
constexpr std::size_t kChecksumBytes = 8;

// "octal digits, leading spaces allowed, ended by a space or NUL".
std::optional<std::int64_t> StoredChecksum(ByteView field) {
  std::int64_t value = 0;
  bool digits = false;
  for (const std::uint8_t byte : field) {
    if (byte >= '0' && byte <= '7') {
      value = value * 8 + (byte - '0');
      digits = true;
    } else if (byte == ' ' && !digits) {
      continue;
    } else {
      break;
    }
  }
  if (!digits) return std::nullopt;
  return value;
}

}  // namespace

bool LooksLikeTar(ByteView first) {
  if (first.size() < kTarBlockBytes) return false;
  const ByteView header = first.first(kTarBlockBytes);
  if (std::ranges::all_of(header, [](std::uint8_t byte) { return byte == 0; })) return true;
  const auto stored = StoredChecksum(header.subspan(kChecksumOffset, kChecksumBytes));
  if (!stored) return false;
  // The sum of all bytes with the checksum itself taken as spaces; some old writers added signed
  // characters.
  std::int64_t as_unsigned = 0;
  std::int64_t as_signed = 0;
  for (std::size_t i = 0; i < kTarBlockBytes; ++i) {
    const bool own = i >= kChecksumOffset && i < kChecksumOffset + kChecksumBytes;
    const std::uint8_t byte = own ? std::uint8_t{' '} : header[i];
    as_unsigned += byte;
    as_signed += static_cast<std::int8_t>(byte);
  }
  return *stored == as_unsigned || *stored == as_signed;
}

codec::Compression CompressionOf(ByteView first) {
  return LooksLikeTar(first) ? codec::Compression::kNone : codec::SniffCompression(first);
}

}  // namespace ociship::archive
