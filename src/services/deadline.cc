// SPDX-License-Identifier: Apache-2.0
// One time for many requests together. Tested by deadline_test.cc.
#include "services/deadline.h"

#include <algorithm>

#include "util/clock.h"

namespace ociship::services {
namespace {

// How long a request to cancel may go unseen.
constexpr std::chrono::milliseconds kSlice{50};

}  // namespace

Deadline::Deadline(std::chrono::milliseconds time, const Cancel& parent)
    : parent_(parent), thread_([this, time] { Watch(time); }) {}

Deadline::~Deadline() {
  {
    const std::lock_guard lock(mutex_);
    work_ = Work::kDone;
  }
  wake_.notify_all();
  thread_.join();
}

void Deadline::Watch(std::chrono::milliseconds time) {
  const util::SteadyTime end = util::SteadyNow() + time;
  std::unique_lock lock(mutex_);
  while (work_ == Work::kGoesOn) {
    const util::SteadyTime now = util::SteadyNow();
    if (parent_.requested() || now >= end) {
      cancel_.Request();
      return;
    }
    wake_.wait_until(lock, std::min(end, now + kSlice));
  }
}

}  // namespace ociship::services
