// SPDX-License-Identifier: Apache-2.0
#include "archive/dir_image.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "load.h"
#include "sample_image.h"
#include "temp_folder.h"

namespace ociship::archive {
namespace {

using testing::TarBuilder;
using util::StrCat;

constexpr std::string_view kVersion = "Directory Transport Version: 1.1\n";
constexpr std::string_view kDockerPlainLayer = "application/vnd.docker.image.rootfs.diff.tar";

std::string Hex(std::string_view content) { return std::string(Hash(content).hex()); }

using Files = std::vector<std::pair<std::string, std::string>>;

// What skopeo writes for one image.
struct SampleDir {
  Files Of(const std::string& root) const {
    return {{Hex(layer), layer},
            {Hex(config), config},
            {"manifest.json", root},
            {"version", std::string(kVersion)}};
  }

  std::string layer = SampleLayer();
  std::string config = SampleConfig({layer});
  std::string manifest = OciManifestText(ConfigOf(config), {LayerOf(layer, oci::kOciLayer)});
};

std::string TarOf(const Files& files) {
  TarBuilder tar;
  for (const auto& [name, content] : files) tar.File("./" + name, content);
  return tar.Finish();
}

Result<Loaded> LoadFolder(const Files& files, Archive::Format format) {
  const testing::TempFolder folder;
  for (const auto& [name, content] : files) {
    util::WriteFileAtomically(folder / name, content, 0644).value();
  }
  std::unique_ptr<util::File> file = TRY(util::File::Open(folder.path()));
  Loaded loaded = TRY(Load(std::move(file), format));
  // The folder is gone when this returns.
  for (const OciBlob& blob : std::get<OciImage>(loaded.images.at(0).content).blobs) {
    if (blob.member.empty()) continue;
    const Digest digest = TRY(MemberDigest(loaded, blob.member));
    CHECK(digest == blob.descriptor.digest);
  }
  return loaded;
}

// As a folder, a file and a pipe.
std::vector<Result<Loaded>> LoadEveryWay(const Files& files,
                                         Archive::Format format = Archive::Format::kAny) {
  std::vector<Result<Loaded>> ways;
  ways.push_back(LoadFolder(files, format));
  ways.push_back(LoadFile(TarOf(files), format));
  ways.push_back(LoadStream(TarOf(files), format));
  return ways;
}

void RequireRefusal(const Files& files, std::string_view reason,
                    Archive::Format format = Archive::Format::kAny) {
  for (const Result<Loaded>& loaded : LoadEveryWay(files, format)) {
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.error().code() == Code::kBadInput);
    CHECK_MESSAGE(Says(loaded.error(), reason), loaded.error().message());
  }
}

const OciImage& ImageOf(const Loaded& loaded) {
  return std::get<OciImage>(loaded.images.at(0).content);
}

}  // namespace

TEST_CASE("dir: an image comes with the bytes of manifest.json, plain layers kept") {
  const SampleDir sample;
  for (const auto format : {Archive::Format::kAny, Archive::Format::kDir}) {
    for (const Result<Loaded>& loaded : LoadEveryWay(sample.Of(sample.manifest), format)) {
      REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
      REQUIRE(loaded.value().images.size() == 1);
      CHECK(loaded.value().images[0].names.empty());
      const OciImage& image = ImageOf(loaded.value());
      REQUIRE(image.manifests.size() == 1);
      CHECK(image.manifests[0].bytes == sample.manifest);
      CHECK(image.manifests[0].descriptor.digest == Hash(sample.manifest));
      CHECK(image.manifests[0].descriptor.media_type == oci::kOciManifest);
      REQUIRE(image.blobs.size() == 2);
      CHECK(image.blobs[1].member == Hex(sample.layer));
      CHECK(image.blobs[1].diff_id == Hash(sample.layer));
      CHECK(image.absent.empty());
    }
  }
}

