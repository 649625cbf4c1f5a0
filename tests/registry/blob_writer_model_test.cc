// SPDX-License-Identifier: Apache-2.0
// The writer of blobs against a registry that has accidents.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <string>

#include "content.h"
#include "crypto/hash.h"
#include "fixture.h"
#include "model_registry.h"
#include "oci/write_blob.h"
#include "registry/blob_writer.h"
#include "util/bytes.h"

using namespace ociship;
using namespace ociship::registry;
using testing::ModelRegistry;

namespace {

constexpr std::uint32_t kSchedules = 2000;
constexpr std::size_t kSmallestChunk = 64 << 10;
constexpr std::size_t kLargest = 3'500'000;
constexpr std::size_t kPlaces = 1000;

// What one schedule is made of.
class Schedule {
 public:
  explicit Schedule(std::uint32_t seed) : random_(seed) {}

  std::uint64_t Below(std::uint64_t end) {
    return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random_);
  }
  bool OneIn(std::uint64_t count) { return Below(count) == 0; }

  // No two places look alike, so that bytes at a wrong place make another blob.
  std::string Text(std::size_t size) {
    static const std::string pool = [] {
      std::minstd_rand random;
      std::string bytes(kLargest + kPlaces, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random() >> 8);
      return bytes;
    }();
    return pool.substr(Below(kPlaces), size);
  }

