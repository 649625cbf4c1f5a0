// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_TIME_H_
#define OCISHIP_UTIL_TIME_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "ociship/core.h"

namespace ociship::util {

// A time that signed material names: fine enough for what certificates, logs and timestamps write,
// and without overflow for the years 0 to 9999.
using Micros = std::chrono::sys_time<std::chrono::microseconds>;

// 9999-12-31T23:59:59Z, the last second of RFC 3339. Sums of times up to it do not overflow.
inline constexpr std::int64_t kLastSecond = 253'402'300'799;

// "2026-01-01T00:00:00Z" (RFC 3339, UTC, seconds).
std::string FormatRfc3339(std::chrono::sys_seconds time);
// The same, cut to the second.
std::string FormatRfc3339(Micros time);
// RFC 3339 with any offset; fractions of a second are cut off. kBadInput otherwise.
Result<std::chrono::sys_seconds> ParseRfc3339(std::string_view text);
// The same with the fraction, of which what is finer than a microsecond is cut off.
Result<Micros> ParseRfc3339Micros(std::string_view text);

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_TIME_H_
