// SPDX-License-Identifier: Apache-2.0
#include "util/text.h"

#include <doctest/doctest.h>

#include <limits>

namespace ociship::util {
namespace {

using Pieces = std::vector<std::string_view>;

TEST_CASE("StrCat: joins text and numbers") {
  const std::string text = "b";
  CHECK(StrCat("a", text, std::string_view("c"), 1, -2, 3u) == "abc1-23");
  CHECK(StrCat(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(StrCat(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(StrCat("").empty());
}

TEST_CASE("Split: gives the empty pieces too") {
  CHECK(Split("a,b", ',') == Pieces{"a", "b"});
  CHECK(Split("", ',') == Pieces{""});
  CHECK(Split(",", ',') == Pieces{"", ""});
  CHECK(Split("a,,b,", ',') == Pieces{"a", "", "b", ""});
  CHECK(Split("a,b", ';') == Pieces{"a,b"});
}

TEST_CASE("Trim: takes blanks from both ends only") {
  CHECK(Trim(" \t\r\na b\n") == "a b");
  CHECK(Trim("").empty());
  CHECK(Trim(" \n ").empty());
  CHECK(Trim("\va") == "\va");
}

TEST_CASE("LowerAscii: leaves everything but A to Z as it is") {
  CHECK(LowerAscii("AZ@[az09\xc3\x84") == "az@[az09\xc3\x84");
}

TEST_CASE("Quoted: plain and UTF-8 text is kept") {
  CHECK(Quoted("name") == "\"name\"");
  CHECK(Quoted("") == "\"\"");
  CHECK(Quoted("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80\"");
}

TEST_CASE("Quoted: control characters can not reach a terminal") {
  CHECK(Quoted("a\x1b[31m\n") == "\"a\\x1b[31m\\x0a\"");
  CHECK(Quoted(std::string_view("\0", 1)) == "\"\\x00\"");
  CHECK(Quoted("\x7f") == "\"\\x7f\"");
  CHECK(Quoted("\xc2\x9b") == "\"\\xc2\\x9b\"");  // C1: the one-character form of ESC [
}

TEST_CASE("Quoted: what reorders or hides text is written out") {
  CHECK(Quoted("\xe2\x80\xae") == "\"\\xe2\\x80\\xae\"");  // right-to-left override
  CHECK(Quoted("\xe2\x81\xa6") == "\"\\xe2\\x81\\xa6\"");  // isolate
  CHECK(Quoted("\xe2\x80\x8b") == "\"\\xe2\\x80\\x8b\"");  // zero width space
  CHECK(Quoted("\xef\xbb\xbf") == "\"\\xef\\xbb\\xbf\"");  // byte order mark
}

TEST_CASE("Quoted: bytes that are no UTF-8 are written out") {
  CHECK(Quoted("a\xff z") == "\"a\\xff z\"");
  CHECK(Quoted("\xc3") == "\"\\xc3\"");
  CHECK(Quoted("\xc0\xaf") == "\"\\xc0\\xaf\"");
}

TEST_CASE("Quoted: the end of the name can be seen") {
  CHECK(Quoted("a\" b\\") == R"("a\" b\\")");
  CHECK(Printable("a\" b\\") == R"(a" b\)");
}

TEST_CASE("Quoted: is cut at the limit, between characters") {
  CHECK(Quoted("12345678", 8) == "\"12345678\"");
  CHECK(Quoted("123456789", 8) == "\"12345...\"");
  CHECK(Quoted("1234\xc3\xbc"
               "789",
               8) == "\"1234...\"");
  CHECK(Quoted("1234\n6789", 8) == "\"1234...\"");
  CHECK(Quoted(std::string(1000, 'x')).size() == 122);
  CHECK(Printable(std::string(1000, '\n')).size() <= 300);
}

TEST_CASE("HumanBytes: is in binary units with one digit where it says something") {
  CHECK(HumanBytes(0) == "0 B");
  CHECK(HumanBytes(17) == "17 B");
  CHECK(HumanBytes(1023) == "1023 B");
  CHECK(HumanBytes(1024) == "1 KiB");
  CHECK(HumanBytes(1536) == "1.5 KiB");
  CHECK(HumanBytes((1 << 20) - 1) == "1 MiB");
  CHECK(HumanBytes(3 << 19) == "1.5 MiB");
  CHECK(HumanBytes(std::uint64_t{5} << 30) == "5 GiB");
  CHECK(HumanBytes(~std::uint64_t{0}) == "16 EiB");
}

}  // namespace
}  // namespace ociship::util

TEST_CASE("ParseUnsigned: decimal digits and nothing else") {
  CHECK(ociship::util::ParseUnsigned("0") == 0u);
  CHECK(ociship::util::ParseUnsigned("007") == 7u);
  CHECK(ociship::util::ParseUnsigned("18446744073709551615") == UINT64_MAX);
  for (const char* text :
       {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1k", "18446744073709551616"}) {
    CAPTURE(text);
    CHECK_FALSE(ociship::util::ParseUnsigned(text).has_value());
  }
}
