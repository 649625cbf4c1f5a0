// SPDX-License-Identifier: Apache-2.0
#include "registry/backoff.h"

#include <doctest/doctest.h>
#include <fake_clock.h>

#include <string>
#include <vector>

#include "util/text.h"

using namespace ociship;
using namespace ociship::registry;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Outcome = Result<http::Response>;

namespace {

class Told : public StoreObserver {
 public:
  void Retrying(std::string_view what, std::string_view why, int attempt, int most,
                milliseconds) override {
    lines.push_back(util::StrCat(what, ": ", why, ", ", attempt, " of ", most));
  }
  void Warning(std::string_view) override {}

  std::vector<std::string> lines;
};

struct Fixture {
  explicit Fixture(int retries = 4) : backoff(clock, cancel, &told, retries, 1) {
    backoff.Reached();
  }

  testing::FakeClock clock;
  util::Cancel cancel;
  Told told;
  Backoff backoff;
};

Outcome Answer(int status, std::string_view retry_after = {}) {
  http::Response response{.status = status};
  if (!retry_after.empty()) response.headers.Add("Retry-After", retry_after);
  return response;
}

Outcome Broken(Code code) { return Error(code, "connection lost"); }

}  // namespace

TEST_CASE("Backoff: what may pass is tried again, as often as was said") {
  Fixture fixture(2);
  for (int attempt = 1; attempt <= 2; ++attempt) {
    CHECK(fixture.backoff.AfterTry("x", attempt, Answer(503)).value() == Next::kTryAgain);
  }
  CHECK(fixture.backoff.AfterTry("x", 3, Answer(503)).value() == Next::kGiveUp);
  CHECK(fixture.clock.sleeps().size() == 2);
  CHECK(fixture.told.lines ==
        std::vector<std::string>{"x: status 503, 1 of 2", "x: status 503, 2 of 2"});
}

TEST_CASE("Backoff: a broken connection is tried again, other errors are not") {
  Fixture fixture;
  CHECK(fixture.backoff.AfterTry("x", 1, Broken(Code::kUnavailable)).value() == Next::kTryAgain);
  CHECK(fixture.told.lines.at(0) == "x: connection lost, 1 of 4");
  for (const Code code : {Code::kFailure, Code::kBadInput, Code::kInterrupted}) {
    CHECK(fixture.backoff.AfterTry("x", 1, Broken(code)).value() == Next::kGiveUp);
  }
  CHECK(fixture.told.lines.size() == 1);
}

TEST_CASE("Backoff: successes and refusals are not tried again, unless somebody knows better") {
  Fixture fixture;
  for (const int status : {200, 307, 400, 401, 403, 404, 413}) {
    CHECK(fixture.backoff.AfterTry("x", 1, Answer(status)).value() == Next::kGiveUp);
  }
  CHECK(fixture.clock.sleeps().empty());
  CHECK(fixture.backoff.BackOff("x", 1, Answer(404)).value() == Next::kTryAgain);
}

TEST_CASE("Backoff: somebody who never answered is tried once more") {
  Told told;
  testing::FakeClock clock;
  const util::Cancel cancel;
  Backoff backoff(clock, cancel, &told, 4, 1);
  CHECK(backoff.AfterTry("x", 1, Broken(Code::kUnavailable)).value() == Next::kTryAgain);
  CHECK(backoff.AfterTry("x", 2, Broken(Code::kUnavailable)).value() == Next::kGiveUp);
}

TEST_CASE("Backoff: too many requests close it for all, until the time is over") {
  Fixture fixture;
  CHECK(fixture.backoff.Admit(fixture.cancel).ok());
  CHECK(fixture.clock.sleeps().empty());
  CHECK(fixture.backoff.AfterTry("x", 1, Answer(429, "30")).value() == Next::kTryAgain);
  CHECK(fixture.clock.sleeps().empty());  // whoever sends next waits
  CHECK(fixture.backoff.Admit(fixture.cancel).ok());
  REQUIRE(fixture.clock.sleeps().size() == 1);
  CHECK(fixture.clock.sleeps()[0] > seconds(29));
  CHECK(fixture.clock.sleeps()[0] < seconds(32));
  CHECK(fixture.backoff.Admit(fixture.cancel).ok());
  CHECK(fixture.clock.sleeps().size() == 1);
}

TEST_CASE("Backoff: a wait of hours is not begun and closes nothing") {
  Fixture fixture;
  for (const char* wait :
       {"121", "21600", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"}) {
    CAPTURE(wait);
    CHECK(fixture.backoff.AfterTry("x", 1, Answer(429, wait)).value() == Next::kGiveUp);
    CHECK(fixture.backoff.Admit(fixture.cancel).ok());
  }
  CHECK(fixture.clock.sleeps().empty());
}

TEST_CASE("Backoff: a Retry-After that says nothing does not shorten the own wait") {
  for (const char* wait : {"-5", "0", "soon", "Sun, 06 Nov 1994 08:49:00 GMT", "\xff"}) {
    CAPTURE(wait);
    Fixture fixture;
    CHECK(fixture.backoff.AfterTry("x", 1, Answer(503, wait)).value() == Next::kTryAgain);
    REQUIRE(fixture.clock.sleeps().size() == 1);
    CHECK(fixture.clock.sleeps()[0] >= milliseconds(250));
    CHECK(fixture.clock.sleeps()[0] <= milliseconds(500));
  }
}

TEST_CASE("Backoff: a cancel ends every wait, that of the request alone too") {
  Fixture fixture;
  util::Cancel own;
  own.Request();
  CHECK(fixture.backoff.Admit(own).error().code() == Code::kInterrupted);
  CHECK(fixture.backoff.Admit(fixture.cancel).ok());
  CHECK(fixture.backoff.AfterTry("x", 1, Answer(503), own).error().code() == Code::kInterrupted);
  CHECK(fixture.backoff.AfterTry("x", 1, Answer(503)).ok());
  fixture.cancel.Request();
  CHECK(fixture.backoff.AfterTry("x", 1, Answer(503)).error().code() == Code::kInterrupted);
  CHECK(fixture.backoff.Wait(seconds(1)).error().code() == Code::kInterrupted);
  // What is done although the person gave up, such as cleaning up, is not held back.
  const util::Cancel never;
  CHECK(fixture.backoff.Admit(never).ok());
}
