// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_PROGRESS_TEXT_H_
#define OCISHIP_CLI_PROGRESS_TEXT_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/progress_state.h"

// What a push is doing, for people. Everything here is a function of its arguments.
namespace ociship::cli {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// The lines below everything else: a bar for each blob, at most kMostBars and two less than there
// are rows, and a summary. Each is shorter than the terminal is wide.
inline constexpr std::size_t kMostBars = 8;
std::vector<std::string> BarLines(const ProgressState& state, const TerminalSize& size);

// "ociship: 3 of 9 layers, 1.2 GiB sent, compressing 3f2a9c01d2e4 (45 %)".
std::string HeartbeatLine(const ProgressState& state);

// "retry 2 of 5 in 8 s: blob sha256:...: connection reset".
std::string RetryText(const RetryState& retry, std::string_view what, std::string_view why);

// A try again as a Store tells of it.
RetryState RetryOf(std::string_view why, int attempt, int most, std::chrono::milliseconds delay);

std::string_view StepWord(BlobStep step);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_PROGRESS_TEXT_H_
