// SPDX-License-Identifier: Apache-2.0
#include "util/encoding.h"

#include <doctest/doctest.h>

#include <string>

namespace ociship::util {
namespace {

void CheckNoHex(std::string_view text) {
  CAPTURE(text);
  const Result<Bytes> bytes = HexDecode(text);
  REQUIRE_FALSE(bytes.ok());
  CHECK(bytes.error().code() == Code::kBadInput);
}

void CheckNoBase64(std::string_view text) {
  CAPTURE(text);
  const Result<Bytes> bytes = Base64Decode(text);
  REQUIRE_FALSE(bytes.ok());
  CHECK(bytes.error().code() == Code::kBadInput);
}

TEST_CASE("HexEncode: writes lower case") {
  CHECK(HexEncode(Bytes{0x00, 0x0f, 0xab, 0xff}) == "000fabff");
  CHECK(HexEncode({}).empty());
}

TEST_CASE("HexDecode: reads both cases") {
  CHECK(HexDecode("000fABff").value() == Bytes{0x00, 0x0f, 0xab, 0xff});
  CHECK(HexDecode("").value().empty());
}

TEST_CASE("HexDecode: an odd length or another character is refused") {
  CheckNoHex("0");
  CheckNoHex("000");
  CheckNoHex("0g");
  CheckNoHex("g0");
  CheckNoHex("0x");
  CheckNoHex("0 ");
  CheckNoHex(std::string_view("0\0", 2));
  CheckNoHex("\xc3\xa9");
}

// RFC 4648 section 10.
TEST_CASE("Base64: the vectors of RFC 4648 go both ways") {
  constexpr std::pair<std::string_view, std::string_view> kVectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [plain, base64] : kVectors) {
    CHECK(Base64Encode(AsBytes(plain)) == base64);
    CHECK(AsText(Base64Decode(base64).value()) == plain);
  }
}

TEST_CASE("Base64: every byte and every length go both ways") {
  Bytes bytes;
  for (int i = 0; i < 600; ++i) {
    CHECK(Base64Decode(Base64Encode(bytes)).value() == bytes);
    bytes.push_back(static_cast<std::uint8_t>(i * 7));
  }
  CHECK(Base64Encode(Bytes{0xfb, 0xff, 0xfe}) == "+//+");
}

TEST_CASE("Base64Decode: missing or wrong padding is refused") {
  CheckNoBase64("Zg");
  CheckNoBase64("Zg=");
  CheckNoBase64("Zm8");
  CheckNoBase64("Zm9v=");
  CheckNoBase64("Zm9v====");
  CheckNoBase64("=");
  CheckNoBase64("====");
  CheckNoBase64("Z===");
  CheckNoBase64("Zg=a");
  CheckNoBase64("Zg==Zg==");
  CheckNoBase64("Zm8=Zm9v");
}

TEST_CASE("Base64Decode: unused bits that are not zero are refused") {
  REQUIRE(Base64Decode("Zg==").ok());
  CheckNoBase64("Zh==");
  CheckNoBase64("Zv==");
  REQUIRE(Base64Decode("Zm8=").ok());
  CheckNoBase64("Zm9=");
  CheckNoBase64("Zm+=");
}

TEST_CASE("Base64Decode: white space and other alphabets are refused") {
  CheckNoBase64("Zm9v\n");
  CheckNoBase64("Zm9\n");
  CheckNoBase64("Z m9");
  CheckNoBase64(" Zm9");
  REQUIRE(Base64Decode("+//+").ok());
  CheckNoBase64("-__-");
  CheckNoBase64(std::string_view("Zm9\0", 4));
  CheckNoBase64("Zm\xc3\xa9");
}

}  // namespace
}  // namespace ociship::util
