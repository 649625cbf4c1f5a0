// SPDX-License-Identifier: Apache-2.0
// The strict half of protobuf's JSON mapping that bundles need (protobuf, "ProtoJSON Format").
// Covered by tests/sigstore/bundle_test.cc.
#include "sigstore/proto_json.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "util/encoding.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {

Status CheckMessage(const util::Json& json, std::string_view what,
                    std::initializer_list<std::string_view> fields) {
  if (!json.is_object()) return Error(Code::kBadInput, util::StrCat(what, " is not an object"));
  for (const util::Json::Member& member : json.members()) {
    if (std::find(fields.begin(), fields.end(), member.first) == fields.end()) {
      return Error(Code::kBadInput,
                   util::StrCat(what, " has an unknown field ", util::Quoted(member.first)));
    }
  }
  return Ok();
}

Result<util::Bytes> DecodeBytes(std::string_view text, std::string_view what) {
  std::string standard(text);
  std::erase_if(standard, [](char c) { return c == '\n' || c == '\r'; });
  // Readers take both alphabets; a mixture of the two is of neither.
  if (text.find_first_of("-_") != std::string_view::npos) {
    if (text.find_first_of("+/") != std::string_view::npos) {
      return Error(Code::kBadInput, util::StrCat(util::Quoted(what), " mixes base64 alphabets"));
    }
    std::replace(standard.begin(), standard.end(), '-', '+');
    std::replace(standard.begin(), standard.end(), '_', '/');
  }
  Result<util::Bytes> bytes = util::Base64Decode(standard);
  if (!bytes.ok()) {
    return Error(Code::kBadInput, util::StrCat(util::Quoted(what), " is not base64"));
  }
  return bytes;
}

Result<util::Bytes> BytesField(const util::Json& message, std::string_view key) {
  std::string text = TRY(message.String(key));
  if (text.empty()) return Error(Code::kBadInput, util::StrCat(util::Quoted(key), " is empty"));
  return DecodeBytes(text, key);
}

Result<std::uint64_t> UnsignedField(const util::Json& message, std::string_view key) {
  const util::Json* field = message.FindNonNull(key);
  if (field == nullptr) return std::uint64_t{0};
  std::optional<std::uint64_t> number;
  if (field->kind() == util::Json::Kind::kInteger) {
    const std::int64_t integer = TRY(field->AsInteger(key));
    if (integer >= 0) number = static_cast<std::uint64_t>(integer);
  }
  if (field->kind() == util::Json::Kind::kString) number = util::ParseUnsigned(field->text());
  if (!number || *number > std::numeric_limits<std::int64_t>::max()) {
    return Error(Code::kBadInput,
                 util::StrCat(util::Quoted(key), " is not an int64 of at least 0"));
  }
  return *number;
}

Result<const std::vector<util::Json>*> RepeatedField(const util::Json& message,
                                                     std::string_view key, std::size_t limit) {
  static const std::vector<util::Json> kNone;
  const util::Json* field = message.FindNonNull(key);
  if (field == nullptr) return &kNone;
  if (!field->is_array()) {
    return Error(Code::kBadInput, util::StrCat(util::Quoted(key), " is not an array"));
  }
  if (field->elements().size() > limit) {
    return Error(Code::kBadInput, util::StrCat(util::Quoted(key), " has ", field->elements().size(),
                                               " elements, at most ", limit, " are allowed"));
  }
  return &field->elements();
}

}  // namespace ociship::sigstore
