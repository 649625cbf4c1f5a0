// SPDX-License-Identifier: Apache-2.0
#include "layout/layout_store.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "crypto/hash.h"
#include "oci/layout_index.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "temp_folder.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/text.h"

namespace ociship::layout {
namespace {

namespace fs = std::filesystem;
using testing::TempFolder;
using util::StrCat;

Tag T(std::string_view text) { return Tag::Parse(text).value(); }
Repository At(const std::string& folder) {
  return Reference::Parse(StrCat("oci:", folder)).value().repository();
}

template <typename T>
Code CodeOf(const Result<T>& result) {
  REQUIRE_FALSE(result.ok());
  CAPTURE(result.error().message());
  return result.error().code();
}

std::unique_ptr<Store> Open(const std::string& folder, Mode mode = Mode::kCreate) {
  auto store = OpenLayoutStore(At(folder), mode);
  REQUIRE(store.ok());
  return std::move(store).value();
}

Descriptor Describe(std::string_view content, std::string_view media_type = "a/b") {
  return oci::NewManifest(std::string(content), media_type).descriptor;
}

Descriptor PutBlob(Store& store, std::string_view content) {
  Descriptor blob = Describe(content);
  auto writer = store.WriteBlob();
  REQUIRE(writer.ok());
  REQUIRE(writer.value()->Write(0, util::AsBytes(content)).ok());
  const auto again = writer.value()->Commit(blob.digest, blob.size);
  REQUIRE(again.ok());
  REQUIRE_FALSE(again.value().has_value());
  return blob;
}

// An image whose only content is `config`.
oci::ImageManifest ImageOf(std::string_view config) {
  return {.config = Describe(config, oci::kOciConfig)};
}
Manifest Made(const oci::ImageManifest& image) {
  return oci::NewManifest(oci::FormatImageManifest(image), oci::kOciManifest);
}
Manifest PutImage(Store& store, std::string_view config) {
  PutBlob(store, config);
  Manifest manifest = Made(ImageOf(config));
  REQUIRE(store.WriteManifest(manifest).ok());
  return manifest;
}
Manifest PutReferrer(Store& store, const Descriptor& subject, std::string_view note) {
  oci::ImageManifest image = ImageOf("{}");
  PutBlob(store, "{}");
  image.artifact_type = "application/test";
  image.subject = subject;
  image.annotations = {{"note", std::string(note)}};
  Manifest manifest = Made(image);
  REQUIRE(store.WriteManifest(manifest).ok());
  return manifest;
}

std::string BlobPath(const TempFolder& temp, const Digest& digest) {
  return temp / StrCat("blobs/", digest.algorithm(), "/", digest.hex());
}
void Replace(const std::string& path, std::string_view content) {
  fs::remove(path);
  REQUIRE(util::WriteFileAtomically(path, content, 0644).ok());
}
oci::LayoutIndex IndexOf(const TempFolder& temp) {
  return oci::ParseLayoutIndex(util::ReadFile(temp / "index.json", 1 << 24).value()).value();
}

class Text : public ByteSink {
 public:
  Status Write(ByteView bytes) override {
    text += util::AsText(bytes);
    return Ok();
  }
  std::string text;
};

TEST_CASE("OpenLayoutStore: what must exist and does not is kNotFound") {
  const TempFolder temp;
  CHECK(CodeOf(OpenLayoutStore(At(temp / "none"), Mode::kExisting)) == Code::kNotFound);
  CHECK(CodeOf(OpenLayoutStore(At(temp.path()), Mode::kExisting)) == Code::kNotFound);
  Replace(temp / "oci-layout", "{}");
  CHECK(CodeOf(OpenLayoutStore(At(temp.path()), Mode::kExisting)) == Code::kBadInput);
  CHECK(CodeOf(OpenLayoutStore(At(temp.path()), Mode::kCreate)) == Code::kBadInput);
  const auto registry = Reference::Parse("ghcr.io/a/b");
  REQUIRE(registry.ok());
  CHECK(CodeOf(OpenLayoutStore(registry.value().repository(), Mode::kCreate)) == Code::kUsage);
}

TEST_CASE("LayoutStore: reading from a layout that is not there yet makes nothing") {
  const TempFolder temp;
  const auto store = Open(temp / "out");
  const Digest digest = crypto::Sha256({});
  Text sink;
  CHECK(CodeOf(store->Resolve(T("1"))) == Code::kNotFound);
  CHECK(CodeOf(store->Resolve(digest)) == Code::kNotFound);
  CHECK(CodeOf(store->ReadManifest(digest)) == Code::kNotFound);
  CHECK(CodeOf(store->ReadBlob(Describe(""), sink)) == Code::kNotFound);
  CHECK_FALSE(store->BlobSize(digest).value().has_value());
  CHECK(store->Tags().value().empty());
  CHECK(store->Referrers(digest).value().empty());
  CHECK(CodeOf(store->SetTag(Made(ImageOf("{}")), T("1"))) == Code::kNotFound);
  CHECK_FALSE(fs::exists(temp / "out"));
}

TEST_CASE("LayoutStore: an image goes in and comes out, by tag and by digest") {
  const TempFolder temp;
  const auto store = Open(temp / "a/out");
  CHECK(store->repository() == At(temp / "a/out"));
  const Manifest image = PutImage(*store, R"({"os":"linux"})");
  REQUIRE(store->SetTag(image, T("1.0")).ok());
  REQUIRE(store->SetTag(image, T("latest")).ok());

  const auto reader = Open(temp / "a/out", Mode::kExisting);
  CHECK(reader->Tags().value() == std::vector<std::string>{"1.0", "latest"});
  CHECK(reader->Resolve(T("1.0")).value() == image.descriptor);
  CHECK(reader->Resolve(image.descriptor.digest).value() == image.descriptor);
  CHECK(CodeOf(reader->Resolve(T("2.0"))) == Code::kNotFound);
  const auto manifest = reader->ReadManifest(image.descriptor.digest);
  REQUIRE(manifest.ok());
  CHECK(manifest.value().bytes == image.bytes);
  CHECK(manifest.value().descriptor == image.descriptor);
  const Descriptor config = ImageOf(R"({"os":"linux"})").config;
  CHECK(reader->BlobSize(config.digest).value() == config.size);
  Text sink;
  REQUIRE(reader->ReadBlob(config, sink).ok());
  CHECK(sink.text == R"({"os":"linux"})");
}

TEST_CASE("LayoutStore: a manifest without a tag is found by its digest") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Manifest image = PutImage(*store, "{}");
  CHECK(store->Resolve(image.descriptor.digest).value() == image.descriptor);
  REQUIRE(IndexOf(temp).entries.size() == 1);
  CHECK(IndexOf(temp).entries[0].descriptor == image.descriptor);
  REQUIRE(store->SetTag(image, T("1")).ok());
  REQUIRE(IndexOf(temp).entries.size() == 1);
  CHECK(oci::RefName(IndexOf(temp).entries[0].descriptor) == "1");
}

TEST_CASE("LayoutStore: a tag moves, and the image before it stays readable by digest") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Manifest one = PutImage(*store, "{}");
  const Manifest two = PutImage(*store, R"({"os":"linux"})");
  REQUIRE(store->SetTag(one, T("latest")).ok());
  REQUIRE(store->SetTag(two, T("latest")).ok());
  CHECK(store->Resolve(T("latest")).value() == two.descriptor);
  CHECK(store->Resolve(one.descriptor.digest).ok());
  CHECK(IndexOf(temp).entries.size() == 1);
}

