// SPDX-License-Identifier: Apache-2.0
// in-toto statements: reads v1 and v0.1 (in-toto attestation, statement.md), writes what cosign 3
// writes for an image. Covered by tests/sigstore/statement_test.cc.
#include "sigstore/statement.h"

#include <utility>

#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

constexpr std::string_view kStatementV1 = "https://in-toto.io/Statement/v1";
constexpr std::string_view kStatementV01 = "https://in-toto.io/Statement/v0.1";

Result<std::map<std::string, std::string>> ParseDigests(const util::Json& subject) {
  const util::Json* object = TRY(subject.Object("digest"));
  if (object->members().empty() || object->members().size() > kMaxDigestsPerSubject) {
    return Error(Code::kBadInput,
                 util::StrCat("a subject has ", object->members().size(),
                              " digests, it must have 1 to ", kMaxDigestsPerSubject));
  }
  std::map<std::string, std::string> digests;
  for (const util::Json::Member& member : object->members()) {
    std::string hex = TRY(member.second.AsString(member.first));
    digests.emplace(member.first, std::move(hex));
  }
  return digests;
}

Result<std::map<std::string, std::string>> ParseAnnotations(const util::Json& subject) {
  std::map<std::string, std::string> annotations;
  const util::Json* object = subject.FindNonNull("annotations");
  if (object == nullptr) return annotations;
  if (!object->is_object()) return Error(Code::kBadInput, "\"annotations\" is not an object");
  for (const util::Json::Member& member : object->members()) {
    if (member.second.kind() != util::Json::Kind::kString) continue;
    std::string value = TRY(member.second.AsString(member.first));
    annotations.emplace(member.first, std::move(value));
  }
  return annotations;
}

Result<Subject> ParseSubject(const util::Json& json) {
  if (!json.is_object()) return Error(Code::kBadInput, "a subject is not an object");
  std::optional<std::string> name = TRY(json.OptionalString("name"));
  Subject subject;
  subject.name = std::move(name).value_or("");
  subject.digests = TRY(ParseDigests(json));
  subject.annotations = TRY(ParseAnnotations(json));
  return subject;
}

}  // namespace

Result<Statement> ParseStatement(std::string_view text) {
  // "Implementations MUST NOT add a byte order mark" (RFC 8259 section 8.1), which our reader
  // passes over: what is signed is read by others too, who do not.
  if (text.starts_with("\xEF\xBB\xBF")) {
    return Error(Code::kBadInput, "it begins with a byte order mark");
  }
  util::Json json =
      TRY(util::Json::Parse(text, {.bytes = kMaxStatementBytes, .values = kMaxStatementValues}));
  if (!json.is_object()) return Error(Code::kBadInput, "the statement is not an object");
  std::string type = TRY(json.String("_type"));
  if (type != kStatementV1 && type != kStatementV01) {
    return Error(Code::kBadInput,
                 util::StrCat("the statement has the unknown type ", util::Quoted(type)));
  }
  Statement statement;
  statement.predicate_type = TRY(json.String("predicateType"));
  const util::Json* subjects = TRY(json.Array("subject"));
  if (subjects->elements().empty() || subjects->elements().size() > kMaxSubjects) {
    return Error(Code::kBadInput, util::StrCat("the statement has ", subjects->elements().size(),
                                               " subjects, it must have 1 to ", kMaxSubjects));
  }
  for (const util::Json& element : subjects->elements()) {
    Subject subject = TRY(ParseSubject(element));
    statement.subjects.push_back(std::move(subject));
  }
  return statement;
}

std::string FormatImageStatement(const Digest& image,
                                 const std::map<std::string, std::string>& annotations) {
  util::JsonWriter json;
  json.BeginObject().Key("_type").String(kStatementV1);
  json.Key("subject").BeginArray().BeginObject();
  json.Key("digest").BeginObject().Key(image.algorithm()).String(image.hex()).EndObject();
  json.Key("annotations").BeginObject();
  for (const auto& [key, value] : annotations) json.Key(key).String(value);
  json.EndObject().EndObject().EndArray();
  json.Key("predicateType").String(kImageSignaturePredicate);
  json.Key("predicate").BeginObject().EndObject().EndObject();
  return json.text();
}

}  // namespace ociship::sigstore
