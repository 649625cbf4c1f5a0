// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_PROGRESS_STATE_H_
#define OCISHIP_CLI_PROGRESS_STATE_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ociship/push.h"

// What a push is doing, as numbers: collected from events, and what there is to show of it. No
// clock, no terminal.
namespace ociship::cli {

using TimePoint = std::chrono::steady_clock::time_point;

// A try again that is being waited for.
struct RetryState {
  enum class Why { kBroken, kRateLimited } why = Why::kBroken;
  int attempt = 0;
  int most = 0;
  std::chrono::milliseconds left{0};
};

// One blob that is under way.
struct BarState {
  std::string name;  // the beginning of a digest, or "layer 3"
  BlobStep step = BlobStep::kReading;
  // Whether the destination lost bytes that are on their way a second time.
  enum class Again { kNo, kYes } again = Again::kNo;
  std::uint64_t done = 0;
  std::optional<std::uint64_t> total = {};
  std::optional<std::uint64_t> rate = {};  // bytes a second, once there is one
};

// What the push waits for where no blob is under way.
enum class WaitsFor { kDestination, kSource, kStandardInput };

struct ProgressState {
  std::vector<BarState> bars;  // in the order in which they began
  std::size_t layers_done = 0;
  std::size_t layers_found = 0;  // 0: not known
  std::uint64_t bytes_sent = 0;
  std::optional<RetryState> retry = {};
  WaitsFor waits_for = WaitsFor::kDestination;
};

// What a blob with this name in the source is called: the beginning of a digest that is in the
// name, else "layer N".
std::string ShortName(std::string_view name, std::uint64_t number);

// Keeps what a push tells. Not thread-safe.
class ProgressTracker {
 public:
  struct Blob {
    std::string name;
    std::optional<std::uint64_t> total = {};
    BlobProgress progress = {};
  };

  BlobId Start(std::string_view name, std::optional<std::uint64_t> total);
  void Progress(BlobId id, const BlobProgress& progress);
  void End(BlobId id);
  void CountLayer(std::uint64_t size, LayerState state);
  void FindLayers(std::size_t count) { found_ += count; }
  void WaitFor(WaitsFor what) { waits_for_ = what; }
  void Retry(const RetryState& retry, TimePoint now);

  // Notes where every blob is now; to be called a few times a second, or once: what State gives is
  // what was seen most often lately, since a blob is read, compressed and sent in turns.
  void Sample(TimePoint now);
  ProgressState State(TimePoint now) const;
  // The blobs under way that have moved since the last call.
  std::vector<std::pair<BlobId, Blob>> TakeMoved();

 private:
  static constexpr std::size_t kSteps = 4;    // of BlobStep
  static constexpr std::size_t kSamples = 8;  // of steps and of rates
  enum class Phase { kIn, kOut };             // the bar shows what is read, or what is sent

  struct Tracked {
    Blob blob;
    std::uint64_t most_sent = 0;
    enum class Moved { kNo, kYes } moved = Moved::kNo;
    Phase phase = Phase::kIn;
    std::deque<BlobStep> steps;
    std::deque<std::pair<TimePoint, std::uint64_t>> done;
  };
  static std::uint64_t Done(const Tracked& tracked);
  static BlobStep StepOf(const Tracked& tracked);
  static BarState BarOf(const Tracked& tracked);

  BlobId last_ = 0;
  std::map<BlobId, Tracked> blobs_;
  std::size_t stored_ = 0;
  std::size_t found_ = 0;
  std::uint64_t sent_ = 0;
  WaitsFor waits_for_ = WaitsFor::kDestination;
  std::optional<RetryState> retry_;
  TimePoint retry_at_{};
};

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_PROGRESS_STATE_H_
