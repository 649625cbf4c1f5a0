// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_PROCESS_H_
#define OCISHIP_UTIL_PROCESS_H_

#include <chrono>
#include <string>
#include <vector>

#include "ociship/core.h"

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

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_PROCESS_H_
