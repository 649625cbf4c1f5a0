// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_CLOCK_H_
#define OCISHIP_UTIL_CLOCK_H_

#include <chrono>

#include "util/cancel.h"

namespace ociship::util {

using ociship::Clock;

// The clock of the machine. Only cli makes one.
class SystemClock : public Clock {
 public:
  std::chrono::sys_seconds Now() const override;
  void Sleep(std::chrono::milliseconds time, const Cancel& cancel) override;
};

// For how long something takes. It has nothing to do with the time of day, which is the Clock's.
using SteadyTime = std::chrono::steady_clock::time_point;
SteadyTime SteadyNow();

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_CLOCK_H_
