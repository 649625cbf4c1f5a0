// SPDX-License-Identifier: Apache-2.0
// The answer of inspect. Tested by tests/e2e/test_inspect.py.
#include "cli/inspect_report.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "oci/platform.h"
#include "util/json.h"
#include "util/text.h"

namespace ociship::cli {
namespace {

using util::JsonWriter;
using util::Printable;
using util::StrCat;

constexpr std::size_t kTextLimit = 200;
constexpr std::size_t kListedTags = 10;

void WriteAnnotations(const std::map<std::string, std::string>& annotations, JsonWriter& json) {
  if (annotations.empty()) return;
  json.Key("annotations").BeginObject();
  for (const auto& [key, value] : annotations) json.Key(key).String(value);
  json.EndObject();
}

void WritePlatform(const Platform& platform, JsonWriter& json) {
  json.Key("platform").BeginObject();
  json.Key("os").String(platform.os).Key("architecture").String(platform.architecture);
  if (!platform.variant.empty()) json.Key("variant").String(platform.variant);
  if (!platform.os_version.empty()) json.Key("os.version").String(platform.os_version);
  json.EndObject();
}

void WriteText(std::string_view key, std::string_view text, JsonWriter& json) {
  if (!text.empty()) json.Key(key).String(text);
}

void WriteDigest(std::string_view key, const std::optional<Digest>& digest, JsonWriter& json) {
  if (digest) json.Key(key).String(digest->text());
}

std::string_view WithoutMark(std::string_view text) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

void WriteLayer(const LayerInfo& layer, JsonWriter& json) {
  json.BeginObject();
  WriteDigest("digest", layer.digest, json);
  json.Key("size").Unsigned(layer.size);
  WriteText("compression", layer.compression, json);
  WriteText("mediaType", layer.media_type, json);
  WriteDigest("diffID", layer.diff_id, json);
  json.EndObject();
}

void WriteImage(const ImageInfo& image, JsonWriter& json) {
  json.BeginObject();
  WriteDigest("digest", image.digest, json);
  WriteText("mediaType", image.media_type, json);
  if (image.platform) WritePlatform(*image.platform, json);
  WriteDigest("configDigest", image.config_digest, json);
  // The bytes were parsed as JSON already, strictly but for a byte order mark.
  if (!image.config.empty()) json.Key("config").Raw(WithoutMark(image.config));
  json.Key("layers").BeginArray();
  for (const LayerInfo& layer : image.layers) WriteLayer(layer, json);
  json.EndArray();
  WriteAnnotations(image.annotations, json);
  json.EndObject();
}

void WriteInspection(const Inspection& inspection, JsonWriter& json) {
  json.BeginObject().Key("names").BeginArray();
  for (const std::string& name : inspection.names) json.String(name);
  json.EndArray();
  WriteDigest("digest", inspection.digest, json);
  WriteText("mediaType", inspection.media_type, json);
  WriteAnnotations(inspection.annotations, json);
  json.Key("images").BeginArray();
  for (const ImageInfo& image : inspection.images) WriteImage(image, json);
  json.EndArray();
  if (!inspection.absent.empty()) {
    json.Key("absent").BeginArray();
    for (const Digest& digest : inspection.absent) json.String(digest.text());
    json.EndArray();
  }
  json.EndObject();
}

void AddLine(std::string_view name, std::string_view value, std::string& text) {
  if (value.empty()) return;
  std::string padded(name);
  padded.resize(std::max<std::size_t>(padded.size(), 12), ' ');
  text += StrCat(padded, " ", value, "\n");
}

void AddAnnotations(const std::map<std::string, std::string>& annotations, std::string& text) {
  for (const auto& [key, value] : annotations) {
    AddLine("annotation", StrCat(Printable(key, kTextLimit), "=", Printable(value, kTextLimit)),
            text);
  }
}

// A member of the config: a text, or the words of an array.
std::string ConfigText(const util::Json& object, std::string_view key) {
  const util::Json* const value = object.FindNonNull(key);
  if (value == nullptr) return {};
  if (!value->is_array()) return Printable(value->text(), kTextLimit);
  std::string text;
  for (const util::Json& element : value->elements()) {
    text += StrCat(text.empty() ? "" : " ", element.text());
  }
  return Printable(text, kTextLimit);
}

void AddConfig(const std::string& bytes, std::string& text) {
  const Result<util::Json> config = util::Json::Parse(bytes);
  if (!config.ok()) return;
  AddLine("  created", ConfigText(config.value(), "created"), text);
  const util::Json* const run = config.value().FindNonNull("config");
  if (run == nullptr) return;
  AddLine("  user", ConfigText(*run, "User"), text);
  AddLine("  entrypoint", ConfigText(*run, "Entrypoint"), text);
  AddLine("  command", ConfigText(*run, "Cmd"), text);
  AddLine("  folder", ConfigText(*run, "WorkingDir"), text);
  const util::Json* const labels = run->FindNonNull("Labels");
  if (labels == nullptr) return;
  for (const auto& [key, value] : labels->members()) {
    AddLine("  label", StrCat(Printable(key, kTextLimit), "=", Printable(value.text(), kTextLimit)),
            text);
  }
}

// buildkit gives attestations the platform unknown/unknown.
std::string PlatformText(const ImageInfo& image) {
  if (!image.platform || image.platform->os.empty()) return "no platform";
  if (image.platform->os == "unknown") return "attestation";
  return Printable(oci::FormatPlatform(*image.platform));
}

void AddImage(const ImageInfo& image, std::string& text) {
  std::uint64_t total = 0;
  for (const LayerInfo& layer : image.layers) total += layer.size;
  const std::size_t layers = image.layers.size();
  AddLine("image",
          StrCat(PlatformText(image), ", ", layers, layers == 1 ? " layer, " : " layers, ",
                 util::HumanBytes(total)),
          text);
  if (image.digest) AddLine("  digest", image.digest->text(), text);
  if (image.config_digest) AddLine("  config", image.config_digest->text(), text);
  AddConfig(image.config, text);
  AddAnnotations(image.annotations, text);
  for (const LayerInfo& layer : image.layers) {
    const std::optional<Digest>& digest = layer.digest ? layer.digest : layer.diff_id;
    std::string size = util::HumanBytes(layer.size);
    size.insert(0, size.size() < 10 ? 10 - size.size() : 0, ' ');
    AddLine("  layer",
            StrCat(size, "  ", layer.compression.empty() ? "-" : layer.compression, "  ",
                   layer.digest || !layer.diff_id ? "" : "diff ID ",
                   digest ? digest->text() : std::string("-")),
            text);
  }
}

void AddNames(const std::vector<std::string>& names, std::string& text) {
  std::string list;
  for (std::size_t i = 0; i < names.size() && i < kListedTags; ++i) {
    list += StrCat(list.empty() ? "" : ", ", Printable(names[i], kTextLimit));
  }
  if (names.size() > kListedTags) list += StrCat(" and ", names.size() - kListedTags, " more");
  AddLine("tags", list, text);
}

}  // namespace

std::string InspectionJson(const std::vector<Inspected>& all) {
  JsonWriter json;
  json.BeginObject().Key("schema").String("ociship/inspect/v1");
  json.Key("targets").BeginArray();
  for (const Inspected& inspected : all) {
    json.BeginObject().Key("target").String(inspected.target).Key("found").BeginArray();
    for (const Inspection& inspection : inspected.images) WriteInspection(inspection, json);
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  return json.text();
}

std::string InspectionText(const std::vector<Inspected>& all) {
  std::string text;
  for (const Inspected& inspected : all) {
    for (const Inspection& inspection : inspected.images) {
      text += text.empty() ? "" : "\n";
      AddLine("target", Printable(inspected.target), text);
      AddNames(inspection.names, text);
      if (inspection.digest) AddLine("digest", inspection.digest->text(), text);
      AddLine("type", Printable(inspection.media_type), text);
      AddAnnotations(inspection.annotations, text);
      for (const ImageInfo& image : inspection.images) AddImage(image, text);
      for (const Digest& digest : inspection.absent) AddLine("absent", digest.text(), text);
    }
  }
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace ociship::cli
