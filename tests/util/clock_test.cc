// SPDX-License-Identifier: Apache-2.0
#include "util/clock.h"

#include <doctest/doctest.h>

#include <thread>

namespace ociship::util {
namespace {

using std::chrono::milliseconds;

TEST_CASE("SystemClock: knows that this code is not from before 2024") {
  const std::chrono::sys_days year_2024 = std::chrono::year(2024) / 1 / 1;
  CHECK(SystemClock().Now() > year_2024);
}

TEST_CASE("SystemClock: sleeps at least as long as it was told") {
  const auto start = std::chrono::steady_clock::now();
  SystemClock().Sleep(milliseconds(60), Cancel());
  CHECK(std::chrono::steady_clock::now() - start >= milliseconds(60));
}

TEST_CASE("SystemClock: a request to cancel ends the sleep") {
  Cancel cancel;
  std::jthread other([&] { cancel.Request(); });
  SystemClock().Sleep(std::chrono::hours(1), cancel);
  CHECK(cancel.requested());
}

TEST_CASE("SystemClock: no time or less is no sleep") {
  SystemClock().Sleep(milliseconds(0), Cancel());
  SystemClock().Sleep(milliseconds(-5), Cancel());
}

TEST_CASE("Cancel: is asked for once and stays") {
  Cancel cancel;
  CHECK(cancel.Check().ok());
  cancel.Request();
  cancel.Request();
  REQUIRE_FALSE(cancel.Check().ok());
  CHECK(cancel.Check().error().code() == Code::kInterrupted);
}

}  // namespace
}  // namespace ociship::util
