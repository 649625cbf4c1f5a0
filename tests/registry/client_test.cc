// SPDX-License-Identifier: Apache-2.0
#include "registry/client.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "login_fixture.h"
#include "util/io.h"

using namespace ociship::registry;
using ociship::Code;
using ociship::Result;
using ociship::http::Method;
using ociship::http::Response;
using std::chrono::milliseconds;

namespace {

Call Get(const Client& client, std::string_view rest = "x") {
  return {.method = Method::kGet, .url = client.Url(rest), .what = "thing"};
}

class Warnings : public ociship::StoreObserver {
 public:
  void Retrying(std::string_view, std::string_view, int, int, milliseconds) override {}
  void Warning(std::string_view text) override { texts.emplace_back(text); }

  std::vector<std::string> texts;
};

// A client that bob is logged in to, after its first request.
struct LoggedIn {
  FakeKeychain keychain{Bob()};
  Warnings observer;
  Fixture fixture{{.keychain = &keychain, .observer = &observer}};

  LoggedIn() {
    fixture.transport.On("GET first", Demand("Basic")).On("GET first", {});
    REQUIRE(fixture.client.Send(Get(fixture.client, "first")).ok());
  }
  bool SentSecret(std::size_t number) const {
    return fixture.transport.seen(number).headers.Get("Authorization").has_value();
  }
};

std::string UrlFor(std::string_view repository, RegistryOptions options = {}) {
  ociship::testing::FakeTransport transport("");
  ociship::testing::FakeClock clock;
  const ociship::util::Cancel cancel;
  const Client client(RepositoryOf(repository), transport, clock, cancel, options);
  return client.Url("tags/list").text();
}

}  // namespace

TEST_CASE("Client: https for all hosts but loopback") {
  CHECK(UrlFor("ghcr.io/acme/app") == "https://ghcr.io/v2/acme/app/tags/list");
  CHECK(UrlFor("10.0.0.1:5000/app") == "https://10.0.0.1:5000/v2/app/tags/list");
  CHECK(UrlFor("127.0.0.1:5000/app") == "http://127.0.0.1:5000/v2/app/tags/list");
  CHECK(UrlFor("localhost:5000/app") == "http://localhost:5000/v2/app/tags/list");
  CHECK(UrlFor("[::1]:5000/app") == "http://[::1]:5000/v2/app/tags/list");
  CHECK(UrlFor("[2001:db8::1]/app") == "https://[2001:db8::1]/v2/app/tags/list");
}

TEST_CASE("Client: plain http everywhere where it was asked for") {
  CHECK(UrlFor("10.0.0.1:5000/app", {.scheme = RegistryOptions::Scheme::kPlainHttp}) ==
        "http://10.0.0.1:5000/v2/app/tags/list");
}

TEST_CASE("Client: the API of docker.io is at another host") {
  CHECK(UrlFor("alpine") == "https://registry-1.docker.io/v2/library/alpine/tags/list");
}

TEST_CASE("Client: statuses that may pass are tried again with growing delays") {
  Fixture fixture;
  fixture.transport.On("GET x", {.status = 503}).On("GET x", {.status = 429}).On("GET x", {});
  const Result<Response> response = fixture.client.Send(Get(fixture.client));
  REQUIRE(response.ok());
  CHECK(response.value().status == 200);
  CHECK(fixture.transport.done());
  const auto sleeps = fixture.clock.sleeps();
  REQUIRE(sleeps.size() == 2);
  CHECK(sleeps[0] >= milliseconds(250));
  CHECK(sleeps[0] <= milliseconds(500));
  CHECK(sleeps[1] >= milliseconds(500));
  CHECK(sleeps[1] <= milliseconds(1000));
}

TEST_CASE("Client: Retry-After is obeyed") {
  Fixture fixture;
  fixture.transport.On("GET x", {.status = 429, .headers = {{"Retry-After", "30"}}})
      .On("GET x", {});
  REQUIRE(fixture.client.Send(Get(fixture.client)).ok());
  REQUIRE(fixture.clock.sleeps().size() == 1);
  CHECK(fixture.clock.sleeps()[0] >= milliseconds(30250));
}

