// SPDX-License-Identifier: Apache-2.0
#include "cosign/signature_image.h"

#include <doctest/doctest.h>

#include "cosign/simple_signing.h"
#include "cosign_fixtures.h"
#include "memory_store.h"
#include "oci/media_types.h"
#include "util/encoding.h"
#include "util/text.h"

namespace ociship::cosign {
namespace {

using ociship::testing::Changed;
using ociship::testing::CosignFixture;
using ociship::testing::CosignImage;
using ociship::testing::MemoryStore;

Digest DigestOfLetter(char letter) {
  Result<Digest> digest = Digest::Parse("sha256:" + std::string(64, letter));
  REQUIRE(digest.ok());
  return digest.value();
}

SignatureImage ImageOf(const std::string& manifest_text) {
  Manifest manifest = oci::NewManifest(manifest_text, oci::kOciManifest);
  Result<oci::ImageManifest> parsed = oci::ParseImageManifest(manifest_text);
  REQUIRE(parsed.ok());
  return {.descriptor = manifest.descriptor, .manifest = parsed.value()};
}

TEST_CASE("SignatureTag: the colon of the digest becomes a dash") {
  Result<Tag> tag = SignatureTag(DigestOfLetter('a'));
  REQUIRE(tag.ok());
  CHECK(tag.value().text() == "sha256-" + std::string(64, 'a') + ".sig");
}

TEST_CASE("SignatureTag: a SHA-512 digest is too long for a tag") {
  Result<Digest> digest = Digest::Parse("sha512:" + std::string(128, 'a'));
  REQUIRE(digest.ok());
  Result<Tag> tag = SignatureTag(digest.value());
  REQUIRE(!tag.ok());
  CHECK(tag.error().code() == Code::kUsage);
}

TEST_CASE("AppendSignature: a first signature has the bytes derived from cosign's rules") {
  const std::string payload = FormatSimpleSigning(
      {.identity = "registry.example.com/ns/app", .image = DigestOfLetter('a')});
  CHECK(payload.size() == 243);
  Descriptor layer = SignatureLayer(payload, util::Bytes{0, 0, 0});
  Result<FormattedImage> image = AppendSignature(std::nullopt, layer);
  REQUIRE(image.ok());
  CHECK(image.value().config.size() == 233);
  CHECK(crypto::Sha256(util::AsBytes(image.value().config)).text() ==
        "sha256:77c80927399b5de04c914e92846b948475a391ea56d4c1403ee4457db0f549a9");
  CHECK(image.value().manifest.bytes ==
        R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
        R"("config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":233,)"
        R"("digest":"sha256:77c80927399b5de04c914e92846b948475a391ea56d4c1403ee4457db0f549a9"},)"
        R"("layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","size":243,)"
        R"("digest":"sha256:cad724641250690645ee0b7bd99325657b232799ae2fc28639312a3f3181f19d",)"
        R"("annotations":{"dev.cosignproject.cosign/signature":"AAAA"}}]})");
  CHECK(image.value().manifest.descriptor.digest.text() ==
        "sha256:04422175530b07e6dc6c375b9d3ad0c204bb9d0fb0ff615dffa7ef59c2cf77e9");
}

TEST_CASE("AppendSignature: signature images of cosign come out byte for byte") {
  for (const char* name : {"p256", "annotated", "p384", "p521", "rsa", "ed25519"}) {
    INFO(name);
    const std::string stem = name;
    const SignatureImage theirs = ImageOf(CosignFixture(stem + ".sig-manifest.json"));
    REQUIRE(theirs.manifest.layers.size() == 1);
    const std::optional<std::string> text =
        LayerAnnotation(theirs.manifest.layers.front(), kSignatureAnnotation);
    REQUIRE(text.has_value());
    Result<util::Bytes> signature = util::Base64Decode(*text);
    REQUIRE(signature.ok());
    const Descriptor layer =
        SignatureLayer(CosignFixture(stem + ".payload.json"), signature.value());
    Result<FormattedImage> ours = AppendSignature(std::nullopt, layer);
    REQUIRE(ours.ok());
    CHECK(ours.value().manifest.bytes == CosignFixture(stem + ".sig-manifest.json"));
    CHECK(ours.value().config == CosignFixture(stem + ".sig-config.json"));
  }
}

TEST_CASE("AppendSignature: a second signature comes behind the first, as cosign appends") {
  const std::string theirs = CosignFixture("two.sig-manifest.json");
  SignatureImage first = ImageOf(theirs);
  REQUIRE(first.manifest.layers.size() == 2);
  const Descriptor second = first.manifest.layers.back();
  first.manifest.layers.pop_back();
  Result<FormattedImage> ours = AppendSignature(first, second);
  REQUIRE(ours.ok());
  CHECK(ours.value().manifest.bytes == theirs);
  CHECK(ours.value().config == CosignFixture("two.sig-config.json"));
}

TEST_CASE("AppendSignature: layers, annotations and media types that were there are kept") {
  const std::string text = util::StrCat(
      R"({"schemaVersion":2,"mediaType":")", oci::kDockerManifest, R"(","config":{"mediaType":")",
      oci::kDockerConfig, R"(","size":2,"digest":")", DigestOfLetter('c').text(),
      R"("},"layers":[{"mediaType":"x/y","size":7,"digest":")", DigestOfLetter('b').text(),
      R"(","annotations":{"dev.cosignproject.cosign/signature":"AA==","z":"1"}}],)",
      R"("annotations":{"kept":"yes"}})");
  const SignatureImage before = ImageOf(text);
  Result<FormattedImage> image = AppendSignature(before, SignatureLayer("payload", util::Bytes{1}));
  REQUIRE(image.ok());
  Result<oci::ImageManifest> after = oci::ParseImageManifest(image.value().manifest.bytes);
  REQUIRE(after.ok());
  CHECK(image.value().manifest.descriptor.media_type == oci::kDockerManifest);
  CHECK(after.value().media_type == oci::kDockerManifest);
  CHECK(after.value().config.media_type == oci::kDockerConfig);
  CHECK(after.value().annotations == std::map<std::string, std::string>{{"kept", "yes"}});
  REQUIRE(after.value().layers.size() == 2);
  CHECK(after.value().layers.front() == before.manifest.layers.front());
}

