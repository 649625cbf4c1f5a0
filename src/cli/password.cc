// SPDX-License-Identifier: Apache-2.0
// Where passwords come from. Tested by tests/e2e/test_keys.py.
#include "cli/password.h"

#include <termios.h>
#include <unistd.h>

#include <optional>

#include "util/file.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

constexpr std::size_t kMaxPasswordBytes = 4096;

// Keeps the terminal from showing what is typed.
class Silence {
 public:
  Silence() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~Silence() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

Result<std::string> Prompt(const Context& context, std::string_view question) {
  std::string line;
  context.output.Say(question);
  const Silence silence;
  while (line.size() < kMaxPasswordBytes) {
    char letter = 0;
    if (read(STDIN_FILENO, &letter, 1) != 1) {
      TRY(context.effects.cancel.Check());
      return Error(Code::kBadInput, "no password was entered");
    }
    if (letter == '\n') return line;
    line += letter;
  }
  return Error(Code::kBadInput, "the password is too long");
}

Result<std::string> ReadAllOfStandardInput() {
  const std::unique_ptr<util::File> file =
      TRY(util::File::Adopt(util::Fd(dup(STDIN_FILENO)), "standard input"));
  util::FileReader reader(*file);
  return util::ReadAll(reader, kMaxPasswordBytes, "the password");
}

}  // namespace

Result<std::string> ReadPassword(const Context& context, StandardInput input) {
  if (std::optional<std::string> set = context.environment.Get("COSIGN_PASSWORD")) return *set;
  if (input == StandardInput::kTaken) {
    return Error(Code::kUsage,
                 "the archive comes from standard input, so the password of the key must be in "
                 "COSIGN_PASSWORD");
  }
  if (isatty(STDIN_FILENO) == 1) return Prompt(context, "Enter password for private key: ");
  return ReadAllOfStandardInput();
}

Result<std::string> ReadNewPassword(const Context& context) {
  if (context.environment.Get("COSIGN_PASSWORD") || isatty(STDIN_FILENO) != 1) {
    return ReadPassword(context, StandardInput::kFree);
  }
  std::string password = TRY(Prompt(context, "Enter password for private key: "));
  const std::string again = TRY(Prompt(context, "Enter password for private key again: "));
  if (password != again) return Error(Code::kBadInput, "the two passwords differ");
  return password;
}

}  // namespace ociship::cli
