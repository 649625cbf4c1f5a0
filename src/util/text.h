// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_TEXT_H_
#define OCISHIP_UTIL_TEXT_H_

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ociship::util {

// One piece of StrCat: text, a character, or a number in decimal.
class TextPiece {
 public:
  TextPiece(std::string_view text) : text_(text) {}
  TextPiece(const std::string& text) : text_(text) {}
  TextPiece(const char* text) : text_(text) {}
  TextPiece(std::integral auto number)
      : text_(buffer_,
              static_cast<std::size_t>(
                  std::to_chars(buffer_, buffer_ + sizeof buffer_, number).ptr - buffer_)) {}
  TextPiece(char) = delete;  // would be taken for a number
  TextPiece(bool) = delete;
  TextPiece(const TextPiece&) = delete;
  TextPiece& operator=(const TextPiece&) = delete;

  std::string_view text() const { return text_; }

 private:
  char buffer_[24];
  std::string_view text_;
};

std::string JoinPieces(std::initializer_list<std::string_view> pieces);

// The pieces, one after the other.
template <typename... Pieces>
std::string StrCat(const Pieces&... pieces) {
  return JoinPieces({TextPiece(pieces).text()...});
}

// `text` cut at every `separator`; always at least one piece.
std::vector<std::string_view> Split(std::string_view text, char separator);

// Without spaces, tabs and line ends at both ends.
std::string_view Trim(std::string_view text);

std::string LowerAscii(std::string_view text);

// All of `text` as a number: decimal digits without a sign. nullopt for anything else, also what is
// too large.
std::optional<std::uint64_t> ParseUnsigned(std::string_view text);

// For people: in double quotes, at most `limit` bytes, with control characters and bytes that are
// no UTF-8 as \xHH, so that a name from outside can not write to a terminal.
std::string Quoted(std::string_view text, std::size_t limit = 120);

// The same without the quotes: for messages of servers.
std::string Printable(std::string_view text, std::size_t limit = 300);

// "1.5 MiB", "17 B": binary units, at most one digit after the point.
std::string HumanBytes(std::uint64_t bytes);

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_TEXT_H_