TEST_CASE("LayoutStore: the media type is what the document says, or looks like") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  PutBlob(*store, "{}");
  const std::string config = StrCat(R"("config":{"mediaType":"a/b","size":2,"digest":")",
                                    Describe("{}").digest.text(), "\"}");
  const Descriptor image =
      PutBlob(*store, StrCat(R"({"schemaVersion":2,"layers":[],)", config, "}"));
  const Descriptor index = PutBlob(*store, R"({"schemaVersion":2,"manifests":[]})");
  CHECK(store->Resolve(image.digest).value().media_type == oci::kOciManifest);
  CHECK(store->Resolve(index.digest).value().media_type == oci::kOciIndex);
  Replace(temp / "index.json",
          StrCat(R"({"schemaVersion":2,"manifests":[{"mediaType":")", oci::kDockerManifest,
                 R"(","size":)", image.size, R"(,"digest":")", image.digest.text(), "\"}]}"));
  CHECK(store->Resolve(image.digest).value().media_type == oci::kDockerManifest);
}

TEST_CASE("LayoutStore: a blob that is no manifest is not found as one") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  for (const std::string_view content :
       {"", "layer", "{}", "[]", R"({"mediaType":"text/plain"})"}) {
    CAPTURE(content);
    CHECK(CodeOf(store->Resolve(PutBlob(*store, content).digest)) == Code::kNotFound);
  }
  const Descriptor large = PutBlob(*store, std::string(kMaxManifestBytes + 1, ' '));
  CHECK(CodeOf(store->ReadManifest(large.digest)) == Code::kBadInput);
}

