// SPDX-License-Identifier: Apache-2.0
// Reads and writes oci-layout and index.json (OCI image-spec image-layout.md). Tested by
// tests/oci/layout_index_test.cc.

#include "oci/layout_index.h"

#include <array>

#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/raw_json.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::oci {
namespace {

constexpr std::string_view kLayoutVersion = "1.0.0";
constexpr std::string_view kSupportedVersions = "1.";
constexpr std::int64_t kSchemaVersion = 2;
constexpr std::array<std::string_view, 5> kIndexKeys = {"schemaVersion", "mediaType", "manifests",
                                                        "config", "layers"};
constexpr std::array<std::string_view, 1> kLayoutKeys = {"imageLayoutVersion"};

using util::Json;
using util::JsonWriter;
using util::StrCat;

Result<std::vector<LayoutEntry>> ParseEntries(const Json& manifests, std::string_view raw) {
  if (manifests.elements().size() > kMaxDescriptors) {
    return Error(Code::kBadInput, StrCat("it has more than ", kMaxDescriptors, " manifests"));
  }
  const std::vector<std::string_view> texts = RawValues(raw);
  if (texts.size() != manifests.elements().size()) {
    return Error(Code::kFailure, "its manifests could not be told apart");
  }
  std::vector<LayoutEntry> entries;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto descriptor = ParseDescriptor(manifests.elements()[i]);
    if (!descriptor.ok())
      return std::move(descriptor).error().While(StrCat("\"manifests\"[", i, "]"));
    entries.push_back({.descriptor = std::move(descriptor).value(), .raw = std::string(texts[i])});
  }
  return entries;
}

}  // namespace

Status CheckLayoutFile(std::string_view text) {
  const Json json = TRY(Json::Parse(text, {.bytes = kMaxLayoutFileBytes}));
  const std::string version = TRY(json.String("imageLayoutVersion"));
  TRY(CheckSpelling(json, kLayoutKeys));
  if (!version.starts_with(kSupportedVersions) || version.ends_with('.')) {
    return Error(Code::kBadInput,
                 StrCat("\"imageLayoutVersion\" is not 1: ", util::Quoted(version)));
  }
  return Ok();
}

std::string FormatLayoutFile() {
  JsonWriter json;
  json.BeginObject().Key("imageLayoutVersion").String(kLayoutVersion).EndObject();
  return json.text();
}

Result<LayoutIndex> ParseLayoutIndex(std::string_view text) {
  const Json json = TRY(Json::Parse(text, {.bytes = kMaxLayoutIndexBytes}));
  TRY(CheckSpelling(json, kIndexKeys));
  // It is an image index, and nothing that could be read as something else.
  TRY(CheckKind(json, ManifestKind::kIndex, {"config", "layers"}));
  const std::vector<std::string_view> texts = RawValues(text);
  if (texts.size() != json.members().size()) {
    return Error(Code::kFailure, "its members could not be told apart");
  }
  LayoutIndex index;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto& [key, value] = json.members()[i];
    if (key == "schemaVersion") continue;
    if (key != "manifests") {
      index.others.emplace_back(key, texts[i]);
    } else if (value.is_array()) {
      index.entries = TRY(ParseEntries(value, texts[i]));
    } else if (!value.is_null()) {
      return Error(Code::kBadInput, "\"manifests\" is not an array");
    }
  }
  return index;
}

std::string FormatLayoutIndex(const LayoutIndex& index) {
  JsonWriter json;
  json.BeginObject().Key("schemaVersion").Integer(kSchemaVersion);
  if (index.others.empty()) json.Key("mediaType").String(kOciIndex);
  for (const auto& [key, raw] : index.others) json.Key(key).Raw(raw);
  json.Key("manifests").BeginArray();
  for (const LayoutEntry& entry : index.entries) {
    if (entry.raw.empty()) {
      WriteDescriptor(json, entry.descriptor);
    } else {
      json.Raw(entry.raw);
    }
  }
  json.EndArray().EndObject();
  return json.text();
}

std::string_view RefName(const Descriptor& descriptor) {
  const auto found = descriptor.annotations.find(std::string(kRefNameAnnotation));
  return found == descriptor.annotations.end() ? std::string_view()
                                               : std::string_view(found->second);
}

}  // namespace ociship::oci
