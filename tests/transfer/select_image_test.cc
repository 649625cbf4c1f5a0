// SPDX-License-Identifier: Apache-2.0
#include "transfer/select_image.h"

#include <doctest/doctest.h>

namespace ociship::transfer {
namespace {

std::vector<archive::Image> Two() {
  return {{.names = {"app:1", "app:latest"}, .content = archive::DockerImage{.config = "first"}},
          {.names = {"base:1"}, .content = archive::DockerImage{.config = "second"}}};
}

std::string ConfigOf(const Result<std::vector<archive::Image>>& image) {
  return std::get<archive::DockerImage>(image.value().at(0).content).config;
}

TEST_CASE("SelectImages: without a choice the only image is taken") {
  std::vector<archive::Image> images = Two();
  images.pop_back();
  CHECK(ConfigOf(SelectImages(std::move(images), PushRequest::Images::kOne, "")) == "first");
}

TEST_CASE("SelectImages: without a choice several images are refused with their list") {
  const Result<std::vector<archive::Image>> image =
      SelectImages(Two(), PushRequest::Images::kOne, "");
  REQUIRE_FALSE(image.ok());
  CHECK(image.error().code() == Code::kUsage);
  CHECK(image.error().message().find(R"(@0 "app:1" "app:latest", @1 "base:1")") !=
        std::string::npos);
}

TEST_CASE("SelectImages: every name of an image chooses it, and so does its number") {
  CHECK(ConfigOf(SelectImages(Two(), PushRequest::Images::kOne, "app:latest")) == "first");
  CHECK(ConfigOf(SelectImages(Two(), PushRequest::Images::kOne, "base:1")) == "second");
  CHECK(ConfigOf(SelectImages(Two(), PushRequest::Images::kOne, "@1")) == "second");
}

TEST_CASE("SelectImages: all of them keep their order") {
  const auto images = SelectImages(Two(), PushRequest::Images::kAll, "");
  CHECK(images.value().size() == 2);
  CHECK(ConfigOf(images) == "first");
}

TEST_CASE("SelectImages: an unknown name, a number too large and no number are refused") {
  for (const char* selector : {"app", "@2", "@", "@1x", "@-1", "@99999999999999999999"}) {
    const Result<std::vector<archive::Image>> image =
        SelectImages(Two(), PushRequest::Images::kOne, selector);
    REQUIRE_FALSE(image.ok());
    CHECK(image.error().code() == Code::kUsage);
  }
}

}  // namespace
}  // namespace ociship::transfer