TEST_CASE("LayoutStore: a blob in pieces, and one by SHA-512") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  auto writer = store->WriteBlob();
  REQUIRE(writer.ok());
  CHECK(writer.value()->Write(0, util::AsBytes("ab")).value() == 2);
  CHECK(writer.value()->Write(2, {}).value() == 2);
  CHECK(writer.value()->Write(2, util::AsBytes("c")).value() == 3);
  crypto::Hasher hasher(crypto::HashAlgorithm::kSha512);
  hasher.Update(util::AsBytes("abc"));
  const Digest digest = hasher.Finish();
  REQUIRE(writer.value()->Commit(digest, 3).ok());
  CHECK(store->BlobSize(digest).value() == 3);
  Text sink;
  REQUIRE(store->ReadBlob({.media_type = "a/b", .digest = digest, .size = 3}, sink).ok());
  CHECK(sink.text == "abc");
}

TEST_CASE("LayoutStore: a blob with another digest or size leaves nothing") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Descriptor right = Describe("abc");
  const Digest wrong512 = Digest::Parse("sha512:" + std::string(128, '0')).value();
  for (const auto& [digest, size] :
       {std::pair(Describe("abd").digest, std::uint64_t{3}),
        std::pair(right.digest, std::uint64_t{4}), std::pair(wrong512, std::uint64_t{3})}) {
    auto writer = store->WriteBlob();
    REQUIRE(writer.ok());
    REQUIRE(writer.value()->Write(0, util::AsBytes("abc")).ok());
    CHECK(CodeOf(writer.value()->Commit(digest, size)) == Code::kBadInput);
    CHECK(CodeOf(writer.value()->Commit(right.digest, 3)) == Code::kFailure);
    CHECK(CodeOf(writer.value()->Write(3, {})) == Code::kFailure);
  }
  auto writer = store->WriteBlob();
  REQUIRE(writer.ok());
  CHECK(CodeOf(writer.value()->Write(1, util::AsBytes("abc"))) == Code::kFailure);
  writer.value().reset();
  CHECK_FALSE(store->BlobSize(right.digest).value().has_value());
  for (const auto& entry : fs::directory_iterator(temp.path())) {
    CHECK_FALSE(entry.path().filename().string().starts_with(".ociship-"));
  }
  CHECK_FALSE(fs::exists(temp / "blobs"));
}

TEST_CASE("LayoutStore: a writer may outlive its store") {
  const TempFolder temp;
  auto store = Open(temp.path());
  auto writer = store->WriteBlob();
  REQUIRE(writer.ok());
  store.reset();
  REQUIRE(writer.value()->Write(0, util::AsBytes("abc")).ok());
  REQUIRE(writer.value()->Commit(Describe("abc").digest, 3).ok());
  CHECK(Open(temp.path())->BlobSize(Describe("abc").digest).value() == 3);
}

TEST_CASE("LayoutStore: damaged content is refused, and replaced when it is written again") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Manifest image = PutImage(*store, "{}");
  REQUIRE(store->SetTag(image, T("1")).ok());
  const Descriptor blob = PutBlob(*store, "abc");

  for (const std::string_view damage : {"abd", "ab", "abcd", ""}) {
    CAPTURE(damage);
    Replace(BlobPath(temp, blob.digest), damage);
    Text sink;
    CHECK(CodeOf(store->ReadBlob(blob, sink)) == Code::kBadInput);
    CHECK(sink.text.size() <= blob.size);
    PutBlob(*store, "abc");
    CHECK(store->ReadBlob(blob, sink).ok());
  }
  Replace(BlobPath(temp, image.descriptor.digest), image.bytes + " ");
  CHECK(CodeOf(store->ReadManifest(image.descriptor.digest)) == Code::kBadInput);
  CHECK(CodeOf(store->Resolve(image.descriptor.digest)) == Code::kBadInput);
  CHECK(CodeOf(store->Resolve(T("1"))) == Code::kBadInput);
  REQUIRE(store->WriteManifest(image).ok());
  CHECK(store->Resolve(T("1")).ok());
  fs::remove(BlobPath(temp, image.descriptor.digest));
  // The tag is there: what it names is lost, and not absent.
  CHECK(CodeOf(store->Resolve(T("1"))) == Code::kBadInput);
}

