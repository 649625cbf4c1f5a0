// SPDX-License-Identifier: Apache-2.0
#include "archive/folder.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <variant>

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

TEST_CASE("Folder: one without index.json, and a docker archive, are refused") {
  const SampleFolder sample;
  CHECK_FALSE(Archive::OpenFolder(sample.folder.path(), Archive::Format::kDocker).ok());
  CHECK(Archive::OpenFolder(sample.folder.path(), Archive::Format::kOci).ok());
  std::filesystem::remove(sample.folder / "index.json");
  sample.RequireRefusal("index.json");
  CHECK_FALSE(Archive::OpenFolder(sample.folder / "nothing", Archive::Format::kAny).ok());
}

TEST_CASE("Folder: symbolic links below the folder are not followed") {
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
  CHECK(Archive::OpenFolder(other / "link", Archive::Format::kAny).value()->Images().ok());
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
