// SPDX-License-Identifier: Apache-2.0
// The words of an HTTP exchange (RFC 9110 sections 5 and 9). Tested by message_test.cc.
#include "http/message.h"

#include "util/text.h"

namespace ociship::http {

std::string_view Name(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
  }
  return "";
}

void Headers::Add(std::string_view name, std::string_view value) {
  fields_.emplace_back(name, value);
}

std::optional<std::string> Headers::Get(std::string_view name) const {
  const std::string wanted = util::LowerAscii(name);
  for (const auto& [field, value] : fields_) {
    if (util::LowerAscii(field) == wanted) return value;
  }
  return std::nullopt;
}

std::vector<std::string> Headers::GetAll(std::string_view name) const {
  const std::string wanted = util::LowerAscii(name);
  std::vector<std::string> values;
  for (const auto& [field, value] : fields_) {
    if (util::LowerAscii(field) == wanted) values.push_back(value);
  }
  return values;
}

}  // namespace ociship::http
