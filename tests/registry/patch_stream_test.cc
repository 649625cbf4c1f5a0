// SPDX-License-Identifier: Apache-2.0
#include "registry/patch_stream.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>

#include "fixture.h"
#include "util/bytes.h"

using namespace ociship;
using namespace ociship::registry;

namespace {

constexpr std::size_t kMuch = 5'000'000;  // more than may be on its way

// Until the request of a stream is under way.
void WaitForRequest(const Fixture& fixture) {
  for (int i = 0; i < 5000 && fixture.transport.lines().empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  REQUIRE_FALSE(fixture.transport.lines().empty());
}

}  // namespace

TEST_CASE("PatchStream: what is written is the body, of unknown size and as octets") {
  Fixture fixture;
  fixture.transport.On("PATCH u", {.status = 202});
  PatchStream stream(fixture.client, fixture.client.Url("u"));
  CHECK(stream.Write(util::AsBytes("abc")).value() == BodyPipe::Put::kTaken);
  CHECK(stream.Write(util::AsBytes("def")).value() == BodyPipe::Put::kTaken);
  const Result<Streamed> answer = stream.Finish();
  REQUIRE(answer.ok());
  CHECK(answer.value().response.status == 202);
  CHECK(stream.complete());
  CHECK(stream.taken() == 6);
  const testing::Seen seen = fixture.transport.seen(0);
  CHECK(seen.body == "abcdef");
  CHECK_FALSE(seen.size.has_value());
  CHECK(seen.headers.Get("Content-Type") == "application/octet-stream");
  CHECK_FALSE(seen.headers.Get("Content-Range").has_value());
}

TEST_CASE("PatchStream: an answer before the end frees the writer and is given by Finish") {
  Fixture fixture;
  fixture.transport.On("PATCH u", {.status = 413, .read = 3});
  PatchStream stream(fixture.client, fixture.client.Url("u"));
  CHECK(stream.Write(util::AsBytes(std::string(kMuch, 'x'))).value() == BodyPipe::Put::kEnded);
  const Result<Streamed> answer = stream.Finish();
  REQUIRE(answer.ok());
  CHECK(answer.value().response.status == 413);
  CHECK_FALSE(stream.complete());
  CHECK(stream.taken() == 3);
}

TEST_CASE("PatchStream: a break frees the writer and is given by Finish") {
  Fixture fixture;
  fixture.transport.On("PATCH u", {.error = Lost(), .read = 3});
  PatchStream stream(fixture.client, fixture.client.Url("u"));
  CHECK(stream.Write(util::AsBytes(std::string(kMuch, 'x'))).value() == BodyPipe::Put::kEnded);
  const Result<Streamed> answer = stream.Finish();
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code() == Code::kUnavailable);
}

TEST_CASE("PatchStream: one that is dropped gives up a request that waits for bytes") {
  Fixture fixture;
  fixture.transport.On("PATCH u", {.status = 202});
  {
    PatchStream stream(fixture.client, fixture.client.Url("u"));
    REQUIRE(stream.Write(util::AsBytes("abc")).ok());
    WaitForRequest(fixture);
  }
  CHECK(fixture.transport.done());
}

TEST_CASE("PatchStream: one that is dropped gives up a request that gets no answer") {
  Fixture fixture;
  fixture.transport.On("PATCH u", {.read = 0, .stall = true});
  {
    const PatchStream stream(fixture.client, fixture.client.Url("u"));
    WaitForRequest(fixture);
  }
  CHECK(fixture.transport.done());
}

TEST_CASE("PatchStream: a cancel ends the wait for an answer") {
  Fixture fixture;
  fixture.transport.On("PATCH u", {.stall = true});
  PatchStream stream(fixture.client, fixture.client.Url("u"));
  std::thread person([&] { fixture.cancel.Request(); });
  const Result<Streamed> answer = stream.Finish();
  person.join();
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code() == Code::kInterrupted);
}
