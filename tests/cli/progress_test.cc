// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "ociship/reference.h"
#include "util/json.h"
#include "util/text.h"

namespace ociship::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What is written to standard error while it lives.
class Captured {
 public:
  Captured() : file_(memfd_create("stderr", 0)), real_(dup(STDERR_FILENO)) {
    dup2(file_, STDERR_FILENO);
  }
  ~Captured() {
    dup2(real_, STDERR_FILENO);
    close(real_);
    close(file_);
  }
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;

  std::string Text() const {
    std::string text(1 << 20, '\0');
    const ssize_t got = pread(file_, text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(got));
    return text;
  }
  // Waits for it, but not for ever.
  bool Says(std::string_view words) const {
    const auto end = steady_clock::now() + std::chrono::seconds(10);
    while (steady_clock::now() < end) {
      if (Text().find(words) != std::string::npos) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }

 private:
  int file_;
  int real_;
};

class FakeEnvironment : public util::Environment {
 public:
  explicit FakeEnvironment(std::map<std::string, std::string> variables)
      : variables_(std::move(variables)) {}
  std::optional<std::string> Get(const std::string& name) const override {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
  }

 private:
  std::map<std::string, std::string> variables_;
};

Digest SomeDigest() {
  return Digest::Parse("sha256:ca68e786cf2549bfbb3e84d5cfe9a20d0d6122d4003f03d60577cb5eae24bf8c")
      .value();
}

// One layer, a tag, a retry, a notice and a warning.
void TellOfAPush(Progress& progress) {
  progress.LayersFound(1);
  const BlobId id = progress.BlobStarted("layer.tar", 2048);
  progress.BlobProgressed(id, {.read = 1024});
  progress.Retrying("tags", "status 503", 1, 4, milliseconds(500));
  progress.BlobStored(id, SomeDigest(), 1024, LayerState::kSent);
  progress.BlobEnded(progress.BlobStarted("other", {}));
  progress.Notice("look");
  progress.Warning("example.com warns: soon");
  progress.ManifestStored(SomeDigest());
  progress.TagSet(Tag::Parse("1.0").value(), SomeDigest());
}

TEST_CASE("ChooseStyle: auto is plain where nobody looks at a terminal, all others are kept") {
  const Captured captured;  // no terminal
  const FakeEnvironment environment(std::map<std::string, std::string>{{"TERM", "xterm"}});
  CHECK(ChooseStyle(ProgressStyle::kAuto, environment) == ProgressStyle::kPlain);
  for (const ProgressStyle style :
       {ProgressStyle::kBars, ProgressStyle::kPlain, ProgressStyle::kJson, ProgressStyle::kNone}) {
    CHECK(ChooseStyle(style, environment) == style);
  }
}

TEST_CASE("Progress: plain has one line for each thing") {
  const Captured captured;
  Output output;
  Progress progress(output, {.style = ProgressStyle::kPlain});
  TellOfAPush(progress);
  progress.Finish();
  CHECK(captured.Text() ==
        "ociship: retry 1 of 4 in 0.5 s: tags: status 503\n"
        "sha256:ca68e786cf25  sent   1 KiB\n"
        "ociship: note: look\n"
        "ociship: note: example.com warns: soon\n"
        "tagged 1.0\n");
}

TEST_CASE("Progress: none has only what a person should read") {
  const Captured captured;
  Output output;
  Progress progress(output, {.style = ProgressStyle::kNone, .heartbeat = milliseconds(1)});
  TellOfAPush(progress);
  progress.Finish();
  CHECK(captured.Text() == "ociship: note: look\nociship: note: example.com warns: soon\n");
}

TEST_CASE("Progress: json has one event a line, and notes of others too") {
  const Captured captured;
  Output output;
  output.SpeakJson();
  Progress progress(output, {.style = ProgressStyle::kJson});
  TellOfAPush(progress);
  progress.Finish();
  output.Complain(Error(Code::kFailure, "broken"));
  std::vector<std::string> events;
  const std::string text = captured.Text();
  for (const std::string_view line : util::Split(util::Trim(text), '\n')) {
    const auto event = util::Json::Parse(line);
    REQUIRE(event.ok());
    CHECK(event.value().Integer("v").value() == 1);
    events.push_back(event.value().String("event").value());
  }
  CHECK(events == std::vector<std::string>{"layers", "blob-start", "retry", "blob-done",
                                           "blob-start", "blob-end", "notice", "warning",
                                           "manifest", "tag", "error"});
}

TEST_CASE("Progress: after a silence plain and json say what is waited for") {
  for (const auto& [style, words] :
       {std::pair(ProgressStyle::kPlain, "ociship: 0 layers, 0 B sent, waiting for standard input"),
        std::pair(ProgressStyle::kJson, R"({"v":1,"event":"waiting","for":"stdin"})")}) {
    const Captured captured;
    Output output;
    Progress progress(output, {.style = style, .heartbeat = milliseconds(20)});
    progress.WaitsForSource("-");
    CHECK(captured.Says(words));
    progress.WaitsForSource("file");
    CHECK(captured.Says("source"));
    progress.WaitsForDestination();
    CHECK(captured.Says("registry"));
  }
}

TEST_CASE("Progress: json tells of a blob that moves, and not of each step") {
  const Captured captured;
  Output output;
  Progress progress(output, {.style = ProgressStyle::kJson, .heartbeat = milliseconds(50)});
  const BlobId id = progress.BlobStarted("layer.tar", 2048);
  for (std::uint64_t read = 0; read < 1000; ++read) progress.BlobProgressed(id, {.read = read});
  CHECK(captured.Says("blob-progress"));
  progress.Finish();
  CHECK(util::Split(captured.Text(), '\n').size() < 20);
}

TEST_CASE("Progress: bars stand below what is said, and are gone at the end") {
  const Captured captured;
  Output output;
  Progress progress(output, {.style = ProgressStyle::kBars});
  const BlobId id = progress.BlobStarted("layer.tar", 2048);
  progress.BlobProgressed(id, {.read = 1024});
  CHECK(captured.Says("layer 1 "));
  CHECK(captured.Text().ends_with("0 layers, 0 B sent\n"));
  output.Note("an interruption");
  CHECK(captured.Text().find("\x1b[2F\x1b[Jociship: note: an interruption\nlayer 1 ") !=
        std::string::npos);
  progress.BlobStored(id, SomeDigest(), 1024, LayerState::kSent);
  CHECK(
      captured.Text().ends_with("\x1b[Jsha256:ca68e786cf25  sent   1 KiB\n"
                                "1 layer, 1 KiB sent, waiting for the registry\n"));
  progress.Finish();
  const std::string end = captured.Text();
  CHECK(end.ends_with("\x1b[1F\x1b[J"));
  std::this_thread::sleep_for(milliseconds(150));
  CHECK(captured.Text() == end);
}

TEST_CASE("Progress: a push that is over at once draws nothing") {
  const Captured captured;
  Output output;
  Progress progress(output, {.style = ProgressStyle::kBars});
  progress.LayerStored(SomeDigest(), 1024, LayerState::kKnown);
  progress.Finish();
  CHECK(captured.Text() == "sha256:ca68e786cf25  known  1 KiB\n");
}

TEST_CASE("Progress: a plan keeps its layers for the answer") {
  const Captured captured;
  Output output;
  Progress progress(output, {.style = ProgressStyle::kPlain, .purpose = Purpose::kPlan});
  progress.BlobStored(progress.BlobStarted("a", {}), SomeDigest(), 7, LayerState::kSent);
  progress.LayerStored(SomeDigest(), 7, LayerState::kKnown);
  progress.Finish();
  REQUIRE(progress.layers().size() == 1);
  CHECK(progress.layers().at(SomeDigest()).state == LayerState::kSent);
  CHECK(captured.Text().empty());
}

TEST_CASE("RegistryNotes: tries again and warnings are notes") {
  const Captured captured;
  Output output;
  RegistryNotes notes(output);
  notes.Retrying("tags", "status 429", 1, 4, milliseconds(2000));
  notes.Warning("example.com warns: soon");
  CHECK(captured.Text() ==
        "ociship: rate limited, retry 1 of 4 in 2 s: tags: status 429\n"
        "ociship: note: example.com warns: soon\n");
}

}  // namespace
}  // namespace ociship::cli
