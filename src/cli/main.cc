// SPDX-License-Identifier: Apache-2.0
// The entry of the program: makes the effects, turns signals into Cancel, and exceptions that
// should not have been into an exit code.
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <exception>

#include "cli/command_line.h"
#include "util/clock.h"
#include "util/text.h"

namespace {

// A signal handler can reach nothing else.
ociship::Cancel cancel;

void RequestCancel(int signal_number) {
  cancel.Request();
  // Who asks twice does not want to wait.
  std::signal(signal_number, SIG_DFL);
}

// Whoever closes a standard stream must not find what was meant for it in the first file or
// connection that is opened, which would get its number. The streams stay as unusable as they were.
void KeepNumbersOfStreams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    static_cast<void>(::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
}

// A push has few threads, which use few large buffers again and again. An arena for each thread,
// and memory that goes back to the system between two layers, would cost page faults and megabytes
// (mallopt(3)).
void KeepMemory() {
  constexpr int kKeptBytes = 32 << 20;
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TRIM_THRESHOLD, kKeptBytes);
  ::mallopt(M_MMAP_THRESHOLD, kKeptBytes);
}

}  // namespace

int main(int argc, char** argv) {
  KeepNumbersOfStreams();
  KeepMemory();
  // A pipe that was closed is an error of write(), with a message and an exit code.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGINT, RequestCancel);
  std::signal(SIGTERM, RequestCancel);
  ociship::cli::Output output;
  try {
    const ociship::util::ProcessEnvironment environment;
    ociship::util::SystemClock clock;
    return ociship::cli::RunCommandLine(argc, argv,
                                        {.environment = environment,
                                         .effects = {.clock = clock, .cancel = cancel},
                                         .output = output});
  } catch (const std::exception& thrown) {
    output.Complain(ociship::Error(ociship::Code::kFailure, thrown.what()));
    return static_cast<int>(ociship::Code::kFailure);
  }
}
