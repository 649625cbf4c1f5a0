// SPDX-License-Identifier: Apache-2.0
#include "util/time.h"

#include <doctest/doctest.h>

namespace ociship::util {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

void CheckSeconds(std::string_view text, std::int64_t expected) {
  CAPTURE(text);
  const Result<sys_seconds> time = ParseRfc3339(text);
  REQUIRE(time.ok());
  CHECK(time.value().time_since_epoch().count() == expected);
}

void CheckRefused(std::string_view text) {
  CAPTURE(text);
  const Result<sys_seconds> time = ParseRfc3339(text);
  REQUIRE_FALSE(time.ok());
  CHECK(time.error().code() == Code::kBadInput);
}

TEST_CASE("FormatRfc3339: writes seconds in UTC") {
  CHECK(FormatRfc3339(sys_seconds(seconds(0))) == "1970-01-01T00:00:00Z");
  CHECK(FormatRfc3339(sys_seconds(seconds(1740770291))) == "2025-02-28T19:18:11Z");
  CHECK(FormatRfc3339(sys_seconds(seconds(-1))) == "1969-12-31T23:59:59Z");
  CHECK(FormatRfc3339(sys_seconds(seconds(-62135596800))) == "0001-01-01T00:00:00Z");
}

TEST_CASE("ParseRfc3339: UTC is read") {
  CheckSeconds("1970-01-01T00:00:00Z", 0);
  CheckSeconds("2025-02-28T19:18:11Z", 1740770291);
  CheckSeconds("1969-12-31T23:59:59Z", -1);
  CheckSeconds("0001-01-01T00:00:00Z", -62135596800);
  CheckSeconds("2024-02-29T00:00:00Z", 1709164800);
  CheckSeconds("1970-01-01t00:00:00z", 0);
}

TEST_CASE("ParseRfc3339: an offset is taken off") {
  CheckSeconds("1970-01-01T01:30:00+01:30", 0);
  CheckSeconds("1969-12-31T16:00:00-08:00", 0);
  CheckSeconds("1970-01-01T00:00:00-00:00", 0);
}

TEST_CASE("ParseRfc3339: fractions are cut off") {
  CheckSeconds("1970-01-01T00:00:01.9Z", 1);
  CheckSeconds("1970-01-01T00:00:01.123456789+00:00", 1);
  CheckSeconds("1969-12-31T23:59:58.5Z", -2);
}

TEST_CASE("ParseRfc3339Micros: fractions are kept to the microsecond") {
  const auto micros = [](std::string_view text) {
    return ParseRfc3339Micros(text).value().time_since_epoch().count();
  };
  CHECK(micros("1970-01-01T00:00:01Z") == 1'000'000);
  CHECK(micros("1970-01-01T00:00:01.9Z") == 1'900'000);
  CHECK(micros("2022-10-31T23:59:59.999Z") == 1'667'260'799'999'000);
  CHECK(micros("1970-01-01T00:00:00.1234567899Z") == 123'456);
  CHECK(micros("9999-12-31T23:59:59.999999Z") == 253'402'300'799'999'999);
  CHECK_FALSE(ParseRfc3339Micros("1970-01-01T00:00:01.Z").ok());
}

TEST_CASE("ParseRfc3339: days and times that do not exist are refused") {
  CheckRefused("2025-02-29T00:00:00Z");
  CheckRefused("2025-13-01T00:00:00Z");
  CheckRefused("2025-00-01T00:00:00Z");
  CheckRefused("2025-01-00T00:00:00Z");
  CheckRefused("2025-01-01T24:00:00Z");
  CheckRefused("2025-01-01T00:60:00Z");
  CheckRefused("2025-01-01T00:00:60Z");
  CheckRefused("2025-01-01T00:00:00+24:00");
  CheckRefused("2025-01-01T00:00:00+00:60");
}

TEST_CASE("ParseRfc3339: every truncation is refused") {
  const std::string_view text = "2025-01-01T00:00:00.5+01:00";
  REQUIRE(ParseRfc3339(text).ok());
  for (std::size_t size = 0; size < text.size(); ++size) CheckRefused(text.substr(0, size));
}

TEST_CASE("ParseRfc3339: another shape is refused") {
  CheckRefused("2025-01-01 00:00:00Z");
  CheckRefused("2025-1-1T00:00:00Z");
  CheckRefused("2025-01-01T00:00Z");
  CheckRefused("2025-01-01T00:00:00.Z");
  CheckRefused("2025-01-01T00:00:00,5Z");
  CheckRefused("2025-01-01T00:00:00+0100");
  CheckRefused("2025-01-01T00:00:00ZZ");
  CheckRefused(" 2025-01-01T00:00:00Z");
  CheckRefused("+2025-01-01T00:00:00Z");
  CheckRefused("1735689600");
}

}  // namespace
}  // namespace ociship::util