TEST_CASE("AppendSignature: a full image takes no more") {
  SignatureImage image = ImageOf(CosignFixture("p256.sig-manifest.json"));
  const Descriptor layer = image.manifest.layers.front();
  image.manifest.layers.assign(kMaxSignatureLayers - 1, layer);
  CHECK(AppendSignature(image, layer).ok());
  image.manifest.layers.push_back(layer);
  CHECK(!AppendSignature(image, layer).ok());
}

TEST_CASE("ReadSignatureImage: no tag is no image, another failure is an error") {
  MemoryStore store;
  Result<std::optional<SignatureImage>> none = ReadSignatureImage(store, CosignImage());
  REQUIRE(none.ok());
  CHECK(!none.value().has_value());
  store.FailWhen([](const std::string& call) -> std::optional<Error> {
    if (call.starts_with("resolve ")) return Error(Code::kUnavailable, "broken");
    return std::nullopt;
  });
  Result<std::optional<SignatureImage>> broken = ReadSignatureImage(store, CosignImage());
  REQUIRE(!broken.ok());
  CHECK(broken.error().code() == Code::kUnavailable);
}

TEST_CASE("ReadSignatureImage: the manifest is read by digest, and must be an image") {
  MemoryStore store;
  const Manifest manifest =
      oci::NewManifest(CosignFixture("p256.sig-manifest.json"), oci::kOciManifest);
  Result<Tag> tag = SignatureTag(CosignImage());
  REQUIRE(tag.ok());
  store.AddManifest(manifest);
  store.AddTag(tag.value().text(), manifest.descriptor.digest);
  Result<std::optional<SignatureImage>> found = ReadSignatureImage(store, CosignImage());
  REQUIRE(found.ok());
  REQUIRE(found.value().has_value());
  CHECK(found.value()->descriptor.digest == manifest.descriptor.digest);
  CHECK(store.calls() ==
        std::vector<std::string>{"resolve " + tag.value().text(),
                                 "read manifest " + manifest.descriptor.digest.text()});

  const Manifest index = oci::NewManifest(
      util::StrCat(R"({"schemaVersion":2,"mediaType":")", oci::kOciIndex, R"(","manifests":[]})"),
      oci::kOciIndex);
  store.AddManifest(index);
  store.AddTag(tag.value().text(), index.descriptor.digest);
  Result<std::optional<SignatureImage>> wrong = ReadSignatureImage(store, CosignImage());
  REQUIRE(!wrong.ok());
  CHECK(wrong.error().code() == Code::kBadInput);
}

}  // namespace
}  // namespace ociship::cosign