TEST_CASE("dir: the media type is that of the document, or what its form says") {
  const SampleDir sample;
  const std::string config = StrCat(R"("config":)", ConfigOf(sample.config).Json());
  const SampleDescriptor docker_config{std::string(oci::kDockerConfig), sample.config};
  const std::string layers =
      StrCat(R"(,"layers":)", JsonDescriptors({LayerOf(sample.layer, kDockerPlainLayer)}), "}");
  const auto type_of = [&](const std::string& root) {
    const auto loaded = LoadFile(TarOf(sample.Of(root)));
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
    CHECK(ImageOf(loaded.value()).manifests.back().bytes == root);
    return ImageOf(loaded.value()).manifests.back().descriptor.media_type;
  };
  CHECK(type_of(StrCat(R"({"schemaVersion":2,"mediaType":")", oci::kDockerManifest,
                       R"(","config":)", docker_config.Json(), layers)) == oci::kDockerManifest);
  CHECK(type_of(StrCat(R"({"schemaVersion":2,)", config, layers)) == oci::kOciManifest);
  CHECK(type_of(StrCat(R"({"schemaVersion":2,"config":)", docker_config.Json(), layers)) ==
        oci::kDockerManifest);
}

TEST_CASE("dir: an index comes with its manifests, which are named HEX.manifest.json") {
  const SampleDir sample;
  for (const std::string& type : {StrCat(R"("mediaType":")", oci::kOciIndex, "\","), StrCat("")}) {
    const std::string index = StrCat(R"({"schemaVersion":2,)", type, R"("manifests":)",
                                     JsonDescriptors({ManifestOf(sample.manifest)}), "}");
    Files files = sample.Of(index);
    files.emplace_back(Hex(sample.manifest) + ".manifest.json", sample.manifest);
    for (const Result<Loaded>& loaded : LoadEveryWay(files)) {
      REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
      const OciImage& image = ImageOf(loaded.value());
      REQUIRE(image.manifests.size() == 2);
      CHECK(image.manifests[0].bytes == sample.manifest);
      CHECK(image.manifests[1].bytes == index);
      CHECK(image.manifests[1].descriptor.media_type == oci::kOciIndex);
    }
  }
}

TEST_CASE("dir: an index of which a part was copied is sparse, and one of nothing is refused") {
  const SampleDir sample;
  Files files = sample.Of(OciIndexText({ManifestOf(sample.manifest), ManifestOf("gone")}));
  RequireRefusal(files, "no image of it is complete");
  files.emplace_back(Hex(sample.manifest) + ".manifest.json", sample.manifest);
  for (const Result<Loaded>& loaded : LoadEveryWay(files)) {
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
    REQUIRE(ImageOf(loaded.value()).absent.size() == 1);
    CHECK(ImageOf(loaded.value()).absent[0].digest == Hash("gone"));
    CHECK_FALSE(Says(SparseError(ImageOf(loaded.value())), "docker-archive:"));
  }
}

TEST_CASE("dir: signatures and other files are passed over") {
  const SampleDir sample;
  Files files = sample.Of(sample.manifest);
  files.emplace_back("signature-1", "\x89\x01");
  files.emplace_back("README", "text");
  for (const Result<Loaded>& loaded : LoadEveryWay(files)) CHECK(loaded.ok());
}

TEST_CASE("dir: without its version it is one only when that is demanded") {
  const SampleDir sample;
  Files files = sample.Of(sample.manifest);
  files.pop_back();
  RequireRefusal(files, "no array");
  for (const Result<Loaded>& loaded : LoadEveryWay(files, Archive::Format::kDir)) {
    CHECK(loaded.ok());
  }
  files.emplace_back("version", "Directory Transport Version: 2.0\n");
  RequireRefusal(files, "version");
}

TEST_CASE("dir: a manifest.json of `docker save` beside a version is a docker archive") {
  TarBuilder tar = SampleDocker();
  tar.File("version", kVersion);
  CHECK(std::holds_alternative<DockerImage>(LoadFile(tar.Finish()).value().images[0].content));
  CHECK_FALSE(LoadFile(tar.Finish(), Archive::Format::kDir).ok());
}

TEST_CASE("dir: an OCI layout is none, though it is demanded") {
  const SampleDir sample;
  const std::string layout =
      SampleLayout({ManifestOf(sample.manifest)}, {sample.layer, sample.config, sample.manifest})
          .File("version", kVersion)
          .Finish();
  CHECK(LoadFile(layout).ok());
  CHECK_FALSE(LoadFile(layout, Archive::Format::kDir).ok());
}

TEST_CASE("dir: documents that are no manifest are refused") {
  const SampleDir sample;
  RequireRefusal(sample.Of("{}"), "schemaVersion");
  RequireRefusal(sample.Of("{"), "JSON");
  RequireRefusal(sample.Of(R"({"schemaVersion":1,"fsLayers":[]})"), "schemaVersion");
  RequireRefusal(sample.Of(R"({"schemaVersion":2,"mediaType":"application/vnd.example"})"),
                 "unknown media type");
  RequireRefusal(sample.Of(R"({"schemaVersion":2,"manifests":[],"layers":[]})"), "layers");
  RequireRefusal(sample.Of(R"({"schemaVersion":2,"manifests":[]})"), "no image at all");
}

TEST_CASE("dir: absent and damaged blobs are refused") {
  const SampleDir sample;
  Files files = sample.Of(sample.manifest);
  files[0].second += "x";
  RequireRefusal(files, Hash(sample.layer).text());
  files.erase(files.begin());
  RequireRefusal(files, "is absent");
  Files config = sample.Of(sample.manifest);
  config[1].second[30] ^= 1;
  RequireRefusal(config, "another digest");
}

}  // namespace ociship::archive
