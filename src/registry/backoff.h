// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_BACKOFF_H_
#define OCISHIP_REGISTRY_BACKOFF_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <random>
#include <string_view>

#include "http/message.h"
#include "ociship/core.h"
#include "ociship/store.h"
#include "util/cancel.h"
#include "util/clock.h"

namespace ociship::registry {

// Whether a failed try is followed by another one.
enum class Next { kGiveUp, kTryAgain };

// Decides when requests to one registry are sent again, for all its workers: when the registry says
// that there were too many, every one of them waits. Safe to use from several threads.
class Backoff {
 public:
  // `observer` may be nullptr. What is passed by reference must live longer.
  Backoff(util::Clock& clock, const util::Cancel& cancel, StoreObserver* observer, int retries,
          std::uint32_t seed)
      : clock_(clock), cancel_(cancel), observer_(observer), retries_(retries), random_(seed) {}

  // All waits end with kInterrupted when their cancel is requested; without `cancel` it is
  // cancel().

  // Waits before a request while the registry wants to be left alone.
  Status Admit(const util::Cancel& cancel);

  // Waits after try number `attempt` (from 1) at `what`, which had `outcome`, when another one
  // makes sense. kGiveUp: it succeeded or was refused for good, or the tries are used up.
  Result<Next> AfterTry(std::string_view what, int attempt, const Result<http::Response>& outcome) {
    return AfterTry(what, attempt, outcome, cancel_);
  }
  Result<Next> AfterTry(std::string_view what, int attempt, const Result<http::Response>& outcome,
                        const util::Cancel& cancel);
  // The same for somebody who knows better what the outcome means: that it was a failure.
  Result<Next> BackOff(std::string_view what, int attempt, const Result<http::Response>& outcome) {
    return BackOff(what, attempt, outcome, cancel_);
  }
  Result<Next> BackOff(std::string_view what, int attempt, const Result<http::Response>& outcome,
                       const util::Cancel& cancel);
  // Waits for something else than a failed try.
  Status Wait(std::chrono::milliseconds delay) { return Wait(delay, cancel_); }

  // A number from 0 to 1.
  double Fraction();

  // To be called with every answer: a registry that never gave one is more likely to be misspelt
  // than to be down for a moment.
  void Reached() { reached_ = true; }

  const util::Cancel& cancel() const { return cancel_; }
  util::Clock& clock() { return clock_; }
  int retries() const { return retries_; }

 private:
  Status Wait(std::chrono::milliseconds delay, const util::Cancel& cancel);
  void CloseFor(std::chrono::milliseconds delay);

  util::Clock& clock_;
  const util::Cancel& cancel_;
  StoreObserver* const observer_;
  const int retries_;
  std::atomic<bool> reached_{false};

  std::mutex mutex_;
  std::minstd_rand random_;
  // Until when no request is sent; in the past when all may be.
  util::SteadyTime closed_until_{};
};

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_BACKOFF_H_
