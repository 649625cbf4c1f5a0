// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_REASON_OF_H_
#define OCISHIP_TESTS_SUPPORT_REASON_OF_H_

#include <string>

#include "ociship/core.h"

namespace ociship::testing {

// The reason of a failure, its message where it has none, "ok" for none.
template <typename T>
std::string ReasonOf(const Result<T>& result) {
  if (result.ok()) return "ok";
  return result.error().reason().empty() ? result.error().message()
                                         : std::string(result.error().reason());
}

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_REASON_OF_H_
