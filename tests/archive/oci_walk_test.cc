// SPDX-License-Identifier: Apache-2.0
#include "archive/oci_walk.h"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "load.h"
#include "require_refusal.h"
#include "sample_image.h"
#include "util/encoding.h"

namespace ociship::archive {

using util::StrCat;

TEST_CASE("OCI tree: children stand before their index, and each blob once") {
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

TEST_CASE("OCI tree: a child of an unknown type is a blob, an index without images is refused") {
  const SampleOci sample;
  const std::string cache =
      OciIndexText({ManifestOf(sample.manifest), {"application/vnd.example", "x"}});
  const Loaded loaded =
      LoadFile(SampleLayout({IndexOf(cache)}, Join(sample.Blobs(), {cache, "x"})).Finish()).value();
  CHECK(OciOf(loaded).manifests.size() == 2);
  CHECK(OciOf(loaded).blobs.size() == 3);
  const std::string unknown = OciIndexText({{"application/vnd.example", "x"}});
  RequireRefusal(SampleLayout({IndexOf(unknown)}, {unknown, "x"}).Finish(), "no image at all");
  const std::string nothing = OciIndexText({});
  RequireRefusal(SampleLayout({IndexOf(nothing)}, {nothing}).Finish(), "no image at all");
}

TEST_CASE("OCI tree: absent blobs and manifests are refused and named") {
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
  RequireRefusal(SampleLayout({ManifestOf(sample.manifest)}, {sample.config}).Finish(),
                 StrCat("manifest ", Hash(sample.manifest).text(), " is absent"));
}

TEST_CASE("OCI tree: an index is sparse where a manifest or a blob of one is absent") {
  const SampleOci whole("whole");
  const SampleOci no_layer("no layer");
  const SampleOci no_config("no config");
  const SampleOci gone("gone");
  const std::string inner =
      OciIndexText({ManifestOf(no_layer.manifest), ManifestOf(gone.manifest)});
  const std::string outer =
      OciIndexText({ManifestOf(no_config.manifest), ManifestOf(whole.manifest), IndexOf(inner),
                    ManifestOf(gone.manifest), IndexOf("gone index")});
  const std::vector<std::string> blobs =
      Join(whole.Blobs(),
           {inner, outer, no_layer.manifest, no_layer.config, no_config.manifest, no_config.layer});
  for (const bool stream : {false, true}) {
    const std::string tar = SampleLayout({IndexOf(outer, "v1")}, blobs).Finish();
    const Loaded loaded = stream ? LoadStream(tar).value() : LoadFile(tar).value();
    const OciImage& image = OciOf(loaded);
    REQUIRE(image.manifests.size() == 3);
    CHECK(image.manifests[0].bytes == whole.manifest);
    CHECK(image.manifests[1].bytes == inner);
    CHECK(image.manifests[2].bytes == outer);
    CHECK(image.blobs.size() == 2);
    REQUIRE(image.absent.size() == 4);
    CHECK(image.absent[0].digest == Hash(no_config.manifest));
    CHECK(image.absent[1].digest == Hash(no_layer.manifest));
    CHECK(image.absent[2].digest == Hash(gone.manifest));
    CHECK(image.absent[3].digest == Hash("gone index"));
    CHECK(image.halves == OciImage::Halves::kOne);
  }
}

TEST_CASE("OCI tree: a damaged part of an index is refused, and not taken for absent") {
  const SampleOci whole;
  const SampleOci other("other");
  const std::string index = OciIndexText({ManifestOf(whole.manifest), ManifestOf(other.manifest)});
  const auto with = [&](const std::string& name, const std::string& content) {
    testing::TarBuilder tar = SampleLayout({IndexOf(index)}, Join(whole.Blobs(), {index}));
    for (const std::string& blob : other.Blobs()) {
      tar.File(BlobPath(blob), blob == name ? content : blob);
    }
    return tar.Finish();
  };
  CHECK(LoadFile(with("", "")).ok());
  RequireRefusal(with(other.manifest, "{}"), Hash(other.manifest).text());
  RequireRefusal(with(other.layer, "x"), Hash(other.layer).text());
  RequireRefusal(with(other.config, "{}"), Hash(other.config).text());
}

TEST_CASE("OCI tree: blobs named by SHA-512 are taken with it, from a file and from a stream") {
  const std::string layer = SampleLayer() + std::string(512, 'x');
  const auto name = [](std::string_view content) {
    crypto::Hasher hasher(crypto::HashAlgorithm::kSha512);
    hasher.Update(util::AsBytes(content));
    return hasher.Finish();
  };
  const auto path = [&](std::string_view content) {
    return StrCat("blobs/sha512/", name(content).hex());
  };
  const auto descriptor = [&](std::string_view type, std::string_view content) {
    return StrCat(R"({"mediaType":")", type, R"(","digest":")", name(content).text(),
                  R"(","size":)", content.size(), "}");
  };
  const std::string config = SampleConfig({layer});
  const std::string manifest =
      StrCat(R"({"schemaVersion":2,"config":)", descriptor(oci::kOciConfig, config),
             R"(,"layers":[)", descriptor(oci::kOciLayer, layer), "]}");
  const auto with = [&](const std::string& stored) {
    testing::TarBuilder tar;
    for (const std::string& blob : {config, manifest}) {
      tar.LongName(path(blob) + '\0').File("x", blob);
    }
    tar.LongName(path(layer) + '\0').File("x", stored);
    tar.File("index.json", StrCat(R"({"schemaVersion":2,"manifests":[)",
                                  descriptor(oci::kOciManifest, manifest), "]}"));
    return tar.File("oci-layout", R"({"imageLayoutVersion":"1.0.0"})").Finish();
  };
  for (const bool stream : {false, true}) {
    auto loaded = stream ? LoadStream(with(layer)) : LoadFile(with(layer));
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
    const OciImage& image = OciOf(loaded.value());
    CHECK(image.manifests[0].descriptor.digest == name(manifest));
    REQUIRE(image.blobs.size() == 2);
    CHECK(image.blobs[1].descriptor.digest == name(layer));
    CHECK(image.blobs[1].member == path(layer));
    if (stream) CHECK(loaded.value().taken.at(path(layer)) == name(layer));
  }
  std::string damaged = layer;
  damaged[0] ^= 1;
  CHECK(Says(LoadStream(with(damaged)).error(), "another digest"));
}

