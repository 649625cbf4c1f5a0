// SPDX-License-Identifier: Apache-2.0
// Asks logs and timestamp authorities, all at the same time. Tested by vouchers_test.cc.
#include "services/vouchers.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "services/failure.h"
#include "services/timestamp_authority.h"
#include "sigstore/content.h"
#include "util/parallel.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

// So many are asked at the same time; more wait for their turn.
constexpr unsigned kMaxAskers = 16;

// Those of one kind who are asked, in `needed` places. The candidate with the number of the place
// is asked first, then the others as they come.
template <typename T>
class Panel {
 public:
  using Ask = std::function<Result<T>(const sigstore::Service&)>;

  Panel(sigstore::ServiceChoice choice, Ask ask)
      : choice_(std::move(choice)), ask_(std::move(ask)), next_(choice_.needed) {}

  std::size_t needed() const { return choice_.needed; }
  Status Check(std::string_view kind) const {
    if (choice_.needed <= choice_.candidates.size()) return Ok();
    return Error(Code::kTrustMaterial,
                 util::StrCat(choice_.needed, " ", kind, " are needed, there are ",
                              choice_.candidates.size()));
  }

  // Fills a place. Everything that goes wrong is kept for TakeAnswers.
  void Fill(std::size_t place) {
    std::optional<std::size_t> candidate = place;
    while (candidate) {
      Result<T> answer = ask_(choice_.candidates[*candidate]);
      const bool outage = !answer.ok() && FailureOf(answer.error()) == Failure::kOutage;
      candidate = Keep(*candidate, std::move(answer), outage ? Then::kNext : Then::kStop);
    }
  }

  // The answers in the order of the candidates. When there are too few: what a liar gave before
  // what others did not give.
  Result<std::vector<T>> TakeAnswers() {
    std::sort(answers_.begin(), answers_.end(),
              [](const Answer& a, const Answer& b) { return a.candidate < b.candidate; });
    std::vector<T> good;
    std::optional<Error> outage;
    for (Answer& answer : answers_) {
      if (answer.result.ok()) {
        good.push_back(std::move(answer.result).value());
        continue;
      }
      if (FailureOf(answer.result.error()) != Failure::kOutage) return answer.result.error();
      outage = answer.result.error();
    }
    if (good.size() >= choice_.needed || !outage) return good;
    return *std::move(outage);
  }

 private:
  struct Answer {
    std::size_t candidate;
    Result<T> result;
  };
  enum class Then { kNext, kStop };

  std::optional<std::size_t> Keep(std::size_t candidate, Result<T> result, Then then) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(Answer{.candidate = candidate, .result = std::move(result)});
    if (then == Then::kStop || next_ == choice_.candidates.size()) return std::nullopt;
    return next_++;
  }

  const sigstore::ServiceChoice choice_;
  const Ask ask_;
  std::mutex mutex_;
  std::size_t next_;             // guarded by mutex_
  std::vector<Answer> answers_;  // guarded by mutex_ while threads run
};

sigstore::ServiceChoice ReachableFirst(ServiceCaller& caller,
                                       const sigstore::ServiceChoice& choice) {
  return {.candidates = caller.ReachableFirst(choice.candidates), .needed = choice.needed};
}

}  // namespace

Result<Vouched> AskVouchers(ServiceCaller& caller, const VoucherPlan& plan,
                            const Loggable& loggable, const sigstore::TrustRoot& root) {
  Panel<sigstore::LogEntry> logs(
      ReachableFirst(caller, plan.logs),
      [&](const sigstore::Service& log) { return SubmitEntry(caller, log, loggable, root); });
  const util::Bytes& signature = sigstore::SignatureOf(loggable.material.content);
  Panel<util::Bytes> authorities(ReachableFirst(caller, plan.timestamp_authorities),
                                 [&](const sigstore::Service& authority) {
                                   return RequestTimestamp(caller, authority, signature, root);
                                 });
  TRY(logs.Check("transparency logs"));
  TRY(authorities.Check("timestamp authorities"));
  const std::size_t count = logs.needed() + authorities.needed();
  TRY(util::ForEachParallel(count, kMaxAskers, [&](std::size_t place) {
    if (place < logs.needed()) {
      logs.Fill(place);
    } else {
      authorities.Fill(place - logs.needed());
    }
    return Ok();
  }));
  Result<std::vector<sigstore::LogEntry>> entries = logs.TakeAnswers();
  Result<std::vector<util::Bytes>> timestamps = authorities.TakeAnswers();
  // A lie of either kind comes before an outage of the other.
  if (!timestamps.ok() && FailureOf(timestamps.error()) != Failure::kOutage) {
    if (entries.ok() || FailureOf(entries.error()) == Failure::kOutage) {
      return std::move(timestamps).error();
    }
  }
  if (!entries.ok()) return std::move(entries).error();
  if (!timestamps.ok()) return std::move(timestamps).error();
  return Vouched{.log_entries = std::move(entries).value(),
                 .timestamps = std::move(timestamps).value()};
}

}  // namespace ociship::services
