// SPDX-License-Identifier: Apache-2.0
// Bars, heartbeats and retries in words. Tested by progress_text_test.cc.
#include "cli/progress_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "util/text.h"

namespace ociship::cli {
namespace {

using util::StrCat;

constexpr std::size_t kNameColumns = 12;
constexpr std::size_t kShortestBar = 10;
constexpr std::size_t kBytesColumns = 17;  // "1023.9/1023.9 MiB"
constexpr std::size_t kRateColumns = 12;   // "1023.9 MiB/s"
constexpr std::size_t kTimeColumns = 7;    // "9:59:59"
constexpr std::size_t kStepColumns = 13;   // "sending again"
constexpr std::uint64_t kLongestTime = 10 * 3600;

std::string PadLeft(std::string text, std::size_t columns) {
  if (text.size() < columns) text.insert(0, columns - text.size(), ' ');
  return text;
}

std::string PadRight(std::string text, std::size_t columns) {
  if (text.size() < columns) text.append(columns - text.size(), ' ');
  return text;
}

std::string Cut(std::string text, std::size_t columns) {
  if (text.size() > columns) text.resize(columns);
  return text;
}

// "1.5/2.3 MiB", "900 KiB/2.3 MiB", "1.5 MiB" without a total.
std::string BytesText(const BarState& bar) {
  std::string done = util::HumanBytes(bar.done);
  if (!bar.total) return done;
  const std::string total = util::HumanBytes(*bar.total);
  const std::string unit = total.substr(total.find(' '));
  if (done.ends_with(unit)) done.resize(done.size() - unit.size());
  return StrCat(done, "/", total);
}

std::string TwoDigits(std::uint64_t number) { return PadLeft(StrCat(number), 2); }

std::string TimeLeft(const BarState& bar) {
  if (!bar.total || !bar.rate || *bar.rate == 0 || bar.done > *bar.total) return "";
  const std::uint64_t seconds = (*bar.total - bar.done) / *bar.rate;
  if (seconds >= kLongestTime) return "";
  std::string minutes = TwoDigits(seconds / 60 % 60);
  std::string rest = TwoDigits(seconds % 60);
  std::ranges::replace(rest, ' ', '0');
  if (seconds < 3600) return StrCat(util::Trim(minutes), ":", rest);
  std::ranges::replace(minutes, ' ', '0');
  return StrCat(seconds / 3600, ":", minutes, ":", rest);
}

std::string_view BarWord(const BarState& bar) {
  return bar.again == BarState::Again::kYes ? "sending again" : StepWord(bar.step);
}

// A part of `total`, of which `columns` are all.
std::size_t Part(const BarState& bar, std::size_t columns) {
  if (!bar.total || *bar.total == 0) return 0;
  const double part = static_cast<double>(bar.done) / static_cast<double>(*bar.total);
  return static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * static_cast<double>(columns));
}

std::string DrawBar(const BarState& bar, std::size_t columns) {
  if (!bar.total) return std::string(columns + 2, ' ');
  const std::size_t filled = Part(bar, columns);
  std::string text(filled, '=');
  if (filled < columns) text += '>';
  return StrCat("[", PadRight(std::move(text), columns), "]");
}

// NAME [====>    ] 1.5/2.3 MiB 700 KiB/s 0:01 sending. What has no room is left out, the least
// important first.
std::string BarLine(const BarState& bar, std::size_t columns) {
  std::string rate = bar.rate ? StrCat(util::HumanBytes(*bar.rate), "/s") : std::string();
  std::vector<std::string> parts = {PadLeft(BytesText(bar), kBytesColumns),
                                    PadLeft(std::move(rate), kRateColumns),
                                    PadLeft(TimeLeft(bar), kTimeColumns)};
  const auto taken = [&] {
    std::size_t sum = kNameColumns + 1 + kStepColumns;
    for (const std::string& part : parts) sum += part.size() + 1;
    return sum;
  };
  while (!parts.empty() && taken() + kShortestBar + 3 > columns) parts.pop_back();
  std::string line = PadRight(bar.name, kNameColumns);
  if (taken() + kShortestBar + 3 <= columns) {
    line += StrCat(" ", DrawBar(bar, columns - taken() - 3));
  }
  for (const std::string& part : parts) line += StrCat(" ", part);
  return Cut(StrCat(line, " ", BarWord(bar)), columns);
}

std::string DelayText(std::chrono::milliseconds delay) {
  const auto tenths = (delay.count() + 99) / 100;
  if (tenths >= 100 || tenths % 10 == 0) return StrCat((tenths + 9) / 10, " s");
  return StrCat(tenths / 10, ".", tenths % 10, " s");
}

std::string RetryWords(const RetryState& retry) {
  const std::string_view why =
      retry.why == RetryState::Why::kRateLimited ? "rate limited, " : std::string_view();
  return StrCat(why, "retry ", retry.attempt, " of ", retry.most, " in ", DelayText(retry.left));
}

std::string Counts(const ProgressState& state) {
  const std::size_t named = state.layers_found > 0 ? state.layers_found : state.layers_done;
  const std::string_view word = named == 1 ? " layer" : " layers";
  std::string text = StrCat(state.layers_done);
  if (state.layers_found > 0) text += StrCat(" of ", state.layers_found);
  return text + StrCat(word, ", ", util::HumanBytes(state.bytes_sent), " sent");
}

std::string_view WaitsForText(WaitsFor what) {
  switch (what) {
    case WaitsFor::kDestination:
      return "waiting for the registry";
    case WaitsFor::kSource:
      return "reading the source";
    case WaitsFor::kStandardInput:
      return "waiting for standard input";
  }
  return "";
}

// The oldest blob stands for all.
std::string Doing(const ProgressState& state) {
  if (state.bars.empty()) return std::string(WaitsForText(state.waits_for));
  const BarState& bar = state.bars.front();
  if (bar.step == BlobStep::kWaiting) return "waiting for the registry";
  std::string text = StrCat(BarWord(bar), " ", bar.name);
  constexpr std::size_t kWhole = 100;
  if (bar.total && *bar.total > 0) text += StrCat(" (", Part(bar, kWhole), " %)");
  if (bar.step == BlobStep::kReading && state.waits_for == WaitsFor::kStandardInput) {
    text += " from standard input";
  }
  return text;
}

}  // namespace

