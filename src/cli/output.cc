// SPDX-License-Identifier: Apache-2.0
// Standard output and standard error. Tested by tests/e2e/test_cli.py.
#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "util/text.h"

namespace ociship::cli {
namespace {

// Gives errno, 0 when all was written.
int WriteLine(int fd, std::string_view line) {
  std::string text(line);
  text += '\n';
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = write(fd, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

void Output::Answer(std::string_view line) {
  const std::lock_guard lock(mutex_);
  const int error = WriteLine(STDOUT_FILENO, line);
  if (answer_error_ == 0) answer_error_ = error;
}

void Output::Say(std::string_view line) {
  const std::lock_guard lock(mutex_);
  // Nobody is left to be told of a failure here.
  static_cast<void>(WriteLine(STDERR_FILENO, line));
}

void Output::Complain(const Error& error) { Say(util::StrCat("ociship: ", error.message())); }

void Output::Note(std::string_view text) { Say(util::StrCat("ociship: note: ", text)); }

Status Output::Finish() {
  const std::lock_guard lock(mutex_);
  if (answer_error_ == 0) return Ok();
  return Error(Code::kFailure,
               util::StrCat("cannot write to standard output: ", std::strerror(answer_error_)));
}

}  // namespace ociship::cli
