// SPDX-License-Identifier: Apache-2.0
#include "transfer/make_index.h"

#include <doctest/doctest.h>

#include "oci/manifest.h"
#include "oci/media_types.h"

namespace ociship::transfer {
namespace {

PushedImage ImageFor(std::string os, std::string architecture, std::string variant = "") {
  return {.manifest =
              oci::NewManifest("{\"for\":\"" + architecture + variant + "\"}", oci::kOciManifest),
          .platform = Platform{.os = std::move(os),
                               .architecture = std::move(architecture),
                               .variant = std::move(variant)}};
}

TEST_CASE("MakeIndex: images of different platforms stand in their order, with their platforms") {
  const std::vector<PushedImage> images = {
      ImageFor("linux", "arm", "v7"), ImageFor("linux", "amd64"), ImageFor("linux", "arm", "v6")};
  const Result<Manifest> made = MakeIndex(images);
  REQUIRE(made.ok());
  CHECK(made.value().descriptor.media_type == oci::kOciIndex);
  const Result<oci::ImageIndex> index = oci::ParseImageIndex(made.value().bytes);
  REQUIRE(index.ok());
  REQUIRE(index.value().manifests.size() == 3);
  CHECK(index.value().manifests[0].platform == images[0].platform);
  CHECK(index.value().manifests[1].digest == images[1].manifest.descriptor.digest);
}

TEST_CASE("MakeIndex: two images of one platform are refused by name") {
  const Result<Manifest> made = MakeIndex({ImageFor("linux", "amd64"), ImageFor("linux", "amd64")});
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().code() == Code::kBadInput);
  CHECK(made.error().message().find("linux/amd64") != std::string::npos);
}

TEST_CASE("MakeIndex: an image without a platform is refused") {
  PushedImage index = ImageFor("linux", "amd64");
  index.platform.reset();
  CHECK_FALSE(MakeIndex({index, ImageFor("linux", "arm64")}).ok());
  CHECK_FALSE(MakeIndex({ImageFor("", "amd64"), ImageFor("linux", "arm64")}).ok());
}

}  // namespace
}  // namespace ociship::transfer
