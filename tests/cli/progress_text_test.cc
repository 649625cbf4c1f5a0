// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_text.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace ociship::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kMebi = 1 << 20;

BarState SomeBar() {
  return {.name = "3f2a9c01d2e4",
          .step = BlobStep::kSending,
          .done = 3 * kMebi,
          .total = 6 * kMebi,
          .rate = kMebi / 2};
}

ProgressState SomeState() {
  return {.bars = {SomeBar()}, .layers_done = 3, .layers_found = 9, .bytes_sent = 1288490189};
}

TEST_CASE("BarLines: a bar has name, part, bytes, rate, time left and step") {
  const std::vector<std::string> lines = BarLines(SomeState(), {.columns = 81, .rows = 24});
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "3f2a9c01d2e4 [======>     ]           3/6 MiB    512 KiB/s    0:06 sending");
  CHECK(lines[1] == "3 of 9 layers, 1.2 GiB sent");
}

TEST_CASE("BarLines: no line is as wide as the terminal, whatever its width is") {
  ProgressState state = SomeState();
  state.bars[0].done = 1023 * kMebi + 900'000;
  state.bars[0].total = state.bars[0].done + 1;
  state.bars[0].rate = 1;
  state.bars[0].again = BarState::Again::kYes;
  state.bars.push_back({.name = "layer 12345678901234567890"});
  state.retry = RetryState{.attempt = 2, .most = 5, .left = milliseconds(8000)};
  for (std::size_t columns = 0; columns < 200; ++columns) {
    for (const std::string& line : BarLines(state, {.columns = columns, .rows = 24})) {
      CHECK(line.size() < std::max<std::size_t>(columns, 2));
    }
  }
}

TEST_CASE("BarLines: in a narrow terminal the least important parts are left out") {
  const auto line = [](std::size_t columns) {
    return BarLines(SomeState(), {.columns = columns, .rows = 24})[0];
  };
  CHECK(line(76).find("0:06") == std::string::npos);
  CHECK(line(76).find("512 KiB/s") != std::string::npos);
  CHECK(line(65).find("512 KiB/s") == std::string::npos);
  CHECK(line(65).find("3/6 MiB") != std::string::npos);
  CHECK(line(50).find("3/6 MiB") == std::string::npos);
  CHECK(line(50).find('[') != std::string::npos);
  CHECK(line(30) == "3f2a9c01d2e4 sending");
}

TEST_CASE("BarLines: at most 8 bars, and two less than there are rows") {
  ProgressState state = SomeState();
  state.bars.assign(12, SomeBar());
  CHECK(BarLines(state, {.columns = 80, .rows = 50}).size() == 8 + 1);
  CHECK(BarLines(state, {.columns = 80, .rows = 50}).back() ==
        "3 of 9 layers, 1.2 GiB sent, 4 more under way");
  CHECK(BarLines(state, {.columns = 80, .rows = 5}).size() == 3 + 1);
  CHECK(BarLines(state, {.columns = 80, .rows = 2}).size() == 1);
  CHECK(BarLines(state, {.columns = 80, .rows = 0}).size() == 1);
}

TEST_CASE("BarLines: a blob of unknown size has no bar and no time left") {
  ProgressState state = SomeState();
  state.bars[0].total = std::nullopt;
  const std::string line = BarLines(state, {.columns = 81, .rows = 24})[0];
  CHECK(line.find('[') == std::string::npos);
  CHECK(line.find("3 MiB") != std::string::npos);
  CHECK(line.find(':') == std::string::npos);
}

TEST_CASE("BarLines: what is not known yet, or makes no sense, is left blank") {
  ProgressState state = SomeState();
  BarState& bar = state.bars[0];
  bar.rate = std::nullopt;
  CHECK(BarLines(state, {})[0].find("/s") == std::string::npos);
  bar.rate = 0;
  CHECK(BarLines(state, {})[0].find(':') == std::string::npos);
  bar.rate = 1;
  bar.total = std::uint64_t{1} << 60;  // longer than anybody waits
  CHECK(BarLines(state, {})[0].find(':') == std::string::npos);
  bar.done = 7 * kMebi;  // more than the source said
  bar.total = 6 * kMebi;
  CHECK(BarLines(state, {})[0].find("7/6 MiB") != std::string::npos);
  bar.total = 0;
  CHECK(BarLines(state, {})[0].find("[>") != std::string::npos);
}

