// SPDX-License-Identifier: Apache-2.0
// Who sits at the terminal, and his browser. Tested by person_test.cc.
#include "cli/person.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "util/text.h"

namespace ociship::cli {
namespace {

using Reach = services::Person::Reach;

#ifdef __APPLE__
constexpr const char* kOpener = "open";
constexpr bool kHasScreen = true;
#else
constexpr const char* kOpener = "xdg-open";
constexpr bool kHasScreen = false;
#endif
// It starts a browser and ends; where it is the browser itself, which goes on, it is not waited for
// longer.
constexpr int kOpenerTries = 20;
constexpr std::chrono::milliseconds kOpenerWait{50};

Reach FindReach(const util::Environment& environment) {
  if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) return Reach::kNobody;
  const auto is_set = [&](const char* name) { return !environment.Get(name).value_or("").empty(); };
  const bool has_screen = kHasScreen || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
  return has_screen ? Reach::kBrowser : Reach::kTerminal;
}

// Without a shell, without our terminal, and out of reach of its Ctrl-C. -1 when it can not be
// started. util::RunProcess would end a browser that goes on.
pid_t StartOpener(const std::string& url) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (posix_spawn_file_actions_init(&actions) != 0) return -1;
  if (posix_spawnattr_init(&attributes) != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return -1;
  }
  int problem = 0;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    problem |= posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  }
  // It must end when its own output does, which we ignore.
  sigset_t as_usual;
  sigemptyset(&as_usual);
  sigaddset(&as_usual, SIGPIPE);
  problem |= posix_spawnattr_setsigdefault(&attributes, &as_usual);
  problem |= posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  std::string program = kOpener;
  std::string argument = url;
  const std::array<char*, 3> argv = {program.data(), argument.data(), nullptr};
  pid_t pid = -1;
  if (problem == 0) {
    problem = posix_spawnp(&pid, kOpener, &actions, &attributes, argv.data(), environ);
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return problem == 0 ? pid : -1;
}

}  // namespace

TerminalPerson::TerminalPerson(const Context& context)
    : TerminalPerson(context, FindReach(context.environment)) {}

TerminalPerson::TerminalPerson(const Context& context, Reach reach)
    : context_(context), reach_(reach) {}

void TerminalPerson::Say(std::string_view line) { context_.output.Say(line); }

services::Person::Opened TerminalPerson::Open(const std::string& url) {
  // It begins with https:// or http://: nothing that an opener takes for a flag or a file.
  const bool is_page = url.starts_with("https://") || url.starts_with("http://");
  if (reach_ != Reach::kBrowser || !is_page) return Opened::kNo;
  const pid_t opener = StartOpener(url);
  if (opener < 0) return Opened::kNo;
  for (int i = 0; i < kOpenerTries; ++i) {
    int status = 0;
    const pid_t ended = waitpid(opener, &status, WNOHANG);
    if (ended < 0) return Opened::kNo;
    if (ended == opener) {
      return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? Opened::kYes : Opened::kNo;
    }
    context_.effects.clock.Sleep(kOpenerWait, context_.effects.cancel);
  }
  return Opened::kYes;
}

void TerminalPerson::Hide(std::string_view secret) {
  if (context_.environment.Get("GITHUB_ACTIONS") != "true") return;
  // The runner reads a pipe. In a file the command would be a token in the clear.
  struct stat status {};
  if (fstat(STDERR_FILENO, &status) == 0 && S_ISREG(status.st_mode)) return;
  context_.output.Say(util::StrCat("::add-mask::", secret));
}

}  // namespace ociship::cli
