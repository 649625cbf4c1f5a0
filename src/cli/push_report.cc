// SPDX-License-Identifier: Apache-2.0
// The words of a push. Tested by tests/e2e/test_push.py and tests/e2e/test_plan.py.
#include "cli/push_report.h"

#include "cli/arguments.h"
#include "util/json.h"
#include "util/text.h"

namespace ociship::cli {
namespace {

void WriteSignatures(const PushedImage& image, util::JsonWriter& json) {
  json.Key("signatures").BeginArray();
  if (image.signature) {
    for (const SignatureRecord& signature : image.signature->signatures) {
      json.BeginObject().Key("format").String(FormatText(signature.format));
      json.Key("manifest").String(signature.manifest.digest.text()).EndObject();
    }
  }
  json.EndArray();
}

std::string PushJson(const std::string& name, const PushResult& result) {
  util::JsonWriter json;
  json.BeginObject().Key("schema").String("ociship/push/v1");
  json.Key("images").BeginArray();
  for (const PushedImage& image : result.images) {
    json.BeginObject().Key("name").String(name).Key("digest").String(image.digest.text());
    json.Key("tags").BeginArray();
    for (const TagChange& change : image.tags) json.String(change.tag.text());
    json.EndArray();
    WriteSignatures(image, json);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return json.text();
}

// One NAME@DIGEST a line.
std::string PushText(const std::string& name, const PushResult& result) {
  std::string text;
  for (const PushedImage& image : result.images) {
    text += util::StrCat(text.empty() ? "" : "\n", name, "@", image.digest.text());
  }
  return text;
}

std::string_view PlanWord(LayerState state) {
  return state == LayerState::kSent ? "send" : "there";
}

std::string PlanJson(const std::string& name, const PushResult& result,
                     const PlannedLayers& layers) {
  util::JsonWriter json;
  json.BeginObject().Key("schema").String("ociship/push-plan/v1");
  json.Key("images").BeginArray();
  for (const PushedImage& image : result.images) {
    json.BeginObject().Key("name").String(name).Key("digest").String(image.digest.text());
    json.Key("tags").BeginArray();
    for (const TagChange& change : image.tags) {
      json.BeginObject().Key("tag").String(change.tag.text());
      if (change.before) json.Key("before").String(change.before->text());
      json.EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray().Key("layers").BeginArray();
  for (const auto& [digest, layer] : layers) {
    json.BeginObject().Key("digest").String(digest.text()).Key("size").Unsigned(layer.size);
    json.Key("plan").String(PlanWord(layer.state)).EndObject();
  }
  json.EndArray().EndObject();
  return json.text();
}

std::string DescribeChange(const TagChange& change, const Digest& digest) {
  if (!change.before) return util::StrCat("  tag ", change.tag.text(), "  new");
  if (*change.before == digest) return util::StrCat("  tag ", change.tag.text(), "  stays");
  return util::StrCat("  tag ", change.tag.text(), "  moves from ", change.before->text());
}

std::string PlanText(const std::string& name, const PushResult& result,
                     const PlannedLayers& layers) {
  std::string text;
  for (const PushedImage& image : result.images) {
    text += util::StrCat(name, "@", image.digest.text(), "\n");
    for (const TagChange& change : image.tags) {
      text += util::StrCat(DescribeChange(change, image.digest), "\n");
    }
  }
  std::uint64_t total = 0;
  for (const auto& [digest, layer] : layers) {
    text +=
        util::StrCat("  ", PlanWord(layer.state), layer.state == LayerState::kSent ? "   " : "  ",
                     digest.text(), "  ", util::HumanBytes(layer.size), "\n");
    if (layer.state == LayerState::kSent) total += layer.size;
  }
  return text + util::StrCat("  ", util::HumanBytes(total), " of layers would be sent");
}

}  // namespace

std::string FormatPush(const std::string& name, const PushResult& result, Format format) {
  return format == Format::kJson ? PushJson(name, result) : PushText(name, result);
}

std::string FormatPlan(const std::string& name, const PushResult& result,
                       const PlannedLayers& layers, Format format) {
  return format == Format::kJson ? PlanJson(name, result, layers) : PlanText(name, result, layers);
}

}  // namespace ociship::cli