TEST_CASE("Client: a Retry-After of hours is not waited for") {
  Fixture fixture;
  fixture.transport.On("GET x", {.status = 429, .headers = {{"Retry-After", "21600"}}});
  const Result<Response> response = fixture.client.Send(Get(fixture.client));
  REQUIRE(response.ok());
  CHECK(response.value().status == 429);
  CHECK(fixture.clock.sleeps().empty());
}

TEST_CASE("Client: the last answer is given when the tries are used up") {
  Fixture fixture({.retries = 2});
  for (int i = 0; i < 3; ++i) fixture.transport.On("GET x", {.status = 500});
  const Result<Response> response = fixture.client.Send(Get(fixture.client));
  REQUIRE(response.ok());
  CHECK(response.value().status == 500);
  CHECK(fixture.transport.done());
}

TEST_CASE("Client: refusals are not tried again") {
  for (const int status : {400, 401, 403, 404, 409, 413, 501}) {
    Fixture fixture;
    fixture.transport.On("GET x", {.status = status});
    const Result<Response> response = fixture.client.Send(Get(fixture.client));
    REQUIRE(response.ok());
    CHECK(response.value().status == status);
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("Client: a broken connection is tried again") {
  Fixture fixture;
  fixture.transport.On("GET x", {.error = Lost()}).On("GET x", {});
  CHECK(fixture.client.Send(Get(fixture.client)).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("Client: a registry that never answered is asked twice, one that did more often") {
  Fixture fixture;
  fixture.transport.On("GET x", {.error = Lost()}).On("GET x", {.error = Lost()});
  const Result<Response> never = fixture.client.Send(Get(fixture.client));
  REQUIRE_FALSE(never.ok());
  CHECK(never.error().message() == Lost().message());
  CHECK(fixture.transport.done());

  fixture.transport.On("GET x", {});
  REQUIRE(fixture.client.Send(Get(fixture.client)).ok());
  for (int i = 0; i < 5; ++i) fixture.transport.On("GET x", {.error = Lost()});
  CHECK_FALSE(fixture.client.Send(Get(fixture.client)).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("Client: with no retries there is one try") {
  Fixture fixture({.retries = 0});
  fixture.transport.On("GET x", {.status = 503});
  CHECK(fixture.client.Send(Get(fixture.client)).value().status == 503);
  CHECK(fixture.transport.done());
}

TEST_CASE("Client: a cancel during a wait ends it") {
  Fixture fixture;
  fixture.clock.on_sleep = [&] { fixture.cancel.Request(); };
  fixture.transport.On("GET x", {.status = 503});
  const Result<Response> response = fixture.client.Send(Get(fixture.client));
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kInterrupted);
  CHECK(fixture.transport.done());
}

TEST_CASE("Client: a body is sent whole at every try, with its length") {
  Fixture fixture;
  fixture.transport.On("PUT x", {.error = Lost(), .read = 2}).On("PUT x", {.status = 201});
  Call call = Get(fixture.client);
  call.method = Method::kPut;
  call.content = "content";
  call.headers.Add("Content-Type", "text/x");
  REQUIRE(fixture.client.Send(call).ok());
  CHECK(fixture.transport.seen(1).body == "content");
  CHECK(fixture.transport.seen(1).size == 7);
  CHECK(fixture.transport.seen(1).headers.Get("Content-Type") == "text/x");
}

TEST_CASE("Client: a success of more than the cap is bad input and not tried again") {
  Fixture fixture;
  fixture.transport.On("GET x", {.body = "12345"});
  Call call = Get(fixture.client);
  call.keep = 4;
  const Result<Response> response = fixture.client.Send(call);
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kBadInput);

  fixture.transport.On("GET x", {.body = "1234"});
  CHECK(fixture.client.Send(call).value().body == "1234");
}

TEST_CASE("Client: the body of a refusal is kept although a sink was given") {
  Fixture fixture;
  ociship::util::StringSink sink(10);
  fixture.transport.On("GET x", {.status = 404, .body = "why"});
  Call call = Get(fixture.client);
  call.sink = &sink;
  CHECK(fixture.client.Send(call).value().body == "why");
  CHECK(sink.text().empty());
}

TEST_CASE("Client: a redirect of a GET or HEAD is followed with its headers") {
  Fixture fixture;
  fixture.transport
      .On("HEAD x", {.status = 307, .headers = {{"Location", "https://s.example/y?sig=1"}}})
      .On("HEAD https://s.example/y?sig=1", {.status = 302, .headers = {{"Location", "z"}}})
      .On("HEAD https://s.example/z", {});
  Call call = Get(fixture.client);
  call.method = Method::kHead;
  call.headers.Add("Accept", "text/x");
  CHECK(fixture.client.Send(call).value().status == 200);
  CHECK(fixture.transport.done());
  CHECK(fixture.transport.seen(2).headers.Get("Accept") == "text/x");
}

TEST_CASE("Client: five redirects are followed, the sixth is the answer") {
  Fixture fixture;
  for (int i = 0; i < 6; ++i) {
    fixture.transport.On("GET x", {.status = 307, .headers = {{"Location", "x"}}});
  }
  CHECK(fixture.client.Send(Get(fixture.client)).value().status == 307);
  CHECK(fixture.transport.done());
}

TEST_CASE("Client: a redirect without a Location, or of another method, is the answer") {
  Fixture fixture;
  fixture.transport.On("GET x", {.status = 307});
  CHECK(fixture.client.Send(Get(fixture.client)).value().status == 307);
  fixture.transport.On("POST x", {.status = 307, .headers = {{"Location", "y"}}});
  Call post = Get(fixture.client);
  post.method = Method::kPost;
  CHECK(fixture.client.Send(post).value().status == 307);
  CHECK(fixture.transport.done());
}

TEST_CASE("Client: a redirect to plain http or into the own network is refused") {
  for (const char* location : {"http://s.example/y", "https://127.0.0.1/y"}) {
    Fixture fixture;
    fixture.transport.On("GET x", {.status = 307, .headers = {{"Location", location}}});
    const Result<Response> response = fixture.client.Send(Get(fixture.client));
    REQUIRE_FALSE(response.ok());
    CHECK(response.error().code() == Code::kFailure);
    CHECK(fixture.transport.done());
  }
}

TEST_CASE(
    "Client: a redirect back to an address inside the own network is judged by the registry") {
  Fixture fixture;
  fixture.transport.On("GET x", {.status = 307, .headers = {{"Location", "https://s.example/"}}})
      .On("GET https://s.example/",
          {.status = 307, .headers = {{"Location", "https://192.168.0.1/"}}});
  CHECK_FALSE(fixture.client.Send(Get(fixture.client)).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("Client: a refusal names method, object and repository") {
  const Fixture fixture;
  const ociship::Error error = fixture.client.Refused(Get(fixture.client), Response{.status = 500});
  CHECK(error.message() == "registry.example answered 500 to GET thing of acme/app");
}

TEST_CASE("Client: after a 401 it logs in, and asks again at once") {
  FakeKeychain keychain(Bob());
  Fixture fixture({.keychain = &keychain});
  fixture.transport.On("GET x", DemandToken())
      .On(AskToken(kPullScope, "bob"), GiveToken("t1"))
      .On("GET x", {.body = "yes"})
      .On("GET y", {});
  CHECK(fixture.client.Send(Get(fixture.client)).value().body == "yes");
  CHECK(fixture.client.Send(Get(fixture.client, "y")).ok());
  CHECK_FALSE(fixture.transport.seen(0).headers.Get("Authorization").has_value());
  CHECK(fixture.transport.seen(2).headers.Get("Authorization") == "Bearer t1");
  CHECK(fixture.transport.seen(3).headers.Get("Authorization") == "Bearer t1");
  CHECK(fixture.clock.sleeps().empty());
  CHECK(fixture.transport.done());
}

TEST_CASE("Client: a registry that refuses every login is asked three times, not for ever") {
  FakeKeychain keychain(Bob());
  Fixture fixture({.keychain = &keychain});
  for (int i = 1; i <= 3; ++i) {
    fixture.transport.On("GET x", DemandToken());
    if (i < 3) {
      fixture.transport.On(AskToken(kPullScope, "bob"), GiveToken("t" + std::to_string(i)));
    }
  }
  CHECK(fixture.client.Send(Get(fixture.client)).value().status == 401);
  CHECK(fixture.transport.done());
}

TEST_CASE("Client: a credential goes with a redirect to the own origin, and to no other") {
  for (const char* location :
       {"https://registry.example:5000/y", "https://s.example/y", "https://registry.example./y",
        "//s.example/y", "https://a.registry.example/y",
        "https://registry.example.evil.example/y"}) {
    CAPTURE(location);
    LoggedIn login;
    const std::string target = std::string(location).replace(0, location[0] == '/' ? 2 : 8, "");
    login.fixture.transport.On("GET x", {.status = 307, .headers = {{"Location", location}}})
        .On("GET https://" + target, Demand("Basic"));
    CHECK(login.fixture.client.Send(Get(login.fixture.client)).value().status == 401);
    CHECK(login.SentSecret(2));
    CHECK_FALSE(login.SentSecret(3));
    CHECK(login.fixture.transport.seen(3).asker == ociship::util::AddressKind::kNameOrPublic);
    CHECK(login.fixture.transport.done());
  }
  LoggedIn login;
  login.fixture.transport
      .On("GET x", {.status = 307, .headers = {{"Location", "https://registry.example:443/y"}}})
      .On("GET https://registry.example:443/y", {});
  CHECK(login.fixture.client.Send(Get(login.fixture.client)).ok());
  CHECK(login.SentSecret(3));
  CHECK_FALSE(login.fixture.transport.seen(3).asker.has_value());
}

TEST_CASE("Client: the challenge of another server is not met, nor remembered") {
  FakeKeychain keychain(Bob());
  Fixture fixture({.keychain = &keychain});
  fixture.transport.On("GET x", {.status = 307, .headers = {{"Location", "https://s.example/"}}})
      .On("GET https://s.example/", Demand("Bearer realm=\"https://evil.example/t\""))
      .On("GET y", {});
  CHECK(fixture.client.Send(Get(fixture.client)).value().status == 401);
  CHECK(fixture.client.Send(Get(fixture.client, "y")).ok());
  CHECK(keychain.asked == 0);
  CHECK(fixture.transport.done());
}

TEST_CASE("Client: a stream to another server goes without the credential, to the own with it") {
  LoggedIn login;
  ociship::util::MemoryReader body({});
  Call call = Get(login.fixture.client, "up");
  call.method = Method::kPatch;
  login.fixture.transport.On("PATCH up", {}).On("PATCH https://s.example/up", Demand("Basic"));
  const ociship::util::Cancel cancel;
  CHECK(login.fixture.client.SendStream(call, body, cancel).ok());
  CHECK(login.SentSecret(2));
  call.url.host = "s.example";
  call.url.path = "/up";
  const auto streamed = login.fixture.client.SendStream(call, body, cancel);
  REQUIRE(streamed.ok());
  CHECK(streamed.value().login == Next::kGiveUp);
  CHECK_FALSE(login.SentSecret(3));
  CHECK(login.fixture.transport.seen(3).asker.has_value());
}

TEST_CASE("Client: a registry inside the own network may lead there, by what it was found to be") {
  using ociship::util::AddressKind;
  const auto leads_inside = [](AddressKind first, AddressKind second) {
    Fixture fixture;
    fixture.transport.On("GET a", {.peer = first})
        .On("GET x",
            {.status = 307, .headers = {{"Location", "https://10.0.0.1/"}}, .peer = second})
        .On("GET https://10.0.0.1/", {});
    REQUIRE(fixture.client.Send(Get(fixture.client, "a")).ok());
    const bool followed = fixture.client.Send(Get(fixture.client)).ok();
    if (followed) CHECK(fixture.transport.seen(2).asker == AddressKind::kPrivate);
    return followed;
  };
  CHECK(leads_inside(AddressKind::kPrivate, AddressKind::kPrivate));
  CHECK(leads_inside(AddressKind::kPrivate, AddressKind::kLoopback));
  CHECK_FALSE(leads_inside(AddressKind::kNameOrPublic, AddressKind::kNameOrPublic));
  // A name that leads outside and then inside is that of an outsider.
  CHECK_FALSE(leads_inside(AddressKind::kNameOrPublic, AddressKind::kPrivate));
  CHECK_FALSE(leads_inside(AddressKind::kPrivate, AddressKind::kNameOrPublic));
}

TEST_CASE("Client: each warning of the registry is passed on once, without secrets") {
  LoggedIn login;
  const auto warn = [](std::string_view text) {
    return std::pair<std::string, std::string>("Warning", "299 - \"" + std::string(text) + "\"");
  };
  login.fixture.transport
      .On("GET x", {.headers = {warn("old\x1b[2J"),
                                warn("old\x1b[2J"),
                                {"Warning", "199 - \"x\""},
                                {"Warning", "299 - none"},
                                {"Warning", "299 - \""}}})
      .On("GET x", {.headers = {warn("old\x1b[2J"), warn("for hunter2+/=")}});
  CHECK(login.fixture.client.Send(Get(login.fixture.client)).ok());
  CHECK(login.fixture.client.Send(Get(login.fixture.client)).ok());
  CHECK(login.observer.texts == std::vector<std::string>{"registry.example warns: old\\x1b[2J",
                                                         "registry.example warns: for ***"});
}

TEST_CASE("Client: a registry that warns without end is not listened to without end") {
  LoggedIn login;
  Reply reply;
  for (int i = 0; i < 100; ++i) {
    reply.headers.emplace_back("Warning", "299 - \"" + std::to_string(i) + "\"");
  }
  login.fixture.transport.On("GET x", reply);
  CHECK(login.fixture.client.Send(Get(login.fixture.client)).ok());
  CHECK(login.observer.texts.size() == 8);
}

TEST_CASE("Client: warnings of another server are not those of the registry") {
  LoggedIn login;
  login.fixture.transport
      .On("GET x", {.status = 307, .headers = {{"Location", "https://s.example/"}}})
      .On("GET https://s.example/", {.headers = {{"Warning", "299 - \"x\""}}});
  CHECK(login.fixture.client.Send(Get(login.fixture.client)).ok());
  CHECK(login.observer.texts.empty());
}

TEST_CASE("Client: a refusal shows neither the credential nor the query of a location") {
  LoggedIn login;
  login.fixture.transport.On(
      "GET x", {.status = 403, .body = ErrorsJson("DENIED", "bob has hunter2+/= which is wrong")});
  const Call call = Get(login.fixture.client);
  const Response refusal = login.fixture.client.Send(call).value();
  CHECK(login.fixture.client.Refused(call, refusal).message() ==
        "registry.example answered 403 to GET thing of acme/app as \"bob\": DENIED bob has *** "
        "which is wrong");
  for (const char* location : {"https://s.example:x/?sig=secret", "ftp://s.example/?sig=secret",
                               "https://s.example/?sig=secret x", "http://s.example/?sig=secret",
                               "https://10.0.0.1/?sig=secret", "https://u:secret@s.example/"}) {
    CAPTURE(location);
    login.fixture.transport.On("GET x", {.status = 307, .headers = {{"Location", location}}});
    const Result<Response> response = login.fixture.client.Send(call);
    REQUIRE_FALSE(response.ok());
    CHECK(response.error().code() == Code::kFailure);
    CHECK(response.error().message().find("secret") == std::string::npos);
  }
}

TEST_CASE("Client: what is sent after the person gave up is not held back by that") {
  Fixture fixture;
  fixture.cancel.Request();
  const ociship::util::Cancel own;
  fixture.transport.On("GET x", {});
  CHECK(fixture.client.SendOnce(Get(fixture.client), own).ok());
  const Result<Response> other = fixture.client.SendOnce(Get(fixture.client));
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().code() == Code::kInterrupted);
}
