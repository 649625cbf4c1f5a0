// SPDX-License-Identifier: Apache-2.0
#include "cli/person.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "fake_context.h"
#include "temp_folder.h"
#include "util/clock.h"
#include "util/file.h"

namespace ociship::cli {
namespace {

using Opened = services::Person::Opened;
using Reach = services::Person::Reach;

// A folder with an xdg-open of ours, which is the only program that is found while it lives.
class Opener {
 public:
  explicit Opener(const std::string& script) : path_(std::getenv("PATH")) {
    REQUIRE(util::WriteNewFile(folder_ / "xdg-open", "#!/bin/sh\n" + script, 0700).ok());
    setenv("PATH", (folder_.path() + ":/usr/bin:/bin").c_str(), 1);
  }
  ~Opener() { setenv("PATH", path_.c_str(), 1); }
  Opener(const Opener&) = delete;
  Opener& operator=(const Opener&) = delete;

  std::string Wrote() const { return util::ReadFile(folder_ / "wrote", 1000).value(); }
  std::string File() const { return folder_ / "wrote"; }
  const testing::TempFolder& folder() const { return folder_; }

 private:
  const testing::TempFolder folder_;
  const std::string path_;
};

struct Fixture : testing::FakeContext {
  util::SystemClock real_clock;
  const Context real{environment, {real_clock, cancel}, output};
};

TEST_CASE_FIXTURE(Fixture, "nobody is there where nothing is a terminal") {
  const testing::CapturedStream captured(STDERR_FILENO);
  environment.variables = {{"DISPLAY", ":0"}, {"WAYLAND_DISPLAY", "wayland-0"}};
  CHECK(TerminalPerson(context).reach() == Reach::kNobody);
}

TEST_CASE_FIXTURE(Fixture, "a line goes to standard error") {
  const testing::CapturedStream captured(STDERR_FILENO);
  TerminalPerson(context).Say("Log in");
  CHECK(captured.Text() == "Log in\n");
}

// What is written to standard error while it is a pipe, as a runner of CI jobs has it.
std::string PipedErrors(const std::function<void()>& write) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const util::Fd before(dup(STDERR_FILENO));
  dup2(ends[1], STDERR_FILENO);
  close(ends[1]);
  write();
  dup2(before.get(), STDERR_FILENO);
  const util::Fd reading(ends[0]);
  std::string text(1000, '\0');
  const ssize_t size = read(reading.get(), text.data(), text.size());
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

TEST_CASE_FIXTURE(Fixture, "in GitHub Actions a token is masked, and elsewhere not shown at all") {
  const testing::CapturedStream answers(STDOUT_FILENO);
  const auto hide = [this] { TerminalPerson(context).Hide("a.b.c"); };
  CHECK(PipedErrors(hide).empty());
  environment.variables["GITHUB_ACTIONS"] = "true";
  output.SpeakJson();
  CHECK(PipedErrors(hide) == "::add-mask::a.b.c\n");
  CHECK(answers.Text().empty());
}

TEST_CASE_FIXTURE(Fixture, "a token is not written into a file, not even to be masked") {
  const testing::CapturedStream captured(STDERR_FILENO);
  environment.variables["GITHUB_ACTIONS"] = "true";
  TerminalPerson(context).Hide("a.b.c");
  CHECK(captured.Text().empty());
}

TEST_CASE_FIXTURE(Fixture, "a page is opened as it is, without a shell") {
  const Opener opener("printf '%s|' \"$#\" \"$1\" > \"${0%/*}/wrote\"\n");
  const std::string url = "https://a.example/?a=$(id)&b='c'";
  CHECK(TerminalPerson(real, Reach::kBrowser).Open(url) == Opened::kYes);
  CHECK(opener.Wrote() == "1|" + url + "|");
}

TEST_CASE_FIXTURE(Fixture, "what is no page, or for nobody, is not opened") {
  const Opener opener("touch \"${0%/*}/wrote\"\n");
  for (const char* url : {"file:///etc/passwd", "--help", "javascript:x", ""}) {
    CAPTURE(url);
    CHECK(TerminalPerson(real, Reach::kBrowser).Open(url) == Opened::kNo);
  }
  for (const Reach reach : {Reach::kNobody, Reach::kTerminal}) {
    CHECK(TerminalPerson(real, reach).Open("https://a.example/") == Opened::kNo);
  }
  CHECK(util::ReadFile(opener.File(), 10).error().code() == Code::kNotFound);
}

TEST_CASE_FIXTURE(Fixture, "an opener that fails is told, and one that goes on is not waited for") {
  {
    const Opener opener("exit 3\n");
    CHECK(TerminalPerson(real, Reach::kBrowser).Open("https://a.example/") == Opened::kNo);
  }
  {
    // It ends with its folder.
    const Opener opener("while [ -e \"$0\" ]; do sleep 0.1; done\n");
    CHECK(TerminalPerson(context, Reach::kBrowser).Open("https://a.example/") == Opened::kYes);
  }
}

}  // namespace
}  // namespace ociship::cli
