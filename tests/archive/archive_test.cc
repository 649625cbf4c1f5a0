// SPDX-License-Identifier: Apache-2.0
#include "archive/archive.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "archive/streamed.h"
#include "compress.h"
#include "load.h"
#include "require_refusal.h"
#include "sample_image.h"
#include "tar_builder.h"
#include "temp_folder.h"
#include "util/process.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using namespace std::string_literals;
using testing::GzipOf;
using testing::TarBuilder;

// Both shapes give the same image, with this layer.
void RequireLayer(const std::string& bytes, const std::string& layer) {
  for (const bool stream : {false, true}) {
    CAPTURE(stream);
    Result<Loaded> loaded = stream ? LoadStream(bytes) : LoadFile(bytes);
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
    REQUIRE(DockerOf(loaded.value()).layers.size() == 1);
    const std::string member = DockerOf(loaded.value()).layers[0].member;
    CHECK(MemberDigest(loaded.value(), member).value() == DigestOf(layer));
  }
}

}  // namespace

TEST_CASE("Archive: a plain file is indexed, a pipe and a compressed file are streams") {
  const std::string tar = SampleDocker().Finish();
  CHECK(LoadFile(tar).value().archive->shape() == Archive::Shape::kIndexed);
  CHECK(LoadStream(tar).value().archive->shape() == Archive::Shape::kStreamed);
  CHECK(LoadFile(GzipOf(tar)).value().archive->shape() == Archive::Shape::kStreamed);
}

TEST_CASE("Archive: every way in gives the same image") {
  const std::string layer = SampleLayer();
  const std::string tar = SampleDocker(layer).Finish();
  for (const std::string& bytes : {tar, GzipOf(tar), GzipOf(GzipOf(tar))}) {
    RequireLayer(bytes, layer);
    const Loaded loaded = LoadFile(bytes).value();
    REQUIRE(loaded.images.size() == 1);
    CHECK(loaded.images[0].names == std::vector<std::string>{"app:1"});
    CHECK(DockerOf(loaded).config == SampleConfig({layer}));
    CHECK(DockerOf(loaded).layers[0].diff_id == DigestOf(layer));
  }
}

TEST_CASE("Archive: what is no archive is refused with what it is") {
  RequireRefusal("", "it is empty");
  RequireRefusal("hello\nworld\n", "text file");
  RequireRefusal("PK\x03\x04"s + std::string(1000, 'x'), "zip file");
  RequireRefusal(std::string(2000, '\xfe'), "neither a tar nor compressed");
  RequireRefusal(
      "\x7f"
      "ELF"s +
          std::string(100, '\xfe'),
      "too short");
  RequireRefusal("\x04\"M\x18"s + std::string(1000, 'x'), "lz4");
  RequireRefusal("\xfd\x37zXZ\0\0\0"s + std::string(1000, 'x'), "xz data is damaged");
  RequireRefusal("BZh9"s + std::string(1000, 'x'), "bzip2 data is damaged");
}

TEST_CASE("Archive: xz and bzip2 around a tar are unpacked") {
  const std::string layer = SampleLayer();
  const testing::TempFolder folder;
  for (const std::string program : {"xz", "bzip2"}) {
    util::WriteFileAtomically(folder / "a.tar", SampleDocker(layer).Finish(), 0644).value();
    const auto packed = util::RunProcess({program, folder / "a.tar"}, {});
    if (!packed.ok() || packed.value().exit_status != 0) {
      std::printf("SKIPPED: %s\n", program.c_str());
      continue;
    }
    const std::string name = folder / (program == "xz" ? "a.tar.xz" : "a.tar.bz2");
    const std::string bytes = util::ReadFile(name, 1 << 20).value();
    RequireLayer(bytes, layer);
    RequireRefusal(bytes.substr(0, bytes.size() - 1), "cut off");
  }
}

