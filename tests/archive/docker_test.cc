// SPDX-License-Identifier: Apache-2.0
#include "archive/docker.h"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "compress.h"
#include "load.h"
#include "require_refusal.h"
#include "sample_image.h"

namespace ociship::archive {
namespace {

// An archive with this manifest.json, one layer "l1.tar" and its config "c.json".
std::string With(std::string_view manifest) {
  testing::TarBuilder tar;
  tar.File("l1.tar", SampleLayer()).File("c.json", SampleConfig({SampleLayer()}));
  tar.File("none.json", R"({"architecture":"amd64","os":"linux","rootfs":{"diff_ids":null}})");
  return tar.File("manifest.json", manifest).Finish();
}

}  // namespace

TEST_CASE("manifest.json: several images come in their order with their names") {
  const Loaded loaded = LoadFile(With(R"([
    {"Config":"c.json","RepoTags":["a:1","b:2"],"Layers":["l1.tar"],"Parent":"x","Other":[1]},
    {"Config":"none.json","RepoTags":null,"Layers":null},
    {"Config":"./c.json","RepoTags":[],"Layers":["/l1.tar"]},
    {"Config":"c.json","Layers":["l1.tar"]}])"))
                            .value();
  REQUIRE(loaded.images.size() == 4);
  CHECK(loaded.images[0].names == std::vector<std::string>{"a:1", "b:2"});
  CHECK(loaded.images[1].names.empty());
  CHECK(std::get<DockerImage>(loaded.images[1].content).layers.empty());
  CHECK(loaded.images[2].names.empty());
  CHECK(std::get<DockerImage>(loaded.images[2].content).layers[0].member == "l1.tar");
  CHECK(loaded.images[3].names.empty());
}

TEST_CASE("manifest.json: a document of another form is refused") {
  RequireRefusal(With("{}"), "no array");
  RequireRefusal(With("[]"), "lists no image");
  RequireRefusal(With("null"), "no array");
  RequireRefusal(With("[null]"), "not an object");
  RequireRefusal(With("[{}]"), "Config");
  RequireRefusal(With(R"([{"Config":""}])"), "Config");
  RequireRefusal(With(R"([{"Config":1}])"), "Config");
  RequireRefusal(With(R"([{"Config":"c.json","Layers":"l1.tar"}])"), "Layers");
  RequireRefusal(With(R"([{"Config":"c.json","Layers":[""]}])"), "Layers");
  RequireRefusal(With(R"([{"Config":"c.json","Layers":[1]}])"), "Layers");
  RequireRefusal(With(R"([{"Config":"c.json","Layers":["l1.tar"],"RepoTags":"a"}])"), "RepoTags");
  RequireRefusal(With(R"([{"Config":"c.json","Config":"c.json","Layers":["l1.tar"]}])"), "twice");
  RequireRefusal(With(R"([{"Config":"c.json","Layers":["l1.tar"]}] x)"), "manifest.json");
}

TEST_CASE("manifest.json: keys are found in any case of letters, and in one case only") {
  const Loaded loaded =
      LoadFile(With(R"([{"config":"c.json","repoTags":["a:1"],"LAYERS":["l1.tar"]}])")).value();
  CHECK(loaded.images[0].names == std::vector<std::string>{"a:1"});
  CHECK(std::get<DockerImage>(loaded.images[0].content).layers.size() == 1);
  RequireRefusal(With(R"([{"Config":"c.json","Layers":["l1.tar"],"layers":[]}])"), "twice");
  RequireRefusal(With(R"([{"config":"c.json","Config":"c.json","Layers":["l1.tar"]}])"), "twice");
  RequireRefusal(With(R"([{"Config_":"c.json","Layers":["l1.tar"]}])"), "Config");
}

TEST_CASE("manifest.json: members that are not there are refused and named") {
  RequireRefusal(With(R"([{"Config":"gone.json","Layers":["l1.tar"]}])"), "\"gone.json\"");
  RequireRefusal(With(R"([{"Config":"c.json","Layers":["gone.tar"]}])"), "\"gone.tar\"");
  RequireRefusal(With(R"([{"Config":"../c.json","Layers":["l1.tar"]}])"), "\"../c.json\"");
}

TEST_CASE("manifest.json: another number of layers than diff IDs is refused") {
  RequireRefusal(With(R"([{"Config":"c.json","Layers":["l1.tar","l1.tar"]}])"), "2 layers");
  RequireRefusal(With(R"([{"Config":"c.json","Layers":[]}])"), "0 layers");
  RequireRefusal(With(R"([{"Config":"none.json","Layers":["l1.tar"]}])"), "0 diff IDs");
}

TEST_CASE("manifest.json: more images than the limit are refused") {
  std::string entries;
  for (std::size_t i = 0; i <= kMaxDockerImages; ++i) {
    entries += std::string(i == 0 ? "" : ",") + R"({"Config":"none.json"})";
  }
  RequireRefusal(With("[" + entries + "]"), "more than 1000 images");
}

TEST_CASE("manifest.json: one that is too large, too deep or too wide is refused") {
  RequireRefusal(With("[" + std::string(kMaxDockerManifestBytes, ' ') + "]"), "at most");
  RequireRefusal(With(std::string(65, '[') + std::string(65, ']')), "deeper than 64");
  RequireRefusal(
      With(R"([{"Config":"c.json","Other":)" + std::string(63, '[') + std::string(63, ']') + "}]"),
      "deeper than 64");
  std::string names;
  for (int i = 0; i <= 10'000; ++i) names += i == 0 ? "\"l1.tar\"" : ",\"l1.tar\"";
  RequireRefusal(With(R"([{"Config":"c.json","Layers":[)" + names + "]}]"), "10000");
  RequireRefusal(With(R"([{"Config":"c.json","RepoTags":[)" + names + "]}]"), "10000");
}

TEST_CASE("manifest.json: a byte order mark before it and before the config is passed over") {
  const std::string layer = SampleLayer();
  const std::string config = "\xef\xbb\xbf" + SampleConfig({layer});
  testing::TarBuilder tar;
  tar.File("l1.tar", layer).File("c.json", config);
  tar.File("manifest.json", "\xef\xbb\xbf" + SampleManifest({"l1.tar"}));
  for (const bool stream : {false, true}) {
    const auto loaded = stream ? LoadStream(tar.Finish()) : LoadFile(tar.Finish());
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
    CHECK(std::get<DockerImage>(loaded.value().images[0].content).config == config);
  }
}

TEST_CASE("manifest.json: the tag that crane writes for an image without a tag is no name") {
  const std::string manifest =
      R"([{"Config":"c.json","RepoTags":["host/app:i-was-a-digest","app:1"],"Layers":["l1.tar"]}])";
  CHECK(LoadFile(With(manifest)).value().images[0].names == std::vector<std::string>{"app:1"});
}

// What other tools write, by hand.
TEST_CASE("manifest.json: kaniko, crane and ko name the config by its digest and layers .tar.gz") {
  const std::string layer = SampleLayer();
  const std::string zipped = testing::GzipOf(layer);
  const std::string config = SampleConfig({layer, layer});
  const std::string config_name = Hash(config).text();
  const std::string layer_name = std::string(Hash(zipped).hex()) + ".tar.gz";
  testing::TarBuilder tar;
  tar.File(config_name, config).File(layer_name, zipped);
  tar.File("manifest.json", R"([{"Config":")" + config_name + R"(","RepoTags":["r/app:1"],)" +
                                R"("Layers":)" + JsonStrings({layer_name, layer_name}) + "}]");
  for (const bool stream : {false, true}) {
    auto loaded = stream ? LoadStream(tar.Finish()) : LoadFile(tar.Finish());
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
    const DockerImage& image = std::get<DockerImage>(loaded.value().images[0].content);
    REQUIRE(image.layers.size() == 2);
    CHECK(image.layers[0].member == layer_name);
    CHECK(image.layers[1].member == layer_name);
    CHECK(image.layers[0].diff_id == Hash(layer));
    CHECK(MemberDigest(loaded.value(), layer_name).value() == Hash(zipped));
  }
}

TEST_CASE("manifest.json: jib calls the config config.json, and manifest.json may come first") {
  const std::string layer = SampleLayer();
  const std::string zipped = testing::GzipOf(layer);
  const std::string layer_name = std::string(Hash(zipped).hex()) + ".tar.gz";
  testing::TarBuilder tar;
  tar.File("manifest.json", R"([{"Config":"config.json","RepoTags":["r/app:1","r/app:2"],)"
                            R"("Layers":)" +
                                JsonStrings({layer_name}) + "}]");
  tar.File("config.json", SampleConfig({layer})).File(layer_name, zipped);
  for (const bool stream : {false, true}) {
    const auto loaded = stream ? LoadStream(tar.Finish()) : LoadFile(tar.Finish());
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
    CHECK(loaded.value().images[0].names == std::vector<std::string>{"r/app:1", "r/app:2"});
  }
}

TEST_CASE("manifest.json: oci_load of rules_oci has blobs with a suffix and no layout") {
  const std::string layer = SampleLayer();
  const std::string zipped = testing::GzipOf(layer);
  const std::string config = SampleConfig({layer});
  const std::string layer_name = BlobPath(zipped) + ".tar.gz";
  testing::TarBuilder tar;
  tar.Folder("blobs/").Folder("blobs/sha256/").File(BlobPath(config), config);
  tar.File(layer_name, zipped);
  tar.File("manifest.json", R"([{"Config":")" + BlobPath(config) +
                                R"(","RepoTags":["app:latest"],"Layers":)" +
                                JsonStrings({layer_name}) + "}]");
  for (const bool stream : {false, true}) {
    const auto loaded = stream ? LoadStream(tar.Finish()) : LoadFile(tar.Finish());
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
    const DockerImage& image = std::get<DockerImage>(loaded.value().images[0].content);
    CHECK(image.layers[0].member == layer_name);
    CHECK(image.config == config);
  }
}

