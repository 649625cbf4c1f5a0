// SPDX-License-Identifier: Apache-2.0
// Timestamps of RFC 3339 section 5.6. Tested by time_test.cc.
#include "util/time.h"

#include <cstdio>
#include <optional>

#include "util/text.h"

namespace ociship::util {
namespace {

using std::chrono::sys_seconds;

// Takes exactly `count` digits from the front.
std::optional<int> TakeNumber(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

// Takes one character from the front if it is one of `wanted`.
std::optional<char> TakeOneOf(std::string_view& text, std::string_view wanted) {
  if (text.empty() || wanted.find(text.front()) == std::string_view::npos) return std::nullopt;
  const char c = text.front();
  text.remove_prefix(1);
  return c;
}

// "YYYY-MM-DD"
std::optional<std::chrono::sys_days> TakeDate(std::string_view& text) {
  const auto year = TakeNumber(text, 4);
  if (!year || !TakeOneOf(text, "-")) return std::nullopt;
  const auto month = TakeNumber(text, 2);
  if (!month || !TakeOneOf(text, "-")) return std::nullopt;
  const auto day = TakeNumber(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// "HH:MM"
std::optional<std::chrono::minutes> TakeHoursAndMinutes(std::string_view& text) {
  const auto hours = TakeNumber(text, 2);
  if (!hours || *hours > 23 || !TakeOneOf(text, ":")) return std::nullopt;
  const auto minutes = TakeNumber(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
}

// What stands behind a point: digits, of which those behind the sixth are dropped.
std::optional<std::chrono::microseconds> TakeFraction(std::string_view& text) {
  std::optional<int> digit = TakeNumber(text, 1);
  if (!digit) return std::nullopt;
  std::int64_t micros = 0;
  for (int unit = 100'000; digit; unit /= 10, digit = TakeNumber(text, 1)) micros += *digit * unit;
  return std::chrono::microseconds(micros);
}

// ":SS" and a fraction. A leap second has no place in system time.
std::optional<std::chrono::microseconds> TakeSeconds(std::string_view& text) {
  if (!TakeOneOf(text, ":")) return std::nullopt;
  const auto seconds = TakeNumber(text, 2);
  if (!seconds || *seconds > 59) return std::nullopt;
  if (!TakeOneOf(text, ".")) return std::chrono::seconds(*seconds);
  const auto fraction = TakeFraction(text);
  if (!fraction) return std::nullopt;
  return std::chrono::seconds(*seconds) + *fraction;
}

// "Z", "+HH:MM" or "-HH:MM": how far the local time is ahead.
std::optional<std::chrono::minutes> TakeOffset(std::string_view& text) {
  if (TakeOneOf(text, "Zz")) return std::chrono::minutes(0);
  const auto sign = TakeOneOf(text, "+-");
  if (!sign) return std::nullopt;
  const auto offset = TakeHoursAndMinutes(text);
  if (!offset) return std::nullopt;
  return *sign == '+' ? *offset : -*offset;
}

std::optional<Micros> Read(std::string_view text) {
  const auto date = TakeDate(text);
  if (!date || !TakeOneOf(text, "Tt")) return std::nullopt;
  const auto minutes = TakeHoursAndMinutes(text);
  if (!minutes) return std::nullopt;
  const auto seconds = TakeSeconds(text);
  if (!seconds) return std::nullopt;
  const auto offset = TakeOffset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return *date + *minutes + *seconds - *offset;
}

}  // namespace

std::string FormatRfc3339(sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::string FormatRfc3339(Micros time) {
  return FormatRfc3339(std::chrono::floor<std::chrono::seconds>(time));
}

Result<sys_seconds> ParseRfc3339(std::string_view text) {
  const Result<Micros> time = ParseRfc3339Micros(text);
  if (!time.ok()) return time.error();
  return std::chrono::floor<std::chrono::seconds>(time.value());
}

Result<Micros> ParseRfc3339Micros(std::string_view text) {
  const std::optional<Micros> time = Read(text);
  if (!time) {
    return Error(Code::kBadInput,
                 StrCat(Quoted(text), " is no time as in 2026-01-31T12:00:00Z (RFC 3339)"));
  }
  return *time;
}

}  // namespace ociship::util
