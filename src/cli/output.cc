// SPDX-License-Identifier: Apache-2.0
// Standard output and standard error. Tested by tests/e2e/test_cli.py and
// tests/e2e/test_progress.py.
#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/progress_json.h"
#include "util/text.h"

namespace ociship::cli {
namespace {

// Gives errno, 0 when all was written.
int WriteAll(int fd, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t written = write(fd, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// Nobody is left to be told of a failure here.
void WriteError(std::string_view text) { static_cast<void>(WriteAll(STDERR_FILENO, text)); }

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += util::StrCat(line, "\n");
  return text;
}

// To the beginning of the first of so many lines above, and away with everything from there on
// (ECMA-48: CPL, ED).
std::string Erase(std::size_t lines) {
  return lines == 0 ? std::string() : util::StrCat("\x1b[", lines, "F\x1b[J");
}

// The word by which a script, or somebody who looks it up, knows which check refused.
std::string Bracketed(std::string_view reason) {
  return reason.empty() ? std::string() : util::StrCat(" [", reason, "]");
}

}  // namespace

void Output::Answer(std::string_view line) {
  const std::lock_guard lock(mutex_);
  // It may be the same terminal.
  if (!shown_.empty()) WriteError(Erase(shown_.size()));
  const int error = WriteAll(STDOUT_FILENO, util::StrCat(line, "\n"));
  if (!shown_.empty()) WriteError(Joined(shown_));
  if (answer_error_ == 0) answer_error_ = error;
}

void Output::Say(std::string_view line) {
  const std::lock_guard lock(mutex_);
  WriteError(util::StrCat(Erase(shown_.size()), line, "\n", Joined(shown_)));
}

void Output::Show(const std::vector<std::string>& lines) {
  const std::lock_guard lock(mutex_);
  if (lines == shown_) return;
  // In one piece, so that nothing flickers.
  WriteError(util::StrCat(Erase(shown_.size()), Joined(lines)));
  shown_ = lines;
}

void Output::SayAbove(std::string_view line, const std::vector<std::string>& lines) {
  const std::lock_guard lock(mutex_);
  const std::size_t above = shown_.size();
  if (above > 0) shown_ = lines;
  WriteError(util::StrCat(Erase(above), line, "\n", Joined(shown_)));
}

void Output::Complain(const Error& error) {
  Say(speech_ == Speech::kJson
          ? ErrorEvent(error)
          : util::StrCat("ociship: ", error.message(), Bracketed(error.reason())));
}

void Output::Note(std::string_view text) {
  Say(speech_ == Speech::kJson ? NoticeEvent(text) : util::StrCat("ociship: note: ", text));
}

Status Output::Finish() {
  const std::lock_guard lock(mutex_);
  if (answer_error_ == 0) return Ok();
  return Error(Code::kFailure,
               util::StrCat("cannot write to standard output: ", std::strerror(answer_error_)));
}

}  // namespace ociship::cli
