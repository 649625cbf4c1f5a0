// SPDX-License-Identifier: Apache-2.0
// Finds where values begin and end in JSON that was parsed already (RFC 8259). Tested by
// tests/oci/raw_json_test.cc.

#include "oci/raw_json.h"

#include <cstddef>

#include "util/text.h"

namespace ociship::oci {
namespace {

// Behind the string that begins at `at`.
std::size_t SkipString(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at + 1;
}

}  // namespace

std::vector<std::string_view> RawValues(std::string_view json) {
  std::vector<std::string_view> values;
  std::size_t depth = 0;
  std::size_t begin = 0;
  const auto end_value = [&](std::size_t end) {
    const std::string_view value = util::Trim(json.substr(begin, end - begin));
    if (!value.empty()) values.push_back(value);
    begin = end + 1;
  };
  std::size_t at = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      at = SkipString(json, at);
      continue;
    }
    if (c == '{' || c == '[') {
      if (++depth == 1) begin = at + 1;
    } else if (c == '}' || c == ']') {
      if (depth-- == 1) end_value(at);
    } else if (depth == 1 && c == ',') {
      end_value(at);
    } else if (depth == 1 && c == ':') {
      begin = at + 1;  // a key ended
    }
    ++at;
  }
  return values;
}

}  // namespace ociship::oci
