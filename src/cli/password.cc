// SPDX-License-Identifier: Apache-2.0
// Where passwords come from. Tested by tests/e2e/test_sign.py and tests/e2e/test_credentials.py.
#include "cli/password.h"

#include <termios.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "util/file.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

constexpr std::size_t kMaxPasswordBytes = 4096;
// Some registries have tokens of many kilobytes for passwords.
constexpr std::size_t kMaxRegistryPasswordBytes = 64 << 10;

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

Result<std::string> ReadLine(const Context& context) {
  std::string line;
  while (line.size() < kMaxPasswordBytes) {
    char letter = 0;
    if (read(STDIN_FILENO, &letter, 1) != 1) {
      TRY(context.effects.cancel.Check());
      return Error(Code::kBadInput, "nothing was entered");
    }
    if (letter == '\n') return line;
    line += letter;
  }
  return Error(Code::kBadInput, "the line is too long");
}

Result<std::string> Prompt(const Context& context, std::string_view question) {
  context.output.Say(question);
  const Silence silence;
  return ReadLine(context);
}

Result<std::string> RequireText(std::string text, std::string_view question) {
  if (!text.empty()) return text;
  return Error(Code::kUsage, util::StrCat("the answer to \"", question, "\" is empty"));
}

Result<std::string> ReadAllOfStandardInput(std::size_t limit) {
  const std::unique_ptr<util::File> file =
      TRY(util::File::Adopt(util::Fd(dup(STDIN_FILENO)), "standard input"));
  util::FileReader reader(*file);
  return util::ReadAll(reader, limit, "the password");
}

}  // namespace

Result<std::string> ReadPassword(const Context& context, StandardInput input) {
  if (std::optional<std::string> set = context.environment.Get("COSIGN_PASSWORD")) return *set;
  if (input != StandardInput::kFree) {
    return Error(Code::kUsage,
                 util::StrCat(input == StandardInput::kArchive ? "the archive"
                                                               : "the password of the registry",
                              " comes from standard input, so the password of the key must be in "
                              "COSIGN_PASSWORD"));
  }
  if (isatty(STDIN_FILENO) == 1) return Prompt(context, "Enter password for private key: ");
  return ReadAllOfStandardInput(kMaxPasswordBytes);
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

Result<std::string> ReadRegistryPassword(StandardInput input) {
  if (input == StandardInput::kArchive) {
    return Error(Code::kUsage,
                 "the archive comes from standard input, so --password-stdin cannot: set "
                 "OCISHIP_USERNAME and OCISHIP_PASSWORD");
  }
  std::string password = TRY(ReadAllOfStandardInput(kMaxRegistryPasswordBytes));
  if (password.ends_with('\n')) password.pop_back();
  if (password.ends_with('\r')) password.pop_back();
  if (!password.empty()) return password;
  return Error(Code::kUsage, "--password-stdin: standard input is empty");
}

Asking Terminal() {
  // A question that goes into a file waits for ever.
  const bool both = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
  return both ? Asking::kPossible : Asking::kNobodyThere;
}

Result<std::string> AskUser(const Context& context, std::string_view question) {
  context.output.Say(question);
  std::string line = TRY(ReadLine(context));
  return RequireText(std::move(line), question);
}

Result<std::string> AskSecret(const Context& context, std::string_view question) {
  std::string line = TRY(Prompt(context, question));
  return RequireText(std::move(line), question);
}

}  // namespace ociship::cli
