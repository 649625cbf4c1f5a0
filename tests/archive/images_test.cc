// SPDX-License-Identifier: Apache-2.0
#include "archive/images.h"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "load.h"
#include "sample_image.h"

namespace ociship::archive {
namespace {

using testing::TarBuilder;
using util::StrCat;

// An archive with both halves: one layer, one config, manifest.json with a tag or without.
struct Both {
  explicit Both(std::string_view layer_type) {
    manifest = OciManifestText(ConfigOf(config), {LayerOf(layer, layer_type)});
    blobs = {layer, config, manifest};
  }

  // With these entries in index.json.
  std::string Tar(const std::vector<SampleDescriptor>& entries, std::string_view tags) const {
    TarBuilder tar = SampleLayout(entries, blobs);
    tar.File("manifest.json", StrCat(R"([{"Config":")", BlobPath(config), R"(","RepoTags":)", tags,
                                     R"(,"Layers":[")", BlobPath(layer), "\"]}]"));
    return tar.Finish();
  }

  std::string layer = SampleLayer();
  std::string config = SampleConfig({layer});
  std::string manifest;
  std::vector<std::string> blobs;
};

bool IsDocker(const Image& image) { return std::holds_alternative<DockerImage>(image.content); }

const Manifest& RootOf(const Image& image) {
  return std::get<OciImage>(image.content).manifests.back();
}

}  // namespace

TEST_CASE("Both formats: compressed layers are passed on with the index that leads to them") {
  Both both(oci::kOciLayerGzip);
  const std::string index = OciIndexText({ManifestOf(both.manifest)});
  both.blobs.push_back(index);
  const Loaded loaded = LoadFile(both.Tar({IndexOf(index, "1")}, R"(["app:1"])")).value();
  REQUIRE(loaded.images.size() == 1);
  REQUIRE_FALSE(IsDocker(loaded.images[0]));
  CHECK(RootOf(loaded.images[0]).bytes == index);
  CHECK(loaded.images[0].names == std::vector<std::string>{"app:1"});
}

TEST_CASE("Both formats: plain layers make an image that is built anew") {
  const Both both(oci::kOciLayer);
  const Loaded loaded =
      LoadFile(both.Tar({ManifestOf(both.manifest, "1")}, R"(["app:1"])")).value();
  REQUIRE(loaded.images.size() == 1);
  CHECK(IsDocker(loaded.images[0]));
  CHECK(loaded.images[0].names == std::vector<std::string>{"app:1"});
}

TEST_CASE("Both formats: an image without RepoTags has the names of index.json") {
  for (const std::string_view type : {oci::kOciLayer, oci::kOciLayerGzip}) {
    const Both both(type);
    const Loaded loaded = LoadFile(both.Tar({ManifestOf(both.manifest, "v1")}, "null")).value();
    REQUIRE(loaded.images.size() == 1);
    CHECK(loaded.images[0].names == std::vector<std::string>{"v1"});
  }
}

TEST_CASE("Both formats: an image that index.json does not list comes from manifest.json") {
  const Both both(oci::kOciLayerGzip);
  const Loaded loaded = LoadFile(both.Tar({}, R"(["app:1"])")).value();
  REQUIRE(loaded.images.size() == 1);
  CHECK(IsDocker(loaded.images[0]));
}

TEST_CASE("Both formats: an image that manifest.json does not list is an image too") {
  Both both(oci::kOciLayer);
  const std::string other =
      OciManifestText({"application/vnd.oci.empty.v1+json", "{}"}, {LayerOf("artifact")});
  both.blobs.insert(both.blobs.end(), {"{}", "artifact", other});
  const Loaded loaded =
      LoadFile(both.Tar({ManifestOf(other, "other"), ManifestOf(both.manifest)}, R"(["app:1"])"))
          .value();
  REQUIRE(loaded.images.size() == 2);
  CHECK(IsDocker(loaded.images[0]));
  CHECK(RootOf(loaded.images[1]).bytes == other);
}

TEST_CASE("Both formats: a manifest that lost its layers gives way to manifest.json") {
  Both both(oci::kOciLayer);
  const std::string empty = OciManifestText(ConfigOf(both.config), {});
  both.blobs.push_back(empty);
  const std::string tar = both.Tar({ManifestOf(empty, "1")}, R"(["app:1"])");
  const Loaded loaded = LoadFile(tar).value();
  REQUIRE(loaded.images.size() == 1);
  CHECK(IsDocker(loaded.images[0]));
  CHECK_FALSE(LoadFile(tar, Archive::Format::kOci).ok());
}

