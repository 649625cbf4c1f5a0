// SPDX-License-Identifier: Apache-2.0
// Canonical JSON as OLPC defined it, which TUF signs. Tested by canonical_json_test.cc.
#include "tuf/canonical_json.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "tuf/refusal.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::tuf {
namespace {

using util::Json;

void AppendString(std::string_view text, std::string& out) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

Status Append(const Json& json, std::string& out);

Status AppendArray(const Json& array, std::string& out) {
  out.push_back('[');
  std::string_view separator;
  for (const Json& element : array.elements()) {
    out.append(separator);
    TRY(Append(element, out));
    separator = ",";
  }
  out.push_back(']');
  return Ok();
}

Status AppendObject(const Json& object, std::string& out) {
  std::vector<const Json::Member*> members;
  for (const Json::Member& member : object.members()) members.push_back(&member);
  // The order of UTF-8 bytes is the order of code points.
  std::ranges::sort(members, {},
                    [](const Json::Member* member) -> std::string_view { return member->first; });
  out.push_back('{');
  std::string_view separator;
  for (const Json::Member* member : members) {
    out.append(separator);
    AppendString(member->first, out);
    out.push_back(':');
    TRY(Append(member->second, out));
    separator = ",";
  }
  out.push_back('}');
  return Ok();
}

// As deep as the parser lets documents be nested.
Status Append(const Json& json, std::string& out) {
  switch (json.kind()) {
    case Json::Kind::kNull:
      out.append("null");
      return Ok();
    case Json::Kind::kBoolean:
      out.append(json.is_true() ? "true" : "false");
      return Ok();
    case Json::Kind::kInteger: {
      const std::int64_t number = TRY(json.AsInteger("number"));
      out.append(util::StrCat(number));
      return Ok();
    }
    case Json::Kind::kNumber:
      return Refuse(reason::kFormat, util::StrCat("the number ", util::Quoted(json.text()),
                                                  " is no integer of 64 bits"));
    case Json::Kind::kString:
      AppendString(json.text(), out);
      return Ok();
    case Json::Kind::kArray:
      return AppendArray(json, out);
    case Json::Kind::kObject:
      return AppendObject(json, out);
  }
  return Ok();
}

}  // namespace

Result<std::string> CanonicalJson(const Json& json) {
  std::string out;
  TRY(Append(json, out));
  return out;
}

}  // namespace ociship::tuf