std::string_view StepWord(BlobStep step) {
  switch (step) {
    case BlobStep::kReading:
      return "reading";
    case BlobStep::kCompressing:
      return "compressing";
    case BlobStep::kSending:
      return "sending";
    case BlobStep::kWaiting:
      return "waiting";
  }
  return "";
}

std::vector<std::string> BarLines(const ProgressState& state, const TerminalSize& size) {
  // A line that fills the last column would take two.
  const std::size_t columns = std::max<std::size_t>(size.columns, 2) - 1;
  const std::size_t room = std::min(kMostBars, size.rows > 2 ? size.rows - 2 : 0);
  std::vector<std::string> lines;
  for (const BarState& bar : state.bars) {
    if (lines.size() == room) break;
    lines.push_back(BarLine(bar, columns));
  }
  std::string summary = Counts(state);
  const std::size_t hidden = state.bars.size() - lines.size();
  if (hidden > 0) summary += StrCat(", ", hidden, " more under way");
  if (state.retry) {
    summary += StrCat(", ", RetryWords(*state.retry));
  } else if (state.bars.empty()) {
    summary += StrCat(", ", WaitsForText(state.waits_for));
  }
  lines.push_back(Cut(std::move(summary), columns));
  return lines;
}

std::string HeartbeatLine(const ProgressState& state) {
  return StrCat("ociship: ", Counts(state), ", ",
                state.retry ? RetryWords(*state.retry) : Doing(state));
}

std::string RetryText(const RetryState& retry, std::string_view what, std::string_view why) {
  return StrCat(RetryWords(retry), ": ", util::Printable(what), ": ", util::Printable(why));
}

RetryState RetryOf(std::string_view why, int attempt, int most, std::chrono::milliseconds delay) {
  // RFC 6585 section 4.
  const bool limited = why == "status 429";
  return {.why = limited ? RetryState::Why::kRateLimited : RetryState::Why::kBroken,
          .attempt = attempt,
          .most = most,
          .left = delay};
}

}  // namespace ociship::cli
