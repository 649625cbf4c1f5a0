// SPDX-License-Identifier: Apache-2.0
#include "ociship/digest.h"

#include <doctest/doctest.h>

#include <string>

namespace ociship {
namespace {

const std::string kHex64(64, 'a');
const std::string kHex128(128, '0');

void CheckRefused(const std::string& text) {
  CAPTURE(text);
  const Result<Digest> digest = Digest::Parse(text);
  REQUIRE_FALSE(digest.ok());
  CHECK(digest.error().code() == Code::kBadInput);
}

TEST_CASE("Digest: sha256 with 64 digits is read") {
  const Result<Digest> digest = Digest::Parse("sha256:" + kHex64);
  REQUIRE(digest.ok());
  CHECK(digest.value().text() == "sha256:" + kHex64);
  CHECK(digest.value().algorithm() == "sha256");
  CHECK(digest.value().hex() == kHex64);
  CHECK(digest.value().Short() == "sha256:aaaaaaaaaaaa");
}

TEST_CASE("Digest: sha512 with 128 digits is read") {
  const Result<Digest> digest = Digest::Parse("sha512:" + kHex128);
  REQUIRE(digest.ok());
  CHECK(digest.value().algorithm() == "sha512");
  CHECK(digest.value().hex() == kHex128);
}

TEST_CASE("Digest: upper case is refused") {
  CheckRefused("sha256:" + std::string(64, 'A'));
  CheckRefused("SHA256:" + kHex64);
}

TEST_CASE("Digest: another length is refused") {
  CheckRefused("sha256:");
  CheckRefused("sha256:" + kHex64 + "a");
  CheckRefused("sha256:" + kHex64.substr(1));
  CheckRefused("sha256:" + kHex128);
  CheckRefused("sha512:" + kHex64);
}

TEST_CASE("Digest: another algorithm is refused") {
  CheckRefused("");
  CheckRefused("sha256");
  CheckRefused(kHex64);
  CheckRefused("md5:d41d8cd98f00b204e9800998ecf8427e");
  CheckRefused("sha384:" + std::string(96, 'a'));
  CheckRefused("sha256+b64:" + kHex64);
}

TEST_CASE("Digest: a character that is no digit is refused at every place") {
  for (const std::size_t at : {0u, 31u, 63u}) {
    for (const char bad : {'g', '/', ':', '.', ' ', '\0', '\n', '\x80'}) {
      std::string hex = kHex64;
      hex[at] = bad;
      CheckRefused("sha256:" + hex);
    }
  }
  CheckRefused("sha256:../" + std::string(61, 'a'));
  CheckRefused(" sha256:" + kHex64);
  CheckRefused("sha256:" + kHex64 + "\n");
}

TEST_CASE("Digest: a message does not repeat control characters") {
  const Result<Digest> digest = Digest::Parse("sha256:\x1b[31m");
  REQUIRE_FALSE(digest.ok());
  CHECK(digest.error().message().find('\x1b') == std::string::npos);
}

TEST_CASE("Digest: made of a hash it has its text") {
  std::array<std::uint8_t, 32> hash{};
  hash[0] = 0x0f;
  hash[31] = 0xa0;
  const std::string hex = "0f" + std::string(60, '0') + "a0";
  CHECK(Digest::OfSha256(hash).text() == "sha256:" + hex);
  CHECK(Digest::OfSha512({}).text() == "sha512:" + kHex128);
}

TEST_CASE("Digest: equality looks at algorithm and digits") {
  const Digest a = Digest::Parse("sha256:" + kHex64).value();
  CHECK(a == Digest::Parse("sha256:" + kHex64).value());
  CHECK(a != Digest::Parse("sha256:" + std::string(64, 'b')).value());
  CHECK(a != Digest::Parse("sha512:" + std::string(128, 'a')).value());
}

}  // namespace
}  // namespace ociship
