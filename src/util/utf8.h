// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_UTF8_H_
#define OCISHIP_UTIL_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ociship::util {

// One code point of UTF-8 text.
struct Rune {
  std::uint32_t value;  // U+FFFD where `valid` is false
  std::size_t size;     // bytes; 1 where `valid` is false
  bool valid;
};

// The first code point of `text`, which is not empty. Valid is what RFC 3629 says: the shortest
// form, no surrogates, nothing above U+10FFFF.
Rune NextRune(std::string_view text);

// Whether all of it is valid.
bool IsUtf8(std::string_view text);

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_UTF8_H_