TEST_CASE("BarLines: hours have minutes with two digits") {
  ProgressState state = SomeState();
  state.bars[0].total = state.bars[0].done + 3600 + 5 * 60 + 9;
  state.bars[0].rate = 1;
  CHECK(BarLines(state, {.columns = 90, .rows = 24})[0].find(" 1:05:09 ") != std::string::npos);
}

TEST_CASE("BarLines: a bar that falls back says that it sends again") {
  ProgressState state = SomeState();
  state.bars[0].done = 0;
  state.bars[0].again = BarState::Again::kYes;
  CHECK(BarLines(state, {})[0].ends_with(" sending again"));
}

TEST_CASE("BarLines: without a blob the summary says what is waited for") {
  ProgressState state;
  CHECK(BarLines(state, {}).back() == "0 layers, 0 B sent, waiting for the registry");
  state.waits_for = WaitsFor::kStandardInput;
  CHECK(BarLines(state, {}).back() == "0 layers, 0 B sent, waiting for standard input");
}

TEST_CASE("HeartbeatLine: names the step of the oldest blob") {
  ProgressState state = SomeState();
  state.bars[0].step = BlobStep::kCompressing;
  CHECK(HeartbeatLine(state) ==
        "ociship: 3 of 9 layers, 1.2 GiB sent, compressing 3f2a9c01d2e4 (50 %)");
  state.bars[0].total = std::nullopt;
  CHECK(HeartbeatLine(state) == "ociship: 3 of 9 layers, 1.2 GiB sent, compressing 3f2a9c01d2e4");
  state.bars[0].step = BlobStep::kWaiting;
  CHECK(HeartbeatLine(state) == "ociship: 3 of 9 layers, 1.2 GiB sent, waiting for the registry");
  state.bars[0].step = BlobStep::kReading;
  state.waits_for = WaitsFor::kStandardInput;
  CHECK(HeartbeatLine(state).ends_with(", reading 3f2a9c01d2e4 from standard input"));
}

TEST_CASE("HeartbeatLine: without a blob it says what is waited for") {
  ProgressState state{.layers_done = 1};
  CHECK(HeartbeatLine(state) == "ociship: 1 layer, 0 B sent, waiting for the registry");
  state.waits_for = WaitsFor::kSource;
  CHECK(HeartbeatLine(state) == "ociship: 1 layer, 0 B sent, reading the source");
  state.waits_for = WaitsFor::kStandardInput;
  CHECK(HeartbeatLine(state) == "ociship: 1 layer, 0 B sent, waiting for standard input");
}

TEST_CASE("HeartbeatLine: a retry is more important than all of that") {
  ProgressState state = SomeState();
  state.retry = RetryOf("status 429", 2, 5, milliseconds(8000));
  CHECK(HeartbeatLine(state) ==
        "ociship: 3 of 9 layers, 1.2 GiB sent, rate limited, retry 2 of 5 in 8 s");
}

TEST_CASE("RetryText: what, why, how often and when") {
  const RetryState retry = RetryOf("status 503", 1, 4, milliseconds(420));
  CHECK(RetryText(retry, "tags", "status 503") == "retry 1 of 4 in 0.5 s: tags: status 503");
  const RetryState limited = RetryOf("status 429", 4, 4, milliseconds(61'001));
  CHECK(RetryText(limited, "tags", "status 429") ==
        "rate limited, retry 4 of 4 in 62 s: tags: status 429");
}

TEST_CASE("RetryText: what a server says cannot write to the terminal") {
  const RetryState retry = RetryOf("x", 1, 4, milliseconds(0));
  CHECK(RetryText(retry, "a\x1b[2J", "b\nc").find_first_of("\x1b\n") == std::string::npos);
}

}  // namespace
}  // namespace ociship::cli
