// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_OUTPUT_H_
#define OCISHIP_CLI_OUTPUT_H_

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"

namespace ociship::cli {

// The two streams of the program: the answer goes to standard output, everything else to standard
// error. Thread-safe.
class Output {
 public:
  // A line of the answer. A failure (a pipe that was closed, a full disk) is kept for Finish.
  void Answer(std::string_view line);
  // A line for the person.
  void Say(std::string_view line);
  // "ociship: MESSAGE", which is an error, and "ociship: note: TEXT", which is none.
  void Complain(const Error& error);
  void Note(std::string_view text);

  // From now on Complain and Note write JSON lines, as --progress json promises.
  void SpeakJson() { speech_ = Speech::kJson; }

  // For a terminal: lines that stand below everything that is said, until others, or none, take
  // their place. Each must fit into one line of the terminal.
  void Show(const std::vector<std::string>& lines);
  // A line for the person, and the lines below it if any are shown at the time.
  void SayAbove(std::string_view line, const std::vector<std::string>& lines);

  // Success if all of the answer was written.
  Status Finish();

 private:
  enum class Speech { kText, kJson };

  std::atomic<Speech> speech_{Speech::kText};
  std::mutex mutex_;
  int answer_error_ = 0;  // errno
  std::vector<std::string> shown_;
};

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_OUTPUT_H_
