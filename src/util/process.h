// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_PROCESS_H_
#define OCISHIP_UTIL_PROCESS_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "ociship/core.h"
#include "util/file.h"

namespace ociship::util {

struct ProcessOutput {
  int exit_status = 0;  // 128 + signal when a signal ended it
  std::string output;   // standard output
  std::string errors;   // standard error
};

struct ProcessOptions {
  std::string folder;                   // working directory; empty: the caller's
  std::string input;                    // for its standard input; empty: /dev/null
  std::size_t output_limit = 1 << 20;   // bytes of each stream; more is an error
  std::chrono::seconds time_limit{30};  // then it is killed and the result an error
};

// Runs argv[0], looked up in PATH, without a shell. kFailure when it cannot be started, writes too
// much or takes too long. What it started itself and left behind is not waited for.
Result<ProcessOutput> RunProcess(const std::vector<std::string>& argv,
                                 const ProcessOptions& options);

// A program whose standard output is read while it runs. Its standard input is empty. Used by one
// thread; destroying it kills the program, if it runs still, and whatever it started and left.
class RunningProgram {
 public:
  // How much of its standard error is kept: the end of it.
  static constexpr std::size_t kKeptErrors = 16 << 10;

  // Starts the file `path` without arguments and without a shell; PATH is not searched. kBadInput
  // when it cannot be started.
  static Result<std::unique_ptr<RunningProgram>> Start(const std::string& path);
  ~RunningProgram();

  // Its standard output. Once.
  Fd TakeOutput();

  struct Ending {
    int exit_status = 0;  // 128 + signal when a signal ended it
    std::string errors;   // the last kKeptErrors bytes of standard error
  };
  // Waits for its end, at most `limit`; kFailure, and it is killed, when that passes, kInterrupted
  // when `cancel` is requested.
  Result<Ending> Wait(std::chrono::seconds limit, const Cancel& cancel);

 private:
  struct State;
  explicit RunningProgram(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_PROCESS_H_
