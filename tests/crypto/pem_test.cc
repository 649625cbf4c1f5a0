// SPDX-License-Identifier: Apache-2.0
#include "crypto/pem.h"

#include <doctest/doctest.h>

#include <string>

#include "util/text.h"

namespace ociship::crypto {
namespace {

using util::AsBytes;
using util::StrCat;

const std::string kBlock = "-----BEGIN DATA-----\nYWJj\n-----END DATA-----\n";

void CheckRefused(std::string_view text) {
  CAPTURE(text);
  const Result<PemBlock> block = ParsePem(text);
  REQUIRE_FALSE(block.ok());
  CHECK(block.error().code() == Code::kBadInput);
}

void CheckRead(std::string_view text) {
  CAPTURE(text);
  const Result<PemBlock> block = ParsePem(text);
  REQUIRE(block.ok());
  CHECK(block.value().label == "DATA");
  CHECK(util::AsText(block.value().content) == "abc");
}

TEST_CASE("ParsePem: one block is read") {
  CheckRead(kBlock);
  CheckRead(kBlock.substr(0, kBlock.size() - 1));
  CheckRead("-----BEGIN DATA-----\r\nYWJj\r\n-----END DATA-----\r\n");
  CheckRead("-----BEGIN DATA-----\nYW\n Jj \n\n-----END DATA-----\n");
}

TEST_CASE("ParsePem: text around the block is passed over") {
  CheckRead(StrCat("a key\n\n", kBlock, "that was it\n"));
}

TEST_CASE("ParsePem: a second block is refused") {
  CheckRefused(kBlock + kBlock);
  CheckRefused(StrCat(kBlock, "-----BEGIN DATA-----\n"));
  CheckRefused(StrCat("-----BEGIN DATA-----\n", kBlock));
}

TEST_CASE("ParsePem: an incomplete block is refused") {
  CheckRefused("");
  CheckRefused("abc");
  CheckRefused("-----BEGIN DATA-----\nYWJj\n");
  CheckRefused("YWJj\n-----END DATA-----\n");
  CheckRefused("-----BEGIN DATA-----YWJj-----END DATA-----");
  CheckRefused(" -----BEGIN DATA-----\nYWJj\n-----END DATA-----\n");
}

TEST_CASE("ParsePem: labels that differ or are no labels are refused") {
  CheckRefused("-----BEGIN DATA-----\nYWJj\n-----END OTHER-----\n");
  CheckRefused("-----BEGIN DATA\nYWJj\n-----END DATA-----\n");
  CheckRefused("-----BEGIN -----\nYWJj\n-----END -----\n");
  CheckRefused("-----BEGIN D\tA-----\nYWJj\n-----END D\tA-----\n");
}

TEST_CASE("ParsePem: an empty label whose dashes run together is refused") {
  CheckRefused("-----BEGIN ----\nYWJj\n-----END ----\n");
  CheckRefused("-----BEGIN \nYWJj\n-----END \n");
}

TEST_CASE("ParsePem: what is no base64 is refused") {
  CheckRefused("-----BEGIN DATA-----\nYWJ\n-----END DATA-----\n");
  CheckRefused("-----BEGIN DATA-----\nYW=j\n-----END DATA-----\n");
  CheckRefused("-----BEGIN DATA-----\nProc-Type: 4,ENCRYPTED\n\nYWJj\n-----END DATA-----\n");
  CheckRefused("-----BEGIN DATA-----\n-----END DATA-----\n");
}

TEST_CASE("ParsePem: more than 1 MiB is refused") {
  CheckRefused(StrCat(kBlock, std::string(1 << 20, '\n')));
  CheckRead(StrCat(kBlock, std::string((1 << 20) - kBlock.size(), '\n')));
}

TEST_CASE("FormatPem: lines have 64 characters") {
  const std::string content(49, 'x');  // 68 characters of base64
  const std::string text = FormatPem("DATA", AsBytes(content));
  const std::vector<std::string_view> lines = util::Split(text, '\n');
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "-----BEGIN DATA-----");
  CHECK(lines[1].size() == 64);
  CHECK(lines[2].size() == 4);
  CHECK(lines[3] == "-----END DATA-----");
  CHECK(lines[4].empty());
}

TEST_CASE("FormatPem: a full last line is not followed by an empty one") {
  const std::string content(48, 'x');
  CHECK(util::Split(FormatPem("DATA", AsBytes(content)), '\n').size() == 4);
}

TEST_CASE("FormatPem: is read again as it was") {
  CHECK(FormatPem("DATA", AsBytes("abc")) == kBlock);
  for (const std::size_t size : {1u, 47u, 48u, 49u, 1000u}) {
    const std::string content(size, '\x80');
    const Result<PemBlock> block = ParsePem(FormatPem("A B", AsBytes(content)));
    REQUIRE(block.ok());
    CHECK(block.value().label == "A B");
    CHECK(util::AsText(block.value().content) == content);
  }
}

TEST_CASE("ParsePemList: all blocks are read in their order, with text around them") {
  const std::string text = "a\n" + FormatPem("A", AsBytes("1")) + "between\n" +
                           FormatPem("B", AsBytes("2")) + "behind\n";
  const auto blocks = ParsePemList(text, 2).value();
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0].label == "A");
  CHECK(util::AsText(blocks[1].content) == "2");
  CHECK_FALSE(ParsePemList(text, 1).ok());
}

TEST_CASE("ParsePemList: no block and one that is not complete are refused") {
  const std::string one = FormatPem("A", AsBytes("1"));
  CHECK_FALSE(ParsePemList("", 2).ok());
  CHECK_FALSE(ParsePemList(one + "-----BEGIN B-----\nMg==\n", 2).ok());
  CHECK_FALSE(ParsePemList("-----BEGIN B-----\n" + one, 2).ok());
  CHECK_FALSE(ParsePemList(one + "-----BEGIN B-----\n-----END B-----\n", 2).ok());
}

}  // namespace
}  // namespace ociship::crypto