TEST_CASE("Archive: what unpacks to more than the caller allows is refused") {
  const std::string tar = SampleDocker().Finish();
  const auto drain = [&](std::uint64_t max_bytes) -> Status {
    const Archive::OpenOptions options{.limit = {.max_bytes = max_bytes}};
    std::unique_ptr<Archive> archive = TRY(Archive::Open(MemoryFile(GzipOf(tar)), options));
    HashingIntake intake;
    return archive->Drain(intake);
  };
  CHECK(drain(tar.size()).ok());
  const Status refused = drain(tar.size() - 1);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code() == Code::kBadInput);
  CHECK(Says(refused.error(), "sample.tar"));
}

TEST_CASE("Archive: a sparse layer is the file that it stands for") {
  // Zeros inside the layer, which are a hole of the file, and which tar leaves out.
  const std::string layer = SampleLayer("holes", "a" + std::string(1 << 20, '\0') + "z");
  const testing::TempFolder folder;
  util::WriteFileAtomically(folder / "l1.tar", layer.substr(0, 1000), 0644).value();
  std::filesystem::resize_file(folder / "l1.tar", layer.size());
  std::fstream file(folder / "l1.tar", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(layer.size() - 4096));
  file << layer.substr(layer.size() - 4096);
  file.close();
  util::WriteFileAtomically(folder / "c.json", SampleConfig({layer}), 0644).value();
  util::WriteFileAtomically(folder / "manifest.json", SampleManifest({"l1.tar"}), 0644).value();
  for (const std::string format : {"--format=gnu", "--format=posix"}) {
    CAPTURE(format);
    const auto made = util::RunProcess({"tar", "--sparse", format, "-C", folder.path(), "-cf",
                                        folder / "out.tar", "l1.tar", "c.json", "manifest.json"},
                                       {});
    REQUIRE((made.ok() && made.value().exit_status == 0));
    const std::string bytes = util::ReadFile(folder / "out.tar", 4 << 20).value();
    REQUIRE(bytes.size() < layer.size());
    RequireLayer(bytes, layer);
  }
}

TEST_CASE("Archive: names that are no ASCII are found, whatever the locale") {
  const std::string layer = SampleLayer();
  const std::string name = "gr\xc3\xbc\xc3\x9f/\xe5\xb1\xa4.tar";
  TarBuilder tar;
  tar.Pax(TarBuilder::PaxRecord("path", name))
      .File("x", layer)
      .File("c.json", SampleConfig({layer}));
  RequireLayer(tar.File("manifest.json", SampleManifest({name})).Finish(), layer);
}

TEST_CASE("Archive: a member of an unknown type is no layer and no document") {
  const std::string layer = SampleLayer();
  TarBuilder tar;
  tar.Header("l1.tar", 'Z', layer.size()).Data(layer).File("c.json", SampleConfig({layer}));
  RequireRefusal(tar.File("manifest.json", SampleManifest({"l1.tar"})).Finish(),
                 "not a regular file");
}

TEST_CASE("Archive: compression around compression is unpacked twice and no more") {
  const std::string tar = SampleDocker().Finish();
  CHECK(LoadFile(GzipOf(GzipOf(tar))).ok());
  RequireRefusal(GzipOf(GzipOf(GzipOf(tar))), "more than 2 times");
  RequireRefusal(GzipOf("hello\nworld\n"), "text file");
  RequireRefusal(GzipOf(""), "it is empty");
}

TEST_CASE("Archive: a damaged or cut-off compression is refused though the tar inside is whole") {
  const std::string file = GzipOf(SampleDocker().Finish());
  std::string damaged = file;
  damaged[damaged.size() - 6] ^= 1;
  RequireRefusal(damaged, "checksum");
  for (std::size_t cut = 1; cut <= 9; ++cut) {
    RequireRefusal(file.substr(0, file.size() - cut), "cut off");
  }
  RequireRefusal(file + "x", "other bytes after");
  CHECK(LoadFile(file + std::string(500, '\0')).ok());
}