TEST_CASE("Both formats: a sparse index comes with what is absent, and with the way around") {
  Both both(oci::kOciLayerGzip);
  const std::string index =
      OciIndexText({ManifestOf(both.manifest), ManifestOf("another platform")});
  both.blobs.push_back(index);
  const std::string tar = both.Tar({IndexOf(index, "1")}, R"(["app:1"])");
  for (const bool stream : {false, true}) {
    for (const auto format : {Archive::Format::kAny, Archive::Format::kOci}) {
      const Result<Loaded> loaded = stream ? LoadStream(tar, format) : LoadFile(tar, format);
      REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
      REQUIRE(loaded.value().images.size() == 1);
      const OciImage& image = std::get<OciImage>(loaded.value().images[0].content);
      CHECK(image.manifests.size() == 2);
      CHECK(image.manifests.back().bytes == index);
      REQUIRE(image.absent.size() == 1);
      CHECK(image.absent[0].digest == Hash("another platform"));
      CHECK(image.halves == OciImage::Halves::kBoth);
      const Error error = SparseError(image);
      CHECK(error.code() == Code::kBadInput);
      CHECK(Says(error, Hash("another platform").text()));
      CHECK(Says(error, "--sparse"));
      CHECK(Says(error, "docker-archive:PATH"));
    }
  }
  CHECK(IsDocker(LoadFile(tar, Archive::Format::kDocker).value().images[0]));
}

TEST_CASE("Both formats: an index of which nothing is complete is refused with the way around") {
  Both both(oci::kOciLayerGzip);
  const std::string index = OciIndexText({ManifestOf("another platform")});
  both.blobs.push_back(index);
  for (const SampleDescriptor& entry : {IndexOf(index, "1"), IndexOf("gone", "1")}) {
    const Result<Loaded> loaded = LoadFile(both.Tar({entry}, R"(["app:1"])"));
    REQUIRE_FALSE(loaded.ok());
    CHECK(Says(loaded.error(), "absent"));
    CHECK(Says(loaded.error(), "docker-archive:PATH"));
  }
}

TEST_CASE("SparseError: it names the first that is absent, its platform, and how many more") {
  const auto descriptor = [](std::string_view text) {
    return Descriptor{.media_type = std::string(oci::kOciManifest), .digest = Hash(text)};
  };
  OciImage image{.manifests = {}, .blobs = {}, .absent = {descriptor("a")}};
  CHECK(Says(SparseError(image), Hash("a").text() + " is absent"));
  CHECK_FALSE(Says(SparseError(image), "docker-archive"));
  image.absent[0].platform = Platform{.os = "linux", .architecture = "arm", .variant = "v7"};
  image.absent.push_back(descriptor("b"));
  CHECK(Says(SparseError(image), "linux/arm/v7"));
  CHECK(Says(SparseError(image), "and 1 more are absent"));
}

TEST_CASE("Both formats: two entries of manifest.json in one index are one image") {
  Both both(oci::kOciLayerGzip);
  const std::string config = SampleConfig({"second"});
  const std::string manifest = OciManifestText(ConfigOf(config), {LayerOf("zipped")});
  const std::string index = OciIndexText({ManifestOf(both.manifest), ManifestOf(manifest)});
  TarBuilder tar = SampleLayout({IndexOf(index)}, {both.layer, both.config, both.manifest, config,
                                                   "zipped", manifest, index});
  tar.File("zipped.tar", SampleLayer("z"));
  tar.File("manifest.json",
           StrCat(R"([{"Config":")", BlobPath(both.config), R"(","RepoTags":["a:1"],"Layers":[")",
                  BlobPath(both.layer), R"("]},{"Config":")", BlobPath(config),
                  R"(","RepoTags":["a:1","b:1"],"Layers":["zipped.tar"]}])"));
  const Loaded loaded = LoadFile(tar.Finish()).value();
  REQUIRE(loaded.images.size() == 1);
  CHECK(RootOf(loaded.images[0]).bytes == index);
  CHECK(loaded.images[0].names == std::vector<std::string>{"a:1", "b:1"});
}

TEST_CASE("Both formats: one config in two roots gives both, each with its own name") {
  Both both(oci::kOciLayerGzip);
  const std::string index = OciIndexText({ManifestOf(both.manifest)});
  both.blobs.push_back(index);
  const Loaded loaded =
      LoadFile(both.Tar({IndexOf(index, "i"), ManifestOf(both.manifest, "m")}, R"(["app:1"])"))
          .value();
  REQUIRE(loaded.images.size() == 2);
  CHECK(loaded.images[0].names == std::vector<std::string>{"i"});
  CHECK(loaded.images[1].names == std::vector<std::string>{"m"});
}

TEST_CASE("Both formats: other damage of the OCI half is refused") {
  const Both both(oci::kOciLayer);
  SampleDescriptor entry = ManifestOf(both.manifest, "1");
  entry.media_type = oci::kDockerManifest;
  CHECK_FALSE(LoadFile(both.Tar({entry}, R"(["app:1"])")).ok());
  CHECK(LoadFile(both.Tar({entry}, R"(["app:1"])"), Archive::Format::kDocker).ok());
}

TEST_CASE("Both formats: manifest.json beside an index.json without layout is a docker archive") {
  TarBuilder tar = SampleDocker();
  tar.File("index.json", "not for us");
  CHECK(IsDocker(LoadFile(tar.Finish()).value().images[0]));
}

}  // namespace ociship::archive
