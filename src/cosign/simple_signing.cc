// SPDX-License-Identifier: Apache-2.0
// The simple signing payload, byte for byte as cosign marshals it. Covered by
// tests/cosign/simple_signing_test.cc with the vectors of sigstore's payload_test.go.
#include "cosign/simple_signing.h"

#include <utility>

#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cosign {
namespace {

Result<std::map<std::string, std::string>> ParseOptional(const util::Json& json) {
  std::map<std::string, std::string> annotations;
  const util::Json* optional = json.FindNonNull("optional");
  if (optional == nullptr) return annotations;
  if (!optional->is_object()) return Error(Code::kBadInput, "\"optional\" is not an object");
  for (const util::Json::Member& member : optional->members()) {
    if (member.second.kind() != util::Json::Kind::kString) continue;
    std::string value = TRY(member.second.AsString(member.first));
    annotations.emplace(member.first, std::move(value));
  }
  return annotations;
}

}  // namespace

std::string FormatSimpleSigning(const SimpleSigning& payload) {
  util::JsonWriter json;
  json.BeginObject().Key("critical").BeginObject();
  json.Key("identity").BeginObject();
  json.Key("docker-reference").String(payload.identity).EndObject();
  json.Key("image").BeginObject();
  json.Key("docker-manifest-digest").String(payload.image.text()).EndObject();
  json.Key("type").String(kSimpleSigningType).EndObject();
  json.Key("optional");
  if (payload.annotations.empty()) {
    json.Null();
  } else {
    json.BeginObject();
    for (const auto& [key, value] : payload.annotations) json.Key(key).String(value);
    json.EndObject();
  }
  json.EndObject();
  return json.text();
}

Result<SimpleSigning> ParseSimpleSigning(std::string_view payload) {
  // "Implementations MUST NOT add a byte order mark" (RFC 8259 section 8.1), which our reader
  // passes over: what is signed is read by others too, who do not.
  if (payload.starts_with("\xEF\xBB\xBF")) {
    return Error(Code::kBadInput, "it begins with a byte order mark");
  }
  util::Json json =
      TRY(util::Json::Parse(payload, {.bytes = kMaxPayloadBytes, .values = kMaxPayloadValues}));
  const util::Json* critical = TRY(json.Object("critical"));
  std::string type = TRY(critical->String("type"));
  if (type != kSimpleSigningType) {
    return Error(Code::kBadInput, util::StrCat("the payload has the type ", util::Quoted(type),
                                               ", not ", util::Quoted(kSimpleSigningType)));
  }
  const util::Json* identity = TRY(critical->Object("identity"));
  std::string reference = TRY(identity->String("docker-reference"));
  const util::Json* image = TRY(critical->Object("image"));
  std::string digest_text = TRY(image->String("docker-manifest-digest"));
  Digest digest = TRY(Digest::Parse(digest_text));
  std::map<std::string, std::string> annotations = TRY(ParseOptional(json));
  return SimpleSigning{.identity = std::move(reference),
                       .image = std::move(digest),
                       .annotations = std::move(annotations)};
}

}  // namespace ociship::cosign
