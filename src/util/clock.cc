// SPDX-License-Identifier: Apache-2.0
// The clock of the machine. Tested by clock_test.cc.
#include "util/clock.h"

#include <algorithm>
#include <thread>

namespace ociship::util {
namespace {

// How long a request to cancel may go unseen.
constexpr std::chrono::milliseconds kSlice{50};

}  // namespace

std::chrono::sys_seconds SystemClock::Now() const {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void SystemClock::Sleep(std::chrono::milliseconds time, const Cancel& cancel) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!cancel.requested()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    std::this_thread::sleep_for(std::min(left, kSlice));
  }
}

SteadyTime SteadyNow() { return std::chrono::steady_clock::now(); }

}  // namespace ociship::util
