// SPDX-License-Identifier: Apache-2.0
#include "registry/client.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "fixture.h"
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
