// SPDX-License-Identifier: Apache-2.0
// Reads Link headers (RFC 8288 section 3). Tested by link_test.cc.
#include "registry/link.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "util/text.h"

namespace ociship::registry {
namespace {

// What stands before the first of `ends` that is not inside double quotes; taken from the front.
std::string_view TakeUntil(std::string_view& text, std::string_view ends) {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && ends.find(text[at]) != std::string_view::npos) {
      break;
    }
  }
  at = std::min(at, text.size());
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at);
  return taken;
}

// Whether a parameter is rel with "next" among its relation types.
bool IsRelNext(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (equals == std::string_view::npos) return false;
  if (util::LowerAscii(util::Trim(parameter.substr(0, equals))) != "rel") return false;
  std::string_view value = util::Trim(parameter.substr(equals + 1));
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
    value = value.substr(1, value.size() - 2);
  }
  const std::vector<std::string_view> types = util::Split(value, ' ');
  return std::ranges::any_of(types, [](auto type) { return util::LowerAscii(type) == "next"; });
}

// Takes one "<target>; name=value; ..." from the front of a field. What does not look like it is
// skipped up to the next comma.
std::optional<std::string> TakeIfNext(std::string_view& field) {
  std::optional<std::string_view> target;
  bool next = false;
  field = util::Trim(field);
  if (field.starts_with('<')) {
    const std::size_t end = field.find('>');
    if (end != std::string_view::npos) {
      target = field.substr(1, end - 1);
      field.remove_prefix(end + 1);
    }
  }
  TakeUntil(field, ";,");
  while (field.starts_with(';')) {
    field.remove_prefix(1);
    if (IsRelNext(TakeUntil(field, ";,"))) next = true;
  }
  if (!field.empty()) field.remove_prefix(1);
  if (!target || !next) return std::nullopt;
  return std::string(*target);
}

}  // namespace

std::optional<std::string> NextLink(const http::Headers& headers) {
  for (const std::string& value : headers.GetAll("Link")) {
    std::string_view field = value;
    while (!field.empty()) {
      if (auto target = TakeIfNext(field)) return target;
    }
  }
  return std::nullopt;
}

}  // namespace ociship::registry
