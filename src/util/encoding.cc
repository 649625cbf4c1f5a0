// SPDX-License-Identifier: Apache-2.0
// Hexadecimal and base64 (RFC 4648 sections 4 and 8). Tested by encoding_test.cc.
#include "util/encoding.h"

#include <array>

namespace ociship::util {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::array<std::uint8_t, 256> MakeBase64Values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kBase64Digits.size(); ++i) {
    values[static_cast<std::uint8_t>(kBase64Digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> kBase64Values = MakeBase64Values();

Error NotBase64(std::string_view why) {
  return Error(Code::kBadInput, std::string("base64: ").append(why));
}

char Base64Digit(std::uint32_t group, int shift) { return kBase64Digits[(group >> shift) & 63]; }

}  // namespace

std::string HexEncode(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text.push_back(kHexDigits[byte >> 4]);
    text.push_back(kHexDigits[byte & 15]);
  }
  return text;
}

Result<Bytes> HexDecode(std::string_view text) {
  if (text.size() % 2 != 0) {
    return Error(Code::kBadInput, "hexadecimal: the number of digits is odd");
  }
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) {
      return Error(Code::kBadInput, "hexadecimal: a character is no digit");
    }
    bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return bytes;
}

std::string Base64Encode(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  while (bytes.size() >= 3) {
    const std::uint32_t group = static_cast<std::uint32_t>(bytes[0]) << 16 |
                                static_cast<std::uint32_t>(bytes[1]) << 8 | bytes[2];
    for (const int shift : {18, 12, 6, 0}) text.push_back(Base64Digit(group, shift));
    bytes = bytes.subspan(3);
  }
  if (bytes.empty()) return text;
  const std::uint32_t second = bytes.size() == 2 ? bytes[1] : 0;
  const std::uint32_t group = static_cast<std::uint32_t>(bytes[0]) << 16 | second << 8;
  text.push_back(Base64Digit(group, 18));
  text.push_back(Base64Digit(group, 12));
  text.push_back(bytes.size() == 2 ? Base64Digit(group, 6) : '=');
  text.push_back('=');
  return text;
}

Result<Bytes> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) return NotBase64("the length is no multiple of four");
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const std::string_view digits = text.substr(0, text.size() - padding);
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned count = 0;  // of bits that wait
  for (const char digit : digits) {
    const std::uint8_t value = kBase64Values[static_cast<std::uint8_t>(digit)];
    if (value == kNoDigit) return NotBase64("a character is outside the alphabet");
    bits = (bits << 6 | value) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  // "Implementations MAY reject when the pad bits have not been set to zero" (section 3.5): we do,
  // so that one value has one text.
  if ((bits & ((1u << count) - 1)) != 0) return NotBase64("unused bits are not zero");
  return bytes;
}

}  // namespace ociship::util
