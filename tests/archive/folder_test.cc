// SPDX-License-Identifier: Apache-2.0
#include "archive/folder.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "load.h"
#include "sample_image.h"
#include "temp_folder.h"

namespace ociship::archive {
namespace {

using testing::TempFolder;

// A layout folder with one image.
struct SampleFolder {
  SampleFolder() {
    util::MakeFolders(folder / "blobs/sha256").value();
    for (const std::string& blob : {layer, config, manifest}) Write(BlobPath(blob), blob);
    Write("index.json", OciIndexText({ManifestOf(manifest, "v1")}));
    Write("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  }
  void Write(const std::string& name, std::string_view content) {
    util::WriteFileAtomically(folder / name, content, 0644).value();
  }
  Result<Loaded> Open() const {
    auto file = util::File::Open(folder.path());
    if (!file.ok()) return std::move(file).error();
    return Load(std::move(file).value());
  }
  void RequireRefusal(std::string_view reason) const {
    const auto loaded = Open();
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.error().code() == Code::kBadInput);
    CHECK(Says(loaded.error(), folder.path()));
    CHECK_MESSAGE(Says(loaded.error(), reason), loaded.error().message());
  }

  TempFolder folder;
  std::string layer = "a layer";
  std::string config = SampleConfig({"plain"});
  std::string manifest = OciManifestText(ConfigOf(config), {LayerOf(layer)});
};

// What `docker save` before 25 writes, unpacked; the first layer is a link to the second.
struct DockerFolder {
  DockerFolder() {
    util::MakeFolders(folder / "one").value();
    util::MakeFolders(folder / "two").value();
    Write("two/layer.tar", layer);
    Link("one/layer.tar", "../two/layer.tar");
    Write("c.json", config);
    Write("manifest.json", SampleManifest({"one/layer.tar", "two/layer.tar"}));
  }
  void Write(const std::string& name, std::string_view content) const {
    util::WriteFileAtomically(folder / name, content, 0644).value();
  }
  void Link(const std::string& name, const std::string& target) const {
    std::filesystem::remove_all(folder / name);
    REQUIRE(::symlink(target.c_str(), (folder / name).c_str()) == 0);
  }
  Result<Loaded> Open(Archive::Format format) const {
    std::unique_ptr<util::File> file = TRY(util::File::Open(folder.path()));
    return Load(std::move(file), format);
  }

