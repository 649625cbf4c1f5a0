// SPDX-License-Identifier: Apache-2.0
// Tells of a push while it runs. Tested by progress_test.cc and tests/e2e/test_progress.py.
#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <exception>
#include <optional>

#include "cli/progress_text.h"
#include "util/text.h"

namespace ociship::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Between two drawings of the bars, and between two events of one blob.
constexpr milliseconds kFrame{100};
constexpr milliseconds kEventStep{1000};

// Asked every time: a window changes its size without a word.
TerminalSize SizeOfTerminal() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {.columns = size.ws_col, .rows = size.ws_row};
}

// What CI systems set: anything but a denial.
bool IsCi(const util::Environment& environment) {
  const std::string text = environment.Get("CI").value_or("");
  return !text.empty() && text != "false" && text != "0";
}

std::string_view Word(LayerState state) {
  switch (state) {
    case LayerState::kSent:
      return "sent ";
    case LayerState::kWasThere:
      return "there";
    case LayerState::kKnown:
      return "known";
  }
  return "";
}

}  // namespace

ProgressStyle ChooseStyle(ProgressStyle asked, const util::Environment& environment) {
  if (asked != ProgressStyle::kAuto) return asked;
  const std::string terminal = environment.Get("TERM").value_or("");
  const bool can_draw = isatty(STDERR_FILENO) == 1 && !terminal.empty() && terminal != "dumb";
  return can_draw && !IsCi(environment) ? ProgressStyle::kBars : ProgressStyle::kPlain;
}

Progress::Progress(Output& output, const ProgressOptions& options)
    : output_(output), options_(options), last_line_(steady_clock::now()) {
  if (options_.style != ProgressStyle::kNone) thread_ = std::thread([this] { Run(); });
}

void Progress::Finish() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  closed_.notify_all();
  if (thread_.joinable()) thread_.join();
  output_.Show({});
}

// A thread's entry: a push does not fail because nobody can be told of it.
void Progress::Run() {
  const milliseconds step =
      options_.style == ProgressStyle::kBars ? kFrame : std::min(kEventStep, options_.heartbeat);
  try {
    std::unique_lock lock(mutex_);
    while (!closed_.wait_for(lock, step, [this] { return closing_; })) Tick(lock);
  } catch (const std::exception&) {
    return;
  }
}

void Progress::Tick(std::unique_lock<std::mutex>& lock) {
  const TimePoint now = steady_clock::now();
  tracker_.Sample(now);
  if (options_.style == ProgressStyle::kBars) {
    const ProgressState state = tracker_.State(now);
    lock.unlock();
    output_.Show(BarLines(state, SizeOfTerminal()));
    lock.lock();
    return;
  }
  if (options_.style == ProgressStyle::kJson) {
    const auto moved = tracker_.TakeMoved();
    if (!moved.empty()) last_line_ = now;
    lock.unlock();
    for (const auto& [id, blob] : moved) output_.Say(BlobProgressEvent(id, blob));
    lock.lock();
  }
  if (now - last_line_ >= options_.heartbeat) Beat(lock, now);
}

void Progress::Beat(std::unique_lock<std::mutex>& lock, TimePoint now) {
  const ProgressState state = tracker_.State(now);
  last_line_ = now;
  lock.unlock();
  output_.Say(options_.style == ProgressStyle::kJson ? WaitingEvent(state.waits_for)
                                                     : HeartbeatLine(state));
  lock.lock();
}

void Progress::Say(std::string_view line) {
  ProgressState state;
  {
    const std::lock_guard lock(mutex_);
    last_line_ = steady_clock::now();
    if (options_.style == ProgressStyle::kBars) state = tracker_.State(last_line_);
  }
  if (options_.style == ProgressStyle::kBars) {
    output_.SayAbove(line, BarLines(state, SizeOfTerminal()));
  } else {
    output_.Say(line);
  }
}

