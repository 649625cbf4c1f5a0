// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_CLI_FAKE_CONTEXT_H_
#define OCISHIP_TESTS_CLI_FAKE_CONTEXT_H_

#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <optional>
#include <string>

#include "cli/context.h"
#include "fake_clock.h"

namespace ociship::testing {

class FakeEnvironment : public util::Environment {
 public:
  std::optional<std::string> Get(const std::string& name) const override {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  }
  std::map<std::string, std::string> variables;
};

// A Context in which nothing happens by itself.
struct FakeContext {
  FakeEnvironment environment;
  FakeClock clock;
  Cancel cancel;
  cli::Output output;
  cli::Context context{environment, {clock, cancel}, output};
};

// What is written to a descriptor while this lives.
class CapturedStream {
 public:
  explicit CapturedStream(int fd) : fd_(fd), file_(memfd_create("captured", 0)), real_(dup(fd)) {
    dup2(file_, fd_);
  }
  ~CapturedStream() {
    dup2(real_, fd_);
    close(real_);
    close(file_);
  }
  CapturedStream(const CapturedStream&) = delete;
  CapturedStream& operator=(const CapturedStream&) = delete;

  std::string Text() const {
    std::string text(1 << 20, '\0');
    const ssize_t got = pread(file_, text.data(), text.size(), 0);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
  }

 private:
  int fd_;
  int file_;
  int real_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_CLI_FAKE_CONTEXT_H_
