// SPDX-License-Identifier: Apache-2.0
#include "archive/oci_layout.h"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "load.h"
#include "sample_image.h"
#include "util/encoding.h"

namespace ociship::archive {
namespace {

using util::StrCat;

// A manifest with one layer, and what it needs.
struct SampleOci {
  explicit SampleOci(std::string_view seed = "one")
      : layer(StrCat("layer of ", seed)),
        config(SampleConfig({StrCat("plain ", seed)})),
        manifest(OciManifestText(ConfigOf(config), {LayerOf(layer)})) {}
  std::vector<std::string> Blobs() const { return {layer, config, manifest}; }

  std::string layer;
  std::string config;
  std::string manifest;
};

std::vector<std::string> Join(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const OciImage& OciOf(const Loaded& loaded, std::size_t index = 0) {
  return std::get<OciImage>(loaded.images.at(index).content);
}

void RequireRefusal(const std::string& bytes, std::string_view reason) {
  for (const bool stream : {false, true}) {
    CAPTURE(stream);
    const Result<Loaded> loaded = stream ? LoadStream(bytes) : LoadFile(bytes);
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.error().code() == Code::kBadInput);
    CHECK_MESSAGE(Says(loaded.error(), reason), loaded.error().message());
  }
}

}  // namespace

TEST_CASE("OCI layout: an image comes with its manifest, config and layers") {
  const SampleOci sample;
  for (const bool stream : {false, true}) {
    const std::string tar =
        SampleLayout({ManifestOf(sample.manifest, "v1")}, sample.Blobs()).Finish();
    const Loaded loaded = stream ? LoadStream(tar).value() : LoadFile(tar).value();
    REQUIRE(loaded.images.size() == 1);
    CHECK(loaded.images[0].names == std::vector<std::string>{"v1"});
    const OciImage& image = OciOf(loaded);
    REQUIRE(image.manifests.size() == 1);
    CHECK(image.manifests[0].bytes == sample.manifest);
    CHECK(image.manifests[0].descriptor.digest == Hash(sample.manifest));
    REQUIRE(image.blobs.size() == 2);
    CHECK(image.blobs[0].member.empty());
    CHECK(image.blobs[0].content == sample.config);
    CHECK(image.blobs[1].descriptor.digest == Hash(sample.layer));
    CHECK(image.blobs[1].diff_id == Hash("plain one"));
  }
}

TEST_CASE("OCI layout: children stand before their index, and each blob once") {
  const SampleOci one("one");
  const SampleOci two("two");
  const std::string inner = OciIndexText({ManifestOf(two.manifest), ManifestOf(one.manifest)});
  const std::string outer = OciIndexText({ManifestOf(one.manifest), IndexOf(inner)});
  const Loaded loaded = LoadFile(SampleLayout({IndexOf(outer, "v1")},
                                              Join(Join(one.Blobs(), two.Blobs()), {inner, outer}))
                                     .Finish())
                            .value();
  const OciImage& image = OciOf(loaded);
  REQUIRE(image.manifests.size() == 4);
  CHECK(image.manifests[0].bytes == one.manifest);
  CHECK(image.manifests[1].bytes == two.manifest);
  CHECK(image.manifests[2].bytes == inner);
  CHECK(image.manifests[3].bytes == outer);
  CHECK(image.blobs.size() == 4);
}

TEST_CASE("OCI layout: entries with one digest are one image with several names") {
  const SampleOci sample;
  SampleDescriptor full = ManifestOf(sample.manifest);
  full.extra = R"(,"annotations":{"io.containerd.image.name":"docker.io/library/app:2",)"
               R"("org.opencontainers.image.ref.name":"2"})";
  const Loaded loaded =
      LoadFile(SampleLayout({ManifestOf(sample.manifest, "v1"), full, ManifestOf(sample.manifest),
                             ManifestOf(sample.manifest, "v1")},
                            sample.Blobs())
                   .Finish())
          .value();
  REQUIRE(loaded.images.size() == 1);
  CHECK(loaded.images[0].names == std::vector<std::string>{"v1", "docker.io/library/app:2"});
}

TEST_CASE("OCI layout: children and referrers beside their image are no images, unless named") {
  const SampleOci sample;
  const SampleOci other("other");
  const std::string index = OciIndexText({ManifestOf(sample.manifest)});
  const std::string referrer =
      OciManifestText(ConfigOf(other.config), {LayerOf(other.layer)},
                      StrCat(R"(,"subject":)", ManifestOf(sample.manifest).Json()));
  const auto blobs = Join(Join(sample.Blobs(), other.Blobs()), {index, referrer});
  const Loaded beside =
      LoadFile(SampleLayout(
                   {ManifestOf(referrer), ManifestOf(sample.manifest), IndexOf(index, "v1")}, blobs)
                   .Finish())
          .value();
  REQUIRE(beside.images.size() == 1);
  CHECK(OciOf(beside).manifests.back().bytes == index);

  const Loaded named =
      LoadFile(SampleLayout({ManifestOf(sample.manifest, "v1-amd64"), IndexOf(index, "v1")}, blobs)
                   .Finish())
          .value();
  CHECK(named.images.size() == 2);
}

TEST_CASE("OCI layout: a referrer whose subject is elsewhere is an image") {
  const SampleOci sample;
  const std::string referrer =
      OciManifestText(ConfigOf(sample.config), {LayerOf(sample.layer)},
                      StrCat(R"(,"subject":)", ManifestOf("somewhere else").Json()));
  CHECK(LoadFile(SampleLayout({ManifestOf(referrer)}, Join(sample.Blobs(), {referrer})).Finish())
            .value()
            .images.size() == 1);
}

TEST_CASE("OCI layout: entries of unknown types are passed over, and alone they are no image") {
  const SampleOci sample;
  const SampleDescriptor unknown = {"application/vnd.example", "gone"};
  CHECK(LoadFile(SampleLayout({unknown, ManifestOf(sample.manifest)}, sample.Blobs()).Finish())
            .value()
            .images.size() == 1);
  RequireRefusal(SampleLayout({unknown}, {}).Finish(), "lists no image");
  RequireRefusal(SampleLayout({}, {}).Finish(), "lists no image");
}

TEST_CASE("OCI layout: a child of an unknown type and an index of nothing are refused") {
  const std::string unknown = OciIndexText({{"application/vnd.example", "x"}});
  RequireRefusal(SampleLayout({IndexOf(unknown)}, {unknown, "x"}).Finish(), "unknown media type");
  const std::string nothing = OciIndexText({});
  RequireRefusal(SampleLayout({IndexOf(nothing)}, {nothing}).Finish(), "no image at all");
}

TEST_CASE("OCI layout: absent blobs and manifests are refused and named") {
  const SampleOci sample;
  const std::string index = OciIndexText({ManifestOf(sample.manifest)});
  RequireRefusal(
      SampleLayout({ManifestOf(sample.manifest)}, {sample.config, sample.manifest}).Finish(),
      StrCat("blob ", Hash(sample.layer).text(), " is absent"));
  RequireRefusal(
      SampleLayout({ManifestOf(sample.manifest)}, {sample.layer, sample.manifest}).Finish(),
      StrCat("blob ", Hash(sample.config).text(), " is absent"));
  RequireRefusal(SampleLayout({IndexOf(index)}, {index, sample.layer, sample.config}).Finish(),
                 StrCat("manifest ", Hash(sample.manifest).text(), " is absent"));
}

TEST_CASE("OCI layout: content with another digest or size is refused") {
  const SampleOci sample;
  const auto with = [&](const std::string& replaced, const std::string& content) {
    testing::TarBuilder tar;
    for (const std::string& blob : sample.Blobs()) {
      tar.File(BlobPath(blob), blob == replaced ? content : blob);
    }
    tar.File("index.json", OciIndexText({ManifestOf(sample.manifest)}));
    return tar.File("oci-layout", R"({"imageLayoutVersion":"1.0.0"})").Finish();
  };
  std::string config = sample.config;
  config[20] ^= 1;
  RequireRefusal(with(sample.config, config), "another digest");
  std::string manifest = sample.manifest;
  manifest += " ";
  RequireRefusal(with(sample.manifest, manifest), "bytes where");
  RequireRefusal(with(sample.layer, "x" + sample.layer), "bytes where");
  std::string layer = sample.layer;
  layer[0] ^= 1;
  CHECK_FALSE(LoadStream(with(sample.layer, layer)).ok());  // of a file, whoever reads it sees it
}

TEST_CASE("OCI layout: a document that contradicts its descriptor's media type is refused") {
  const SampleOci sample;
  SampleDescriptor descriptor = ManifestOf(sample.manifest);
  descriptor.media_type = oci::kDockerManifest;
  RequireRefusal(SampleLayout({descriptor}, sample.Blobs()).Finish(), "says that it is");
  RequireRefusal(SampleLayout({IndexOf(sample.manifest)}, sample.Blobs()).Finish(),
                 Hash(sample.manifest).text());
}

TEST_CASE("OCI layout: two descriptors of one manifest must agree") {
  const SampleOci sample;
  SampleDescriptor other = ManifestOf(sample.manifest);
  other.media_type = oci::kDockerManifest;
  const std::string index = OciIndexText({ManifestOf(sample.manifest), other});
  RequireRefusal(SampleLayout({IndexOf(index)}, Join(sample.Blobs(), {index})).Finish(),
                 "different sizes or media types");
}

TEST_CASE("OCI layout: another number of layers than diff IDs is refused") {
  const SampleOci sample;
  const std::string manifest = OciManifestText(ConfigOf(sample.config), {});
  RequireRefusal(
      SampleLayout({ManifestOf(manifest)}, {sample.config, manifest, sample.layer}).Finish(),
      "0 layers");
}

TEST_CASE("OCI layout: an artifact may have any config, and layers without diff IDs") {
  const std::string empty = "{}";
  const SampleDescriptor config = {"application/vnd.oci.empty.v1+json", empty};
  const std::string manifest =
      OciManifestText(config, {{"application/vnd.example", "hello"}, config});
  for (const bool stream : {false, true}) {
    const std::string tar =
        SampleLayout({ManifestOf(manifest)}, {empty, "hello", manifest}).Finish();
    const Loaded loaded = stream ? LoadStream(tar).value() : LoadFile(tar).value();
    REQUIRE(OciOf(loaded).blobs.size() == 2);
    CHECK_FALSE(OciOf(loaded).blobs[1].diff_id);
    CHECK(loaded.taken.empty());  // both are small enough to be kept
  }
}

TEST_CASE("OCI layout: inline data stands for an absent blob") {
  const std::string content = "inline";
  SampleDescriptor layer = LayerOf(content, "application/vnd.example");
  layer.extra = StrCat(R"(,"data":")", util::Base64Encode(util::AsBytes(content)), "\"");
  const std::string manifest =
      OciManifestText({"application/vnd.oci.empty.v1+json", "{}"}, {layer});
  const Loaded loaded =
      LoadFile(SampleLayout({ManifestOf(manifest)}, {"{}", manifest}).Finish()).value();
  CHECK(OciOf(loaded).blobs[1].content == content);
  CHECK(OciOf(loaded).blobs[1].member.empty());
}