TEST_CASE("Archive: a tar without an image says what was looked for") {
  RequireRefusal(std::string(10240, '\0'), "without any members");
  RequireRefusal(TarBuilder().File("etc/passwd", "root").Finish(), "docker export");
  RequireRefusal(TarBuilder().File("repositories", "{}").Finish(), "before 1.10");
  RequireRefusal(TarBuilder().File("oci-layout", "{}").Finish(), "no index.json");
}

TEST_CASE("Archive: one that is cut off anywhere before its manifest's end is refused") {
  const std::string whole = SampleDocker().Unfinished();
  const std::size_t content = whole.size() - TarBuilder::kBlock + SampleManifest({"l1.tar"}).size();
  for (std::size_t size = 0; size < whole.size(); size += size % 512 == 511 ? 1 : 73) {
    CAPTURE(size);
    if (size >= content) break;  // only padding is missing
    CHECK_FALSE(LoadFile(whole.substr(0, size)).ok());
    CHECK_FALSE(LoadStream(whole.substr(0, size)).ok());
  }
  for (std::size_t size = 0; size < whole.size(); size += 512) {
    CAPTURE(size);
    CHECK_FALSE(LoadFile(whole.substr(0, size)).ok());
    CHECK_FALSE(LoadStream(whole.substr(0, size)).ok());
  }
}

TEST_CASE("Archive: a missing end is taken when nothing that is needed can be missing") {
  const std::string whole = SampleDocker().Unfinished();
  CHECK(LoadFile(whole).ok());
  CHECK(LoadStream(whole).ok());
  CHECK(LoadFile(whole + std::string(512, '\0')).ok());
}

TEST_CASE("Archive: an archive of both formats that ends between their halves is refused") {
  TarBuilder tar = SampleDocker();
  tar.File("index.json", OciIndexText({}));
  RequireRefusal(tar.Unfinished(), "cut off");
  CHECK(LoadFile(tar.Finish()).ok());  // an index.json that somebody left there
}

TEST_CASE("Archive: a manifest before its layers works, and cut off it is refused") {
  const std::string layer = SampleLayer();
  TarBuilder tar;
  tar.File("manifest.json", SampleManifest({"l1.tar"})).File("c.json", SampleConfig({layer}));
  tar.File("l1.tar", layer);
  RequireLayer(tar.Finish(), layer);
  const std::string whole = tar.Unfinished();
  for (std::size_t size = 512; size < whole.size(); size += 512) {
    CHECK_FALSE(LoadFile(whole.substr(0, size)).ok());
    CHECK_FALSE(LoadStream(whole.substr(0, size)).ok());
  }
}

TEST_CASE("Archive: bytes behind the end are passed over") {
  const std::string layer = SampleLayer();
  const std::string tar = SampleDocker(layer).Finish();
  RequireLayer(tar + std::string(5000, 'x'), layer);
  RequireLayer(tar + TarBuilder().File("manifest.json", "[]").Finish(), layer);
}

TEST_CASE("Archive: links of layers are followed, and their targets are what is read") {
  const std::string layer = SampleLayer();
  for (const char type : {'1', '2'}) {
    TarBuilder tar;
    tar.Header("l1.tar", type, 0, "l2.tar").File("l2.tar", layer);
    tar.File("c.json", SampleConfig({layer})).File("manifest.json", SampleManifest({"l1.tar"}));
    RequireLayer(tar.Finish(), layer);
    CHECK(DockerOf(LoadStream(tar.Finish()).value()).layers[0].member == "l2.tar");
  }
}

TEST_CASE("Archive: a config or manifest that is a symbolic link is refused") {
  const std::string layer = SampleLayer();
  TarBuilder config;
  config.File("l1.tar", layer).Symlink("c.json", "d.json").File("d.json", SampleConfig({layer}));
  RequireRefusal(config.File("manifest.json", SampleManifest({"l1.tar"})).Finish(),
                 "\"c.json\": it is a symbolic link");
  TarBuilder manifest;
  manifest.File("l1.tar", layer).File("c.json", SampleConfig({layer}));
  manifest.Symlink("manifest.json", "m.json").File("m.json", SampleManifest({"l1.tar"}));
  RequireRefusal(manifest.Finish(), "\"manifest.json\": it is a symbolic link");
}