TEST_CASE("manifest.json: mergeImages of Nix joins images that share layers") {
  const std::string base = SampleLayer("nix/store/base");
  const std::string first = SampleLayer("nix/store/first");
  const std::string second = SampleLayer("nix/store/second");
  const auto name = [](const std::string& layer) {
    return std::string(Hash(layer).hex()) + "/layer.tar";
  };
  const auto config_name = [](const std::string& config) {
    return std::string(Hash(config).hex()) + ".json";
  };
  const std::string one = SampleConfig({base, first});
  const std::string two = SampleConfig({base, second, base});
  testing::TarBuilder tar;
  tar.Folder("./");
  for (const std::string& layer : {base, first, second}) {
    tar.Folder("./" + std::string(Hash(layer).hex())).File("./" + name(layer), layer);
  }
  // The second image brought the shared layer again.
  tar.File("./" + name(base), base);
  tar.File("./" + config_name(one), one).File("./" + config_name(two), two);
  tar.File("./manifest.json", R"([{"Config":")" + config_name(one) +
                                  R"(","RepoTags":["one:1"],"Layers":)" +
                                  JsonStrings({name(base), name(first)}) + R"(},{"Config":")" +
                                  config_name(two) + R"(","RepoTags":["two:1"],"Layers":)" +
                                  JsonStrings({name(base), name(second), name(base)}) + "}]");
  tar.File("./repositories", R"({"one":{"1":"x"},"two":{"1":"y"}})");
  for (const bool stream : {false, true}) {
    const auto loaded = stream ? LoadStream(tar.Finish()) : LoadFile(tar.Finish());
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
    REQUIRE(loaded.value().images.size() == 2);
    const DockerImage& image = std::get<DockerImage>(loaded.value().images[1].content);
    CHECK(loaded.value().images[1].names == std::vector<std::string>{"two:1"});
    REQUIRE(image.layers.size() == 3);
    CHECK(image.layers[0].member == name(base));
    CHECK(image.layers[2].member == name(base));
    CHECK(image.layers[2].diff_id == Hash(base));
  }
}

TEST_CASE("manifest.json: a fifo or a device in its place is refused") {
  for (const char type : {'3', '4', '6'}) {
    testing::TarBuilder tar;
    tar.File("l1.tar", SampleLayer()).File("c.json", SampleConfig({SampleLayer()}));
    RequireRefusal(tar.Header("manifest.json", type, 0).Finish(), "not a regular file");
    tar = testing::TarBuilder();
    tar.Header("l1.tar", type, 0).File("c.json", SampleConfig({SampleLayer()}));
    RequireRefusal(tar.File("manifest.json", SampleManifest({"l1.tar"})).Finish(),
                   "not a regular file");
  }
}

TEST_CASE("config: one that cannot be read is refused and named") {
  testing::TarBuilder tar;
  tar.File("l1.tar", SampleLayer()).File("c.json", "[]");
  RequireRefusal(tar.File("manifest.json", SampleManifest({"l1.tar"})).Finish(), "\"c.json\"");
}

}  // namespace ociship::archive
