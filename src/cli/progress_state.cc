// SPDX-License-Identifier: Apache-2.0
// Where a push is. Tested by progress_state_test.cc.
#include "cli/progress_state.h"

#include <algorithm>

#include "util/text.h"

namespace ociship::cli {
namespace {

using std::chrono::milliseconds;

// Two points of time that a rate is made of are this far apart; eight of them make it calm.
constexpr milliseconds kRateStep{500};
constexpr milliseconds kShortestRate{900};
constexpr std::size_t kShownDigits = 12;

bool IsHex(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
}

}  // namespace

std::string ShortName(std::string_view name, std::uint64_t number) {
  std::size_t run = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    run = IsHex(name[i]) ? run + 1 : 0;
    if (run == kShownDigits) return std::string(name.substr(i + 1 - kShownDigits, kShownDigits));
  }
  return util::StrCat("layer ", number);
}

BlobId ProgressTracker::Start(std::string_view name, std::optional<std::uint64_t> total) {
  const BlobId id = ++last_;
  Tracked tracked;
  tracked.blob = {.name = ShortName(name, id), .total = total};
  blobs_.emplace(id, std::move(tracked));
  return id;
}

void ProgressTracker::Progress(BlobId id, const BlobProgress& progress) {
  const auto found = blobs_.find(id);
  if (found == blobs_.end()) return;
  Tracked& tracked = found->second;
  tracked.blob.progress = progress;
  tracked.most_sent = std::max(tracked.most_sent, progress.sent);
  tracked.moved = Tracked::Moved::kYes;
  // What is to be sent is known and not yet sent: from here on that is what there is to see.
  if (tracked.phase == Phase::kIn && progress.size && progress.sent < *progress.size) {
    tracked.phase = Phase::kOut;
    tracked.steps.clear();
    tracked.done.clear();
  }
}

void ProgressTracker::End(BlobId id) { blobs_.erase(id); }

void ProgressTracker::CountLayer(std::uint64_t size, LayerState state) {
  ++stored_;
  if (state == LayerState::kSent) sent_ += size;
}

void ProgressTracker::Retry(const RetryState& retry, TimePoint now) {
  // Of several that wait, the one that waits longest.
  if (retry_ && retry_at_ > now + retry.left) return;
  retry_ = retry;
  retry_at_ = now + retry.left;
}

std::uint64_t ProgressTracker::Done(const Tracked& tracked) {
  const BlobProgress& progress = tracked.blob.progress;
  return tracked.phase == Phase::kIn ? progress.read : progress.sent;
}

void ProgressTracker::Sample(TimePoint now) {
  for (auto& [id, tracked] : blobs_) {
    tracked.steps.push_back(tracked.blob.progress.step);
    if (tracked.steps.size() > kSamples) tracked.steps.pop_front();
    const std::uint64_t done = Done(tracked);
    auto& points = tracked.done;
    if (!points.empty() && done < points.back().second) points.clear();
    if (!points.empty() && now - points.back().first < kRateStep) continue;
    points.emplace_back(now, done);
    if (points.size() > kSamples) points.pop_front();
  }
}

BlobStep ProgressTracker::StepOf(const Tracked& tracked) {
  std::array<int, kSteps> counts{};
  BlobStep most = tracked.blob.progress.step;
  for (const BlobStep step : tracked.steps) {
    ++counts.at(static_cast<std::size_t>(step));
  }
  for (const BlobStep step : tracked.steps) {
    if (counts.at(static_cast<std::size_t>(step)) > counts.at(static_cast<std::size_t>(most))) {
      most = step;
    }
  }
  return most;
}

BarState ProgressTracker::BarOf(const Tracked& tracked) {
  const BlobProgress& progress = tracked.blob.progress;
  BarState bar{.name = tracked.blob.name,
               .step = StepOf(tracked),
               .done = Done(tracked),
               .total = tracked.phase == Phase::kIn ? tracked.blob.total : progress.size};
  if (progress.sent < tracked.most_sent) {
    bar.again = BarState::Again::kYes;
    bar.step = BlobStep::kSending;
  }
  if (!tracked.done.empty()) {
    const auto& [first_time, first] = tracked.done.front();
    const auto& [last_time, last] = tracked.done.back();
    const auto time = std::chrono::duration_cast<milliseconds>(last_time - first_time);
    if (time >= kShortestRate) {
      bar.rate = (last - first) * 1000 / static_cast<std::uint64_t>(time.count());
    }
  }
  return bar;
}

ProgressState ProgressTracker::State(TimePoint now) const {
  ProgressState state{
      .layers_done = stored_, .layers_found = found_, .bytes_sent = sent_, .waits_for = waits_for_};
  for (const auto& [id, tracked] : blobs_) {
    state.bars.push_back(BarOf(tracked));
    state.bytes_sent += tracked.blob.progress.sent;
  }
  if (retry_ && retry_at_ > now) {
    state.retry = retry_;
    state.retry->left = std::chrono::ceil<milliseconds>(retry_at_ - now);
  }
  return state;
}

std::vector<std::pair<BlobId, ProgressTracker::Blob>> ProgressTracker::TakeMoved() {
  std::vector<std::pair<BlobId, Blob>> moved;
  for (auto& [id, tracked] : blobs_) {
    if (tracked.moved == Tracked::Moved::kNo) continue;
    tracked.moved = Tracked::Moved::kNo;
    moved.emplace_back(id, tracked.blob);
  }
  return moved;
}

}  // namespace ociship::cli