TEST_CASE("Archive: a member that is there twice with one content is one member") {
  const std::string layer = SampleLayer();
  TarBuilder tar = SampleDocker(layer);
  tar.File("l1.tar", layer).File("./c.json", SampleConfig({layer}));
  RequireLayer(tar.Finish(), layer);
}

TEST_CASE("Archive: a member that is there twice with different contents is refused") {
  const std::string layer = SampleLayer();
  std::string same_size = layer;
  same_size[600] = 'X';
  for (const std::string& other : {same_size, layer + std::string(512, '\0'), "{}"s, ""s}) {
    TarBuilder tar = SampleDocker(layer);
    RequireRefusal(tar.File(".//l1.tar", other).Finish(), "different contents");
  }
  TarBuilder config = SampleDocker(layer);
  RequireRefusal(config.File("c.json", "{}").Finish(), "\"c.json\"");
  TarBuilder manifest = SampleDocker(layer);
  RequireRefusal(manifest.File("/manifest.json", "[]").Finish(), "\"manifest.json\"");
}

TEST_CASE("Archive: members that nothing names may be there twice") {
  TarBuilder tar = SampleDocker();
  CHECK(LoadFile(tar.File("x", "1").File("x", "22").Finish()).ok());
}

TEST_CASE("Archive: a layer whose first file has a name like JSON is a layer") {
  for (const std::string_view name : {"[slug].js", "{a}", " [x]"}) {
    const std::string layer = SampleLayer(name);
    RequireLayer(SampleDocker(layer).Finish(), layer);
  }
}

TEST_CASE("Archive: an empty layer and a layer that is no tar are refused in a stream") {
  CHECK_FALSE(LoadStream(SampleDocker("").Finish()).ok());
  CHECK_FALSE(LoadFile(SampleDocker("").Finish()).ok());
  CHECK_FALSE(LoadStream(SampleDocker("{}").Finish()).ok());
}

TEST_CASE("Archive: a small file that is neither document nor layer is kept from the intake") {
  TarBuilder tar = SampleDocker();
  tar.File("VERSION", "1.0").File("empty", "");
  const Loaded loaded = LoadStream(tar.Finish()).value();
  CHECK(loaded.taken.size() == 1);
  CHECK(loaded.taken.contains("l1.tar"));
}

TEST_CASE("Archive: documents over the limits of a stream go to the intake") {
  TarBuilder tar;
  const std::string large = "{\"a\":\"" + std::string(kMaxKeptBytes, 'a') + "\"}";
  tar.File("large.json", large);
  const std::string document = "{\"a\":\"" + std::string(kMaxKeptBytes - 100, 'a') + "\"}";
  for (int i = 0; i < 7; ++i) tar.File("d" + std::to_string(i) + ".json", document);
  const std::string layer = SampleLayer();
  tar.File("l1.tar", layer);
  TarBuilder needed = tar;
  tar.File("c.json", SampleConfig({layer})).File("manifest.json", SampleManifest({"l1.tar"}));
  const Loaded loaded = LoadStream(tar.Finish()).value();
  CHECK(loaded.taken.contains("large.json"));
  CHECK(loaded.taken.contains("d6.json"));
  CHECK_FALSE(loaded.taken.contains("d0.json"));

  needed.File("c.json", document).File("manifest.json", SampleManifest({"l1.tar"}));
  const auto refused = LoadStream(needed.Finish());
  REQUIRE_FALSE(refused.ok());
  CHECK(Says(refused.error(), "without compression"));
}

