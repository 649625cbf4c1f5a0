// SPDX-License-Identifier: Apache-2.0
#include "util/process.h"

#include <doctest/doctest.h>
#include <poll.h>

#include <filesystem>
#include <string>

#include "temp_folder.h"
#include "util/file.h"

namespace ociship::util {
namespace {

Result<ProcessOutput> Shell(const std::string& script, ProcessOptions options = {}) {
  return RunProcess({"sh", "-c", script}, options);
}

void CheckFailure(const Result<ProcessOutput>& result, std::string_view part) {
  REQUIRE_FALSE(result.ok());
  CAPTURE(result.error().message());
  CHECK(result.error().code() == Code::kFailure);
  CHECK(result.error().message().find(part) != std::string::npos);
}

TEST_CASE("RunProcess: output, errors and exit status come back") {
  const auto result = Shell("printf out; printf err >&2; exit 3");
  REQUIRE(result.ok());
  CHECK(result.value().output == "out");
  CHECK(result.value().errors == "err");
  CHECK(result.value().exit_status == 3);
}

TEST_CASE("RunProcess: a signal is told as 128 and its number") {
  CHECK(Shell("kill -9 $$").value().exit_status == 128 + 9);
}

TEST_CASE("RunProcess: arguments reach the program as they are") {
  const auto result = RunProcess({"printf", "%s|", "a b", "$HOME", "", "'\""}, {});
  REQUIRE(result.ok());
  CHECK(result.value().output == "a b|$HOME||'\"|");
}

TEST_CASE("RunProcess: both streams may be long") {
  const auto result = Shell(
      "i=0; while [ $i -lt 20000 ]; do echo 0123456789; echo 0123456789 >&2; i=$((i+1)); done");
  REQUIRE(result.ok());
  CHECK(result.value().output.size() == 220'000);
  CHECK(result.value().errors.size() == 220'000);
}

TEST_CASE("RunProcess: standard input is what the options say") {
  CHECK(Shell("cat").value().output.empty());
  CHECK(Shell("cat", {.input = "from here"}).value().output == "from here");
  const std::string large(300'000, 'x');
  CHECK(Shell("cat", {.input = large}).value().output == large);
  CHECK(Shell("exit 0", {.input = large}).value().exit_status == 0);
}

TEST_CASE("RunProcess: runs in the folder that is named") {
  const testing::TempFolder folder;
  const auto result = Shell("pwd -P", {.folder = folder.path()});
  REQUIRE(result.ok());
  CHECK(result.value().output == std::filesystem::canonical(folder.path()).string() + "\n");
  CheckFailure(Shell("true", {.folder = folder / "missing"}), "cannot start");
}

TEST_CASE("RunProcess: a program that is not there is a failure") {
  CheckFailure(RunProcess({"ociship-no-such-program"}, {}),
               "cannot start \"ociship-no-such-program\"");
  CheckFailure(RunProcess({"/"}, {}), "cannot start");
  CheckFailure(RunProcess({""}, {}), "no program");
  CheckFailure(RunProcess({}, {}), "no program");
}

TEST_CASE("RunProcess: one byte over the output limit is a failure") {
  CHECK(Shell("printf 1234", {.output_limit = 4}).value().output == "1234");
  CheckFailure(Shell("printf 12345", {.output_limit = 4}), "wrote more than 4 B");
  CheckFailure(Shell("printf 12345 >&2", {.output_limit = 4}), "wrote more than 4 B");
  CheckFailure(Shell("while :; do echo xxxxxxxx; done"), "wrote more than 1 MiB");
}

TEST_CASE("RunProcess: over the time limit it is killed") {
  CheckFailure(Shell("exec sleep 600", {.time_limit = std::chrono::seconds(0)}), "took longer");
  CheckFailure(Shell("exec >&- 2>&-; exec sleep 600", {.time_limit = std::chrono::seconds(1)}),
               "took longer than 1 s");
}

TEST_CASE("RunProcess: what the program leaves running is not waited for") {
  const testing::TempFolder folder;
  const std::string fifo = folder / "fifo";
  // The one left behind holds both streams until somebody opens the fifo for writing.
  const auto result = Shell("mkfifo " + fifo + "; cat " + fifo + " & printf done");
  REQUIRE(result.ok());
  CHECK(result.value().output == "done");
  CHECK(result.value().exit_status == 0);
  CHECK(Shell(": > " + fifo).value().exit_status == 0);
}

TEST_CASE("RunProcess: no other descriptor is handed down") {
  const testing::TempFolder folder;
  REQUIRE(WriteNewFile(folder / "secret", "x", 0600).ok());
  const auto file = File::Open(folder / "secret");
  REQUIRE(file.ok());
  const auto result = Shell("ls -l /proc/self/fd");
  REQUIRE(result.ok());
  CHECK(result.value().output.find("secret") == std::string::npos);
}

// An executable script.
std::string Script(const testing::TempFolder& folder, const std::string& body) {
  const std::string path = folder.path() + "/script";
  REQUIRE(WriteNewFile(path, "#!/bin/sh\n" + body + "\n", 0755).ok());
  return path;
}

std::string AllOf(Fd fd) {
  const auto file = File::Adopt(std::move(fd), "output");
  FileReader reader(*file.value());
  return ReadAll(reader, 1 << 20, "output").value();
}

constexpr std::chrono::seconds kSoon(10);

TEST_CASE("RunningProgram: its output is read while it runs, its end and last words follow") {
  const testing::TempFolder folder;
  const Cancel cancel;
  auto program = RunningProgram::Start(Script(folder, "printf out; echo told >&2; exit 4"));
  REQUIRE(program.ok());
  CHECK(AllOf(program.value()->TakeOutput()) == "out");
  const auto ending = program.value()->Wait(kSoon, cancel);
  REQUIRE(ending.ok());
  CHECK(ending.value().exit_status == 4);
  CHECK(ending.value().errors == "told\n");
}

TEST_CASE("RunningProgram: of much standard error the end is kept") {
  const testing::TempFolder folder;
  const Cancel cancel;
  auto program = RunningProgram::Start(Script(folder, "seq 1 100000 >&2"));
  REQUIRE(program.ok());
  CHECK(AllOf(program.value()->TakeOutput()).empty());
  const auto ending = program.value()->Wait(kSoon, cancel);
  REQUIRE(ending.ok());
  CHECK(ending.value().errors.size() == RunningProgram::kKeptErrors);
  CHECK(ending.value().errors.ends_with("\n100000\n"));
}

TEST_CASE("RunningProgram: one that does not end is killed, one that nobody waits for too") {
  const testing::TempFolder folder;
  const Cancel cancel;
  auto program = RunningProgram::Start(Script(folder, "exec sleep 600"));
  REQUIRE(program.ok());
  const auto ending = program.value()->Wait(std::chrono::seconds(0), cancel);
  REQUIRE_FALSE(ending.ok());
  CHECK(ending.error().code() == Code::kFailure);
}

TEST_CASE("RunningProgram: what it started and left runs on after its end, and goes with it") {
  const testing::TempFolder folder;
  const Cancel cancel;
  auto program = RunningProgram::Start(Script(folder, "sleep 600 & exit 3"));
  REQUIRE(program.ok());
  const Fd output = program.value()->TakeOutput();
  const auto ending = program.value()->Wait(kSoon, cancel);
  REQUIRE(ending.ok());
  CHECK(ending.value().exit_status == 3);
  // The one left behind holds the pipe.
  pollfd polled = {output.get(), POLLIN, 0};
  CHECK(::poll(&polled, 1, 0) == 0);
  program.value().reset();
  CHECK(::poll(&polled, 1, 10'000) == 1);
}

TEST_CASE("RunningProgram: a signal is told as 128 and its number") {
  const testing::TempFolder folder;
  const Cancel cancel;
  auto program = RunningProgram::Start(Script(folder, "kill -9 $$"));
  REQUIRE(program.ok());
  CHECK(program.value()->Wait(kSoon, cancel).value().exit_status == 128 + 9);
}

TEST_CASE("RunningProgram: a file that is no program is bad input, and PATH is not searched") {
  const testing::TempFolder folder;
  for (const std::string& path : {folder.path() + "/absent", std::string("true"), folder.path()}) {
    const auto program = RunningProgram::Start(path);
    REQUIRE_FALSE(program.ok());
    CHECK(program.error().code() == Code::kBadInput);
  }
}

}  // namespace
}  // namespace ociship::util
