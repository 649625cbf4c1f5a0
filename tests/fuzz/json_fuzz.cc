// SPDX-License-Identifier: Apache-2.0
// JSON: what is read and written again is the same, and smaller caps only refuse more. Run by
// scripts/fuzz.
#include "fuzz.h"
#include "oci/raw_json.h"
#include "util/json.h"
#include "util/utf8.h"

namespace ociship::fuzz {
namespace {

using util::Json;
using util::JsonWriter;

void Write(JsonWriter& writer, const Json& json) {
  switch (json.kind()) {
    case Json::Kind::kNull:
      writer.Null();
      return;
    case Json::Kind::kBoolean:
      writer.Boolean(json.is_true());
      return;
    case Json::Kind::kInteger:
      writer.Integer(json.AsInteger("integer").value());
      return;
    case Json::Kind::kNumber:
      writer.Raw(json.text());
      return;
    case Json::Kind::kString:
      writer.String(json.text());
      return;
    case Json::Kind::kArray:
      writer.BeginArray();
      for (const Json& element : json.elements()) Write(writer, element);
      writer.EndArray();
      return;
    case Json::Kind::kObject:
      writer.BeginObject();
      for (const auto& [key, value] : json.members()) {
        writer.Key(key);
        Write(writer, value);
      }
      writer.EndObject();
      return;
  }
}

void RequireUtf8(std::string_view text) {
  while (!text.empty()) {
    const util::Rune rune = util::NextRune(text);
    Require(rune.valid);
    text.remove_prefix(rune.size);
  }
}

void RequireSame(const Json& a, const Json& b) {
  Require(a.kind() == b.kind() && a.text() == b.text() && a.is_true() == b.is_true());
  RequireUtf8(a.text());
  if (a.kind() == Json::Kind::kInteger) {
    Require(a.AsInteger("a").value() == b.AsInteger("b").value());
  }
  Require(a.elements().size() == b.elements().size() && a.members().size() == b.members().size());
  for (std::size_t i = 0; i < a.elements().size(); ++i) {
    RequireSame(a.elements()[i], b.elements()[i]);
  }
  for (std::size_t i = 0; i < a.members().size(); ++i) {
    Require(a.members()[i].first == b.members()[i].first);
    RequireSame(a.members()[i].second, b.members()[i].second);
    Require(a.Find(a.members()[i].first) == &a.members()[i].second);
  }
}

// Each raw text is the value that stands at its place.
void CheckRawValues(std::string_view text, const Json& json) {
  const std::vector<std::string_view> raw = oci::RawValues(text);
  Require(raw.size() == json.elements().size() + json.members().size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const auto value = Json::Parse(raw[i]);
    Require(value.ok());
    RequireSame(value.value(), json.is_array() ? json.elements()[i] : json.members()[i].second);
  }
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship::fuzz;
  const std::string_view text = TextOf(data, size);
  const auto json = Json::Parse(text);
  const auto small = Json::Parse(text, {.bytes = 1000, .depth = 4, .values = 20});
  RequireBadInput(json);
  RequireBadInput(small);
  Require(json.ok() || !small.ok());
  if (!json.ok()) {
    RequirePrintable(json.error().message());
    return 0;
  }
  JsonWriter writer;
  Write(writer, json.value());
  const auto again = Json::Parse(writer.text());
  Require(again.ok());
  RequireSame(json.value(), again.value());
  if (json.value().is_object() || json.value().is_array()) CheckRawValues(text, json.value());
  return 0;
}
