// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_FIXTURES_H_
#define OCISHIP_TESTS_SUPPORT_FIXTURES_H_

#include <cstdlib>
#include <string>
#include <string_view>

namespace ociship::testing {

// The path of a file below fixtures/.
inline std::string FixturePath(std::string_view name) {
  const char* const root = std::getenv("OCISHIP_SOURCE_ROOT");
  return std::string(root == nullptr ? "." : root) + "/fixtures/" + std::string(name);
}

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_FIXTURES_H_
