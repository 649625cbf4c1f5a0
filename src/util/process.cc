// SPDX-License-Identifier: Apache-2.0
// Other programs, run without a shell and within limits. Tested by process_test.cc.
#include "util/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <thread>

#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::util {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

Error Failure(std::string_view program, std::string_view why) {
  return Error(Code::kFailure, StrCat(Quoted(program), " ", why));
}

Error CannotStart(std::string_view program, int number) {
  return Error(Code::kFailure, StrCat("cannot start ", Quoted(program), ": ",
                                      std::generic_category().message(number)));
}

// A child that is killed, if it runs still, and reaped only when nobody asks any more: until then
// its number and that of its group are its own.
class Child {
 public:
  enum class Group { kOurs, kOwn };
  Child(pid_t pid, Group group) : pid_(pid), group_(group) {}
  ~Child() {
    // What it started itself goes with it.
    if (group_ == Group::kOwn) ::kill(-pid_, SIGKILL);
    if (state_ == State::kRunning) ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  bool Ended() {
    if (state_ == State::kRunning) Look();
    return state_ == State::kEnded;
  }
  // Of one that has ended.
  int ExitStatus() const { return exit_status_; }

 private:
  static constexpr int kLost = 127;  // as shells have it for what cannot be run

  void Look() {
    siginfo_t info = {};
    int got = 0;
    do {
      got = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    } while (got < 0 && errno == EINTR);
    // ECHILD: somebody made the process ignore SIGCHLD, and what the child said is lost.
    if (got < 0 || info.si_pid == pid_) state_ = State::kEnded;
    if (got == 0 && info.si_pid == pid_) {
      exit_status_ = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    }
  }

  pid_t pid_;
  Group group_;
  enum class State { kRunning, kEnded } state_ = State::kRunning;
  int exit_status_ = kLost;  // 128 + signal when a signal ended it
};

class SpawnActions {
 public:
  SpawnActions() { ::posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// The child gets the usual reaction to SIGPIPE and no blocked signals, whatever this process has.
class SpawnAttributes {
 public:
  explicit SpawnAttributes(Child::Group group) {
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (group == Child::Group::kOwn) {
      ::posix_spawnattr_setpgroup(&attributes_, 0);
      flags |= POSIX_SPAWN_SETPGROUP;
    }
    ::posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

struct Pipe {
  Fd read_end;
  Fd write_end;
};

Result<Pipe> MakePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return Error(Code::kFailure,
                 StrCat("cannot make a pipe: ", std::generic_category().message(errno)));
  }
  Pipe pipe{Fd(ends[0]), Fd(ends[1])};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return pipe;
}

// Memory that looks like a file: the child can leave it unread and nobody waits for anybody.
Result<Fd> OpenInput(const std::string& input) {
  if (input.empty()) {
    Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (null.get() < 0) return SystemError(Code::kFailure, "cannot open", "/dev/null");
    return null;
  }
  Fd memory(::memfd_create("input", MFD_CLOEXEC));
  if (memory.get() < 0) return SystemError(Code::kFailure, "cannot make", "input");
  std::string_view rest = input;
  while (!rest.empty()) {
    const ssize_t count = ::write(memory.get(), rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(Code::kFailure, "cannot write", "input");
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  ::lseek(memory.get(), 0, SEEK_SET);
  return memory;
}

// Whether a program is looked for in PATH.
enum class Search { kPath, kNone };

// What a child gets besides its arguments.
struct SpawnPlan {
  std::string folder = {};
  int input;
  int output;
  int errors;
  Search search = Search::kPath;
  Child::Group group = Child::Group::kOurs;
};

Result<pid_t> Spawn(const std::vector<std::string>& argv, const SpawnPlan& plan) {
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const std::string& argument : argv) {
    arguments.push_back(const_cast<char*>(argument.c_str()));  // not written to: POSIX exec
  }
  arguments.push_back(nullptr);
  SpawnActions actions;
  const SpawnAttributes attributes(plan.group);
  int problem = ::posix_spawn_file_actions_adddup2(actions.get(), plan.input, 0);
  if (problem == 0) problem = ::posix_spawn_file_actions_adddup2(actions.get(), plan.output, 1);
  if (problem == 0) problem = ::posix_spawn_file_actions_adddup2(actions.get(), plan.errors, 2);
  if (problem == 0 && !plan.folder.empty()) {
    problem = ::posix_spawn_file_actions_addchdir_np(actions.get(), plan.folder.c_str());
  }
  pid_t pid = 0;
  if (problem == 0) {
    const auto spawn = plan.search == Search::kPath ? ::posix_spawnp : ::posix_spawn;
    problem =
        spawn(&pid, argv[0].c_str(), actions.get(), attributes.get(), arguments.data(), environ);
  }
  if (problem != 0) return CannotStart(argv[0], problem);
  return pid;
}

enum class Drained { kNothing, kSome, kEnd };

// Takes what stands in the pipe now.
Result<Drained> Drain(int fd, std::size_t limit, std::string& out, std::string_view program) {
  std::array<char, 16384> block;
  Drained drained = Drained::kNothing;
  for (;;) {
    const ssize_t count = ::read(fd, block.data(), block.size());
    if (count == 0) return Drained::kEnd;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return drained;
    if (count < 0) return SystemError(Code::kFailure, "cannot read the output of", program);
    if (static_cast<std::size_t>(count) > limit - out.size()) {
      return Failure(program, StrCat("wrote more than ", HumanBytes(limit)));
    }
    out.append(block.data(), static_cast<std::size_t>(count));
    drained = Drained::kSome;
  }
}

struct Stream {
  Fd fd;
  std::string& text;
};

// One round: waits a moment for output and takes it. A stream that has ended is closed. kNothing
// when there was nothing to take.
Result<Drained> Poll(std::array<Stream, 2>& streams, const ProcessOptions& options,
                     std::string_view program) {
  constexpr int kSlice = 20;  // ms: how late the end of a silent child may be seen
  const bool all_closed = streams[0].fd.get() < 0 && streams[1].fd.get() < 0;
  std::array<pollfd, 2> polled = {pollfd{streams[0].fd.get(), POLLIN, 0},
                                  pollfd{streams[1].fd.get(), POLLIN, 0}};
  ::poll(polled.data(), polled.size(), all_closed ? 1 : kSlice);
  Drained drained = Drained::kNothing;
  for (Stream& stream : streams) {
    if (stream.fd.get() < 0) continue;
    const Drained part = TRY(Drain(stream.fd.get(), options.output_limit, stream.text, program));
    if (part == Drained::kEnd) stream.fd = Fd();
    if (part != Drained::kNothing) drained = Drained::kSome;
  }
  return drained;
}

}  // namespace

Result<ProcessOutput> RunProcess(const std::vector<std::string>& argv,
                                 const ProcessOptions& options) {
  if (argv.empty() || argv[0].empty()) return Error(Code::kFailure, "no program is named");
  const SteadyTime end = std::chrono::steady_clock::now() + options.time_limit;
  Pipe output = TRY(MakePipe());
  Pipe errors = TRY(MakePipe());
  const Fd input = TRY(OpenInput(options.input));
  const pid_t pid = TRY(Spawn(argv, {.folder = options.folder,
                                     .input = input.get(),
                                     .output = output.write_end.get(),
                                     .errors = errors.write_end.get()}));
  Child child(pid, Child::Group::kOurs);
  output.write_end = Fd();
  errors.write_end = Fd();
  ProcessOutput result;
  std::array<Stream, 2> streams = {Stream{std::move(output.read_end), result.output},
                                   Stream{std::move(errors.read_end), result.errors}};
  for (;;) {
    // Asked before the pipes are read, so that nothing is missed which it wrote before its end.
    const bool ended = child.Ended();
    const Drained drained = TRY(Poll(streams, options, argv[0]));
    if (ended && drained == Drained::kNothing) break;
    if (std::chrono::steady_clock::now() >= end) {
      return Failure(argv[0], StrCat("took longer than ", options.time_limit.count(), " s"));
    }
  }
  result.exit_status = child.ExitStatus();
  return result;
}

struct RunningProgram::State {
  State(std::string name, pid_t pid)
      : path(std::move(name)), child(std::make_unique<Child>(pid, Child::Group::kOwn)) {}

  // Reads standard error until `stop` is closed, since nobody wants more of it then.
  void CollectErrors();

  std::string path;
  Fd output;
  Fd errors;
  Pipe stop;
  std::string kept;  // of standard error; the thread's until it is joined
  std::jthread collector;
  std::unique_ptr<Child> child;
};

void RunningProgram::State::CollectErrors() {
  // Of what a child that ended left behind, or its children add.
  constexpr int kBlocksAfterEnd = 16;
  std::array<char, 4096> block;
  for (int after_end = 0; after_end < kBlocksAfterEnd;) {
    std::array<pollfd, 2> polled = {pollfd{errors.get(), POLLIN, 0},
                                    pollfd{stop.read_end.get(), POLLIN, 0}};
    ::poll(polled.data(), polled.size(), -1);
    const bool ended = polled[1].revents != 0;
    if (ended) ++after_end;
    const ssize_t count = ::read(errors.get(), block.data(), block.size());
    if (count == 0) return;
    if (count < 0) {
      if (ended || (errno != EAGAIN && errno != EINTR)) return;
      continue;
    }
    kept.append(block.data(), static_cast<std::size_t>(count));
    if (kept.size() > kKeptErrors) kept.erase(0, kept.size() - kKeptErrors);
  }
}

RunningProgram::RunningProgram(std::unique_ptr<State> state) : state_(std::move(state)) {}

// The child goes first, so that its end of the pipe is closed when the thread is joined.
RunningProgram::~RunningProgram() {
  state_->child.reset();
  state_->stop.write_end = Fd();
}

Result<std::unique_ptr<RunningProgram>> RunningProgram::Start(const std::string& path) {
  Pipe output = TRY(MakePipe());
  Pipe errors = TRY(MakePipe());
  Pipe stop = TRY(MakePipe());
  const Fd input = TRY(OpenInput({}));
  Result<pid_t> pid = Spawn({path}, {.input = input.get(),
                                     .output = output.write_end.get(),
                                     .errors = errors.write_end.get(),
                                     .search = Search::kNone,
                                     .group = Child::Group::kOwn});
  if (!pid.ok()) return std::move(pid).error().As(Code::kBadInput);
  auto state = std::make_unique<State>(path, pid.value());
  ::fcntl(output.read_end.get(), F_SETFL, 0);  // whoever reads it may wait
  state->output = std::move(output.read_end);
  state->errors = std::move(errors.read_end);
  state->stop = std::move(stop);
  state->collector = std::jthread([&running = *state] { running.CollectErrors(); });
  return std::unique_ptr<RunningProgram>(new RunningProgram(std::move(state)));
}

Fd RunningProgram::TakeOutput() { return std::move(state_->output); }

Result<RunningProgram::Ending> RunningProgram::Wait(std::chrono::seconds limit,
                                                    const Cancel& cancel) {
  constexpr std::chrono::milliseconds kSlice(5);
  const SteadyTime end = std::chrono::steady_clock::now() + limit;
  while (!state_->child->Ended()) {
    TRY(cancel.Check());
    if (std::chrono::steady_clock::now() >= end) {
      return Failure(state_->path,
                     StrCat("did not end within ", limit.count(), " s after its output did"));
    }
    std::this_thread::sleep_for(kSlice);
  }
  state_->stop.write_end = Fd();
  state_->collector.join();
  return Ending{.exit_status = state_->child->ExitStatus(), .errors = std::move(state_->kept)};
}

}  // namespace ociship::util
