// SPDX-License-Identifier: Apache-2.0
// Waits between tries (RFC 9110 section 10.2.3, RFC 6585 section 4). Tested by backoff_test.cc.
#include "registry/backoff.h"

#include <algorithm>
#include <optional>
#include <string>

#include "http/retry.h"
#include "util/clock.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using std::chrono::ceil;
using std::chrono::milliseconds;

constexpr int kTooManyRequests = 429;

std::string Reason(const Result<http::Response>& outcome) {
  if (!outcome.ok()) return outcome.error().message();
  return util::StrCat("status ", outcome.value().status);
}

}  // namespace

Status Backoff::Wait(milliseconds delay, const util::Cancel& cancel) {
  clock_.Sleep(delay, cancel);
  return cancel.Check();
}

void Backoff::CloseFor(milliseconds delay) {
  const std::lock_guard lock(mutex_);
  closed_until_ = std::max(closed_until_, util::SteadyNow() + delay);
}

Status Backoff::Admit(const util::Cancel& cancel) {
  util::SteadyTime until;
  {
    const std::lock_guard lock(mutex_);
    until = closed_until_;
  }
  const auto now = util::SteadyNow();
  if (until <= now) return cancel.Check();
  TRY(Wait(ceil<milliseconds>(until - now), cancel));
  const std::lock_guard lock(mutex_);
  if (closed_until_ == until) closed_until_ = {};
  return Ok();
}

Result<Next> Backoff::AfterTry(std::string_view what, int attempt,
                               const Result<http::Response>& outcome, const util::Cancel& cancel) {
  const bool may_pass =
      outcome.ok() ? http::MayRetry(outcome.value().status) : http::MayRetry(outcome.error());
  if (!may_pass) return Next::kGiveUp;
  return BackOff(what, attempt, outcome, cancel);
}

Result<Next> Backoff::BackOff(std::string_view what, int attempt,
                              const Result<http::Response>& outcome, const util::Cancel& cancel) {
  const int most = reached_ ? retries_ : std::min(retries_, 1);
  if (attempt > most) return Next::kGiveUp;
  std::optional<std::string> retry_after;
  if (outcome.ok()) retry_after = outcome.value().headers.Get("Retry-After");
  const auto delay = http::RetryDelay(attempt, retry_after, clock_.Now(), Fraction());
  if (!delay) return Next::kGiveUp;
  if (observer_ != nullptr) observer_->Retrying(what, Reason(outcome), attempt, most, *delay);
  if (outcome.ok() && outcome.value().status == kTooManyRequests) {
    CloseFor(*delay);  // for all: whoever sends next waits, also the one that was refused
  } else {
    TRY(Wait(*delay, cancel));
  }
  return Next::kTryAgain;
}

double Backoff::Fraction() {
  const std::lock_guard lock(mutex_);
  return std::uniform_real_distribution<double>()(random_);
}

}  // namespace ociship::registry
