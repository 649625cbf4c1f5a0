// SPDX-License-Identifier: Apache-2.0
#include "services/fetch.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "fake_transport.h"
#include "tuf_server.h"

namespace ociship::services {
namespace {

using testing::FakeTransport;
using testing::Lost;
using testing::Reply;

using File = std::optional<std::string>;

struct Fixture : testing::TufEffects {
  Result<File> Get(std::string_view url = "https://host.example/a", std::size_t limit = 10) {
    return Fetcher(transport, effects).Get(util::Url::Parse(url).value(), limit);
  }
  Code Fails(std::string_view url = "https://host.example/a", std::size_t limit = 10) {
    const Result<File> file = Get(url, limit);
    REQUIRE_FALSE(file.ok());
    return file.error().code();
  }
  FakeTransport transport{""};
};

TEST_CASE_FIXTURE(Fixture, "a file is got as it is") {
  transport.On("GET https://host.example/a", {.body = "content"});
  CHECK(Get().value() == File("content"));
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "a file that is not there, or not for us, is none") {
  for (const int status : {403, 404}) {
    CAPTURE(status);
    transport.On("GET https://host.example/a", {.status = status});
    CHECK(Get().value() == std::nullopt);
  }
}

TEST_CASE_FIXTURE(Fixture, "a file of the size that is allowed is got, and a larger one is not") {
  transport.On("GET https://host.example/a", {.body = "0123456789"});
  CHECK(Get().value() == File("0123456789"));
  transport.On("GET https://host.example/a", {.body = "0123456789x"});
  CHECK(Fails() == Code::kBadInput);
}

TEST_CASE_FIXTURE(Fixture, "what may pass is tried again, and then given up") {
  transport.On("GET https://host.example/a", {.status = 503, .headers = {{"Retry-After", "7"}}})
      .On("GET https://host.example/a", {.error = Lost()})
      .On("GET https://host.example/a", {.body = "content"});
  CHECK(Get().value() == File("content"));
  CHECK(clock.sleeps().front() >= std::chrono::seconds(7));
  for (int i = 0; i < 3; ++i) transport.On("GET https://host.example/a", {.status = 500});
  CHECK(Fails() == Code::kUnavailable);
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "a server that never answered is not waited for") {
  transport.On("GET https://host.example/a", {.error = Lost()});
  CHECK(Fails() == Code::kUnavailable);
  CHECK(transport.done());
  CHECK(clock.sleeps().empty());
}

TEST_CASE_FIXTURE(Fixture, "redirects are followed, but not for ever") {
  transport.On("GET https://host.example/a", {.status = 302, .headers = {{"Location", "/b"}}})
      .On("GET https://host.example/b",
          {.status = 307, .headers = {{"Location", "https://cdn.example/c"}}})
      .On("GET https://cdn.example/c", {.body = "content"});
  CHECK(Get().value() == File("content"));
  CHECK(transport.seen(2).asker == util::AddressKind::kNameOrPublic);
  for (int i = 0; i < 6; ++i) {
    transport.On("GET https://host.example/a",
                 {.status = 302, .headers = {{"Location", "https://host.example/a"}}});
  }
  CHECK(Fails() == Code::kUnavailable);
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "a redirect without TLS, or into the own network, is not followed") {
  for (const char* location : {"http://host.example/b", "https://127.0.0.1/b", "https://10.0.0.1/b",
                               "http://localhost/b", "file:///etc/passwd"}) {
    CAPTURE(location);
    transport.On("GET https://host.example/a",
                 {.status = 302, .headers = {{"Location", location}}});
    CHECK(Fails() == Code::kUnavailable);
    CHECK(transport.done());
  }
}

TEST_CASE_FIXTURE(Fixture, "http is spoken with this machine alone") {
  transport.On("GET http://127.0.0.1:8080/a", {.body = "content"});
  CHECK(Get("http://127.0.0.1:8080/a").value() == File("content"));
  CHECK(Fails("http://host.example/a") == Code::kUsage);
}

TEST_CASE_FIXTURE(Fixture, "who cancels is not made to wait") {
  transport.On("GET https://host.example/a", {.status = 503});
  clock.on_sleep = [this] { cancel.Request(); };
  CHECK(Fails() == Code::kInterrupted);
}

}  // namespace
}  // namespace ociship::services
