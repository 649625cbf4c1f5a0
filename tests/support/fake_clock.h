// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_FAKE_CLOCK_H_
#define OCISHIP_TESTS_SUPPORT_FAKE_CLOCK_H_

#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

#include "util/clock.h"

namespace ociship::testing {

// A clock that stands still, sleeps in no time and remembers how long it was told to.
class FakeClock : public util::Clock {
 public:
  std::chrono::sys_seconds Now() const override { return now; }
  void Sleep(std::chrono::milliseconds time, const util::Cancel&) override {
    const std::lock_guard lock(mutex_);
    sleeps_.push_back(time);
    if (on_sleep) on_sleep();
  }
  std::vector<std::chrono::milliseconds> sleeps() const {
    const std::lock_guard lock(mutex_);
    return sleeps_;
  }

  std::chrono::sys_seconds now{std::chrono::seconds(784111777)};  // Sun, 06 Nov 1994 08:49:37 GMT
  std::function<void()> on_sleep;

 private:
  mutable std::mutex mutex_;
  std::vector<std::chrono::milliseconds> sleeps_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_FAKE_CLOCK_H_
