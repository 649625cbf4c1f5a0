// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_TOML_H_
#define OCISHIP_UTIL_TOML_H_

#include <cstddef>
#include <string_view>

#include "ociship/core.h"
#include "util/json.h"

namespace ociship::util {

// The largest document that is read.
inline constexpr std::size_t kMaxTomlBytes = 1 << 20;

// A TOML 1.0 document as the Json of the same structure, with the keys of each table sorted.
// kBadInput with line and reason for text that is none, is larger than kMaxTomlBytes or nested
// deeper than 16 brackets, and for what JSON has no word for: dates, times, infinities.
Result<Json> ParseToml(std::string_view text);

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_TOML_H_