TEST_CASE("LayoutStore: a blob behind a symbolic link is refused") {
  const TempFolder temp;
  const TempFolder outside;
  const auto store = Open(temp.path());
  const Descriptor blob = PutBlob(*store, "abc");
  Replace(outside / "secret", "abc");
  fs::remove(BlobPath(temp, blob.digest));
  fs::create_symlink(outside / "secret", BlobPath(temp, blob.digest));
  Text sink;
  CHECK(CodeOf(store->ReadBlob(blob, sink)) == Code::kBadInput);
  CHECK(sink.text.empty());
  CHECK(CodeOf(store->BlobSize(blob.digest)) == Code::kBadInput);
}

TEST_CASE("LayoutStore: a damaged or missing index.json is kBadInput and is not replaced") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Manifest image = PutImage(*store, "{}");
  REQUIRE(store->SetTag(image, T("1")).ok());
  const std::string whole = util::ReadFile(temp / "index.json", 100'000).value();
  const std::string cut = whole.substr(0, whole.size() / 2);
  Replace(temp / "index.json", cut);
  CHECK(CodeOf(store->Resolve(T("1"))) == Code::kBadInput);
  CHECK(CodeOf(store->Tags()) == Code::kBadInput);
  CHECK(CodeOf(store->Referrers(image.descriptor.digest)) == Code::kBadInput);
  CHECK(CodeOf(store->SetTag(image, T("2"))) == Code::kBadInput);
  CHECK(CodeOf(store->WriteManifest(image)) == Code::kBadInput);
  CHECK(util::ReadFile(temp / "index.json", 100'000).value() == cut);
  fs::remove(temp / "index.json");
  CHECK(CodeOf(store->Resolve(T("1"))) == Code::kBadInput);
  CHECK(CodeOf(store->Tags()) == Code::kBadInput);
}

TEST_CASE("LayoutStore: one name for two images is kBadInput") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Manifest one = PutImage(*store, "{}");
  const Manifest two = PutImage(*store, R"({"os":"linux"})");
  const auto entry = [](const Manifest& manifest) {
    return StrCat(R"({"mediaType":")", oci::kOciManifest, R"(","size":)", manifest.bytes.size(),
                  R"(,"digest":")", manifest.descriptor.digest.text(),
                  R"(","annotations":{"org.opencontainers.image.ref.name":"1"}})");
  };
  Replace(temp / "index.json",
          StrCat(R"({"schemaVersion":2,"manifests":[)", entry(one), ",", entry(two), "]}"));
  CHECK(CodeOf(store->Resolve(T("1"))) == Code::kBadInput);
  CHECK(CodeOf(store->SetTag(one, T("1"))) == Code::kBadInput);
  CHECK(IndexOf(temp).entries.size() == 2);
}

TEST_CASE("LayoutStore: what other tools wrote into index.json stays") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Manifest image = PutImage(*store, "{}");
  const std::string foreign = StrCat(
      R"({"mediaType":"x/y","size":1,"digest":")", Describe("x").digest.text(),
      R"(","annotations":{"org.opencontainers.image.ref.name":"other"},"x-tool":{"a":1.50}})");
  Replace(temp / "index.json",
          StrCat(R"({"schemaVersion":2,"x-note":[1],"manifests":[)", foreign, "]}"));
  REQUIRE(store->SetTag(image, T("1")).ok());
  const std::string text = util::ReadFile(temp / "index.json", 100'000).value();
  CHECK(text.find(foreign) != std::string::npos);
  CHECK(text.find(R"("x-note":[1])") != std::string::npos);
  CHECK(IndexOf(temp).entries.size() == 2);
}

TEST_CASE("LayoutStore: a tag whose entry has another size than its manifest is refused") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Manifest image = PutImage(*store, "{}");
  Replace(temp / "index.json",
          StrCat(R"({"schemaVersion":2,"manifests":[{"mediaType":")", oci::kOciManifest,
                 R"(","size":1,"digest":")", image.descriptor.digest.text(),
                 R"(","annotations":{"org.opencontainers.image.ref.name":"1"}}]})"));
  CHECK(CodeOf(store->Resolve(T("1"))) == Code::kBadInput);
}

TEST_CASE("LayoutStore: a manifest that is not what its descriptor says is not written") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Manifest good = Made(ImageOf("{}"));
  Manifest bad = good;
  bad.bytes += " ";
  CHECK(CodeOf(store->WriteManifest(bad)) == Code::kBadInput);
  bad.descriptor.size += 1;
  CHECK(CodeOf(store->WriteManifest(bad)) == Code::kBadInput);
  CHECK(CodeOf(store->WriteManifest(oci::NewManifest("{}", oci::kOciManifest))) == Code::kBadInput);
  CHECK(CodeOf(store->WriteManifest(oci::NewManifest(std::string(kMaxManifestBytes + 1, ' '),
                                                     oci::kOciManifest))) == Code::kBadInput);
  CHECK(CodeOf(store->SetTag(good, T("1"))) == Code::kNotFound);
}

