// SPDX-License-Identifier: Apache-2.0
// Small work on text, and text from outside made safe to print. Tested by text_test.cc.
#include "util/text.h"

#include <array>
#include <charconv>

#include "util/utf8.h"

namespace ociship::util {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kCut = "...";

// What would move the cursor, change colours, or reorder or hide what stands around it.
bool IsUnprintable(std::uint32_t rune) {
  if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0)) return true;  // C0, DEL, C1
  if (rune >= 0x200b && rune <= 0x200f) return true;              // zero width, direction marks
  if (rune >= 0x2028 && rune <= 0x202e) return true;              // separators, overrides
  if (rune >= 0x2060 && rune <= 0x206f) return true;              // isolates, invisible operators
  return rune == 0xad || rune == 0x61c || rune == 0xfeff || rune == 0x180e;
}

void AppendHexEscapes(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    out.append("\\x").push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
}

enum class QuoteMarks { kEscape, kKeep };

std::string Clean(std::string_view text, std::size_t limit, QuoteMarks marks) {
  std::string out;
  std::size_t cut = 0;  // the longest prefix of `out` that leaves room for kCut
  while (!text.empty()) {
    const Rune rune = NextRune(text);
    const std::string_view bytes = text.substr(0, rune.size);
    text.remove_prefix(rune.size);
    if (!rune.valid || IsUnprintable(rune.value)) {
      AppendHexEscapes(bytes, out);
    } else {
      const bool mark = rune.value == '"' || rune.value == '\\';
      if (mark && marks == QuoteMarks::kEscape) out.push_back('\\');
      out.append(bytes);
    }
    if (out.size() > limit) return out.substr(0, cut).append(kCut);
    if (out.size() + kCut.size() <= limit) cut = out.size();
  }
  return out;
}

}  // namespace

std::string JoinPieces(std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  std::string text;
  text.reserve(size);
  for (const std::string_view piece : pieces) text.append(piece);
  return text;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const std::size_t at = text.find(separator);
    pieces.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<std::uint64_t> ParseUnsigned(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || after != end) return std::nullopt;
  return number;
}

std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string Quoted(std::string_view text, std::size_t limit) {
  return StrCat("\"", Clean(text, limit, QuoteMarks::kEscape), "\"");
}

std::string Printable(std::string_view text, std::size_t limit) {
  return Clean(text, limit, QuoteMarks::kKeep);
}

std::string HumanBytes(std::uint64_t bytes) {
  if (bytes < 1024) return StrCat(bytes, " B");
  constexpr std::array<std::string_view, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  for (std::size_t i = 0;; ++i) {
    const std::uint64_t unit = std::uint64_t{1} << (10 * (i + 1));
    const std::uint64_t tenths = bytes / unit * 10 + (bytes % unit * 10 + unit / 2) / unit;
    if (tenths >= 10240 && i + 1 < kUnits.size()) continue;
    std::string text = StrCat(tenths / 10);
    if (tenths % 10 != 0) text.append(StrCat(".", tenths % 10));
    return text.append(" ").append(kUnits[i]);
  }
}

}  // namespace ociship::util