TEST_CASE(
    "OCI tree: a blob named by SHA-512 that is a link to another name is read from files only") {
  const std::string layer = SampleLayer();
  const std::string config = SampleConfig({layer});
  crypto::Hasher hasher(crypto::HashAlgorithm::kSha512);
  hasher.Update(util::AsBytes(layer));
  const Digest digest = hasher.Finish();
  const std::string manifest = StrCat(
      R"({"schemaVersion":2,"config":)", ConfigOf(config).Json(), R"(,"layers":[{"mediaType":")",
      oci::kOciLayer, R"(","digest":")", digest.text(), R"(","size":)", layer.size(), "}]}");
  testing::TarBuilder tar = SampleLayout({ManifestOf(manifest)}, {config, manifest});
  tar.LongName(StrCat("blobs/sha512/", digest.hex()) + '\0').Symlink("x", "../../layer.tar");
  tar.File("layer.tar", layer);
  const Loaded loaded = LoadFile(tar.Finish()).value();
  CHECK(OciOf(loaded).blobs[1].member == "layer.tar");
  const auto streamed = LoadStream(tar.Finish());
  REQUIRE_FALSE(streamed.ok());
  CHECK(Says(streamed.error(), "another algorithm"));
}

TEST_CASE("OCI tree: content with another digest or size is refused") {
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

TEST_CASE("OCI tree: a document that contradicts its descriptor's media type is refused") {
  const SampleOci sample;
  SampleDescriptor descriptor = ManifestOf(sample.manifest);
  descriptor.media_type = oci::kDockerManifest;
  RequireRefusal(SampleLayout({descriptor}, sample.Blobs()).Finish(), "says that it is");
  RequireRefusal(SampleLayout({IndexOf(sample.manifest)}, sample.Blobs()).Finish(),
                 Hash(sample.manifest).text());
}

TEST_CASE("OCI tree: two descriptors of one manifest must agree") {
  const SampleOci sample;
  SampleDescriptor other = ManifestOf(sample.manifest);
  other.media_type = oci::kDockerManifest;
  const std::string index = OciIndexText({ManifestOf(sample.manifest), other});
  RequireRefusal(SampleLayout({IndexOf(index)}, Join(sample.Blobs(), {index})).Finish(),
                 "different sizes or media types");
}

TEST_CASE("OCI tree: another number of layers than diff IDs is refused") {
  const SampleOci sample;
  const std::string manifest = OciManifestText(ConfigOf(sample.config), {});
  RequireRefusal(
      SampleLayout({ManifestOf(manifest)}, {sample.config, manifest, sample.layer}).Finish(),
      "0 layers");
}

TEST_CASE("OCI tree: an artifact may have any config, and layers without diff IDs") {
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

TEST_CASE("OCI tree: inline data stands for an absent blob") {
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

TEST_CASE("OCI tree: foreign layers are not among the blobs") {
  const SampleOci sample;
  const std::string manifest = OciManifestText(
      ConfigOf(sample.config),
      {LayerOf("far away", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")});
  const Loaded loaded =
      LoadFile(SampleLayout({ManifestOf(manifest)}, {sample.config, manifest}).Finish()).value();
  CHECK(OciOf(loaded).blobs.size() == 1);
}

TEST_CASE("OCI tree: indexes are followed eight levels deep and no further") {
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

TEST_CASE("OCI tree: indexes inside \"data\" count as levels too") {
  const SampleOci sample;
  std::vector<std::string> blobs = sample.Blobs();
  SampleDescriptor top = ManifestOf(sample.manifest);
  for (int level = 1; level <= kMaxIndexDepth + 1; ++level) {
    const std::string index = OciIndexText({top});
    top = IndexOf(index);
    top.extra = StrCat(R"(,"data":")", util::Base64Encode(util::AsBytes(index)), "\"");
    CAPTURE(level);
    const auto loaded = LoadFile(SampleLayout({top}, blobs).Finish());
    CHECK(loaded.ok() == (level <= kMaxIndexDepth));
  }
}

TEST_CASE(
    "OCI layout: more than 10000 manifests or layers are refused, in one document or several") {
  const auto descriptors = [](std::string_view type, int from, int count) {
    std::string json = "[";
    for (int i = from; i < from + count; ++i) {
      const Digest digest = Hash(std::to_string(i));
      json += StrCat(i == from ? "" : ",", R"({"mediaType":")", type, R"(","digest":")",
                     digest.text(), R"(","size":1})");
    }
    return json + "]";
  };
  const auto index = [&](int from, int count) {
    return StrCat(R"({"schemaVersion":2,"manifests":)", descriptors(oci::kOciManifest, from, count),
                  "}");
  };
  const SampleOci sample;
  const std::string wide = index(0, 10'001);
  RequireRefusal(SampleLayout({IndexOf(wide)}, {wide}).Finish(), "10000");
  const std::string first = index(0, 6000);
  const std::string second = index(6000, 6000);
  const std::string outer =
      OciIndexText({IndexOf(first), IndexOf(second), ManifestOf(sample.manifest)});
  RequireRefusal(
      SampleLayout({IndexOf(outer)}, Join(sample.Blobs(), {first, second, outer})).Finish(),
      "10000");
  const std::string half = OciIndexText({IndexOf(first), ManifestOf(sample.manifest)});
  CHECK(OciOf(LoadFile(SampleLayout({IndexOf(half)}, Join(sample.Blobs(), {first, half})).Finish())
                  .value())
            .absent.size() == 6000);
  const std::string layers =
      StrCat(R"({"schemaVersion":2,"config":)", ConfigOf(sample.config).Json(), R"(,"layers":)",
             descriptors(oci::kOciLayer, 0, 10'001), "}");
  RequireRefusal(SampleLayout({ManifestOf(layers)}, {sample.config, layers}).Finish(), "10000");
}

TEST_CASE("OCI tree: documents that are too large or too deep are refused") {
  const SampleOci sample;
  const std::string large = sample.manifest + std::string(kMaxManifestBytes, ' ');
  RequireRefusal(SampleLayout({ManifestOf(large)}, Join(sample.Blobs(), {large})).Finish(),
                 "at most");
  const std::string deep =
      OciManifestText(ConfigOf(sample.config), {LayerOf(sample.layer)},
                      StrCat(R"(,"x":)", std::string(64, '['), std::string(64, ']')));
  RequireRefusal(SampleLayout({ManifestOf(deep)}, Join(sample.Blobs(), {deep})).Finish(),
                 "deeper than 64");
  const std::string twice =
      OciManifestText(ConfigOf(sample.config), {LayerOf(sample.layer)}, R"(,"layers":[])");
  RequireRefusal(SampleLayout({ManifestOf(twice)}, Join(sample.Blobs(), {twice})).Finish(),
                 "twice");
}

TEST_CASE("OCI tree: `null` for no layers is an image without layers") {
  const std::string config = SampleConfig({});
  const std::string manifest =
      StrCat(R"({"schemaVersion":2,"config":)", ConfigOf(config).Json(), R"(,"layers":null})");
  const Loaded loaded =
      LoadFile(SampleLayout({ManifestOf(manifest)}, {config, manifest}).Finish()).value();
  CHECK(OciOf(loaded).blobs.size() == 1);
}

TEST_CASE("OCI tree: an attestation is a part of its index, and alone may be absent") {
  const SampleOci sample;
  const std::string statement = R"({"_type":"https://in-toto.io/Statement/v0.1"})";
  const std::string attestation = OciManifestText(
      ConfigOf(SampleConfig({statement})), {LayerOf(statement, "application/vnd.in-toto+json")});
  SampleDescriptor child = ManifestOf(attestation);
  child.extra = StrCat(R"(,"platform":{"os":"unknown","architecture":"unknown"},"annotations":)",
                       R"({"vnd.docker.reference.type":"attestation-manifest",)",
                       R"("vnd.docker.reference.digest":")", Hash(sample.manifest).text(), "\"}");
  const std::string index = OciIndexText({ManifestOf(sample.manifest), child});
  const std::vector<std::string> without = Join(sample.Blobs(), {index});
  const std::vector<std::string> with =
      Join(without, {attestation, statement, SampleConfig({statement})});
  for (const bool stream : {false, true}) {
    const auto load = [&](const std::vector<std::string>& blobs) {
      const std::string tar = SampleLayout({IndexOf(index)}, blobs).Finish();
      return stream ? LoadStream(tar).value() : LoadFile(tar).value();
    };
    const Loaded whole = load(with);
    CHECK(OciOf(whole).manifests.size() == 3);
    CHECK(OciOf(whole).absent.empty());
    const Loaded sparse = load(without);
    CHECK(OciOf(sparse).manifests.size() == 2);
    REQUIRE(OciOf(sparse).absent.size() == 1);
    CHECK(OciOf(sparse).absent[0].platform->os == "unknown");
    CHECK(OciOf(sparse).absent[0].annotations.at("vnd.docker.reference.type") ==
          "attestation-manifest");
  }
}

}  // namespace ociship::archive