TEST_CASE("LayoutStore: referrers of a subject, of no other, and each once") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Manifest image = PutImage(*store, "{}");
  const Manifest other = PutImage(*store, R"({"os":"linux"})");
  REQUIRE(store->SetTag(image, T("1")).ok());
  const Manifest first = PutReferrer(*store, image.descriptor, "first");
  PutReferrer(*store, other.descriptor, "other");
  const Manifest second = PutReferrer(*store, image.descriptor, "second");
  REQUIRE(store->WriteManifest(first).ok());
  REQUIRE(store->SetTag(second, T("named")).ok());

  const auto referrers = store->Referrers(image.descriptor.digest);
  REQUIRE(referrers.ok());
  REQUIRE(referrers.value().size() == 2);
  CHECK(referrers.value()[0] == oci::ReferrerEntry(first).value());
  CHECK(referrers.value()[1] == oci::ReferrerEntry(second).value());
  CHECK(referrers.value()[0].artifact_type == "application/test");
  CHECK(referrers.value()[0].annotations.at("note") == "first");
  CHECK(store->Referrers(crypto::Sha256({})).value().empty());
}

TEST_CASE("LayoutStore: a referrer may come before its subject") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Descriptor subject = Made(ImageOf("{}")).descriptor;
  PutReferrer(*store, subject, "early");
  CHECK(store->Referrers(subject.digest).value().size() == 1);
}

TEST_CASE("LayoutStore: a referrer that can not be read is still said to be one") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Manifest image = PutImage(*store, "{}");
  REQUIRE(store->SetTag(image, T("1")).ok());
  const Manifest lost = PutReferrer(*store, image.descriptor, "lost");
  fs::remove(BlobPath(temp, lost.descriptor.digest));
  const auto referrers = store->Referrers(image.descriptor.digest);
  REQUIRE(referrers.ok());
  REQUIRE(referrers.value().size() == 1);
  CHECK(referrers.value()[0].digest == lost.descriptor.digest);
  CHECK(CodeOf(store->ReadManifest(lost.descriptor.digest)) == Code::kNotFound);
}

TEST_CASE("LayoutStore: referrers that only a fallback index names are found") {
  const TempFolder temp;
  const auto store = Open(temp.path());
  const Manifest image = PutImage(*store, "{}");
  const Manifest other = PutImage(*store, R"({"os":"linux"})");
  const Manifest referrer = PutReferrer(*store, image.descriptor, "x");
  oci::ImageIndex fallback;
  fallback.manifests = {referrer.descriptor, other.descriptor};
  const Manifest index = oci::NewManifest(oci::FormatImageIndex(fallback), oci::kOciIndex);
  REQUIRE(store->WriteManifest(index).ok());
  Replace(temp / "index.json", R"({"schemaVersion":2,"manifests":[]})");
  CHECK(store->Referrers(image.descriptor.digest).value().empty());
  REQUIRE(store->SetTag(index, T(StrCat("sha256-", image.descriptor.digest.hex()))).ok());
  const auto referrers = store->Referrers(image.descriptor.digest);
  REQUIRE(referrers.ok());
  REQUIRE(referrers.value().size() == 1);  // the other image has no subject
  CHECK(referrers.value()[0].digest == referrer.descriptor.digest);
}

constexpr int kTagsEach = 20;

void WriteTags(const std::string& folder, std::string_view prefix) {
  const auto store = Open(folder);
  const Manifest image = PutImage(*store, StrCat(R"({"os":")", prefix, "\"}"));
  for (int i = 0; i < kTagsEach; ++i) {
    REQUIRE(store->SetTag(image, T(StrCat(prefix, i))).ok());
  }
}

TEST_CASE("LayoutStore: threads that write tags at once lose none") {
  const TempFolder temp;
  std::vector<std::thread> threads;
  for (const std::string_view prefix : {"a", "b", "c"}) {
    threads.emplace_back([&temp, prefix] { WriteTags(temp / "out", prefix); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(Open(temp / "out")->Tags().value().size() == 3 * kTagsEach);
}

TEST_CASE("LayoutStore: processes that write tags at once lose none") {
  const TempFolder temp;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    WriteTags(temp / "out", "child");
    _exit(0);
  }
  WriteTags(temp / "out", "parent");
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(Open(temp / "out")->Tags().value().size() == 2 * kTagsEach);
}

}  // namespace
}  // namespace ociship::layout
