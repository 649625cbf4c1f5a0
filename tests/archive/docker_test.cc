// SPDX-License-Identifier: Apache-2.0
#include "archive/docker.h"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "load.h"
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

void RequireRefusal(const std::string& bytes, std::string_view reason) {
  const auto loaded = LoadFile(bytes);
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.error().code() == Code::kBadInput);
  CHECK_MESSAGE(Says(loaded.error(), reason), loaded.error().message());
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
  RequireRefusal(With(R"([{"config":"c.json","layers":["l1.tar"]}])"), "Config");
  RequireRefusal(With(R"([{"Config":"c.json","Layers":"l1.tar"}])"), "Layers");
  RequireRefusal(With(R"([{"Config":"c.json","Layers":[""]}])"), "Layers");
  RequireRefusal(With(R"([{"Config":"c.json","Layers":[1]}])"), "Layers");
  RequireRefusal(With(R"([{"Config":"c.json","Layers":["l1.tar"],"RepoTags":"a"}])"), "RepoTags");
  RequireRefusal(With(R"([{"Config":"c.json","Config":"c.json","Layers":["l1.tar"]}])"), "twice");
  RequireRefusal(With(R"([{"Config":"c.json","Layers":["l1.tar"]}] x)"), "manifest.json");
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

TEST_CASE("config: one that cannot be read is refused and named") {
  testing::TarBuilder tar;
  tar.File("l1.tar", SampleLayer()).File("c.json", "[]");
  RequireRefusal(tar.File("manifest.json", SampleManifest({"l1.tar"})).Finish(), "\"c.json\"");
}

}  // namespace ociship::archive