  TempFolder folder;
  std::string layer = SampleLayer();
  std::string config = SampleConfig({layer, layer});
};

}  // namespace

TEST_CASE("Folder: a layout folder gives its image, and its blobs in any order") {
  const SampleFolder sample;
  Loaded loaded = sample.Open().value();
  CHECK(loaded.archive->shape() == Archive::Shape::kIndexed);
  REQUIRE(loaded.images.size() == 1);
  const OciImage& image = std::get<OciImage>(loaded.images[0].content);
  CHECK(image.manifests.back().bytes == sample.manifest);
  REQUIRE(image.blobs.size() == 2);
  CHECK(MemberDigest(loaded, image.blobs[1].member).value() == Hash(sample.layer));
  HashingIntake intake;
  CHECK_FALSE(loaded.archive->Drain(intake).ok());
}

TEST_CASE("Folder: one without the document of its format is refused") {
  const SampleFolder sample;
  const auto open = [&](Archive::Format format) {
    return Archive::OpenFolder(sample.folder.path(), {.format = format});
  };
  CHECK(Says(open(Archive::Format::kDocker).error(), "manifest.json"));
  CHECK(Says(open(Archive::Format::kDir).error(), "manifest.json"));
  CHECK(open(Archive::Format::kOci).ok());
  std::filesystem::remove(sample.folder / "index.json");
  sample.RequireRefusal("index.json");
  CHECK_FALSE(Archive::OpenFolder(sample.folder / "nothing", {}).ok());
}

TEST_CASE("Folder: a blob may be a symbolic link within the folder") {
  const SampleFolder sample;
  const std::string name = BlobPath(sample.layer);
  std::filesystem::rename(sample.folder / name, sample.folder / "moved");
  REQUIRE(::symlink("../../moved", (sample.folder / name).c_str()) == 0);
  Loaded loaded = sample.Open().value();
  const OciImage& image = std::get<OciImage>(loaded.images[0].content);
  CHECK(image.blobs[1].member == "moved");
  CHECK(MemberDigest(loaded, "moved").value() == Hash(sample.layer));
}

TEST_CASE("Folder: an unpacked `docker save` gives its images") {
  const DockerFolder sample;
  for (const auto format : {Archive::Format::kAny, Archive::Format::kDocker}) {
    Loaded loaded = sample.Open(format).value();
    REQUIRE(loaded.images.size() == 1);
    CHECK(loaded.images[0].names == std::vector<std::string>{"app:1"});
    const DockerImage& image = std::get<DockerImage>(loaded.images[0].content);
    CHECK(image.config == sample.config);
    REQUIRE(image.layers.size() == 2);
    CHECK(image.layers[0].member == "two/layer.tar");
    CHECK(image.layers[1].member == "two/layer.tar");
    CHECK(MemberDigest(loaded, "two/layer.tar").value() == Hash(sample.layer));
  }
  const auto oci = sample.Open(Archive::Format::kOci);
  REQUIRE_FALSE(oci.ok());
  CHECK(Says(oci.error(), "no index.json"));
  CHECK_FALSE(sample.Open(Archive::Format::kDir).ok());
}

TEST_CASE("Folder: layers that lead out of it, to nothing, in a circle or to no file are refused") {
  const TempFolder other;
  util::WriteFileAtomically(other / "layer.tar", SampleLayer(), 0644).value();
  const std::string up = "../../" + std::filesystem::path(other.path()).filename().string();
  for (const auto& [target, reason] :
       std::vector<std::pair<std::string, std::string>>{{other / "layer.tar", "out of the archive"},
                                                        {up + "/layer.tar", "out of the archive"},
                                                        {"../gone", "No such file"},
                                                        {"layer.tar", "circle"},
                                                        {"../two", "not a regular file"}}) {
    CAPTURE(target);
    const DockerFolder sample;
    sample.Link("one/layer.tar", target);
    const auto loaded = sample.Open(Archive::Format::kAny);
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.error().code() == Code::kBadInput);
    CHECK_MESSAGE(Says(loaded.error(), reason), loaded.error().message());
  }
  const DockerFolder folder_link;
  std::filesystem::rename(folder_link.folder / "two", folder_link.folder / "real");
  folder_link.Link("two", "real");
  CHECK_FALSE(folder_link.Open(Archive::Format::kAny).ok());
}

TEST_CASE("Folder: names in manifest.json that lead out of it are refused") {
  for (const std::string& name : {std::string("../x.tar"), std::string("two/../two/layer.tar")}) {
    const DockerFolder sample;
    sample.Write("manifest.json", SampleManifest({"one/layer.tar", name}));
    CHECK_FALSE(sample.Open(Archive::Format::kAny).ok());
  }
  const DockerFolder sample;
  sample.Write("manifest.json", SampleManifest({"./one//layer.tar", "/two/layer.tar"}));
  CHECK(sample.Open(Archive::Format::kAny).ok());
}

TEST_CASE("Folder: with both halves index.json counts, unless the other is demanded") {
  SampleFolder sample;
  sample.Write("l1.tar", SampleLayer());
  sample.Write("c.json", SampleConfig({SampleLayer()}));
  sample.Write("manifest.json", SampleManifest({"l1.tar"}));
  CHECK(std::holds_alternative<OciImage>(sample.Open().value().images[0].content));
  const auto docker =
      Archive::OpenFolder(sample.folder.path(), {.format = Archive::Format::kDocker}).value();
  CHECK(std::holds_alternative<DockerImage>(docker->Images().value()[0].content));
}

TEST_CASE("Folder: symbolic links that leave the folder, or lead to documents, are not followed") {
  for (const bool link_folder : {false, true}) {
    const SampleFolder sample;
    const std::string name = link_folder ? "blobs" : BlobPath(sample.layer);
    std::filesystem::rename(sample.folder / name, sample.folder / "moved");
    REQUIRE(::symlink((sample.folder / "moved").c_str(), (sample.folder / name).c_str()) == 0);
    CHECK_FALSE(sample.Open().ok());
  }
  const SampleFolder index;
  std::filesystem::rename(index.folder / "index.json", index.folder / "moved");
  REQUIRE(::symlink("moved", (index.folder / "index.json").c_str()) == 0);
  index.RequireRefusal("symbolic link");
}

TEST_CASE("Folder: the folder itself may be reached by a symbolic link") {
  const SampleFolder sample;
  const TempFolder other;
  REQUIRE(::symlink(sample.folder.path().c_str(), (other / "link").c_str()) == 0);
  CHECK(Archive::OpenFolder(other / "link", {}).value()->Images().ok());
}

TEST_CASE("Folder: a fifo or folder where a file belongs is refused at once") {
  const SampleFolder sample;
  std::filesystem::remove(sample.folder / "index.json");
  REQUIRE(::mkfifo((sample.folder / "index.json").c_str(), 0600) == 0);
  sample.RequireRefusal("not a regular file");
  std::filesystem::remove(sample.folder / "index.json");
  util::MakeFolders(sample.folder / "index.json").value();
  CHECK_FALSE(sample.Open().ok());
}

TEST_CASE("Folder: absent and damaged blobs are refused") {
  SampleFolder sample;
  sample.Write(BlobPath(sample.layer), "longer than it was");
  sample.RequireRefusal(Hash(sample.layer).text());
  std::filesystem::remove(sample.folder / BlobPath(sample.layer));
  sample.RequireRefusal("absent");
}

TEST_CASE("Folder: names that lead out of the folder are not opened") {
  const SampleFolder sample;
  const Loaded loaded = sample.Open().value();
  for (const std::string& name :
       {std::string("../etc/passwd"), std::string("/etc/passwd"),
        std::string("blobs/../index.json"), std::string("./index.json"), std::string()}) {
    CHECK_FALSE(loaded.archive->OpenBlob(name).ok());
    CHECK_FALSE(loaded.archive->BlobSize(name).ok());
  }
  CHECK(loaded.archive->BlobSize("index.json").ok());
}

}  // namespace ociship::archive
