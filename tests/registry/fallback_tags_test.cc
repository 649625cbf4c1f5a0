// SPDX-License-Identifier: Apache-2.0
#include "registry/fallback_tags.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "crypto/hash.h"
#include "fixture.h"
#include "http/transport.h"
#include "oci/layout_index.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "util/bytes.h"
#include "util/text.h"

using namespace ociship;
using namespace ociship::registry;

namespace {

const Digest kSubject = crypto::Sha256(util::AsBytes("image"));

Digest DigestOf(int number) { return crypto::Sha256(util::AsBytes(util::StrCat("s", number))); }

Descriptor Entry(int number) {
  return {.media_type = std::string(oci::kOciManifest), .digest = DigestOf(number), .size = 2};
}

std::string List(int begin, int end) {
  oci::LayoutIndex index;
  for (int i = begin; i < end; ++i) index.entries.push_back({.descriptor = Entry(i)});
  return oci::FormatLayoutIndex(index);
}

// One tag of a registry, which somebody else may write before each request.
class OneTag : public http::Transport {
 public:
  Result<http::Response> Send(const http::Request& request, const http::Receive& receive,
                              const util::Cancel& cancel) override {
    if (auto go_on = cancel.Check(); !go_on.ok()) return std::move(go_on).error();
    ++requests;
    if (meddle) meddle(request.method);
    http::Response response;
    if (request.method == http::Method::kPut) {
      std::string written;
      util::Bytes buffer(64 << 10);
      while (const std::size_t got = request.body.reader->Read(buffer).value()) {
        written.append(util::AsText(ByteView(buffer).first(got)));
      }
      body = written;
      ++writes;
      response.status = 201;
      return response;
    }
    response.status = body.empty() ? 404 : 200;
    if (body.empty()) return response;
    response.headers.Add("Content-Type", type);
    if (auto put = receive.sink->Write(util::AsBytes(body)); !put.ok()) {
      return std::move(put).error();
    }
    return response;
  }

  std::string type{oci::kOciIndex};
  std::string body;
  std::function<void(http::Method)> meddle;
  int requests = 0;
  int writes = 0;
};

struct TagFixture {
  std::chrono::milliseconds slept() const {
    const auto sleeps = clock.sleeps();
    return std::accumulate(sleeps.begin(), sleeps.end(), std::chrono::milliseconds(0));
  }
  std::vector<Digest> listed() const {
    std::vector<Digest> digests;
    const auto index = oci::ParseLayoutIndex(tag.body).value();
    for (const oci::LayoutEntry& entry : index.entries) digests.push_back(entry.descriptor.digest);
    return digests;
  }

  OneTag tag;
  testing::FakeClock clock;
  util::Cancel cancel;
  Client client{RepositoryOf("registry.example/acme/app"), tag, clock, cancel, {}};
  FallbackTags tags{client};
};

}  // namespace

TEST_CASE("FallbackTags: a list to which nothing was added is not waited for") {
  TagFixture fixture;
  CHECK(fixture.tags.Settle().ok());
  fixture.tag.body = List(0, 3);
  REQUIRE(fixture.tags.Add(kSubject, Entry(1)).ok());
  CHECK(fixture.tags.Settle().ok());
  CHECK(fixture.clock.sleeps().empty());
  CHECK(fixture.tag.writes == 0);
}

TEST_CASE("FallbackTags: a list that was added to is watched for a second") {
  TagFixture fixture;
  REQUIRE(fixture.tags.Add(kSubject, Entry(1)).ok());
  CHECK(fixture.tags.Settle().ok());
  CHECK(fixture.slept() >= std::chrono::milliseconds(750));
  CHECK(fixture.slept() <= std::chrono::milliseconds(3000));
  CHECK(fixture.tag.writes == 1);
}

TEST_CASE("FallbackTags: what another writer undoes while it is watched is put back") {
  TagFixture fixture;
  REQUIRE(fixture.tags.Add(kSubject, Entry(1)).ok());
  int looks = 0;
  fixture.tag.meddle = [&](http::Method) {
    if (++looks == 2) fixture.tag.body = List(2, 4);
  };
  CHECK(fixture.tags.Settle().ok());
  CHECK(fixture.listed() == std::vector<Digest>{DigestOf(2), DigestOf(3), DigestOf(1)});
}

