// SPDX-License-Identifier: Apache-2.0
#include "release/semver.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace ociship::release {
namespace {

Version V(std::string_view text) {
  auto version = Version::Parse(text);
  REQUIRE(version.ok());
  return std::move(version).value();
}

TEST_CASE("Version: the parts are read") {
  const Version version = V("v1.20.3-rc.1.x-y+build.007");
  CHECK(version.text() == "1.20.3-rc.1.x-y+build.007");
  CHECK(version.Major() == "1");
  CHECK(version.MajorMinor() == "1.20");
  CHECK(version.kind() == Version::Kind::kPreRelease);
  CHECK(V("0.0.0").kind() == Version::Kind::kRelease);
  CHECK(V("1.0.0+a-b").kind() == Version::Kind::kRelease);
  CHECK(V("1.0.0--").kind() == Version::Kind::kPreRelease);
}

TEST_CASE("Version: what the grammar allows is accepted") {
  for (const std::string_view text :
       {"1.0.0-alpha", "1.0.0-0A.is.legal", "1.0.0-0", "1.0.0-x-y-z.--", "1.0.0+001",
        "1.0.0-alpha+001", "1.0.0+21AF26D3----117B344092BD", "99999999999999999999999.999.9",
        "v10.20.30"}) {
    CAPTURE(text);
    CHECK(Version::Parse(text).ok());
  }
}

TEST_CASE("Version: what it does not allow is refused") {
  for (const std::string_view text :
       {"",         "v",      "1",          "1.4",       "1.2.3.4",
        "01.2.3",   "1.02.3", "1.2.03",     "1.2.-3",    "1.2.x",
        "1..3",     "1.2.",   ".2.3",       "1.2.3-",    "1.2.3-a..b",
        "1.2.3-01", "1.2.3+", "1.2.3+a..b", "1.2.3+a+b", "1.2.3-a_b",
        "1.2.3 ",   " 1.2.3", "vv1.2.3",    "V1.2.3",    "1.2.3-\xc3\xa4",
        "latest",   "+1.2.3", "-1.2.3",     "1.2.3\n"}) {
    CAPTURE(text);
    const auto version = Version::Parse(text);
    REQUIRE_FALSE(version.ok());
    CHECK(version.error().code() == Code::kUsage);
  }
  CHECK(Version::Parse("1.2.3-" + std::string(249, 'a')).ok());
  CHECK_FALSE(Version::Parse("1.2.3-" + std::string(250, 'a')).ok());
}

// The chain of semver.org section 11, with more of its rules.
TEST_CASE("Version: each comes before the next one") {
  const std::vector<std::string_view> chain = {"0.0.1",
                                               "0.1.0",
                                               "0.9.9",
                                               "0.10.0",
                                               "1.0.0-1",
                                               "1.0.0-2",
                                               "1.0.0-10",
                                               "1.0.0--1",
                                               "1.0.0-alpha",
                                               "1.0.0-alpha.1",
                                               "1.0.0-alpha.beta",
                                               "1.0.0-beta",
                                               "1.0.0-beta.2",
                                               "1.0.0-beta.11",
                                               "1.0.0-rc.1",
                                               "1.0.0",
                                               "1.0.1",
                                               "2.0.0",
                                               "10.0.0",
                                               "18446744073709551616.0.0"};
  for (std::size_t i = 0; i < chain.size(); ++i) {
    for (std::size_t j = 0; j < chain.size(); ++j) {
      CAPTURE(chain[i]);
      CAPTURE(chain[j]);
      CHECK((V(chain[i]) < V(chain[j])) == (i < j));
      CHECK((V(chain[i]) == V(chain[j])) == (i == j));
    }
  }
}

TEST_CASE("Version: build metadata and the 'v' do not count") {
  CHECK(V("v1.0.0+a") == V("1.0.0+b"));
  CHECK(V("1.0.0+z") < V("1.0.1+a"));
}

}  // namespace
}  // namespace ociship::release
