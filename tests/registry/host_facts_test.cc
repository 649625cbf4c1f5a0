// SPDX-License-Identifier: Apache-2.0
#include "registry/host_facts.h"

#include <doctest/doctest.h>
#include <fake_clock.h>
#include <sys/stat.h>
#include <temp_folder.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "util/file.h"

using namespace ociship;
using namespace ociship::registry;
using Seen = HostFacts::Seen;
namespace fs = std::filesystem;

namespace {

constexpr const char* kHost = "registry.example:5000";

struct Fixture {
  testing::TempFolder folder;
  testing::FakeClock clock;

  HostMemory Open(const std::string& host = kHost) { return {host, folder.path(), clock}; }
  std::string File() const { return folder / "registries-1/registry.example:5000"; }
  // What is known when the file holds `text`.
  HostFacts Of(std::string_view text) {
    fs::create_directories(folder / "registries-1");
    REQUIRE(util::WriteFileAtomically(File(), text, 0600).ok());
    return Open().Get();
  }
  std::string Fresh(std::string_view text) {
    return "learnt " + std::to_string(clock.now.time_since_epoch().count()) + "\n" +
           std::string(text);
  }
};

void LearnAll(HostMemory& memory) {
  memory.Learn([](HostFacts& facts) {
    facts = {.body_limit = 1000,
             .refuses_chunks = Seen::kYes,
             .refuses_streams = Seen::kYes,
             .refuses_whole_blobs = Seen::kYes,
             .refuses_mount_anywhere = Seen::kYes,
             .ignores_tag_queries = Seen::kYes};
  });
}

}  // namespace

TEST_CASE("HostMemory: what was learnt is known to the next, of the same host alone") {
  Fixture fixture;
  HostMemory memory = fixture.Open();
  CHECK(memory.Get() == HostFacts());
  LearnAll(memory);
  CHECK(fixture.Open().Get() == memory.Get());
  CHECK(fixture.Open("registry.example").Get() == HostFacts());
}

TEST_CASE("HostMemory: without a folder nothing is written, and all is known to this one") {
  testing::FakeClock clock;
  HostMemory memory(kHost, "", clock);
  LearnAll(memory);
  CHECK(memory.Get().body_limit == 1000);
  CHECK(HostMemory(kHost, "", clock).Get() == HostFacts());
}

TEST_CASE("HostMemory: it is forgotten after a month, and when it is of the future") {
  Fixture fixture;
  HostMemory memory = fixture.Open();
  LearnAll(memory);
  fixture.clock.now += std::chrono::hours(30 * 24) - std::chrono::seconds(1);
  CHECK(fixture.Open().Get() != HostFacts());
  fixture.clock.now += std::chrono::seconds(1);
  CHECK(fixture.Open().Get() == HostFacts());
  fixture.clock.now -= std::chrono::hours(30 * 24) + std::chrono::seconds(1);
  CHECK(fixture.Open().Get() == HostFacts());
}

TEST_CASE("HostMemory: nothing is written when nothing changes") {
  Fixture fixture;
  HostMemory memory = fixture.Open();
  memory.Learn([](HostFacts&) {});
  CHECK(fixture.folder.Count() == 0);
}

TEST_CASE("HostMemory: damaged files count as empty, unknown lines do no harm") {
  Fixture fixture;
  for (const char* text :
       {"", "\n\n", "learnt", "refuses-chunks 1\n", "learnt 99999999999999999999\nrefuses-chunks 1",
        "learnt -1\nrefuses-chunks 1", "learnt 18446744073709551615\nrefuses-chunks 1",
        "learnt 9223372036854775807\nrefuses-chunks 1",
        "learnt 4611686018427387902\nbody-limit 1"}) {
    CAPTURE(text);
    CHECK(fixture.Of(text) == HostFacts());
  }
  CHECK(fixture.Of(fixture.Fresh("refuses-chunks 2\nrefuses-chunks\nbody-limit x\nother 1\n"
                                 "body-limit -1\nbody-limit 0\nrefuses-chunks 1 1\n")) ==
        HostFacts());
  CHECK(fixture.Of(std::string("\0\xff\n", 3) + fixture.Fresh("new 7\nrefuses-streams 1"))
            .refuses_streams == Seen::kYes);
}

TEST_CASE("HostMemory: a limit is never so large that it could not be held in memory") {
  Fixture fixture;
  CHECK(fixture.Of(fixture.Fresh("body-limit 18446744073709551615\n")).body_limit == 64 << 20);
  CHECK(fixture.Of(fixture.Fresh("body-limit 5000\n")).body_limit == 5000);
}

TEST_CASE("HostMemory: a file that is too large, or none, counts as empty") {
  Fixture fixture;
  const std::string facts = fixture.Fresh("refuses-chunks 1\n");
  CHECK(fixture.Of(facts + std::string(4096 - facts.size(), '\n')) != HostFacts());
  CHECK(fixture.Of(facts + std::string(4097 - facts.size(), '\n')) == HostFacts());
  fs::remove(fixture.File());
  REQUIRE(mkfifo(fixture.File().c_str(), 0600) == 0);
  CHECK(fixture.Open().Get() == HostFacts());
  fs::remove(fixture.File());
  fs::create_directory(fixture.File());
  CHECK(fixture.Open().Get() == HostFacts());
}

TEST_CASE("HostMemory: a folder that cannot be made is no error") {
  Fixture fixture;
  REQUIRE(util::WriteFileAtomically(fixture.folder / "registries-1", "", 0600).ok());
  HostMemory memory = fixture.Open();
  LearnAll(memory);
  CHECK(memory.Get().body_limit == 1000);
}

TEST_CASE("HostMemory: several threads learn different things and none is lost") {
  Fixture fixture;
  HostMemory memory = fixture.Open();
  std::vector<std::thread> threads;
  for (const auto member : {&HostFacts::refuses_chunks, &HostFacts::refuses_streams,
                            &HostFacts::refuses_whole_blobs, &HostFacts::ignores_tag_queries}) {
    threads.emplace_back(
        [&memory, member] { memory.Learn([member](HostFacts& f) { f.*member = Seen::kYes; }); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(fixture.Open().Get() == HostFacts{.refuses_chunks = Seen::kYes,
                                          .refuses_streams = Seen::kYes,
                                          .refuses_whole_blobs = Seen::kYes,
                                          .ignores_tag_queries = Seen::kYes});
}
