// SPDX-License-Identifier: Apache-2.0
#include "transfer/make_index.h"

#include <doctest/doctest.h>

#include "oci/manifest.h"
#include "oci/media_types.h"

namespace ociship::transfer {
namespace {

StoredImage ImageFor(std::string os, std::string architecture, std::string variant = "") {
  Manifest manifest =
      oci::NewManifest("{\"for\":\"" + architecture + variant + "\"}", oci::kOciManifest);
  Descriptor entry = manifest.descriptor;
  entry.platform = Platform{
      .os = std::move(os), .architecture = std::move(architecture), .variant = std::move(variant)};
  return {.manifest = std::move(manifest), .names = {}, .entries = {std::move(entry)}};
}

Result<Manifest> MakeIndex(const std::vector<StoredImage>& images) {
  return transfer::MakeIndex(images, ManifestFormat::kOci, {});
}

TEST_CASE("MakeIndex: images of different platforms stand in their order, with their platforms") {
  const std::vector<StoredImage> images = {
      ImageFor("linux", "arm", "v7"), ImageFor("linux", "amd64"), ImageFor("linux", "arm", "v6")};
  const Result<Manifest> made = MakeIndex(images);
  REQUIRE(made.ok());
  CHECK(made.value().descriptor.media_type == oci::kOciIndex);
  const Result<oci::ImageIndex> index = oci::ParseImageIndex(made.value().bytes);
  REQUIRE(index.ok());
  REQUIRE(index.value().manifests.size() == 3);
  CHECK(index.value().manifests[0].platform == images[0].entries[0].platform);
  CHECK(index.value().manifests[1].digest == images[1].manifest.descriptor.digest);
}

TEST_CASE("MakeIndex: two images of one platform are refused by name") {
  const Result<Manifest> made =
      MakeIndex({ImageFor("linux", "amd64"), ImageFor("linux", "x86_64")});
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().code() == Code::kBadInput);
  CHECK(made.error().message().find("linux/amd64") != std::string::npos);
}

TEST_CASE("MakeIndex: an image without a platform is refused") {
  StoredImage index = ImageFor("linux", "amd64");
  index.entries[0].platform.reset();
  CHECK_FALSE(MakeIndex({index, ImageFor("linux", "arm64")}).ok());
  CHECK_FALSE(MakeIndex({ImageFor("", "amd64"), ImageFor("linux", "arm64")}).ok());
}

TEST_CASE("MakeIndex: what an index named stands in it directly, attestations too, once each") {
  StoredImage index = ImageFor("linux", "amd64");
  Descriptor attestation = index.entries[0];
  attestation.digest = ImageFor("x", "y").manifest.descriptor.digest;
  attestation.platform = Platform{.os = "unknown", .architecture = "unknown"};
  index.entries.push_back(attestation);
  StoredImage other = ImageFor("linux", "arm64");
  other.entries.push_back(attestation);
  const Result<Manifest> made = MakeIndex({index, other});
  REQUIRE(made.ok());
  const oci::ImageIndex parsed = oci::ParseImageIndex(made.value().bytes).value();
  REQUIRE(parsed.manifests.size() == 3);
  CHECK(parsed.manifests[1].digest == attestation.digest);
}

TEST_CASE("MakeIndex: one platform under two names is the same platform") {
  CHECK_FALSE(MakeIndex({ImageFor("linux", "arm64"), ImageFor("linux", "aarch64", "v8")}).ok());
}

TEST_CASE("MakeIndex: annotations, and a manifest list, which has none") {
  const std::vector<StoredImage> images = {ImageFor("linux", "amd64"), ImageFor("linux", "arm64")};
  const Manifest annotated =
      transfer::MakeIndex(images, ManifestFormat::kOci, {{"a", "b"}}).value();
  CHECK(oci::ParseImageIndex(annotated.bytes).value().annotations.at("a") == "b");
  const Manifest list = transfer::MakeIndex(images, ManifestFormat::kDocker, {}).value();
  CHECK(list.descriptor.media_type == oci::kDockerManifestList);
  CHECK(transfer::MakeIndex(images, ManifestFormat::kDocker, {{"a", "b"}}).error().code() ==
        Code::kUsage);
}

}  // namespace
}  // namespace ociship::transfer
