// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_DEADLINE_H_
#define OCISHIP_SERVICES_DEADLINE_H_

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "ociship/core.h"

namespace ociship::services {

// A Cancel that is requested once a time is over, or when `parent` is, which must live longer. A
// thread watches both, so that also a server that sends a byte each second comes to an end.
class Deadline {
 public:
  Deadline(std::chrono::milliseconds time, const Cancel& parent);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  const Cancel& cancel() const { return cancel_; }

 private:
  void Watch(std::chrono::milliseconds time);

  const Cancel& parent_;
  Cancel cancel_;
  std::mutex mutex_;
  std::condition_variable wake_;
  enum class Work { kGoesOn, kDone } work_ = Work::kGoesOn;  // guarded by mutex_
  std::thread thread_;                                       // last: it uses the others
};

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_DEADLINE_H_
