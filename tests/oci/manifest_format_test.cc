// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "oci/manifest.h"
#include "oci/media_types.h"
#include "util/json.h"

namespace ociship::oci {
namespace {

Digest D(std::string_view text) { return Digest::Parse(text).value(); }
Digest Repeated(char digit) { return D("sha256:" + std::string(64, digit)); }

constexpr std::string_view kBundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";

// reference/cosign.md, appendix B2: the manifest of a legacy signature.
TEST_CASE("FormatImageManifest: a legacy signature has cosign's bytes") {
  ImageManifest manifest{
      .media_type = std::string(kOciManifest),
      .config = {.media_type = std::string(kOciConfig),
                 .digest =
                     D("sha256:77c80927399b5de04c914e92846b948475a391ea56d4c1403ee4457db0f549a9"),
                 .size = 233},
  };
  manifest.layers.push_back(
      {.media_type = "application/vnd.dev.cosign.simplesigning.v1+json",
       .digest = D("sha256:cad724641250690645ee0b7bd99325657b232799ae2fc28639312a3f3181f19d"),
       .size = 243,
       .annotations = {{"dev.cosignproject.cosign/signature", "AAAA"}}});
  const Manifest made = NewManifest(FormatImageManifest(manifest), kOciManifest);
  CHECK(
      made.bytes ==
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":233,"digest":"sha256:77c80927399b5de04c914e92846b948475a391ea56d4c1403ee4457db0f549a9"},"layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","size":243,"digest":"sha256:cad724641250690645ee0b7bd99325657b232799ae2fc28639312a3f3181f19d","annotations":{"dev.cosignproject.cosign/signature":"AAAA"}}]})");
  CHECK(made.descriptor.size == 466);
  CHECK(made.descriptor.media_type == kOciManifest);
  CHECK(made.descriptor.digest.text() ==
        "sha256:04422175530b07e6dc6c375b9d3ad0c204bb9d0fb0ff615dffa7ef59c2cf77e9");
}

// reference/cosign.md, appendix B3: the referrer that holds a bundle.
ImageManifest BundleReferrer() {
  ImageManifest manifest{
      .media_type = std::string(kOciManifest),
      .artifact_type = std::string(kBundleType),
      .config = {.media_type = std::string(kOciEmpty),
                 .digest =
                     D("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
                 .size = 2,
                 .artifact_type = std::string(kBundleType)},
      .subject =
          Descriptor{.media_type = std::string(kOciManifest), .digest = Repeated('a'), .size = 567},
      .annotations = {{"org.opencontainers.image.created", "2026-01-01T00:00:00Z"},
                      {"dev.sigstore.bundle.content", "dsse-envelope"},
                      {"dev.sigstore.bundle.predicateType", "https://sigstore.dev/cosign/sign/v1"}},
  };
  manifest.layers.push_back(
      {.media_type = std::string(kBundleType), .digest = Repeated('b'), .size = 1234});
  return manifest;
}

TEST_CASE("FormatImageManifest: a bundle referrer has cosign's bytes") {
  const Manifest made = NewManifest(FormatImageManifest(BundleReferrer()), kOciManifest);
  CHECK(
      made.bytes ==
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"},"layers":[{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","size":1234,"digest":"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}],"annotations":{"dev.sigstore.bundle.content":"dsse-envelope","dev.sigstore.bundle.predicateType":"https://sigstore.dev/cosign/sign/v1","org.opencontainers.image.created":"2026-01-01T00:00:00Z"},"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":567,"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},"artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"})");
  CHECK(made.descriptor.size == 878);
  CHECK(made.descriptor.digest.text() ==
        "sha256:507bd12a27010e499a9af5df69ae7d51dc852a9c56dc3d986df231e5c455d80b");
}

TEST_CASE("WriteDescriptor: the keys have Go's order") {
  util::JsonWriter json;
  WriteDescriptor(json, {.media_type = "a/b",
                         .digest = Repeated('c'),
                         .size = 18446744073709551615U,
                         .annotations = {{"b", "<2>"}, {"a", "1"}},
                         .artifact_type = "c/d",
                         .platform = Platform{.os = "linux",
                                              .architecture = "arm",
                                              .variant = "v7",
                                              .os_version = "1",
                                              .os_features = {"x"}},
                         .urls = {"https://x.test/?a&b"},
                         .data = "{}"});
  CHECK(
      json.text() ==
      R"({"mediaType":"a/b","size":18446744073709551615,"digest":"sha256:)" + std::string(64, 'c') +
          R"(","data":"e30=","urls":["https://x.test/?a\u0026b"],"annotations":{"a":"1","b":"\u003c2\u003e"},"platform":{"architecture":"arm","os":"linux","os.version":"1","os.features":["x"],"variant":"v7"},"artifactType":"c/d"})");
}

TEST_CASE("FormatImageManifest: what was read comes out again") {
  const ImageManifest manifest = BundleReferrer();
  const auto again = ParseImageManifest(FormatImageManifest(manifest));
  REQUIRE(again.ok());
  CHECK(again.value().config == manifest.config);
  CHECK(again.value().layers == manifest.layers);
  CHECK(again.value().subject == manifest.subject);
  CHECK(again.value().annotations == manifest.annotations);
  CHECK(again.value().artifact_type == manifest.artifact_type);
}

TEST_CASE("FormatImageIndex: the keys have the order of image-spec's Go types") {
  ImageIndex index{.artifact_type = "a/b",
                   .subject = Descriptor{.media_type = "x/y", .digest = Repeated('2'), .size = 2},
                   .annotations = {{"k", "v"}}};
  index.manifests.push_back({.media_type = "x/z",
                             .digest = Repeated('1'),
                             .size = 1,
                             .platform = Platform{.os = "linux", .architecture = "amd64"}});
  CHECK(
      FormatImageIndex(index) ==
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","artifactType":"a/b","manifests":[{"mediaType":"x/z","size":1,"digest":"sha256:)" +
          std::string(64, '1') +
          R"(","platform":{"architecture":"amd64","os":"linux"}}],"subject":{"mediaType":"x/y","size":2,"digest":"sha256:)" +
          std::string(64, '2') + R"("},"annotations":{"k":"v"}})");
  CHECK(
      FormatImageIndex({}) ==
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]})");
}

