// SPDX-License-Identifier: Apache-2.0
#include "oci/rewrite_manifest.h"

#include <doctest/doctest.h>

#include "oci/manifest.h"
#include "oci/media_types.h"
#include "util/text.h"

namespace ociship::oci {
namespace {

Digest DigestOf(char digit) { return Digest::Parse("sha256:" + std::string(64, digit)).value(); }

Descriptor Of(std::string_view media_type, char digit) {
  return {.media_type = std::string(media_type), .digest = DigestOf(digit), .size = 3};
}

Manifest ImageWith(std::string_view layer, std::string_view config = kOciConfig) {
  ImageManifest image{.media_type = std::string(kOciManifest),
                      .artifact_type = {},
                      .config = Of(config, 'c'),
                      .layers = {Of(layer, 'a'), Of(layer, 'b')},
                      .subject = {},
                      .annotations = {{"kept", "1"}}};
  return NewManifest(FormatImageManifest(image), kOciManifest);
}

TEST_CASE("WithAnnotations: new ones are added, an old value is replaced, the rest stays") {
  const Manifest before = ImageWith(kOciLayerGzip);
  const Manifest after = WithAnnotations(before, {{"new", "2"}, {"kept", "3"}}).value();
  const ImageManifest image = ParseImageManifest(after.bytes).value();
  CHECK(image.annotations == std::map<std::string, std::string>{{"kept", "3"}, {"new", "2"}});
  CHECK(image.layers == ParseImageManifest(before.bytes).value().layers);
  CHECK(after.descriptor.digest != before.descriptor.digest);
  CHECK(after.descriptor.size == after.bytes.size());
}

TEST_CASE("WithAnnotations: an index gets them itself") {
  const Manifest index = NewManifest(FormatImageIndex({.media_type = std::string(kOciIndex),
                                                       .artifact_type = {},
                                                       .manifests = {Of(kOciManifest, 'd')},
                                                       .subject = {},
                                                       .annotations = {}}),
                                     kOciIndex);
  const Manifest after = WithAnnotations(index, {{"a", "b"}}).value();
  CHECK(ParseImageIndex(after.bytes).value().annotations.at("a") == "b");
}

TEST_CASE("WithAnnotations: Docker's manifests cannot have any") {
  const Manifest docker = ConvertImage(ImageWith(kOciLayerGzip), ManifestFormat::kDocker).value();
  const auto after = WithAnnotations(docker, {{"a", "b"}});
  REQUIRE_FALSE(after.ok());
  CHECK(after.error().code() == Code::kUsage);
}

TEST_CASE("ConvertImage: every media type is translated, and back") {
  const Manifest oci = ImageWith(kOciLayerGzip);
  const Manifest docker = ConvertImage(oci, ManifestFormat::kDocker).value();
  const ImageManifest image = ParseImageManifest(docker.bytes).value();
  CHECK(docker.descriptor.media_type == kDockerManifest);
  CHECK(image.media_type == kDockerManifest);
  CHECK(image.config.media_type == kDockerConfig);
  CHECK(image.layers[0].media_type == kDockerLayerGzip);
  CHECK(image.annotations.empty());
  const ImageManifest back =
      ParseImageManifest(ConvertImage(docker, ManifestFormat::kOci).value().bytes).value();
  CHECK(back.layers == ParseImageManifest(oci.bytes).value().layers);
}

TEST_CASE("ConvertImage: what has the format already keeps its bytes") {
  const Manifest oci = ImageWith(kOciLayerZstd);
  CHECK(ConvertImage(oci, ManifestFormat::kOci).value().bytes == oci.bytes);
}

TEST_CASE("ConvertImage: what Docker's format cannot say is refused") {
  for (const Manifest& manifest : {ImageWith(kOciLayerZstd), ImageWith("text/plain"),
                                   ImageWith(kOciLayerGzip, "application/x")}) {
    const auto docker = ConvertImage(manifest, ManifestFormat::kDocker);
    REQUIRE_FALSE(docker.ok());
    CHECK(docker.error().code() == Code::kUsage);
  }
}

}  // namespace
}  // namespace ociship::oci
