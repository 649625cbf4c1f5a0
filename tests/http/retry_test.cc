// SPDX-License-Identifier: Apache-2.0
#include "http/retry.h"

#include <doctest/doctest.h>

#include <string>

using ociship::Code;
using ociship::Error;
using ociship::http::kLongestRetryDelay;
using ociship::http::MayRetry;
using ociship::http::ParseHttpDate;
using ociship::http::RetryDelay;
using std::chrono::milliseconds;
using std::chrono::sys_seconds;

namespace {

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr sys_seconds kNow{std::chrono::seconds(784111777)};

std::optional<milliseconds> Delay(int attempt, double fraction) {
  return RetryDelay(attempt, std::nullopt, kNow, fraction);
}
std::optional<milliseconds> Told(std::string_view retry_after) {
  return RetryDelay(1, retry_after, kNow, 0);
}

}  // namespace

TEST_CASE("MayRetry: statuses that pass are tried again") {
  for (const int status : {408, 425, 429, 499, 500, 502, 503, 504, 522}) {
    CAPTURE(status);
    CHECK(MayRetry(status));
  }
}

TEST_CASE("MayRetry: success, redirects and refusals are not tried again") {
  for (const int status : {200, 201, 204, 301, 307, 400, 401, 403, 404, 405, 409, 413, 416, 501}) {
    CAPTURE(status);
    CHECK_FALSE(MayRetry(status));
  }
}

TEST_CASE("MayRetry: a broken connection is tried again, anything else is not") {
  CHECK(MayRetry(Error(Code::kUnavailable, "connection lost")));
  CHECK_FALSE(MayRetry(Error(Code::kInterrupted, "interrupted")));
  CHECK_FALSE(MayRetry(Error(Code::kBadInput, "a sink said no")));
}

TEST_CASE("RetryDelay: doubles with every attempt up to 16 s") {
  CHECK(Delay(1, 1) == milliseconds(500));
  CHECK(Delay(2, 1) == milliseconds(1000));
  CHECK(Delay(3, 1) == milliseconds(2000));
  CHECK(Delay(6, 1) == milliseconds(16000));
  CHECK(Delay(7, 1) == milliseconds(16000));
  CHECK(Delay(1'000'000, 1) == milliseconds(16000));
}

TEST_CASE("RetryDelay: the fraction moves the second half, and is held to 0..1") {
  CHECK(Delay(2, 0) == milliseconds(500));
  CHECK(Delay(2, 0.5) == milliseconds(750));
  CHECK(Delay(2, -3) == milliseconds(500));
  CHECK(Delay(2, 7) == milliseconds(1000));
}

TEST_CASE("RetryDelay: an attempt below one counts as the first") {
  CHECK(Delay(0, 1) == milliseconds(500));
  CHECK(Delay(-5, 1) == milliseconds(500));
}

TEST_CASE("RetryDelay: Retry-After in seconds is waited for, and the own delay on top") {
  CHECK(Told("0") == milliseconds(250));
  CHECK(Told("7") == milliseconds(7250));
  CHECK(Told(" 7 ") == milliseconds(7250));
}

TEST_CASE("RetryDelay: Retry-After as a date is compared with now") {
  CHECK(Told("Sun, 06 Nov 1994 08:49:47 GMT") == milliseconds(10250));
  CHECK(Told("Sun, 06 Nov 1994 08:49:27 GMT") == milliseconds(250));
}

TEST_CASE("RetryDelay: a Retry-After up to the longest delay is waited for, a longer one is not") {
  CHECK(Told("120") == kLongestRetryDelay);
  CHECK_FALSE(Told("121").has_value());
  CHECK_FALSE(Told("86400").has_value());
  CHECK_FALSE(Told("99999999999999999999999").has_value());
  CHECK_FALSE(Told("Sun, 06 Nov 2094 08:49:37 GMT").has_value());
}

TEST_CASE("RetryDelay: a Retry-After that cannot be read is ignored") {
  for (const char* text : {"", "-5", "soon", "1.5", "5 s", "Sun, 06 Nov 1994 08:49:47"}) {
    CAPTURE(text);
    CHECK(Told(text) == milliseconds(250));
  }
}

TEST_CASE("ParseHttpDate: the preferred form of RFC 9110 is read") {
  CHECK(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT") == kNow);
  CHECK(ParseHttpDate("Thu, 01 Jan 1970 00:00:00 GMT") == sys_seconds{});
}

TEST_CASE("ParseHttpDate: other texts are refused") {
  for (const char* text : {"", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 nov 1994 08:49:37 GMT",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
                           "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
                           "Sun, -6 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994", "Sun, 06 anF 1994 08:49:37 GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseHttpDate(text).has_value());
  }
}
