// SPDX-License-Identifier: Apache-2.0
#include "archive/streamed.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <variant>

#include "compress.h"
#include "load.h"
#include "sample_image.h"
#include "temp_folder.h"

namespace ociship::archive {
namespace {

using testing::GzipOf;
using testing::TarBuilder;

// A gzip file whose content can be replaced while it is open.
class GzipFile {
 public:
  explicit GzipFile(const std::string& tar) {
    util::WriteFileAtomically(path_, Padded(tar), 0644).value();
  }
  // In place, so that whoever has it open sees it.
  void Replace(const std::string& tar) {
    const std::string gzip = Padded(tar);
    std::FILE* const file = std::fopen(path_.c_str(), "r+e");
    REQUIRE(file != nullptr);
    REQUIRE(std::fwrite(gzip.data(), 1, gzip.size(), file) == gzip.size());
    REQUIRE(std::fclose(file) == 0);
  }
  std::unique_ptr<Archive> Open() const {
    return Archive::Open(util::File::Open(path_).value(), {}).value();
  }

 private:
  testing::TempFolder folder_;
  // All have one size, since whoever opened the file knows how large it was.
  static std::string Padded(const std::string& tar) {
    std::string gzip = GzipOf(tar);
    REQUIRE(gzip.size() < kSize);
    gzip.resize(kSize, '\0');
    return gzip;
  }

  static constexpr std::size_t kSize = 64 * 1024;
  std::string path_ = folder_ / "app.tar.gz";
};

TarBuilder TwoLayers(const std::string& first, const std::string& second) {
  TarBuilder tar;
  tar.File("l1.tar", first).File("VERSION", "1.0").File("c.json", SampleConfig({first, second}));
  tar.Symlink("l3.tar", "l1.tar").File("l2.tar", second);
  tar.File("manifest.json", SampleManifest({"l1.tar", "l2.tar"}));
  return tar;
}

class FailingIntake : public BlobIntake {
  Result<Digest> Take(const std::string&, std::uint64_t, util::Reader&) override {
    return Error(Code::kUnavailable, "the network is gone");
  }
};

// What the second reading says when the file holds another tar by then.
Status DrainChanged(const std::string& before, const std::string& after) {
  GzipFile file(before);
  const std::unique_ptr<Archive> archive = file.Open();
  HashingIntake intake;
  archive->Drain(intake).value();
  file.Replace(after);
  return archive->Drain(intake);
}

}  // namespace

TEST_CASE("Streamed: a compressed file is drained again, with the same members in their order") {
  const std::string first = SampleLayer("a");
  const std::string second = SampleLayer("b");
  const GzipFile file(TwoLayers(first, second).Finish());
  const std::unique_ptr<Archive> archive = file.Open();
  REQUIRE(archive->shape() == Archive::Shape::kStreamed);
  CHECK(archive->repeatable() == Archive::Repeatable::kYes);
  for (int round = 0; round < 3; ++round) {
    HashingIntake intake;
    REQUIRE(archive->Drain(intake).ok());
    CHECK(intake.order == std::vector<std::string>{"l1.tar", "l2.tar"});
    CHECK(intake.taken.at("l2.tar") == DigestOf(second));
    const auto images = archive->Images().value();
    REQUIRE(images.size() == 1);
    CHECK(std::get<DockerImage>(images[0].content).layers.size() == 2);
  }
}

TEST_CASE("Streamed: a pipe is drained once, and a second time is refused") {
  for (const bool compressed : {false, true}) {
    const std::string tar = SampleDocker().Finish();
    StreamFile stream(compressed ? GzipOf(tar) : tar);
    const auto archive = Archive::Open(stream.Take(), {}).value();
    CHECK(archive->repeatable() == Archive::Repeatable::kNo);
    HashingIntake intake;
    REQUIRE(archive->Drain(intake).ok());
    const Status again = archive->Drain(intake);
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().code() == Code::kFailure);
    CHECK(archive->Images().ok());
  }
}

TEST_CASE(
    "Streamed: an indexed archive and a folder are not repeatable, since nothing drains them") {
  CHECK(LoadFile(SampleDocker().Finish()).value().archive->repeatable() ==
        Archive::Repeatable::kNo);
}

TEST_CASE("Streamed: a second reading that its intake ends can be tried again") {
  const GzipFile file(SampleDocker().Finish());
  const std::unique_ptr<Archive> archive = file.Open();
  HashingIntake intake;
  FailingIntake failing;
  REQUIRE(archive->Drain(intake).ok());
  CHECK(archive->Drain(failing).error().code() == Code::kUnavailable);
  CHECK(archive->Images().ok());
  CHECK(archive->Drain(intake).ok());
}

TEST_CASE("Streamed: a first reading that failed is not repeated") {
  const GzipFile file(SampleDocker().Finish());
  const std::unique_ptr<Archive> archive = file.Open();
  FailingIntake failing;
  CHECK_FALSE(archive->Drain(failing).ok());
  HashingIntake intake;
  CHECK(archive->Drain(intake).error().code() == Code::kFailure);
}

TEST_CASE("Streamed: a file that changed between two readings is refused") {
  const std::string first = SampleLayer("a");
  const std::string second = SampleLayer("b");
  const std::string before = TwoLayers(first, second).Finish();
  CHECK(DrainChanged(before, before).ok());

  std::string layer = before;
  layer[512] ^= 1;
  std::string document = before;
  document[document.find("amd64")] = 'A';
  const std::string more = TwoLayers(first, second).File("more", "m").Finish();
  const std::string fewer = TarBuilder().File("l1.tar", first).Finish();
  const std::string renamed = TarBuilder().File("l9.tar", first).Finish();
  const std::string larger = TarBuilder().File("l1.tar", first + "x").Finish();
  const std::string linked =
      TarBuilder().File("l1.tar", first).File("VERSION", "1.0").Symlink("c.json", "x").Finish();
  for (const std::string& after : {layer, document, more, fewer, renamed, larger, linked}) {
    const Status again = DrainChanged(before, after);
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().code() == Code::kBadInput);
    CHECK_MESSAGE(Says(again.error(), "read first"), again.error().message());
    CHECK(Says(again.error(), "app.tar.gz"));
  }
}

TEST_CASE("Streamed: documents after a byte order mark are kept, however large") {
  const std::string layer = SampleLayer();
  TarBuilder tar;
  tar.File("l1.tar", layer).File("c.json", SampleConfig({layer}));
  tar.File("manifest.json", "\xef\xbb\xbf" + SampleManifest({"l1.tar"}) + std::string(1000, ' '));
  const auto loaded = LoadStream(tar.Finish());
  REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
  CHECK(loaded.value().taken.size() == 1);
}

}  // namespace ociship::archive