TEST_CASE("Archive: an intake that fails ends the reading with its error") {
  class Failing : public BlobIntake {
    Result<Digest> Take(const std::string&, std::uint64_t, util::Reader&) override {
      return Error(Code::kUnavailable, "the network is gone");
    }
  };
  StreamFile stream(SampleDocker().Finish());
  auto archive = Archive::Open(stream.Take(), {}).value();
  Failing intake;
  const Status drained = archive->Drain(intake);
  REQUIRE_FALSE(drained.ok());
  CHECK(drained.error().code() == Code::kUnavailable);
  CHECK_FALSE(archive->Images().ok());
  CHECK_FALSE(archive->Drain(intake).ok());
}

TEST_CASE("Archive: calls that the shape does not have are refused") {
  const std::string tar = SampleDocker().Finish();
  HashingIntake intake;
  const Loaded indexed = LoadFile(tar).value();
  CHECK_FALSE(indexed.archive->Drain(intake).ok());
  CHECK_FALSE(indexed.archive->OpenBlob("nothing").ok());
  CHECK_FALSE(indexed.archive->BlobSize("../l1.tar").ok());
  const Loaded streamed = LoadStream(tar).value();
  CHECK_FALSE(streamed.archive->OpenBlob("l1.tar").ok());
  CHECK_FALSE(streamed.archive->BlobSize("l1.tar").ok());
  StreamFile stream(tar);
  CHECK_FALSE(Archive::Open(stream.Take(), {}).value()->Images().ok());
}

TEST_CASE("BlobAlgorithm: SHA-512 is for blobs that are named by it, and SHA-256 for all else") {
  CHECK(BlobAlgorithm("blobs/sha512/00") == crypto::HashAlgorithm::kSha512);
  CHECK(BlobAlgorithm("blobs/sha256/00") == crypto::HashAlgorithm::kSha256);
  CHECK(BlobAlgorithm("x/blobs/sha512/00") == crypto::HashAlgorithm::kSha256);
  CHECK(BlobAlgorithm("") == crypto::HashAlgorithm::kSha256);
}

TEST_CASE("LookAt: a member's size and compression are told, one that is absent is refused") {
  const std::string packed = GzipOf(TarBuilder().Finish());
  const Loaded indexed = LoadFile(SampleDocker().File("packed", packed).Finish()).value();
  const MemberForm compressed = LookAt(*indexed.archive, "packed").value();
  CHECK(compressed.size == packed.size());
  CHECK(compressed.compression == codec::Compression::kGzip);
  const MemberForm plain = LookAt(*indexed.archive, "l1.tar").value();
  CHECK(plain.size == indexed.archive->BlobSize("l1.tar").value());
  CHECK(plain.compression == codec::Compression::kNone);
  CHECK_FALSE(LookAt(*indexed.archive, "absent").ok());
}

TEST_CASE("Archive: two compressions around each other may not have the square of a ratio") {
  const std::string member = GzipOf(std::string(codec::kBlockBytes, '\0'));
  std::string once;
  while (once.size() < member.size() * 2 * codec::kExpansionGrace / codec::kBlockBytes) {
    once += member;
  }
  std::string twice;
  for (std::size_t at = 0; at < once.size(); at += codec::kBlockBytes) {
    twice += GzipOf(std::string_view(once).substr(at, codec::kBlockBytes));
  }
  HashingIntake intake;
  const auto single = Archive::Open(MemoryFile(once), {});
  REQUIRE(single.ok());
  CHECK(single.value()->Drain(intake).ok());
  const auto nested = Archive::Open(MemoryFile(twice), {});
  REQUIRE(nested.ok());
  const Status refused = nested.value()->Drain(intake);
  REQUIRE_FALSE(refused.ok());
  CHECK(Says(refused.error(), "--max-layer-size"));
  const auto allowed =
      Archive::Open(MemoryFile(twice), {.limit = {.ratio = codec::ExpansionLimit::Ratio::kAny}});
  REQUIRE(allowed.ok());
  CHECK(allowed.value()->Drain(intake).ok());
}

}  // namespace ociship::archive
