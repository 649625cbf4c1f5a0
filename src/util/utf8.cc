// SPDX-License-Identifier: Apache-2.0
// UTF-8 (RFC 3629 section 4). Tested by utf8_test.cc.
#include "util/utf8.h"

namespace ociship::util {
namespace {

constexpr Rune kInvalid = {0xfffd, 1, false};

std::size_t SizeByFirstByte(std::uint8_t byte) {
  if (byte < 0x80) return 1;
  if (byte >= 0xc2 && byte <= 0xdf) return 2;
  if (byte >= 0xe0 && byte <= 0xef) return 3;
  if (byte >= 0xf0 && byte <= 0xf4) return 4;
  return 0;
}

bool IsShortestAndAllowed(std::uint32_t value, std::size_t size) {
  if (size == 3) return value >= 0x800 && (value < 0xd800 || value > 0xdfff);
  if (size == 4) return value >= 0x10000 && value <= 0x10ffff;
  return true;  // of two bytes the first one decides
}

}  // namespace

Rune NextRune(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text.front());
  const std::size_t size = SizeByFirstByte(first);
  if (size == 1) return {first, 1, true};
  if (size == 0 || text.size() < size) return kInvalid;
  std::uint32_t value = first & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if ((byte & 0xc0) != 0x80) return kInvalid;
    value = value << 6 | (byte & 0x3fu);
  }
  if (!IsShortestAndAllowed(value, size)) return kInvalid;
  return {value, size, true};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const Rune rune = NextRune(text);
    if (!rune.valid) return false;
    text.remove_prefix(rune.size);
  }
  return true;
}

}  // namespace ociship::util
