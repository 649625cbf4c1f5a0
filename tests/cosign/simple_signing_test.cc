// SPDX-License-Identifier: Apache-2.0
#include "cosign/simple_signing.h"

#include <doctest/doctest.h>

#include "cosign_fixtures.h"

namespace ociship::cosign {
namespace {

using ociship::testing::Changed;
using ociship::testing::CosignFixture;
using ociship::testing::CosignImage;

// The first vector of sigstore's payload_test.go.
constexpr std::string_view kPublished =
    R"({"critical":{"identity":{"docker-reference":"example.com/test/image"},"image":)"
    R"({"docker-manifest-digest":"sha256:d34db33fd34db33fd34db33fd34db33fd34db33fd34db33f)"
    R"(d34db33fd34db33f"},"type":"cosign container image signature"},"optional":null})";

Digest PublishedDigest() {
  std::string text = "sha256:";
  for (int i = 0; i < 8; ++i) text += "d34db33f";
  Result<Digest> digest = Digest::Parse(text);
  REQUIRE(digest.ok());
  return digest.value();
}

void CheckRefused(const std::string& payload, std::string_view reason = "") {
  INFO(payload.substr(0, 400));
  Result<SimpleSigning> parsed = ParseSimpleSigning(payload);
  REQUIRE(!parsed.ok());
  INFO(parsed.error().message());
  CHECK(parsed.error().code() == Code::kBadInput);
  CHECK(parsed.error().message().find(reason) != std::string::npos);
}

TEST_CASE("FormatSimpleSigning: the published vector comes out byte for byte") {
  CHECK(FormatSimpleSigning({.identity = "example.com/test/image", .image = PublishedDigest()}) ==
        kPublished);
}

TEST_CASE("FormatSimpleSigning: payloads that cosign signed come out byte for byte") {
  CHECK(FormatSimpleSigning({.identity = "127.0.0.1:17990/p256", .image = CosignImage()}) ==
        CosignFixture("p256.payload.json"));
  CHECK(FormatSimpleSigning({.identity = "127.0.0.1:17990/annotated",
                             .image = CosignImage(),
                             .annotations = {{"note", "<a> & \xC3\xA9/"}, {"env", "prod"}}}) ==
        CosignFixture("annotated.payload.json"));
}

TEST_CASE("ParseSimpleSigning: identity, digest and annotations are read") {
  Result<SimpleSigning> parsed = ParseSimpleSigning(CosignFixture("annotated.payload.json"));
  REQUIRE(parsed.ok());
  CHECK(parsed.value().identity == "127.0.0.1:17990/annotated");
  CHECK(parsed.value().image == CosignImage());
  CHECK(parsed.value().annotations ==
        std::map<std::string, std::string>{{"env", "prod"}, {"note", "<a> & \xC3\xA9/"}});
}

TEST_CASE("ParseSimpleSigning: annotations that are no strings are passed over") {
  const std::string payload =
      Changed(std::string(kPublished), "null",
              R"({"CamelCase WithSpace":8.314,"creator":"anyone","some_struct":{"nothing":null}})");
  Result<SimpleSigning> parsed = ParseSimpleSigning(payload);
  REQUIRE(parsed.ok());
  CHECK(parsed.value().annotations == std::map<std::string, std::string>{{"creator", "anyone"}});
}

TEST_CASE("ParseSimpleSigning: a missing optional is as null, unknown members are ignored") {
  CHECK(ParseSimpleSigning(Changed(std::string(kPublished), R"(,"optional":null)", "")).ok());
  CHECK(ParseSimpleSigning(Changed(std::string(kPublished), R"("optional")", R"("x":1,"optional")"))
            .ok());
}

TEST_CASE("ParseSimpleSigning: another type is refused") {
  CheckRefused(Changed(std::string(kPublished), "cosign container", "atomic container"),
               "\"atomic container image signature\"");
  CheckRefused(
      Changed(std::string(kPublished), R"(,"type":"cosign container image signature")", ""));
}

TEST_CASE("ParseSimpleSigning: duplicate keys are refused") {
  CheckRefused(Changed(std::string(kPublished), R"("docker-manifest-digest")",
                       R"("docker-manifest-digest":"sha256:00","docker-manifest-digest")"));
  CheckRefused(
      Changed(std::string(kPublished), R"("optional":null)", R"("optional":null,"optional":null)"));
}

TEST_CASE("ParseSimpleSigning: a digest that is none is refused") {
  CheckRefused(Changed(std::string(kPublished), "sha256:d", "sha256:D"));
  CheckRefused(Changed(std::string(kPublished), "sha256:d3", "sha256:"));
  CheckRefused(Changed(std::string(kPublished), "sha256:", "md5:"));
}

TEST_CASE("ParseSimpleSigning: missing parts, other kinds and text behind are refused") {
  CheckRefused("");
  CheckRefused("{}");
  CheckRefused("[]");
  CheckRefused(std::string(kPublished) + "x");
  CheckRefused(
      Changed(std::string(kPublished), R"({"docker-reference":"example.com/test/image"})", "{}"));
  CheckRefused(Changed(std::string(kPublished), "null", "[]"), "optional");
  CheckRefused(std::string(kPublished) + std::string(kMaxPayloadBytes, ' '));
}

TEST_CASE("ParseSimpleSigning: a byte order mark is refused") {
  const std::string payload =
      FormatSimpleSigning({.identity = "r", .image = ociship::testing::CosignImage()});
  REQUIRE(ParseSimpleSigning(payload).ok());
  CHECK(!ParseSimpleSigning("\xEF\xBB\xBF" + payload).ok());
}

}  // namespace
}  // namespace ociship::cosign