TEST_CASE("ReferrerEntry: artifact type and annotations of the manifest") {
  const Manifest made = NewManifest(FormatImageManifest(BundleReferrer()), kOciManifest);
  const auto entry = ReferrerEntry(made);
  REQUIRE(entry.ok());
  CHECK(entry.value().media_type == kOciManifest);
  CHECK(entry.value().digest == made.descriptor.digest);
  CHECK(entry.value().size == made.descriptor.size);
  CHECK(entry.value().artifact_type == kBundleType);
  CHECK(entry.value().annotations == BundleReferrer().annotations);
}

TEST_CASE("ReferrerEntry: without an artifact type an image has its config's media type") {
  ImageManifest manifest = BundleReferrer();
  manifest.artifact_type.clear();
  const auto entry = ReferrerEntry(NewManifest(FormatImageManifest(manifest), kOciManifest));
  REQUIRE(entry.ok());
  CHECK(entry.value().artifact_type == kOciEmpty);
}

TEST_CASE("ReferrerEntry: an index has its own artifact type or none") {
  const auto with = ReferrerEntry(NewManifest(
      FormatImageIndex({.artifact_type = "a/b", .annotations = {{"k", "v"}}}), kOciIndex));
  REQUIRE(with.ok());
  CHECK(with.value().artifact_type == "a/b");
  CHECK(with.value().annotations.at("k") == "v");
  const auto without = ReferrerEntry(NewManifest(FormatImageIndex({}), kOciIndex));
  REQUIRE(without.ok());
  CHECK(without.value().artifact_type.empty());
}

TEST_CASE("ReferrerEntry: a document of another kind than the descriptor says is refused") {
  CHECK_FALSE(ReferrerEntry(NewManifest(FormatImageIndex({}), kOciManifest)).ok());
  CHECK_FALSE(ReferrerEntry(NewManifest(FormatImageManifest(BundleReferrer()), kOciIndex)).ok());
}

}  // namespace
}  // namespace ociship::oci
