// SPDX-License-Identifier: Apache-2.0
#include "transfer/select_image.h"

#include <doctest/doctest.h>

namespace ociship::transfer {
namespace {

std::vector<archive::Image> Two() {
  return {{.names = {"app:1", "app:latest"}, .content = archive::DockerImage{.config = "first"}},
          {.names = {"base:1"}, .content = archive::DockerImage{.config = "second"}}};
}

std::string ConfigOf(const Result<archive::Image>& image) {
  return std::get<archive::DockerImage>(image.value().content).config;
}

TEST_CASE("SelectImage: without a choice the only image is taken") {
  std::vector<archive::Image> images = Two();
  images.pop_back();
  CHECK(ConfigOf(SelectImage(std::move(images), "")) == "first");
}

TEST_CASE("SelectImage: without a choice several images are refused with their list") {
  const Result<archive::Image> image = SelectImage(Two(), "");
  REQUIRE_FALSE(image.ok());
  CHECK(image.error().code() == Code::kUsage);
  CHECK(image.error().message().find(R"(@0 "app:1" "app:latest", @1 "base:1")") !=
        std::string::npos);
}

TEST_CASE("SelectImage: every name of an image chooses it, and so does its number") {
  CHECK(ConfigOf(SelectImage(Two(), "app:latest")) == "first");
  CHECK(ConfigOf(SelectImage(Two(), "base:1")) == "second");
  CHECK(ConfigOf(SelectImage(Two(), "@1")) == "second");
}

TEST_CASE("SelectImage: an unknown name, a number too large and no number are refused") {
  for (const char* selector : {"app", "@2", "@", "@1x", "@-1", "@99999999999999999999"}) {
    const Result<archive::Image> image = SelectImage(Two(), selector);
    REQUIRE_FALSE(image.ok());
    CHECK(image.error().code() == Code::kUsage);
  }
}

}  // namespace
}  // namespace ociship::transfer
