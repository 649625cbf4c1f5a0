// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_OUTPUT_H_
#define OCISHIP_CLI_OUTPUT_H_

#include <mutex>
#include <string_view>

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

  // Success if all of the answer was written.
  Status Finish();

 private:
  std::mutex mutex_;
  int answer_error_ = 0;  // errno
};

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_OUTPUT_H_
