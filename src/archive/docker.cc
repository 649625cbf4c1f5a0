// SPDX-License-Identifier: Apache-2.0
// Reads manifest.json and the configs of `docker save`, podman, skopeo and Nix (moby,
// image/tarexport; OCI image-spec config.md). Tested by tests/archive/docker_test.cc.
#include "archive/docker.h"

#include <algorithm>
#include <utility>

#include "crypto/hash.h"
#include "oci/manifest.h"
#include "util/bytes.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using util::Json;
using util::Quoted;
using util::StrCat;

char Lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// The member with this key, in any case of its letters, as Go's encoding/json finds it; nullptr
// where it is missing or null. Two would mean one thing to a reader that takes the first, and
// another to one that takes the last.
Result<const Json*> FindAnyCase(const Json& entry, std::string_view key) {
  const Json* found = nullptr;
  for (const auto& [name, value] : entry.members()) {
    if (!std::ranges::equal(name, key, {}, Lower, Lower)) continue;
    if (found != nullptr) {
      return Error(Code::kBadInput, StrCat("the key ", Quoted(key),
                                           " stands twice in one object, in different letters"));
    }
    found = &value;
  }
  return found == nullptr || found->is_null() ? nullptr : found;
}

// An array of strings that may be missing or null.
Result<std::vector<std::string>> Strings(const Json& entry, std::string_view key,
                                         std::size_t limit) {
  std::vector<std::string> strings;
  const Json* array = TRY(FindAnyCase(entry, key));
  if (array == nullptr) return strings;
  if (!array->is_array()) return Error(Code::kBadInput, StrCat(Quoted(key), " is not an array"));
  if (array->elements().size() > limit) {
    return Error(Code::kBadInput, StrCat(Quoted(key), " has more than ", limit, " elements"));
  }
  for (const Json& element : array->elements()) {
    std::string text = TRY(element.AsString(StrCat("an element of ", Quoted(key))));
    if (text.empty()) {
      return Error(Code::kBadInput, StrCat("an element of ", Quoted(key), " is empty"));
    }
    strings.push_back(std::move(text));
  }
  return strings;
}

// The layers, each with the diff ID that the config has at its place (config.md, "rootfs").
Result<std::vector<DockerLayer>> PairLayers(Contents& contents,
                                            const std::vector<std::string>& names,
                                            const std::vector<Digest>& diff_ids) {
  if (names.size() != diff_ids.size()) {
    return Error(Code::kBadInput, StrCat("the image has ", names.size(), " layers, and its config ",
                                         diff_ids.size(), " diff IDs"));
  }
  std::vector<DockerLayer> layers;
  for (std::size_t i = 0; i < names.size(); ++i) {
    Contents::Blob blob = TRY(contents.Locate(names[i]));
    if (blob.kept) {
      const std::string_view reason = blob.size == 0 ? "it is empty" : "it is a small text";
      return Error(Code::kBadInput,
                   StrCat("member ", Quoted(names[i]), ": ", reason, " and cannot be a layer"));
    }
    layers.push_back({.member = std::move(blob.member), .diff_id = diff_ids[i]});
  }
  return layers;
}

// crane writes this tag for an image that it pulled by its digest: the image has no name.
bool IsNoName(std::string_view name) { return name.ends_with(":i-was-a-digest"); }

Result<DockerEntry> ReadEntry(Contents& contents, const Json& json, DocumentBudget& budget) {
  if (!json.is_object()) return Error(Code::kBadInput, "it is not an object");
  const Json* const config_key = TRY(FindAnyCase(json, "Config"));
  if (config_key == nullptr) return Error(Code::kBadInput, "\"Config\" is missing");
  const std::string config_name = TRY(config_key->AsString("Config"));
  if (config_name.empty()) return Error(Code::kBadInput, "\"Config\" is empty");
  std::vector<std::string> names = TRY(Strings(json, "RepoTags", oci::kMaxDescriptors));
  std::erase_if(names, IsNoName);
  const std::vector<std::string> layer_names = TRY(Strings(json, "Layers", oci::kMaxDescriptors));

  DockerImage image;
  image.config = TRY(contents.ReadDocument(config_name, oci::kMaxConfigBytes));
  TRY(budget.Take(image.config.size()));
  auto config = oci::ParseImageConfig(image.config);
  if (!config.ok()) {
    return std::move(config).error().While(StrCat("member ", Quoted(config_name)));
  }
  image.layers = TRY(PairLayers(contents, layer_names, config.value().diff_ids));
  const Digest digest = crypto::Sha256(util::AsBytes(image.config));
  return DockerEntry{std::move(names), std::move(image), digest};
}

}  // namespace

Result<std::vector<DockerEntry>> ReadDockerEntries(Contents& contents) {
  const std::string name(kDockerManifestName);
  const std::string text = TRY(contents.ReadDocument(name, kMaxDockerManifestBytes));
  auto json = Json::Parse(text, {.bytes = kMaxDockerManifestBytes});
  if (!json.ok()) return std::move(json).error().While(name);
  if (!json.value().is_array()) return Error(Code::kBadInput, StrCat(name, ": it is no array"));
  const std::vector<Json>& elements = json.value().elements();
  if (elements.empty()) return Error(Code::kBadInput, StrCat(name, ": it lists no image"));
  if (elements.size() > kMaxDockerImages) {
    return Error(Code::kBadInput,
                 StrCat(name, ": it lists more than ", kMaxDockerImages, " images"));
  }
  std::vector<DockerEntry> entries;
  DocumentBudget budget;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    auto entry = ReadEntry(contents, elements[i], budget);
    if (!entry.ok()) {
      return std::move(entry).error().While(StrCat(name, ": image ", i));
    }
    entries.push_back(std::move(entry).value());
  }
  return entries;
}

}  // namespace ociship::archive
