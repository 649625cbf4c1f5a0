// SPDX-License-Identifier: Apache-2.0
#include "api/source.h"

#include <doctest/doctest.h>

#include "fixtures.h"

namespace ociship::api {
namespace {

using testing::FixturePath;

const Cancel kNobody;

TEST_CASE("OpenSource: an archive is opened by its path, with a prefix, and with an image") {
  const std::string path = FixturePath("docker28-one.tar");
  CHECK(OpenSource(path, kNobody).ok());
  CHECK(OpenSource("oci-archive:" + path, kNobody).ok());
  const Result<OpenedSource> chosen = OpenSource("docker-archive:" + path + ":app:1.0", kNobody);
  REQUIRE(chosen.ok());
  CHECK(chosen.value().image == "app:1.0");
}

TEST_CASE("OpenSource: what is not there, no archive, or has no path is refused") {
  CHECK(OpenSource(FixturePath("absent.tar"), kNobody).error().code() == Code::kBadInput);
  CHECK(OpenSource(FixturePath("README.md"), kNobody).error().code() == Code::kBadInput);
  CHECK(OpenSource(FixturePath(""), kNobody).error().code() == Code::kBadInput);
  CHECK(OpenSource("docker-archive:", kNobody).error().code() == Code::kUsage);
  CHECK(OpenSource("", kNobody).error().code() == Code::kUsage);
}

}  // namespace
}  // namespace ociship::api
