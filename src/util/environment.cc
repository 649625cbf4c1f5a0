// SPDX-License-Identifier: Apache-2.0
// The environment of the process. Tested by environment_test.cc.
#include "util/environment.h"

#include <cstdlib>

namespace ociship::util {

std::optional<std::string> ProcessEnvironment::Get(const std::string& name) const {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace ociship::util