TEST_CASE("OCI layout: foreign layers are not among the blobs") {
  const SampleOci sample;
  const std::string manifest = OciManifestText(
      ConfigOf(sample.config),
      {LayerOf("far away", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")});
  const Loaded loaded =
      LoadFile(SampleLayout({ManifestOf(manifest)}, {sample.config, manifest}).Finish()).value();
  CHECK(OciOf(loaded).blobs.size() == 1);
}

TEST_CASE("OCI layout: indexes are followed eight levels deep and no further") {
  const SampleOci sample;
  std::vector<std::string> blobs = sample.Blobs();
  SampleDescriptor top = ManifestOf(sample.manifest);
  for (int level = 1; level <= kMaxIndexDepth + 1; ++level) {
    blobs.push_back(OciIndexText({top}));
    top = IndexOf(blobs.back());
    CAPTURE(level);
    CHECK(LoadFile(SampleLayout({top}, blobs).Finish()).ok() == (level <= kMaxIndexDepth));
  }
}

TEST_CASE("OCI layout: an unknown version and a missing layout file are refused") {
  const SampleOci sample;
  testing::TarBuilder tar;
  for (const std::string& blob : sample.Blobs()) tar.File(BlobPath(blob), blob);
  tar.File("index.json", OciIndexText({ManifestOf(sample.manifest)}));
  RequireRefusal(tar.Finish(), "no oci-layout");
  tar.File("oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
  RequireRefusal(tar.Finish(), "imageLayoutVersion");
}

TEST_CASE("OCI layout: only index.json counts when the format is demanded") {
  const SampleOci sample;
  const std::string tar = SampleLayout({ManifestOf(sample.manifest)}, sample.Blobs()).Finish();
  CHECK(LoadFile(tar, Archive::Format::kOci).ok());
  CHECK_FALSE(LoadFile(tar, Archive::Format::kDocker).ok());
  CHECK_FALSE(LoadFile(SampleDocker().Finish(), Archive::Format::kOci).ok());
}

TEST_CASE("DocumentBudget: documents over the limit are refused") {
  DocumentBudget budget;
  CHECK(budget.Take(kMaxDocumentsBytes - 1).ok());
  CHECK(budget.Take(1).ok());
  CHECK_FALSE(budget.Take(1).ok());
}

}  // namespace ociship::archive
