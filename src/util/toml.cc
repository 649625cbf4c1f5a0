// SPDX-License-Identifier: Apache-2.0
// TOML 1.0, read with toml++ and handed on as JSON. The only file that knows toml++. Tested by
// toml_test.cc.
#include "util/toml.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <exception>
#include <string>

#include <toml++/toml.h>

#include "util/text.h"
#include "util/try.h"

namespace ociship::util {
namespace {

// The library goes through a document by recursion, and has no cap for the parts of a dotted key.
constexpr std::size_t kMaxOpenBrackets = 16;
constexpr std::size_t kMaxKeyParts = 16;
constexpr std::size_t kMaxShownBytes = 160;  // of what the library says

Error BadToml(std::string_view why) { return Error(Code::kBadInput, StrCat("TOML: ", why)); }

// The position behind the string that begins at `at`.
std::size_t EndOfString(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string triple(3, quote);
  const bool is_long = text.substr(at, 3) == triple;
  std::size_t end = at + (is_long ? 3 : 1);
  while (end < text.size()) {
    if (quote == '"' && text[end] == '\\') {
      end += 2;
    } else if (is_long && text.substr(end, 3) == triple) {
      end += 3;
      // Up to two quotes stand directly before the three that end it.
      for (int extra = 0; extra < 2 && end < text.size() && text[end] == quote; ++extra) ++end;
      return end;
    } else if (!is_long && (text[end] == quote || text[end] == '\n')) {
      return end + 1;
    } else {
      ++end;
    }
  }
  return text.size();
}

Status CheckNesting(std::string_view text) {
  std::size_t open = 0;
  std::size_t parts = 1;  // of the key that is being read, perhaps
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '"':
      case '\'':
        at = EndOfString(text, at) - 1;
        break;
      case '#':
        at = std::min(text.find('\n', at), text.size());
        parts = 1;
        break;
      case '.':
        if (++parts > kMaxKeyParts) {
          return BadToml(StrCat("a key of more than ", kMaxKeyParts, " parts"));
        }
        break;
      case '[':
      case '{':
        parts = 1;
        if (++open > kMaxOpenBrackets) {
          return BadToml(StrCat("nested deeper than ", kMaxOpenBrackets, " brackets"));
        }
        break;
      case ']':
      case '}':
        open -= std::min<std::size_t>(open, 1);
        break;
      case '=':
      case ',':
      case '\n':
        parts = 1;
        break;
      default:
        break;
    }
  }
  return Ok();
}

Status WriteNode(const toml::node& node, JsonWriter& json);

Status WriteTable(const toml::table& table, JsonWriter& json) {
  json.BeginObject();
  for (const auto& [key, value] : table) {
    json.Key(key.str());
    TRY(WriteNode(value, json));
  }
  json.EndObject();
  return Ok();
}

Status WriteArray(const toml::array& array, JsonWriter& json) {
  json.BeginArray();
  for (const toml::node& element : array) TRY(WriteNode(element, json));
  json.EndArray();
  return Ok();
}

Status WriteFloat(double value, JsonWriter& json) {
  if (!std::isfinite(value)) return BadToml("a number that is infinite or none");
  char buffer[40];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, written.ptr);
  // What was written as no integer is not read as one.
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  json.Raw(text);
  return Ok();
}

Status WriteNode(const toml::node& node, JsonWriter& json) {
  if (const toml::table* table = node.as_table()) return WriteTable(*table, json);
  if (const toml::array* array = node.as_array()) return WriteArray(*array, json);
  if (const auto* value = node.as_floating_point()) return WriteFloat(value->get(), json);
  if (const auto* value = node.as_string()) {
    json.String(value->get());
  } else if (const auto* number = node.as_integer()) {
    json.Integer(number->get());
  } else if (const auto* boolean = node.as_boolean()) {
    json.Boolean(boolean->get());
  } else {
    return BadToml("dates and times are not read");
  }
  return Ok();
}

// "line 3, column 7: ...".
Error Explain(const toml::parse_error& problem) {
  const toml::source_position& place = problem.source().begin;
  return BadToml(StrCat("line ", place.line, ", column ", place.column, ": ",
                        Printable(problem.description(), kMaxShownBytes)));
}

Result<std::string> ToJson(std::string_view text) {
  try {
    const toml::table table = toml::parse(text);
    JsonWriter json;
    TRY(WriteTable(table, json));
    return json.text();
  } catch (const toml::parse_error& problem) {
    return Explain(problem);
  } catch (const std::exception&) {
    return BadToml("too large for the memory");
  }
}

}  // namespace

Result<Json> ParseToml(std::string_view text) {
  if (text.size() > kMaxTomlBytes) {
    return BadToml(StrCat("larger than ", HumanBytes(kMaxTomlBytes)));
  }
  TRY(CheckNesting(text));
  const std::string json = TRY(ToJson(text));
  // Escapes make it longer than what was read.
  return Json::Parse(json, {.bytes = 8 * kMaxTomlBytes});
}

}  // namespace ociship::util