void Progress::SayIfJson(std::string_view line) {
  if (options_.style == ProgressStyle::kJson) Say(line);
}

void Progress::Done(std::optional<BlobId> id, const Digest& digest, std::uint64_t size,
                    LayerState state) {
  {
    const std::lock_guard lock(mutex_);
    if (id) tracker_.End(*id);
    tracker_.CountLayer(size, state);
    if (options_.purpose == Purpose::kPlan) layers_.try_emplace(digest, PlannedLayer{size, state});
  }
  if (options_.style == ProgressStyle::kJson) {
    Say(BlobDoneEvent(id, digest, size, state, options_.purpose));
  } else if (options_.style != ProgressStyle::kNone && options_.purpose == Purpose::kPush) {
    Say(util::StrCat(digest.Short(), "  ", Word(state), "  ", util::HumanBytes(size)));
  }
}

void Progress::LayerStored(const Digest& digest, std::uint64_t size, LayerState state) {
  Done(std::nullopt, digest, size, state);
}

void Progress::BlobStored(BlobId id, const Digest& digest, std::uint64_t size, LayerState state) {
  Done(id, digest, size, state);
}

void Progress::Notice(std::string_view text) { output_.Note(text); }

BlobId Progress::BlobStarted(std::string_view name, std::optional<std::uint64_t> total) {
  BlobId id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = tracker_.Start(name, total);
  }
  if (options_.style == ProgressStyle::kJson) Say(BlobStartEvent(id, name, total));
  return id;
}

void Progress::BlobProgressed(BlobId id, const BlobProgress& progress) {
  const std::lock_guard lock(mutex_);
  tracker_.Progress(id, progress);
}

void Progress::BlobEnded(BlobId id) {
  {
    const std::lock_guard lock(mutex_);
    tracker_.End(id);
  }
  SayIfJson(BlobEndEvent(id));
}

void Progress::LayersFound(std::size_t count) {
  {
    const std::lock_guard lock(mutex_);
    tracker_.FindLayers(count);
  }
  SayIfJson(LayersEvent(count));
}

void Progress::WaitsForSource(std::string_view source) {
  const std::lock_guard lock(mutex_);
  tracker_.WaitFor(source == "-" ? WaitsFor::kStandardInput : WaitsFor::kSource);
}

void Progress::WaitsForDestination() {
  const std::lock_guard lock(mutex_);
  tracker_.WaitFor(WaitsFor::kDestination);
}

void Progress::ManifestStored(const Digest& digest) { SayIfJson(ManifestEvent(digest)); }

void Progress::TagSet(const Tag& tag, const Digest& digest) {
  if (options_.style == ProgressStyle::kJson) {
    Say(TagEvent(tag, digest));
  } else if (options_.style != ProgressStyle::kNone) {
    Say(util::StrCat("tagged ", tag.text()));
  }
}

void Progress::Retrying(std::string_view what, std::string_view why, int attempt, int most,
                        milliseconds delay) {
  const RetryState retry = RetryOf(why, attempt, most, delay);
  {
    const std::lock_guard lock(mutex_);
    tracker_.Retry(retry, steady_clock::now());
  }
  if (options_.style == ProgressStyle::kJson) {
    Say(RetryEvent(what, why, attempt, most, delay));
  } else if (options_.style != ProgressStyle::kNone) {
    Say(util::StrCat("ociship: ", RetryText(retry, what, why)));
  }
}

void Progress::Warning(std::string_view text) {
  if (options_.style == ProgressStyle::kJson) {
    Say(WarningEvent(text));
  } else {
    output_.Note(text);
  }
}

void RegistryNotes::Retrying(std::string_view what, std::string_view why, int attempt, int most,
                             milliseconds delay) {
  output_.Say(util::StrCat("ociship: ", RetryText(RetryOf(why, attempt, most, delay), what, why)));
}

}  // namespace ociship::cli
