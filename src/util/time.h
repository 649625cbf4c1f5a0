// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_TIME_H_
#define OCISHIP_UTIL_TIME_H_

#include <chrono>
#include <string>
#include <string_view>

#include "ociship/core.h"

namespace ociship::util {

// A time that signed material names: fine enough for what certificates, logs and timestamps write,
// and without overflow for the years 0 to 9999.
using Micros = std::chrono::sys_time<std::chrono::microseconds>;

// "2026-01-01T00:00:00Z" (RFC 3339, UTC, seconds).
std::string FormatRfc3339(std::chrono::sys_seconds time);
// RFC 3339 with any offset; fractions of a second are cut off. kBadInput otherwise.
Result<std::chrono::sys_seconds> ParseRfc3339(std::string_view text);
// The same with the fraction, of which what is finer than a microsecond is cut off.
Result<Micros> ParseRfc3339Micros(std::string_view text);

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_TIME_H_