TEST_CASE("FallbackTags: a list that somebody empties all the time ends in an error") {
  TagFixture fixture;
  REQUIRE(fixture.tags.Add(kSubject, Entry(1)).ok());
  fixture.tag.meddle = [&](http::Method method) {
    if (method == http::Method::kGet) fixture.tag.body = List(2, 3);
  };
  const Status settled = fixture.tags.Settle();
  REQUIRE_FALSE(settled.ok());
  CHECK(settled.error().code() == Code::kUnavailable);
  CHECK(fixture.tag.requests < 1300);
  CHECK(fixture.slept() < std::chrono::minutes(6));
}

TEST_CASE("FallbackTags: a slow registry with a list that never rests is left after minutes") {
  TagFixture fixture;
  fixture.tag.meddle = [&](http::Method method) {
    // Once: the pause follows the slowest update.
    if (fixture.tag.requests == 1) std::this_thread::sleep_for(std::chrono::milliseconds(1300));
    if (method == http::Method::kGet && fixture.tag.requests > 4) fixture.tag.body = List(2, 3);
  };
  REQUIRE(fixture.tags.Add(kSubject, Entry(1)).ok());
  const Status settled = fixture.tags.Settle();
  REQUIRE_FALSE(settled.ok());
  CHECK(settled.error().code() == Code::kUnavailable);
  CHECK(fixture.slept() < std::chrono::minutes(6));
}

TEST_CASE("FallbackTags: a cancel ends the watching") {
  TagFixture fixture;
  REQUIRE(fixture.tags.Add(kSubject, Entry(1)).ok());
  fixture.clock.on_sleep = [&] { fixture.cancel.Request(); };
  CHECK(fixture.tags.Settle().error().code() == Code::kInterrupted);
}

TEST_CASE("FallbackTags: a list of ten thousand is added to while there is room") {
  TagFixture fixture;
  fixture.tag.body = List(0, static_cast<int>(oci::kMaxDescriptors) - 1);
  REQUIRE(fixture.tags.Add(kSubject, Entry(-1)).ok());
  CHECK(fixture.listed().size() == oci::kMaxDescriptors);
  CHECK(fixture.tag.writes == 1);
}

TEST_CASE("FallbackTags: a list that is full is refused and stays as it is") {
  TagFixture fixture;
  const std::string full = List(0, static_cast<int>(oci::kMaxDescriptors));
  fixture.tag.body = full;
  const Status added = fixture.tags.Add(kSubject, Entry(-1));
  REQUIRE_FALSE(added.ok());
  CHECK(added.error().code() == Code::kFailure);
  CHECK(fixture.tag.body == full);
  CHECK(fixture.tag.writes == 0);
}

TEST_CASE("FallbackTags: entries that stand twice in a list are no reason to write it again") {
  TagFixture fixture;
  oci::LayoutIndex index;
  for (const int number : {1, 2, 1, 2}) index.entries.push_back({.descriptor = Entry(number)});
  fixture.tag.body = oci::FormatLayoutIndex(index);
  REQUIRE(fixture.tags.Add(kSubject, Entry(3)).ok());
  CHECK(fixture.tags.Settle().ok());
  CHECK(fixture.tag.writes == 1);
  CHECK(fixture.listed() ==
        std::vector<Digest>{DigestOf(1), DigestOf(2), DigestOf(1), DigestOf(2), DigestOf(3)});
}

TEST_CASE("FallbackTags: entries that stood twice are put back once") {
  TagFixture fixture;
  oci::LayoutIndex index;
  for (const int number : {1, 2, 1}) index.entries.push_back({.descriptor = Entry(number)});
  fixture.tag.body = oci::FormatLayoutIndex(index);
  REQUIRE(fixture.tags.Add(kSubject, Entry(3)).ok());
  fixture.tag.body = List(3, 4);
  CHECK(fixture.tags.Settle().ok());
  CHECK(fixture.listed() == std::vector<Digest>{DigestOf(3), DigestOf(1), DigestOf(2)});
}

TEST_CASE("FallbackTags: a tag that becomes something else while it is watched is left alone") {
  TagFixture fixture;
  REQUIRE(fixture.tags.Add(kSubject, Entry(1)).ok());
  fixture.tag.type = oci::kOciManifest;
  fixture.tag.body = "{}";
  CHECK(fixture.tags.Settle().error().code() == Code::kFailure);
  CHECK(fixture.tag.body == "{}");
}

TEST_CASE("FallbackTag: the digits of longer digests are cut") {
  CHECK(FallbackTag(kSubject) == util::StrCat("sha256-", kSubject.hex()));
  const std::string hex(128, 'a');
  CHECK(FallbackTag(Digest::Parse("sha512:" + hex).value()) == "sha512-" + hex.substr(0, 64));
}
