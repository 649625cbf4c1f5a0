// SPDX-License-Identifier: Apache-2.0
#include "transfer/convert_image.h"

#include <doctest/doctest.h>

#include "index_image.h"

namespace ociship::transfer {
namespace {

using archive::OciImage;
using testing::IndexImage;

TEST_CASE("ConvertFormat: an index follows its images, their platforms stay") {
  IndexImage index;
  index.Add("linux/amd64");
  index.Add("linux/arm64");
  const OciImage docker = ConvertFormat(index.Make(), ManifestFormat::kDocker).value();
  REQUIRE(docker.manifests.size() == 3);
  const Manifest& root = docker.manifests.back();
  CHECK(root.descriptor.media_type == oci::kDockerManifestList);
  const oci::ImageIndex list = oci::ParseImageIndex(root.bytes).value();
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(docker.manifests[i].descriptor.media_type == oci::kDockerManifest);
    CHECK(list.manifests[i].digest == docker.manifests[i].descriptor.digest);
    CHECK(list.manifests[i].media_type == oci::kDockerManifest);
    CHECK(list.manifests[i].platform.has_value());
  }
  const OciImage back = ConvertFormat(docker, ManifestFormat::kOci).value();
  CHECK(back.manifests.back().bytes == index.Make().manifests.back().bytes);
}

TEST_CASE("ConvertFormat: what has the format already keeps its bytes") {
  IndexImage index;
  index.AddAttestation(index.Add("linux/amd64"));
  const OciImage same = ConvertFormat(index.Make(), ManifestFormat::kOci).value();
  CHECK(same.manifests.back().bytes == index.Make().manifests.back().bytes);
}

TEST_CASE("ConvertFormat: an index follows its images also where it had the format before") {
  IndexImage index;
  const Descriptor amd64 = index.Add("linux/amd64");
  OciImage image = index.Make();
  image.manifests.front() =
      oci::ConvertImage(image.manifests.front(), ManifestFormat::kDocker).value();
  oci::ImageIndex mixed = oci::ParseImageIndex(image.manifests.back().bytes).value();
  const Digest docker = image.manifests.front().descriptor.digest;
  Descriptor about = amd64;
  about.annotations = {{"vnd.docker.reference.digest", docker.text()}};
  mixed.manifests = {image.manifests.front().descriptor, about};
  image.manifests.back() = oci::NewManifest(oci::FormatImageIndex(mixed), oci::kOciIndex);
  const OciImage converted = ConvertFormat(image, ManifestFormat::kOci).value();
  const oci::ImageIndex after = oci::ParseImageIndex(converted.manifests.back().bytes).value();
  CHECK(after.manifests[0].digest == amd64.digest);
  CHECK(after.manifests[0].media_type == oci::kOciManifest);
  CHECK(after.manifests[1].annotations.begin()->second == amd64.digest.text());
}

TEST_CASE("Annotate: only the root is written anew, and nothing without annotations") {
  IndexImage index;
  index.Add("linux/amd64");
  const OciImage plain = index.Make();
  CHECK(Annotate(plain, {}).value().manifests.back().bytes == plain.manifests.back().bytes);
  const OciImage annotated = Annotate(plain, {{"a", "b"}}).value();
  CHECK(annotated.manifests.front().bytes == plain.manifests.front().bytes);
  CHECK(oci::ParseImageIndex(annotated.manifests.back().bytes).value().annotations.at("a") == "b");
}

}  // namespace
}  // namespace ociship::transfer
