// SPDX-License-Identifier: Apache-2.0
#include "services/service_call.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "fake_clock.h"
#include "fake_transport.h"
#include "services/deadline.h"

namespace ociship::services {
namespace {

using std::chrono::milliseconds;
using testing::FakeClock;
using testing::FakeTransport;
using testing::Reply;

constexpr std::string_view kJwt =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";

struct Fixture {
  FakeTransport transport{"https://fulcio.example/"};
  FakeClock clock;
  Cancel cancel;
  ServiceCaller caller{transport, Effects{.clock = clock, .cancel = cancel}};

  static ServiceCall Call(std::string_view url = "https://fulcio.example/sign") {
    return {.service = "Fulcio https://fulcio.example",
            .url = util::Url::Parse(url).value(),
            .content_type = "application/json",
            .accept = "application/json",
            .body = "{\"a\":1}",
            .bearer_token = std::string(kJwt)};
  }
  Error Refused(std::initializer_list<int> also = {}) { return caller.Send(Call(), also).error(); }
};

TEST_CASE_FIXTURE(Fixture, "Send: what is sent, and the whole answer") {
  const std::string large(100'000, 'x');  // more than a Transport keeps by itself
  transport.On("POST sign", {.status = 201, .headers = {{"ETag", "e"}}, .body = large});
  const auto answer = caller.Send(Call());
  REQUIRE(answer.ok());
  CHECK(answer.value().status == 201);
  CHECK(answer.value().body == large);
  CHECK(answer.value().headers.Get("ETag") == "e");
  CHECK(transport.seen(0).body == "{\"a\":1}");
  CHECK(transport.seen(0).size == 7);
  CHECK(transport.seen(0).headers.Get("Content-Type") == "application/json");
  CHECK(transport.seen(0).headers.Get("Accept") == "application/json");
  CHECK(transport.seen(0).headers.Get("Authorization") == "Bearer " + std::string(kJwt));
  CHECK(transport.done());
  CHECK(clock.sleeps().empty());
}

TEST_CASE_FIXTURE(Fixture, "Send: without content type, accept and token there is none of them") {
  transport.On("GET entry", {.body = "{}"});
  ServiceCall call{.service = "Rekor",
                   .method = http::Method::kGet,
                   .url = util::Url::Parse("https://fulcio.example/entry").value()};
  REQUIRE(caller.Send(call).ok());
  CHECK(transport.seen(0).headers.fields().empty());
  CHECK_FALSE(transport.seen(0).size.has_value());
}

TEST_CASE_FIXTURE(Fixture, "Send: http is for this machine alone") {
  const auto refused = caller.Send(Call("http://fulcio.example/sign"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code() == Code::kUsage);
  CHECK(transport.lines().empty());
  for (const std::string_view host : {"http://127.0.0.1:80/sign", "http://localhost:80/sign"}) {
    transport.On("POST " + std::string(host), {});
    CHECK(caller.Send(Call(host)).ok());
  }
}

TEST_CASE_FIXTURE(Fixture, "Send: what may pass is tried again") {
  for (const int status : {408, 425, 500, 502, 503, 504}) {
    transport.On("POST sign", {.status = status}).On("POST sign", {.body = "done"});
    const auto answer = caller.Send(Call());
    REQUIRE(answer.ok());
    CHECK(answer.value().body == "done");
  }
  transport.On("POST sign", {.error = testing::Lost()}).On("POST sign", {.body = "done"});
  CHECK(caller.Send(Call()).ok());
  CHECK(transport.done());
  REQUIRE(clock.sleeps().size() == 7);
  for (const milliseconds slept : clock.sleeps()) {
    CHECK(slept >= milliseconds(250));
    CHECK(slept <= milliseconds(500));
  }
  // The whole body each time.
  CHECK(transport.seen(13).body == "{\"a\":1}");
}

TEST_CASE_FIXTURE(Fixture, "Send: other refusals are final") {
  for (const int status : {400, 401, 403, 404, 405, 409, 422, 501}) {
    transport.On("POST sign", {.status = status, .body = "no"});
    const Error error = Refused();
    CHECK(error.code() == Code::kSigningService);
    CHECK(error.message() ==
          "Fulcio https://fulcio.example answered " + std::to_string(status) + ": no");
  }
  CHECK(transport.done());
  CHECK(clock.sleeps().empty());
}

TEST_CASE_FIXTURE(Fixture, "Send: the fourth failure is the last, with ever longer waits") {
  for (int i = 0; i < 4; ++i) transport.On("POST sign", {.status = 503, .body = "busy"});
  const Error error = Refused();
  CHECK(error.code() == Code::kSigningService);
  CHECK(error.message() == "Fulcio https://fulcio.example (asked 4 times) answered 503: busy");
  CHECK(transport.done());
  const auto sleeps = clock.sleeps();
  REQUIRE(sleeps.size() == 3);
  CHECK(sleeps[1] >= milliseconds(500));
  CHECK(sleeps[1] <= milliseconds(1000));
  CHECK(sleeps[2] >= milliseconds(1000));
  CHECK(sleeps[2] <= milliseconds(2000));
}

TEST_CASE_FIXTURE(Fixture, "Send: a server that is out of reach") {
  for (int i = 0; i < 4; ++i) transport.On("POST sign", {.error = testing::Lost()});
  const Error error = Refused();
  CHECK(error.code() == Code::kSigningService);
  CHECK(error.message() ==
        "Fulcio https://fulcio.example (asked 4 times): connection lost to registry.example");
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "Send: a status of `also` is an answer, without another try") {
  transport.On("POST sign", {.status = 409, .headers = {{"Location", "/x"}}, .body = "known"});
  const auto answer = caller.Send(Call(), {409, 503});
  REQUIRE(answer.ok());
  CHECK(answer.value().status == 409);
  CHECK(answer.value().body == "known");
  CHECK(answer.value().headers.Get("Location") == "/x");
  transport.On("POST sign", {.status = 503});
  CHECK(caller.Send(Call(), {409, 503}).value().status == 503);
  transport.On("POST sign", {.status = 404});
  CHECK_FALSE(caller.Send(Call(), {409, 503}).ok());
}

TEST_CASE_FIXTURE(Fixture, "Send: a redirect is not followed, and said") {
  transport.On("POST sign",
               {.status = 302, .headers = {{"Location", "https://evil.example/\x1b[2J"}}});
  const Error error = Refused();
  CHECK(error.code() == Code::kSigningService);
  CHECK(error.message().find("answered 302, it sends us to \"https://evil.example/\\x1b[2J\"") !=
        std::string::npos);
  CHECK(transport.lines().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "Send: an answer of more than the most is refused once") {
  transport.On("POST sign", {.body = std::string(kMaxAnswerBytes + 1, 'x')});
  const Error error = Refused();
  CHECK(error.code() == Code::kSigningService);
  CHECK(error.message() == "Fulcio https://fulcio.example: the answer has more than 4 MiB");
  CHECK(transport.done());
  transport.On("POST sign", {.body = std::string(kMaxAnswerBytes, 'x')});
  CHECK(caller.Send(Call()).ok());
}

TEST_CASE_FIXTURE(Fixture, "Send: after 429 all wait who ask this host") {
  transport.On("POST sign", {.status = 429, .headers = {{"Retry-After", "7"}}})
      .On("POST sign", {})
      .On("POST sign", {})
      .On("POST https://other.example/sign", {});
  REQUIRE(caller.Send(Call()).ok());
  // The second of the clock is over, and a part of the own delay comes on top.
  REQUIRE(clock.sleeps() == std::vector<milliseconds>{milliseconds(8000)});
  REQUIRE(caller.Send(Call()).ok());
  REQUIRE(caller.Send(Call("https://other.example/sign")).ok());
  CHECK(clock.sleeps().size() == 1);
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "Send: after the last 429 it is kRateLimited, and the next one waits") {
  for (int i = 0; i < 4; ++i) {
    transport.On("POST sign", {.status = 429, .headers = {{"Retry-After", "2"}}, .body = "slow"});
  }
  const Error error = Refused();
  CHECK(error.code() == Code::kRateLimited);
  CHECK(error.message() ==
        "Fulcio https://fulcio.example (asked 4 times) answered 429: slow, it "
        "asks to come back after \"2\"");
  CHECK(clock.sleeps().size() == 3);
  transport.On("POST https://other.example/sign", {}).On("POST sign", {});
  CHECK(caller.Send(Call("https://other.example/sign")).ok());
  CHECK(clock.sleeps().size() == 3);
  CHECK(caller.Send(Call()).ok());
  CHECK(clock.sleeps().size() == 4);
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "Send: a server that asks for more than two minutes is not waited for") {
  transport.On("POST sign", {.status = 429, .headers = {{"Retry-After", "121"}}});
  CHECK(Refused().code() == Code::kRateLimited);
  transport.On("POST sign", {.status = 503, .headers = {{"Retry-After", "121"}}});
  CHECK(Refused().code() == Code::kSigningService);
  CHECK(clock.sleeps().empty());
  transport.On("POST sign", {.status = 503, .headers = {{"Retry-After", "60"}}})
      .On("POST sign", {});
  CHECK(caller.Send(Call()).ok());
  REQUIRE(clock.sleeps().size() == 1);
  CHECK(clock.sleeps()[0] > milliseconds(60'000));
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "AwaitTurn: waits for every host that wants it, once") {
  CHECK(caller.AwaitTurn().ok());
  CHECK(clock.sleeps().empty());
  for (int i = 0; i < 4; ++i) {
    transport.On("POST sign", {.status = 429, .headers = {{"Retry-After", "9"}}});
  }
  CHECK_FALSE(caller.Send(Call()).ok());
  const std::size_t before = clock.sleeps().size();
  CHECK(caller.AwaitTurn().ok());
  CHECK(clock.sleeps().size() == before + 1);
  CHECK(caller.AwaitTurn().ok());
  CHECK(clock.sleeps().size() == before + 1);
}

TEST_CASE_FIXTURE(Fixture, "AwaitTurn: a pause that is over is none") {
  for (int i = 0; i < 4; ++i) {
    transport.On("POST sign", {.status = 429, .headers = {{"Retry-After", "9"}}});
  }
  CHECK_FALSE(caller.Send(Call()).ok());
  const std::size_t before = clock.sleeps().size();
  clock.now += std::chrono::seconds(60);
  CHECK(caller.AwaitTurn().ok());
  CHECK(clock.sleeps().size() == before);
}

TEST_CASE_FIXTURE(Fixture, "Send: cancelled while it waits, it asks no more") {
  clock.on_sleep = [this] { cancel.Request(); };
  SUBCASE("between two tries") {
    transport.On("POST sign", {.status = 503});
    CHECK(Refused().code() == Code::kInterrupted);
  }
  SUBCASE("for its turn") {
    transport.On("POST sign", {.status = 429});
    CHECK(Refused().code() == Code::kInterrupted);
    CHECK(caller.AwaitTurn().error().code() == Code::kInterrupted);
  }
  CHECK(transport.lines().size() == 1);
}

TEST_CASE("Send: a deadline ends a server that never answers") {
  FakeTransport transport("https://fulcio.example/");
  transport.On("POST sign", {.stall = true});
  FakeClock clock;
  const Cancel person;
  const Deadline deadline(milliseconds(20), person);
  ServiceCaller caller(transport, {.clock = clock, .cancel = deadline.cancel()});
  CHECK(caller.Send(Fixture::Call()).error().code() == Code::kInterrupted);
  CHECK_FALSE(person.requested());
}

TEST_CASE("Refusal: what services say") {
  const auto said = [](std::string body) {
    return Refusal(Fixture::Call(), {.status = 400, .headers = {}, .body = std::move(body)})
        .message();
  };
  const std::string head = "Fulcio https://fulcio.example answered 400";
  CHECK(said("{\"code\":3,\"message\":\"bad key\",\"details\":[]}") == head + ": bad key");
  CHECK(said("{\"error\":\"bad key\"}") == head + ": bad key");
  CHECK(said("\"bad key\"\n") == head + ": bad key");
  CHECK(said("bad key\r\n") == head + ": bad key");
  CHECK(said("a\x1b[31m\nb\xff") == head + ": a\\x1b[31m\\x0ab\\xff");
  CHECK(said("") == head);
  CHECK(said("{\"code\":3,\"message\":") == head);
  CHECK(said("{\"message\":{\"a\":1}}") == head);
  CHECK(said("<html><body>gateway</body></html>") == head);
  CHECK(said(std::string(1'000'000, 'x')).size() < 500);
}

TEST_CASE("Refusal: no token, whole, in parts or a stranger's, is repeated") {
  const std::vector<std::string_view> parts = util::Split(kJwt, '.');
  const auto said = [](const std::string& body) {
    return Refusal(Fixture::Call(), {.status = 401, .headers = {}, .body = body}).message();
  };
  CHECK(said("cannot read " + std::string(kJwt) + " as a token") ==
        "Fulcio https://fulcio.example answered 401: cannot read [token] as a token");
  CHECK(said(util::StrCat("{\"message\":\"part '", parts[2], "' and '", parts[1], "'\"}")) ==
        "Fulcio https://fulcio.example answered 401: part '[token]' and '[token]'");
  CHECK(said("got eyJzdWIiOiJzdHJhbmdlciJ9.eyJzdWIiOiJzdHJhbmdlciJ9.xyz") ==
        "Fulcio https://fulcio.example answered 401: got [token]");
  // Cut off by a server that keeps its messages short.
  CHECK(said("token " + std::string(kJwt.substr(0, 30))) ==
        "Fulcio https://fulcio.example answered 401: token [token]");
  CHECK(said("eyJust words") == "Fulcio https://fulcio.example answered 401: eyJust words");
}

TEST_CASE("Send: several threads share a pause") {
  constexpr int kThreads = 4;
  FakeTransport transport("https://fulcio.example/");
  transport.On("POST sign", {.status = 429, .headers = {{"Retry-After", "1"}}});
  for (int i = 0; i < kThreads; ++i) transport.On("POST sign", {});
  FakeClock clock;
  const Cancel cancel;
  ServiceCaller caller(transport, {.clock = clock, .cancel = cancel});
  std::atomic<int> succeeded = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      if (caller.Send(Fixture::Call()).ok()) ++succeeded;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(succeeded == kThreads);
  CHECK(transport.done());
}

TEST_CASE("Endpoint: one slash between the URL and the path") {
  CHECK(Endpoint("https://a.example", "/api/v2/x").value().text() == "https://a.example/api/v2/x");
  CHECK(Endpoint("https://a.example/b//", "/x").value().text() == "https://a.example/b/x");
  CHECK(Endpoint("ftp://a.example", "/x").error().code() == Code::kUsage);
}

}  // namespace
}  // namespace ociship::services
