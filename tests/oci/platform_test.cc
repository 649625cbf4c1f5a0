// SPDX-License-Identifier: Apache-2.0
#include "oci/platform.h"

#include <doctest/doctest.h>

namespace ociship::oci {
namespace {

TEST_CASE("ParsePlatformText: os, architecture, variant and version") {
  CHECK(ParsePlatformText("linux/amd64").value() ==
        Platform{.os = "linux", .architecture = "amd64"});
  CHECK(ParsePlatformText("linux/arm/v6").value() ==
        Platform{.os = "linux", .architecture = "arm", .variant = "v6"});
  CHECK(ParsePlatformText("windows/amd64:10.0.20348.2700").value() ==
        Platform{.os = "windows", .architecture = "amd64", .os_version = "10.0.20348.2700"});
}

TEST_CASE("ParsePlatformText: anything else is a wrong usage") {
  for (const char* text : {"", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux//v7",
                           "linux/amd64:", "linux/am d64", "linux/amd64\n"}) {
    CAPTURE(text);
    const auto platform = ParsePlatformText(text);
    REQUIRE_FALSE(platform.ok());
    CHECK(platform.error().code() == Code::kUsage);
  }
}

TEST_CASE("NormalisePlatform: aliases and variants that say nothing") {
  const auto text = [](const char* from) {
    return FormatPlatform(ParsePlatformText(from).value());
  };
  CHECK(text("Linux/x86_64") == "linux/amd64");
  CHECK(text("linux/amd64/v1") == "linux/amd64");
  CHECK(text("linux/amd64/v3") == "linux/amd64/v3");
  CHECK(text("linux/aarch64") == "linux/arm64");
  CHECK(text("linux/arm64/v8") == "linux/arm64");
  CHECK(text("linux/arm") == "linux/arm/v7");
  CHECK(text("linux/arm/6") == "linux/arm/v6");
  CHECK(text("linux/armel") == "linux/arm/v6");
  CHECK(text("linux/i386") == "linux/386");
}

TEST_CASE("MatchPlatform: what is not asked for is not compared, what is asked for is") {
  const auto match = [](const char* wanted, const char* offered) {
    return MatchPlatform(ParsePlatformText(wanted).value(), ParsePlatformText(offered).value());
  };
  CHECK(match("linux/amd64", "linux/amd64/v3") == PlatformMatch::kYes);
  CHECK(match("linux/amd64/v3", "linux/amd64") == PlatformMatch::kNo);
  CHECK(match("linux/arm64", "linux/arm64/v8") == PlatformMatch::kYes);
  CHECK(match("linux/arm", "linux/arm/v6") == PlatformMatch::kNo);
  CHECK(match("windows/amd64", "windows/amd64:10.0.1") == PlatformMatch::kYes);
  CHECK(match("windows/amd64:10.0.2", "windows/amd64:10.0.1") == PlatformMatch::kNo);
  CHECK(match("linux/amd64", "windows/amd64") == PlatformMatch::kNo);
}

}  // namespace
}  // namespace ociship::oci
