// SPDX-License-Identifier: Apache-2.0
// Archives that real tools wrote, and broken ones, against a list of what is in them. They lie
// beside the repository and not in it.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "archive/archive.h"
#include "load.h"
#include "temp_folder.h"
#include "util/file.h"
#include "util/json.h"
#include "util/process.h"
#include "util/text.h"

namespace ociship::archive {
namespace {

using util::Json;
using util::StrCat;

std::string SamplesFolder() {
  const char* root = std::getenv("OCISHIP_SOURCE_ROOT");
  return root == nullptr ? std::string() : StrCat(root, "/../shared/archives");
}

std::optional<Json> ReadExpected() {
  auto text = util::ReadFile(SamplesFolder() + "/expected.json", 4 << 20);
  if (!text.ok()) return std::nullopt;
  return Json::Parse(text.value()).value();
}

std::vector<std::string> Texts(const Json* array) {
  std::vector<std::string> texts;
  if (array == nullptr) return texts;
  for (const Json& element : array->elements()) texts.push_back(element.AsString("text").value());
  return texts;
}

// The bytes of a sample; nullopt, with a line, when it is not there.
std::optional<std::string> ReadSample(const std::string& half, const std::string& name) {
  auto bytes = util::ReadFile(StrCat(SamplesFolder(), "/", half, "/", name), 16 << 20);
  if (bytes.ok()) return std::move(bytes).value();
  std::printf("SKIPPED: %s\n", name.c_str());
  return std::nullopt;
}

void CheckDockerImage(Loaded& loaded, const DockerImage& image, const Json& expected) {
  CHECK(DigestOf(image.config).text() == expected.String("config_digest").value());
  const std::vector<std::string> diff_ids = Texts(expected.FindNonNull("diff_ids"));
  REQUIRE(image.layers.size() == diff_ids.size());
  const std::vector<Json>& layers = expected.Find("layers")->elements();
  for (std::size_t i = 0; i < diff_ids.size(); ++i) {
    CHECK(image.layers[i].diff_id.text() == diff_ids[i]);
    CHECK(MemberDigest(loaded, image.layers[i].member).value().text() ==
          layers[i].String("stored_digest").value());
  }
}

// The manifests below an entry of "oci" that the archive does not have.
void CollectAbsent(const Json& entry, std::set<std::string>& digests) {
  if (entry.Find("ABSENT") != nullptr) digests.insert(entry.String("digest").value());
  const Json* children = entry.FindNonNull("manifests");
  if (children == nullptr) return;
  for (const Json& child : children->elements()) CollectAbsent(child, digests);
}

// All others.
void CollectManifests(const Json& entry, std::set<std::string>& digests,
                      std::map<std::string, std::string>& diff_ids) {
  if (entry.Find("ABSENT") != nullptr) return;
  digests.insert(entry.String("digest").value());
  if (const Json* children = entry.FindNonNull("manifests"); children != nullptr) {
    for (const Json& child : children->elements()) CollectManifests(child, digests, diff_ids);
  }
  const Json* layers = entry.FindNonNull("layers");
  if (layers == nullptr) return;
  for (const Json& layer : layers->elements()) {
    const auto diff_id = layer.OptionalString("diff_id").value();
    if (diff_id) diff_ids.emplace(layer.String("digest").value(), *diff_id);
  }
}

void CheckOciImage(Loaded& loaded, const OciImage& image, const Json& expected) {
  REQUIRE_FALSE(image.manifests.empty());
  CHECK(image.manifests.back().descriptor.digest.text() == expected.String("digest").value());
  std::set<std::string> digests;
  std::map<std::string, std::string> diff_ids;
  CollectManifests(expected, digests, diff_ids);
  for (const Manifest& manifest : image.manifests) {
    CHECK(DigestOf(manifest.bytes) == manifest.descriptor.digest);
    CHECK(manifest.bytes.size() == manifest.descriptor.size);
    CHECK(digests.erase(manifest.descriptor.digest.text()) == 1);
  }
  CHECK(digests.empty());
  std::set<std::string> absent;
  CollectAbsent(expected, absent);
  CHECK(image.absent.size() == absent.size());
  for (const Descriptor& descriptor : image.absent) {
    CHECK(absent.contains(descriptor.digest.text()));
  }
  for (const OciBlob& blob : image.blobs) {
    const Digest digest =
        blob.member.empty() ? DigestOf(blob.content) : MemberDigest(loaded, blob.member).value();
    CHECK(digest == blob.descriptor.digest);
    const auto known = diff_ids.find(blob.descriptor.digest.text());
    if (known == diff_ids.end()) continue;
    REQUIRE(blob.diff_id);
    CHECK(blob.diff_id->text() == known->second);
    diff_ids.erase(known);
  }
  CHECK(diff_ids.empty());
}

std::string NameOfEntry(const Json& entry) {
  const Json* annotations = entry.FindNonNull("annotations");
  if (annotations == nullptr) return "";
  const auto full = annotations->OptionalString("io.containerd.image.name").value();
  if (full) return *full;
  return annotations->OptionalString("org.opencontainers.image.ref.name").value().value_or("");
}

// The entries that are images, each digest once.
std::vector<const Json*> ExpectedRoots(const Json& sample) {
  const std::vector<Json>& entries = sample.Find("oci")->elements();
  std::set<std::string> below;
  for (const Json& entry : entries) {
    std::set<std::string> digests;
    std::map<std::string, std::string> ignored;
    CollectManifests(entry, digests, ignored);
    digests.erase(entry.String("digest").value());
    below.merge(digests);
  }
  std::vector<const Json*> roots;
  std::set<std::string> seen;
  for (const Json& entry : entries) {
    const std::string digest = entry.String("digest").value();
    if (!seen.insert(digest).second) continue;
    if (below.contains(digest) && NameOfEntry(entry).empty()) continue;
    roots.push_back(&entry);
  }
  return roots;
}

void CheckOciSample(Loaded& loaded, const Json& sample) {
  const std::vector<const Json*> roots = ExpectedRoots(sample);
  REQUIRE(loaded.images.size() == roots.size());
  for (std::size_t i = 0; i < roots.size(); ++i) {
    const Image& image = loaded.images[i];
    REQUIRE(std::holds_alternative<OciImage>(image.content));
    CheckOciImage(loaded, std::get<OciImage>(image.content), *roots[i]);
    const std::string name = NameOfEntry(*roots[i]);
    if (name.empty()) {
      CHECK(image.names.empty());
    } else {
      REQUIRE_FALSE(image.names.empty());
      CHECK(image.names.front() == name);
    }
  }
}

// Images in the order of manifest.json. docker with its old store keeps layers plain: then they
// are rebuilt; with the containerd store the index is passed on.
void CheckDockerSample(Loaded& loaded, const Json& sample) {
  const std::vector<Json>& entries = sample.Find("docker")->elements();
  REQUIRE(loaded.images.size() == entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Image& image = loaded.images[i];
    CHECK(image.names == Texts(entries[i].FindNonNull("repo_tags")));
    if (std::holds_alternative<DockerImage>(image.content)) {
      CheckDockerImage(loaded, std::get<DockerImage>(image.content), entries[i]);
    } else {
      const auto roots = ExpectedRoots(sample);
      REQUIRE(i < roots.size());
      CheckOciImage(loaded, std::get<OciImage>(image.content), *roots[i]);
    }
  }
}

// The image of a `dir:`.
void CheckDirSample(Loaded& loaded, const Json& sample) {
  const std::vector<Json>& entries = sample.Find("dir")->elements();
  REQUIRE(entries.size() == 1);
  REQUIRE(loaded.images.size() == 1);
  CHECK(loaded.images[0].names.empty());
  REQUIRE(std::holds_alternative<OciImage>(loaded.images[0].content));
  const OciImage& image = std::get<OciImage>(loaded.images[0].content);
  const Json& expected = entries[0];
  if (const auto digest = expected.OptionalString("manifest_digest").value()) {
    CHECK(image.manifests.back().descriptor.digest.text() == *digest);
  }
  if (const auto type = expected.OptionalString("mediaType").value()) {
    CHECK(image.manifests.back().descriptor.media_type == *type);
  }
  std::set<std::string> found;
  for (const Manifest& manifest : image.manifests) found.insert(manifest.descriptor.digest.text());
  for (const std::string& child : Texts(expected.FindNonNull("manifests"))) {
    CHECK(found.contains(child));
  }
  std::map<std::string, std::string> diff_ids;
  for (const OciBlob& blob : image.blobs) {
    const Digest digest =
        blob.member.empty() ? DigestOf(blob.content) : MemberDigest(loaded, blob.member).value();
    CHECK(digest == blob.descriptor.digest);
    if (blob.diff_id) diff_ids.emplace(digest.text(), blob.diff_id->text());
  }
  const Json* layers = expected.FindNonNull("layers");
  if (layers == nullptr) return;
  for (const Json& layer : layers->elements()) {
    CHECK(diff_ids.at(layer.String("stored_digest").value()) == layer.String("diff_id").value());
  }
}

void CheckSample(Loaded& loaded, const Json& sample) {
  if (sample.String("format").value() == "skopeo-dir") return CheckDirSample(loaded, sample);
  if (sample.String("format").value() == "oci") {
    CheckOciSample(loaded, sample);
  } else {
    CheckDockerSample(loaded, sample);
  }
}

void CheckGoodArchive(const std::string& bytes, const Json& sample) {
  const std::string expect = sample.String("expect").value();
  for (const bool stream : {false, true}) {
    CAPTURE(stream);
    Result<Loaded> loaded = stream ? LoadStream(bytes) : LoadFile(bytes);
    if (expect == "sparse") {
      REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
      CheckDockerSample(loaded.value(), sample);
      const Error sparse = SparseError(std::get<OciImage>(loaded.value().images.at(0).content));
      CHECK(Says(sparse, "docker-archive:"));
      Result<Loaded> docker = stream ? LoadStream(bytes, Archive::Format::kDocker)
                                     : LoadFile(bytes, Archive::Format::kDocker);
      REQUIRE(docker.ok());
      CheckDockerSample(docker.value(), sample);
      continue;
    }
    if (!loaded.ok() && expect == "either") {
      CHECK(loaded.error().code() == Code::kBadInput);
      continue;
    }
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
    CheckSample(loaded.value(), sample);
  }
}

void CheckGoodFolder(const std::string& name, const Json& sample) {
  const testing::TempFolder folder;
  const auto unpacked = util::RunProcess(
      {"tar", "-xf", StrCat(SamplesFolder(), "/good/", name), "-C", folder.path()}, {});
  REQUIRE(unpacked.ok());
  REQUIRE(unpacked.value().exit_status == 0);
  auto file = util::File::Open(folder.path());
  REQUIRE(file.ok());
  Result<Loaded> loaded = Load(std::move(file).value());
  REQUIRE_MESSAGE(loaded.ok(), loaded.error().message());
  CheckSample(loaded.value(), sample);
}

}  // namespace

TEST_CASE("Samples: archives of real tools give exactly their images") {
  const std::optional<Json> expected = ReadExpected();
  if (!expected) {
    std::printf("SKIPPED: ../shared/archives\n");
    return;
  }
  for (const auto& entry : expected->Find("good")->members()) {
    const std::string& name = entry.first;
    const Json& sample = entry.second;
    CAPTURE(name);
    const auto bytes = ReadSample("good", name);
    if (!bytes) continue;
    if (name.ends_with(".dir.tar")) CheckGoodFolder(name, sample);
    CheckGoodArchive(*bytes, sample);
  }
}

TEST_CASE("Samples: broken archives are refused") {
  // Only whoever reads the layers can see it.
  const std::set<std::string> seen_later = {"layer-gz-badcrc.tar"};
  const std::optional<Json> expected = ReadExpected();
  if (!expected) {
    std::printf("SKIPPED: ../shared/archives\n");
    return;
  }
  for (const auto& entry : expected->Find("bad")->members()) {
    const std::string& name = entry.first;
    const Json& sample = entry.second;
    CAPTURE(name);
    const auto bytes = ReadSample("bad", name);
    if (!bytes) continue;
    const bool must_fail =
        sample.String("expect").value() == "refuse" && !seen_later.contains(name);
    for (const bool stream : {false, true}) {
      CAPTURE(stream);
      const Result<Loaded> loaded = stream ? LoadStream(*bytes) : LoadFile(*bytes);
      CHECK((!loaded.ok() || !must_fail));
      if (loaded.ok()) continue;
      CHECK(loaded.error().code() == Code::kBadInput);
      CHECK(Says(loaded.error(), "sample.tar"));
      if (std::getenv("OCISHIP_SHOW_MESSAGES") != nullptr) {
        std::printf("%s: %s\n", name.c_str(), loaded.error().message().c_str());
      }
    }
  }
}

}  // namespace ociship::archive
