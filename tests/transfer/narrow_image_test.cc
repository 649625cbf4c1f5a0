// SPDX-License-Identifier: Apache-2.0
#include "transfer/narrow_image.h"

#include <doctest/doctest.h>

#include "index_image.h"

namespace ociship::transfer {
namespace {

using archive::OciImage;
using testing::IndexImage;

Platform Of(const char* text) { return oci::ParsePlatformText(text).value(); }

Digest RootOf(const OciImage& image) { return image.manifests.back().descriptor.digest; }

std::vector<Digest> ChildrenOf(const OciImage& image) {
  std::vector<Digest> digests;
  const oci::ImageIndex index = oci::ParseImageIndex(image.manifests.back().bytes).value();
  for (const Descriptor& child : index.manifests) digests.push_back(child.digest);
  return digests;
}

TEST_CASE("KeepPlatforms: one platform is its image, without index and attestation") {
  IndexImage index;
  const Descriptor amd64 = index.Add("linux/amd64");
  const Descriptor arm64 = index.Add("linux/arm64");
  index.AddAttestation(arm64);
  const OciImage kept = KeepPlatforms(index.Make(), {Of("linux/arm64/v8")}).value();
  CHECK(RootOf(kept) == arm64.digest);
  CHECK(kept.manifests.size() == 1);
  CHECK(kept.blobs.size() == 1);
}

TEST_CASE("KeepPlatforms: several platforms are a new index with their attestations") {
  IndexImage index;
  const Descriptor amd64 = index.Add("linux/amd64");
  const Descriptor arm64 = index.Add("linux/arm64");
  const Descriptor s390x = index.Add("linux/s390x");
  index.AddAttestation(s390x);
  const Descriptor attestation = index.AddAttestation(amd64);
  const OciImage kept = KeepPlatforms(index.Make(), {Of("linux/arm64"), Of("linux/amd64")}).value();
  CHECK(ChildrenOf(kept) == std::vector<Digest>{arm64.digest, amd64.digest, attestation.digest});
  CHECK(kept.manifests.size() == 4);
}

TEST_CASE("KeepPlatforms: without a variant the exact image goes before the first match") {
  IndexImage index;
  index.Add("linux/amd64/v3");
  const Descriptor plain = index.Add("linux/amd64");
  CHECK(RootOf(KeepPlatforms(index.Make(), {Of("linux/amd64")}).value()) == plain.digest);
}

TEST_CASE("KeepPlatforms: a platform that is not there is refused with the list") {
  IndexImage index;
  const Descriptor amd64 = index.Add("linux/amd64");
  index.AddAttestation(amd64);
  index.Add("linux/arm");
  const Result<OciImage> kept = KeepPlatforms(index.Make(), {Of("linux/riscv64")});
  REQUIRE_FALSE(kept.ok());
  CHECK(kept.error().code() == Code::kUsage);
  CHECK(kept.error().message().ends_with("linux/amd64, linux/arm/v7"));
}

TEST_CASE("KeepPlatforms: a single image is kept if it is for the platform, and only then") {
  IndexImage index;
  index.Add("linux/amd64");
  OciImage image = index.Make();
  image.manifests.pop_back();
  CHECK(KeepPlatforms(image, {Of("linux/amd64")}).ok());
  CHECK(KeepPlatforms(image, {Of("linux/arm64")}).error().code() == Code::kUsage);
}

TEST_CASE("KeepPlatforms: what is absent of other platforms does not matter") {
  IndexImage index;
  const Descriptor amd64 = index.Add("linux/amd64");
  index.AddAbsent("linux/arm64");
  const OciImage kept = KeepPlatforms(index.Make(), {Of("linux/amd64")}).value();
  CHECK(RootOf(kept) == amd64.digest);
  CHECK(kept.absent.empty());
  CHECK_FALSE(KeepPlatforms(index.Make(), {Of("linux/arm64")}).value().absent.empty());
}

TEST_CASE("KeepComplete: one complete image goes alone, several in a new index") {
  IndexImage one;
  const Descriptor amd64 = one.Add("linux/amd64");
  one.AddAbsent("linux/arm64");
  const OciImage alone = KeepComplete(one.Make()).value();
  CHECK(RootOf(alone) == amd64.digest);
  CHECK(alone.absent.empty());

  IndexImage two;
  const Descriptor first = two.Add("linux/amd64");
  two.AddAbsent("linux/arm64");
  const Descriptor second = two.Add("linux/s390x");
  const Descriptor attestation = two.AddAttestation(second);
  const OciImage several = KeepComplete(two.Make()).value();
  CHECK(ChildrenOf(several) ==
        std::vector<Digest>{first.digest, second.digest, attestation.digest});
  CHECK(several.absent.empty());
}

TEST_CASE("KeepComplete: an index of which nothing is complete is refused") {
  IndexImage index;
  const Descriptor absent = index.AddAbsent("linux/amd64");
  index.AddAttestation(absent);
  CHECK(KeepComplete(index.Make()).error().code() == Code::kBadInput);
}

TEST_CASE("EntriesOf: an index gives its entries, an image itself with its config's platform") {
  IndexImage index;
  const Descriptor amd64 = index.Add("linux/amd64");
  const Descriptor attestation = index.AddAttestation(amd64);
  const OciImage image = index.Make();
  CHECK(EntriesOf(image).value() == std::vector<Descriptor>{amd64, attestation});
  OciImage single = image;
  single.manifests = {image.manifests.front()};
  CHECK(EntriesOf(single).value() == std::vector<Descriptor>{amd64});
}

}  // namespace
}  // namespace ociship::transfer
