// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_PROGRESS_H_
#define OCISHIP_CLI_PROGRESS_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/progress_json.h"
#include "cli/progress_state.h"
#include "ociship/push.h"
#include "ociship/store.h"
#include "util/environment.h"

namespace ociship::cli {

// What --progress auto is: bars where somebody looks at a terminal, else plain lines. Everything
// else is what it is.
ProgressStyle ChooseStyle(ProgressStyle asked, const util::Environment& environment);

struct PlannedLayer {
  std::uint64_t size = 0;  // bytes as it would be stored
  LayerState state = LayerState::kSent;
};
using PlannedLayers = std::map<Digest, PlannedLayer>;

struct ProgressOptions {
  ProgressStyle style = ProgressStyle::kPlain;  // not kAuto
  // With kPlan layers are kept for the answer, and not told of one by one.
  Purpose purpose = Purpose::kPush;
  // The longest silence of kPlain and kJson.
  std::chrono::milliseconds heartbeat{20'000};
};

// Says what a push does while it runs: as bars, as lines, as JSON events, or not at all. Safe to
// use from several threads; has one of its own.
class Progress : public PushObserver, public StoreObserver {
 public:
  Progress(Output& output, const ProgressOptions& options);
  ~Progress() override { Finish(); }
  // Erases the bars, and is silent from then on.
  void Finish();
  // Of a plan, after Finish.
  const PlannedLayers& layers() const { return layers_; }

  void LayerStored(const Digest& digest, std::uint64_t size, LayerState state) override;
  void Notice(std::string_view text) override;
  BlobId BlobStarted(std::string_view name, std::optional<std::uint64_t> total) override;
  void BlobProgressed(BlobId id, const BlobProgress& progress) override;
  void BlobStored(BlobId id, const Digest& digest, std::uint64_t size, LayerState state) override;
  void BlobEnded(BlobId id) override;
  void LayersFound(std::size_t count) override;
  void WaitsForSource(std::string_view source) override;
  void WaitsForDestination() override;
  void ManifestStored(const Digest& digest) override;
  void TagSet(const Tag& tag, const Digest& digest) override;

  void Retrying(std::string_view what, std::string_view why, int attempt, int most,
                std::chrono::milliseconds delay) override;
  void Warning(std::string_view text) override;

 private:
  void Run();
  // With the lock held, which is let go while something is written.
  void Tick(std::unique_lock<std::mutex>& lock);
  void Beat(std::unique_lock<std::mutex>& lock, TimePoint now);
  void Done(std::optional<BlobId> id, const Digest& digest, std::uint64_t size, LayerState state);
  void Say(std::string_view line);
  // A line of one of the styles alone.
  void SayIfJson(std::string_view line);

  Output& output_;
  const ProgressOptions options_;

  std::mutex mutex_;
  std::condition_variable closed_;
  ProgressTracker tracker_;
  PlannedLayers layers_;
  TimePoint last_line_;
  bool closing_ = false;
  std::thread thread_;
};

// The part of it that commands have which only ask: tries again and warnings, as notes.
class RegistryNotes : public StoreObserver {
 public:
  explicit RegistryNotes(Output& output) : output_(output) {}
  void Retrying(std::string_view what, std::string_view why, int attempt, int most,
                std::chrono::milliseconds delay) override;
  void Warning(std::string_view text) override { output_.Note(text); }

 private:
  Output& output_;
};

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_PROGRESS_H_
