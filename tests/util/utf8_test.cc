// SPDX-License-Identifier: Apache-2.0
#include "util/utf8.h"

#include <doctest/doctest.h>

namespace ociship::util {
namespace {

void CheckValid(std::string_view text, std::uint32_t value) {
  const Rune rune = NextRune(text);
  CHECK(rune.valid);
  CHECK(rune.value == value);
  CHECK(rune.size == text.size());
}

void CheckInvalid(std::string_view text) {
  CAPTURE(text);
  const Rune rune = NextRune(text);
  CHECK_FALSE(rune.valid);
  CHECK(rune.value == 0xfffd);
  CHECK(rune.size == 1);
}

TEST_CASE("NextRune: the first and last of each length are read") {
  CheckValid(std::string_view("\0", 1), 0);
  CheckValid("\x7f", 0x7f);
  CheckValid("\xc2\x80", 0x80);
  CheckValid("\xdf\xbf", 0x7ff);
  CheckValid("\xe0\xa0\x80", 0x800);
  CheckValid("\xed\x9f\xbf", 0xd7ff);
  CheckValid("\xee\x80\x80", 0xe000);
  CheckValid("\xef\xbf\xbf", 0xffff);
  CheckValid("\xf0\x90\x80\x80", 0x10000);
  CheckValid("\xf4\x8f\xbf\xbf", 0x10ffff);
}

TEST_CASE("NextRune: only the first code point is taken") {
  CHECK(NextRune("ab").size == 1);
  CHECK(NextRune("\xc3\xbc"
                 "b")
            .size == 2);
}

TEST_CASE("NextRune: longer forms than needed are invalid") {
  CheckInvalid("\xc0\x80");
  CheckInvalid("\xc1\xbf");
  CheckInvalid("\xe0\x9f\xbf");
  CheckInvalid("\xf0\x8f\xbf\xbf");
}

TEST_CASE("NextRune: surrogates and what is above U+10FFFF are invalid") {
  CheckInvalid("\xed\xa0\x80");
  CheckInvalid("\xed\xbf\xbf");
  CheckInvalid("\xf4\x90\x80\x80");
  CheckInvalid("\xf5\x80\x80\x80");
  CheckInvalid("\xff");
}

TEST_CASE("NextRune: cut and broken sequences are invalid") {
  CheckInvalid("\x80");
  CheckInvalid("\xc3");
  CheckInvalid("\xe2\x82");
  CheckInvalid("\xf0\x9f\x98");
  CheckInvalid(
      "\xc3"
      "a");
  CheckInvalid(
      "\xe2\x82"
      "a");
}

TEST_CASE("IsUtf8: all of a text must be valid") {
  CHECK(IsUtf8(""));
  CHECK(IsUtf8("a\xC3\xA9\xE2\x80\x94"));
  CHECK_FALSE(IsUtf8("a\xC3"));
  CHECK_FALSE(IsUtf8("\xC3\xA9\xFF"));
}

}  // namespace
}  // namespace ociship::util
