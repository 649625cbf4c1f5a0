// SPDX-License-Identifier: Apache-2.0
// When and how soon a request is sent again (RFC 9110 section 10.2.3). Tested by retry_test.cc.
#include "http/retry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "util/text.h"

namespace ociship::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr milliseconds kFirstDelay{500};
constexpr int kMostDoublings = 5;

// 499 is what proxies say when a connection broke, 522 when their own did.
constexpr std::array kRetryStatuses = {408, 425, 429, 499, 500, 502, 503, 504, 522};

// All of `text` as a number of at most nine digits.
std::optional<int> ParseNumber(std::string_view text) {
  int number = 0;
  if (text.empty() || text.size() > 9 || text[0] == '-') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<unsigned> ParseMonth(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 3) return std::nullopt;
  const std::size_t at = kMonths.find(text);
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  return static_cast<unsigned>(at / 3 + 1);
}

std::optional<seconds> ParseTimeOfDay(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const auto hour = ParseNumber(text.substr(0, 2));
  const auto minute = ParseNumber(text.substr(3, 2));
  const auto second = ParseNumber(text.substr(6, 2));
  if (!hour || !minute || !second) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + seconds(*second);
}

// How long the server wants to be left alone; nullopt when it does not say.
std::optional<seconds> WantedDelay(std::string_view retry_after, sys_seconds now) {
  retry_after = util::Trim(retry_after);
  const bool digits = !retry_after.empty() &&
                      std::ranges::all_of(retry_after, [](char c) { return c >= '0' && c <= '9'; });
  if (digits) return seconds(ParseNumber(retry_after).value_or(INT32_MAX));
  const auto date = ParseHttpDate(retry_after);
  if (!date) return std::nullopt;
  return std::max(*date - now, seconds(0));
}

}  // namespace

bool MayRetry(int status) {
  return std::ranges::find(kRetryStatuses, status) != kRetryStatuses.end();
}

bool MayRetry(const Error& error) { return error.code() == Code::kUnavailable; }

std::optional<milliseconds> RetryDelay(int attempt, std::optional<std::string_view> retry_after,
                                       sys_seconds now, double fraction) {
  const milliseconds whole = kFirstDelay * (1 << std::clamp(attempt - 1, 0, kMostDoublings));
  const auto count = static_cast<double>(whole.count());
  const milliseconds own(
      static_cast<std::int64_t>(count / 2 + count / 2 * std::clamp(fraction, 0.0, 1.0)));
  const auto wanted = retry_after ? WantedDelay(*retry_after, now) : std::nullopt;
  if (!wanted) return own;
  if (*wanted > kLongestRetryDelay) return std::nullopt;
  // The own delay on top spreads those who were all told the same second.
  return std::min<milliseconds>(*wanted + own, kLongestRetryDelay);
}

std::optional<sys_seconds> ParseHttpDate(std::string_view text) {
  // Sun, 06 Nov 1994 08:49:37 GMT
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" ||
      text[7] != ' ' || text[11] != ' ' || text[16] != ' ') {
    return std::nullopt;
  }
  const auto day = ParseNumber(text.substr(5, 2));
  const auto month = ParseMonth(text.substr(8, 3));
  const auto year = ParseNumber(text.substr(12, 4));
  const auto time = ParseTimeOfDay(text.substr(17, 8));
  if (!day || !month || !year || !time) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return sys_seconds(std::chrono::sys_days(date)) + *time;
}

}  // namespace ociship::http
