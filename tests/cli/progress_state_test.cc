// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_state.h"

#include <doctest/doctest.h>

namespace ociship::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kStart{};

BarState OnlyBar(const ProgressTracker& tracker, TimePoint now = kStart) {
  const ProgressState state = tracker.State(now);
  REQUIRE(state.bars.size() == 1);
  return state.bars[0];
}

TEST_CASE("ShortName: the beginning of a digest in the name, else a number") {
  const std::string hex = "ca68e786cf2549bfbb3e84d5cfe9a20d0d6122d4003f03d60577cb5eae24bf8c";
  CHECK(ShortName(hex + "/layer.tar", 1) == "ca68e786cf25");
  CHECK(ShortName("blobs/sha256/" + hex, 1) == "ca68e786cf25");
  CHECK(ShortName("sha256:" + hex, 1) == "ca68e786cf25");
  CHECK(ShortName("layer.tar", 7) == "layer 7");
  CHECK(ShortName("", 7) == "layer 7");
  CHECK(ShortName("ca68e786cf2", 7) == "layer 7");
  CHECK(ShortName("\x1b[2J", 7) == "layer 7");
}

TEST_CASE("ProgressTracker: a bar shows what is read, and then what is sent") {
  ProgressTracker tracker;
  const BlobId id = tracker.Start("layer.tar", 100);
  tracker.Progress(id, {.step = BlobStep::kCompressing, .read = 40});
  CHECK(OnlyBar(tracker).done == 40);
  CHECK(OnlyBar(tracker).total == 100);
  CHECK(OnlyBar(tracker).step == BlobStep::kCompressing);
  tracker.Progress(id, {.step = BlobStep::kSending, .read = 100, .sent = 10, .size = 50});
  CHECK(OnlyBar(tracker).done == 10);
  CHECK(OnlyBar(tracker).total == 50);
  CHECK(OnlyBar(tracker).again == BarState::Again::kNo);
}

TEST_CASE("ProgressTracker: a blob that was sent while it was read does not begin again") {
  ProgressTracker tracker;
  const BlobId id = tracker.Start("layer.tar", 100);
  tracker.Progress(id, {.step = BlobStep::kSending, .read = 100, .sent = 50});
  tracker.Progress(id, {.step = BlobStep::kWaiting, .read = 100, .sent = 50, .size = 50});
  CHECK(OnlyBar(tracker).done == 100);
  CHECK(OnlyBar(tracker).total == 100);
}

TEST_CASE("ProgressTracker: bytes that are wanted again are said to be sent again") {
  ProgressTracker tracker;
  const BlobId id = tracker.Start("layer.tar", 100);
  tracker.Progress(id, {.step = BlobStep::kSending, .read = 100, .sent = 40, .size = 50});
  tracker.Progress(id, {.step = BlobStep::kWaiting, .read = 100, .sent = 0, .size = 50});
  CHECK(OnlyBar(tracker).done == 0);
  CHECK(OnlyBar(tracker).again == BarState::Again::kYes);
  CHECK(OnlyBar(tracker).step == BlobStep::kSending);
  tracker.Progress(id, {.step = BlobStep::kSending, .read = 100, .sent = 45, .size = 50});
  CHECK(OnlyBar(tracker).again == BarState::Again::kNo);
}

TEST_CASE("ProgressTracker: the step that was seen most often lately is shown") {
  ProgressTracker tracker;
  const BlobId id = tracker.Start("layer.tar", 100);
  for (int i = 0; i < 5; ++i) {
    tracker.Progress(id, {.step = BlobStep::kSending});
    tracker.Sample(kStart);
  }
  tracker.Progress(id, {.step = BlobStep::kReading});
  tracker.Sample(kStart);
  CHECK(OnlyBar(tracker).step == BlobStep::kSending);
  for (int i = 0; i < 8; ++i) tracker.Sample(kStart);
  CHECK(OnlyBar(tracker).step == BlobStep::kReading);
}

TEST_CASE("ProgressTracker: the rate is that of the last seconds, and unknown at first") {
  ProgressTracker tracker;
  const BlobId id = tracker.Start("layer.tar", 100'000);
  TimePoint now = kStart;
  tracker.Sample(now);
  CHECK_FALSE(OnlyBar(tracker).rate);
  for (std::uint64_t read = 0; read <= 20'000; read += 100) {
    tracker.Progress(id, {.read = read});
    tracker.Sample(now);
    now += milliseconds(100);
  }
  CHECK(OnlyBar(tracker).rate == 1000);
  for (int i = 0; i < 100; ++i) tracker.Sample(now += milliseconds(100));
  CHECK(OnlyBar(tracker).rate == 0);
}

TEST_CASE("ProgressTracker: what falls back has no negative rate") {
  ProgressTracker tracker;
  const BlobId id = tracker.Start("layer.tar", 100);
  tracker.Progress(id, {.sent = 40, .size = 50});
  tracker.Sample(kStart);
  tracker.Progress(id, {.sent = 10, .size = 50});
  tracker.Sample(kStart + seconds(2));
  CHECK_FALSE(OnlyBar(tracker).rate);
}

TEST_CASE("ProgressTracker: layers and bytes are counted, blobs that end are gone") {
  ProgressTracker tracker;
  tracker.FindLayers(2);
  tracker.FindLayers(1);
  const BlobId first = tracker.Start("a", 1);
  const BlobId second = tracker.Start("b", 1);
  CHECK(first != second);
  tracker.Progress(second, {.sent = 7});
  tracker.End(first);
  tracker.CountLayer(100, LayerState::kSent);
  tracker.CountLayer(1000, LayerState::kKnown);
  tracker.CountLayer(1000, LayerState::kWasThere);
  const ProgressState state = tracker.State(kStart);
  CHECK(state.layers_done == 3);
  CHECK(state.layers_found == 3);
  CHECK(state.bytes_sent == 107);
  CHECK(state.bars.size() == 1);
  tracker.Progress(first, {.sent = 9});
  CHECK(tracker.State(kStart).bytes_sent == 107);
}

TEST_CASE("ProgressTracker: a retry is there until its time has come, the longest of several") {
  ProgressTracker tracker;
  tracker.Retry({.attempt = 2, .most = 4, .left = seconds(8)}, kStart);
  tracker.Retry({.attempt = 1, .most = 4, .left = seconds(1)}, kStart);
  const ProgressState state = tracker.State(kStart + seconds(3));
  REQUIRE(state.retry);
  CHECK(state.retry->attempt == 2);
  CHECK(state.retry->left == seconds(5));
  CHECK_FALSE(tracker.State(kStart + seconds(8)).retry);
  tracker.Retry({.attempt = 1, .most = 4, .left = seconds(1)}, kStart + seconds(9));
  CHECK(tracker.State(kStart + seconds(9)).retry->attempt == 1);
}

TEST_CASE("ProgressTracker: what moved is told once") {
  ProgressTracker tracker;
  const BlobId id = tracker.Start("a", 1);
  CHECK(tracker.TakeMoved().empty());
  tracker.Progress(id, {.read = 1});
  tracker.Progress(id, {.read = 2});
  const auto moved = tracker.TakeMoved();
  REQUIRE(moved.size() == 1);
  CHECK(moved[0].first == id);
  CHECK(moved[0].second.progress.read == 2);
  CHECK(tracker.TakeMoved().empty());
}

}  // namespace
}  // namespace ociship::cli
