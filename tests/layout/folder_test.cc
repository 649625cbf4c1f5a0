// SPDX-License-Identifier: Apache-2.0
#include "layout/folder.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/hash.h"
#include "temp_folder.h"
#include "util/bytes.h"
#include "util/file.h"

namespace ociship::layout {
namespace {

namespace fs = std::filesystem;
using testing::TempFolder;

void Put(const std::string& path, std::string_view content) {
  REQUIRE(util::WriteFileAtomically(path, content, 0644).ok());
}

template <typename T>
Code CodeOf(const Result<T>& result) {
  REQUIRE_FALSE(result.ok());
  CAPTURE(result.error().message());
  return result.error().code();
}

std::vector<std::string> Names(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}
using Files = std::vector<std::string>;

TEST_CASE("Folder: created where it is missing, and left alone where it is there") {
  const TempFolder temp;
  const Folder folder(temp / "a/b");
  CHECK(CodeOf(folder.Check()) == Code::kNotFound);
  CHECK(CodeOf(folder.ReadIndex()) == Code::kNotFound);
  REQUIRE(folder.Create().ok());
  CHECK(folder.Check().ok());
  CHECK(folder.ReadIndex().value().entries.empty());
  Put(folder.path() + "/index.json", R"({"schemaVersion":2,"manifests":[],"x":1})");
  REQUIRE(folder.Create().ok());
  CHECK(folder.ReadIndex().value().others.size() == 1);
}

TEST_CASE("Folder: a layout of another version, or damaged documents, are refused") {
  const TempFolder temp;
  const Folder folder(temp.path());
  Put(temp / "oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
  CHECK(CodeOf(folder.Check()) == Code::kBadInput);
  CHECK(CodeOf(folder.Create()) == Code::kBadInput);
  Put(temp / "index.json", R"({"schemaVersion":2,"manifests":[{"media)");
  CHECK(CodeOf(folder.ReadIndex()) == Code::kBadInput);
}

TEST_CASE("Folder: a file in its place is refused") {
  const TempFolder temp;
  Put(temp / "file", "x");
  const Folder folder(temp / "file");
  CHECK(CodeOf(folder.Check()) == Code::kBadInput);
  CHECK_FALSE(folder.Create().ok());
}

TEST_CASE("Folder: symbolic links, folders and pipes are no documents") {
  const TempFolder temp;
  const Folder folder(temp.path());
  Put(temp / "elsewhere", R"({"imageLayoutVersion":"1.0.0"})");
  fs::create_symlink("elsewhere", temp / "oci-layout");
  CHECK(CodeOf(folder.Check()) == Code::kBadInput);
  fs::create_directory(temp / "index.json");
  CHECK(CodeOf(folder.ReadIndex()) == Code::kBadInput);
  fs::remove(temp / "index.json");
  REQUIRE(mkfifo((temp / "index.json").c_str(), 0600) == 0);
  CHECK(CodeOf(folder.ReadIndex()) == Code::kBadInput);
}

TEST_CASE("Folder: a change is written, none leaves the file as it is, an error changes nothing") {
  const TempFolder temp;
  const Folder folder(temp.path());
  REQUIRE(folder.Create().ok());
  const std::string before = R"({ "schemaVersion": 2, "manifests": [] })";
  Put(temp / "index.json", before);
  const auto add = [](oci::LayoutIndex& index) {
    index.entries.push_back(
        {.descriptor = {.media_type = "a/b", .digest = crypto::Sha256({}), .size = 0}});
  };
  CHECK(folder
            .ChangeIndex([&](oci::LayoutIndex& index) -> Result<Change> {
              add(index);
              return Change::kNone;
            })
            .ok());
  CHECK(util::ReadFile(temp / "index.json", 1000).value() == before);
  CHECK_FALSE(folder
                  .ChangeIndex([&](oci::LayoutIndex& index) -> Result<Change> {
                    add(index);
                    return Error(Code::kFailure, "no");
                  })
                  .ok());
  CHECK(util::ReadFile(temp / "index.json", 1000).value() == before);
  CHECK(folder
            .ChangeIndex([&](oci::LayoutIndex& index) -> Result<Change> {
              add(index);
              return Change::kMade;
            })
            .ok());
  CHECK(folder.ReadIndex().value().entries.size() == 1);
}

TEST_CASE("NewFile: becomes a blob with the usual rights, or nothing is left") {
  const TempFolder temp;
  const Folder folder(temp.path());
  const Digest digest = crypto::Sha256(util::AsBytes("abc"));
  CHECK(CodeOf(folder.OpenBlob(digest)) == Code::kNotFound);
  {
    auto dropped = NewFile::Make(folder);
    REQUIRE(dropped.ok());
    REQUIRE(dropped.value().Append(util::AsBytes("abc")).ok());
    const NewFile moved = std::move(dropped).value();
    CHECK(Names(temp.path()).size() == 1);
  }
  CHECK(Names(temp.path()).empty());

  auto kept = NewFile::Make(folder);
  auto other = NewFile::Make(folder);
  REQUIRE((kept.ok() && other.ok()));
  REQUIRE(kept.value().Append(util::AsBytes("ab")).ok());
  REQUIRE(kept.value().Append(util::AsBytes("c")).ok());
  REQUIRE(kept.value().BecomeBlob(digest).ok());
  const std::string path = temp / ("blobs/sha256/" + std::string(digest.hex()));
  CHECK(util::ReadFile(path, 10).value() == "abc");
  struct stat info = {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  const mode_t mask = umask(0);
  umask(mask);
  CHECK((info.st_mode & 0777) == (0644 & ~mask));
  REQUIRE(folder.OpenBlob(digest).ok());
  CHECK(folder.OpenBlob(digest).value()->size() == 3);
}

TEST_CASE("Folder: blobs behind symbolic links are refused") {
  const TempFolder temp;
  const TempFolder outside;
  const Digest digest = crypto::Sha256(util::AsBytes("abc"));
  const std::string hex(digest.hex());
  const Folder folder(temp.path());

  Put(outside / hex, "abc");
  fs::create_directories(temp / "blobs/sha256");
  fs::create_symlink(outside / hex, temp / ("blobs/sha256/" + hex));
  CHECK(CodeOf(folder.OpenBlob(digest)) == Code::kBadInput);

  fs::remove_all(temp / "blobs/sha256");
  fs::create_symlink(outside.path(), temp / "blobs/sha256");
  CHECK(CodeOf(folder.OpenBlob(digest)) == Code::kBadInput);
  auto file = NewFile::Make(folder);
  REQUIRE(file.ok());
  fs::remove(outside / hex);
  CHECK_FALSE(file.value().BecomeBlob(digest).ok());
  CHECK(Names(outside.path()).empty());

  fs::remove_all(temp / "blobs");
  fs::create_directories(outside / "sha256");
  fs::create_symlink(outside.path(), temp / "blobs");
  CHECK(CodeOf(folder.OpenBlob(digest)) == Code::kBadInput);
  CHECK_FALSE(file.value().BecomeBlob(digest).ok());
  CHECK(Names(outside / "sha256").empty());
}

TEST_CASE("NewFile: takes the place of a link or a damaged file, not of what it points to") {
  const TempFolder temp;
  const Digest digest = crypto::Sha256(util::AsBytes("abc"));
  const std::string path = temp / ("blobs/sha256/" + std::string(digest.hex()));
  const Folder folder(temp.path());
  Put(temp / "victim", "victim");
  fs::create_directories(temp / "blobs/sha256");
  fs::create_symlink(temp / "victim", path);
  auto file = NewFile::Make(folder);
  REQUIRE(file.ok());
  REQUIRE(file.value().Append(util::AsBytes("abc")).ok());
  REQUIRE(file.value().BecomeBlob(digest).ok());
  CHECK(util::ReadFile(temp / "victim", 10).value() == "victim");
  CHECK(folder.OpenBlob(digest).value()->size() == 3);
}

}  // namespace
}  // namespace ociship::layout