  std::size_t Size() {
    constexpr std::size_t kSizes[] = {0, 1, 2, kSmallestChunk, 2 * kSmallestChunk, 100'000};
    if (OneIn(20)) return 1'000'000 + Below(kLargest - 1'000'000);
    const std::size_t size = kSizes[Below(std::size(kSizes))];
    const std::uint64_t shift = Below(3);
    return size == 0 ? Below(400'000) * shift : size + 1 - shift;
  }

  // There is always a way to bring a blob there.
  ModelRegistry::Habits Habits() {
    ModelRegistry::Habits habits{.takes_bodies = !OneIn(5),
                                 .checks_digests = !OneIn(2),
                                 .drops_broken = OneIn(4),
                                 .checks_location = OneIn(3)};
    switch (Below(5)) {
      case 0:
        habits.takes_chunks = false;
        break;
      case 1:
        habits.takes_streams = false;
        break;
      case 2:
        habits.limit = kSmallestChunk + Below(200'000);
        habits.says_limit = !OneIn(4);
        // It takes a break each time to find out about what is not said.
        if (!habits.says_limit) *habits.limit += 200'000;
        break;
      default:
        break;
    }
    // Somebody who tells lies finds out himself what they lead to.
    if (habits.checks_digests) habits.range = static_cast<ModelRegistry::Range>(Below(5));
    habits.takes_bodies = habits.takes_bodies || !habits.checks_digests;
    return habits;
  }

  RegistryOptions Options() {
    RegistryOptions options{.retries = static_cast<int>(Below(6)),
                            .whole_blob_bytes = OneIn(2) ? 0 : Below(150'000)};
    if (OneIn(3)) options.chunk_bytes = kSmallestChunk + Below(2) * 10'000;
    return options;
  }

 private:
  std::minstd_rand random_;
};

// A client of such a registry.
struct Place {
  Place(std::uint32_t seed, const ModelRegistry::Habits& habits, const RegistryOptions& options,
        double accidents)
      : registry(seed, habits, accidents),
        client(RepositoryOf("registry.example/acme/app"), registry, clock, cancel, options) {}

  Status Write(Content& content) {
    auto writer = NewBlobWriter(client);
    if (!writer.ok()) return std::move(writer).error();
    Status written = oci::WriteFrom(0, content, *writer.value());
    if (!written.ok()) return written;
    return oci::CommitBlob(content.digest(), content, *writer.value());
  }

  ModelRegistry registry;
  testing::FakeClock clock;
  util::Cancel cancel;
  Client client;
};

}  // namespace

TEST_CASE("BlobWriter: whatever a registry does, a success means that it has the very blob") {
  int successes = 0;
  for (std::uint32_t seed = 1; seed <= kSchedules; ++seed) {
    CAPTURE(seed);
    Schedule schedule(seed);
    const ModelRegistry::Habits habits = schedule.Habits();
    Place place(seed, habits, schedule.Options(), 0.05 * static_cast<double>(schedule.Below(9)));
    Content content(schedule.Text(schedule.Size()));
    place.registry.most_requests = 3000;
    if (schedule.OneIn(10)) {
      const std::size_t end = 1 + schedule.Below(12);
      place.registry.on_request = [&place, end](std::size_t number) {
        if (number == end) place.cancel.Request();
      };
    }
    const Status status = place.Write(content);
    REQUIRE_FALSE(place.registry.overrun());
    if (!status.ok()) continue;
    ++successes;
    REQUIRE(place.registry.Blob(content.digest()) == content.text());
  }
  CHECK(successes > static_cast<int>(kSchedules / 4));
}

TEST_CASE("BlobWriter: what was learnt of accidents does not keep the next blob away") {
  for (std::uint32_t seed = 1; seed <= kSchedules / 4; ++seed) {
    CAPTURE(seed);
    Schedule schedule(seed);
    const ModelRegistry::Habits habits = schedule.Habits();
    if (habits.range != ModelRegistry::Range::kTrue) continue;
    RegistryOptions options = schedule.Options();
    options.retries = 4;
    if (!habits.takes_chunks) options.chunk_bytes.reset();
    Place place(seed, habits, options, 0.3);
    for (int blobs = 0; blobs < 4; ++blobs) {
      Content content(schedule.Text(schedule.Size()));
      static_cast<void>(place.Write(content));
    }
    place.registry.BeCalm();
    Content content(schedule.Text(schedule.Size()));
    const Status status = place.Write(content);
    CAPTURE(status.ok() ? "" : status.error().message());
    REQUIRE(status.ok());
    REQUIRE(place.registry.Blob(content.digest()) == content.text());
  }
}

TEST_CASE("BlobWriter: a connection that breaks at the same place each time is given up") {
  for (const bool chunks : {true, false}) {
    RegistryOptions options;
    if (chunks) options.chunk_bytes = 1'500'000;
    Place place(1, {.breaks_at = 2'900'000}, options, 0);
    Content content(Schedule(1).Text(kLargest));
    const Status status = place.Write(content);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code() == Code::kUnavailable);
    CHECK(place.registry.requests() < 100);
  }
}

TEST_CASE("BlobWriter: a PUT that fails each time after all bytes were taken is given up") {
  for (const bool takes_chunks : {true, false}) {
    Place place(1, {.takes_chunks = takes_chunks, .closes = false}, {}, 0);
    Content content(Schedule(1).Text(3'000'000));
    const Status status = place.Write(content);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code() == Code::kUnavailable);
    CHECK(place.registry.requests() < 100);
  }
}

TEST_CASE("BlobWriter: a cancel at any request ends it, and leaves no session behind") {
  for (const bool chunks : {true, false}) {
    for (const std::size_t whole : {0, 300'000}) {
      for (std::size_t end = 1; end <= 8; ++end) {
        CAPTURE(end);
        RegistryOptions options{.whole_blob_bytes = whole};
        if (chunks) options.chunk_bytes = kSmallestChunk;
        Place place(1, {}, options, 0);
        place.registry.on_request = [&place, end](std::size_t number) {
          if (number == end) place.cancel.Request();
        };
        Content content(Schedule(1).Text(250'000));
        const Status status = place.Write(content);
        CHECK((status.ok() || status.error().code() == Code::kInterrupted));
        CHECK(place.registry.sessions() == 0);
        CHECK(place.registry.requests() <= end + 3);
      }
    }
  }
}

TEST_CASE("BlobWriter: bodies that are cut for their size without a word become smaller") {
  Place place(1, {.limit = 1'000'000, .says_limit = false}, {}, 0);
  Content content(Schedule(1).Text(kLargest));
  REQUIRE(place.Write(content).ok());
  CHECK(place.registry.Blob(content.digest()) == content.text());
}
