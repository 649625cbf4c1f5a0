// SPDX-License-Identifier: Apache-2.0
#include "cosign/referrer.h"

#include <doctest/doctest.h>

#include "cosign_fixtures.h"
#include "oci/media_types.h"
#include "util/text.h"
#include "util/time.h"

namespace ociship::cosign {
namespace {

using ociship::testing::Changed;
using ociship::testing::CosignFixture;
using ociship::testing::CosignImage;
using ociship::testing::OtherImage;

std::chrono::sys_seconds At(std::string_view text) {
  Result<std::chrono::sys_seconds> time = util::ParseRfc3339(text);
  REQUIRE(time.ok());
  return time.value();
}

Manifest ManifestOf(const std::string& text, std::string_view media_type = oci::kOciManifest) {
  return oci::NewManifest(text, media_type);
}

TEST_CASE("FormatReferrer: has the bytes derived from cosign's rules") {
  Result<Digest> image = Digest::Parse("sha256:" + std::string(64, 'a'));
  REQUIRE(image.ok());
  const Manifest manifest = FormatReferrer(
      {.media_type = std::string(oci::kOciManifest), .digest = image.value(), .size = 567},
      std::string(1234, 'x'), At("2026-01-01T00:00:00Z"));
  // The vector has a made-up bundle digest.
  const std::string bundle = crypto::Sha256(util::AsBytes(std::string(1234, 'x'))).text();
  const std::string expected = Changed(manifest.bytes, bundle, "sha256:" + std::string(64, 'b'));
  CHECK(expected.size() == 878);
  CHECK(crypto::Sha256(util::AsBytes(expected)).text() ==
        "sha256:507bd12a27010e499a9af5df69ae7d51dc852a9c56dc3d986df231e5c455d80b");
}

TEST_CASE("FormatReferrer: referrers of cosign come out byte for byte") {
  const Descriptor subject{.media_type = std::string(oci::kDockerManifest),
                           .digest = CosignImage(),
                           .size = CosignFixture("image.json").size()};
  for (const char* name : {"p256", "annotated", "p384", "p521", "rsa", "ed25519"}) {
    INFO(name);
    const std::string stem = name;
    const std::string theirs = CosignFixture(stem + ".referrer.json");
    Result<oci::ImageManifest> parsed = oci::ParseImageManifest(theirs);
    REQUIRE(parsed.ok());
    const auto created = parsed.value().annotations.find("org.opencontainers.image.created");
    REQUIRE(created != parsed.value().annotations.end());
    CHECK(
        FormatReferrer(subject, CosignFixture(stem + ".bundle.json"), At(created->second)).bytes ==
        theirs);
  }
}

TEST_CASE("FindSignatureBundle: the bundle layer of a referrer of this image is found") {
  Result<std::optional<Descriptor>> layer =
      FindSignatureBundle(ManifestOf(CosignFixture("p256.referrer.json")), CosignImage());
  REQUIRE(layer.ok());
  REQUIRE(layer.value().has_value());
  CHECK(layer.value()->digest == crypto::Sha256(util::AsBytes(CosignFixture("p256.bundle.json"))));
}

void CheckPassedOver(const Manifest& manifest, const Digest& image) {
  INFO(manifest.bytes);
  Result<std::optional<Descriptor>> layer = FindSignatureBundle(manifest, image);
  REQUIRE(layer.ok());
  CHECK(!layer.value().has_value());
}

TEST_CASE("FindSignatureBundle: other subjects, layers, types and predicates are passed over") {
  const std::string good = CosignFixture("p256.referrer.json");
  CheckPassedOver(ManifestOf(good), OtherImage());
  CheckPassedOver(ManifestOf(CosignFixture("image.json")), CosignImage());
  CheckPassedOver(ManifestOf(CosignFixture("attestation.referrer.json")), CosignImage());
  const std::size_t begin = good.find("\"layers\":[") + 10;
  const std::string layer = good.substr(begin, good.find(']', begin) - begin);
  CheckPassedOver(ManifestOf(Changed(good, layer, layer + "," + layer)), CosignImage());
  CheckPassedOver(ManifestOf(Changed(good, layer, "")), CosignImage());
  const std::string other =
      Changed(layer, "application/vnd.dev.sigstore.bundle.v0.3+json", "application/spdx+json");
  CheckPassedOver(ManifestOf(Changed(good, layer, other)), CosignImage());
  CheckPassedOver(ManifestOf(good, oci::kOciIndex), CosignImage());
}

TEST_CASE("FindSignatureBundle: a referrer without predicate annotation is looked at") {
  const std::string good = CosignFixture("p256.referrer.json");
  const std::string annotation =
      R"("dev.sigstore.bundle.predicateType":"https://sigstore.dev/cosign/sign/v1",)";
  Result<std::optional<Descriptor>> layer =
      FindSignatureBundle(ManifestOf(Changed(good, annotation, "")), CosignImage());
  REQUIRE(layer.ok());
  CHECK(layer.value().has_value());
}

TEST_CASE("FindSignatureBundle: what is no manifest is an error") {
  Result<std::optional<Descriptor>> layer = FindSignatureBundle(ManifestOf("{"), CosignImage());
  REQUIRE(!layer.ok());
  CHECK(layer.error().code() == Code::kBadInput);
}

}  // namespace
}  // namespace ociship::cosign
