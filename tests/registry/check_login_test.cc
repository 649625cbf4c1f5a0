// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "login_fixture.h"
#include "registry/registry_store.h"

using namespace ociship;
using namespace ociship::registry;

namespace {

struct Check {
  testing::FakeTransport transport{""};
  testing::FakeClock clock;
  util::Cancel cancel;

  Status Run(const Credential& credential = Bob(), const std::string& host = "registry.example") {
    return CheckLogin(host, credential, transport, clock, cancel, {});
  }
};

constexpr const char* kPing = "GET https://registry.example/v2/";
constexpr const char* kAsk =
    "GET https://auth.example/token?service=s&client_id=ociship&account=bob";

}  // namespace

TEST_CASE("CheckLogin: a basic login that is taken, and one that is not") {
  Check good;
  good.transport.On(kPing, Demand("Basic")).On(kPing, {});
  CHECK(good.Run().ok());
  CHECK(good.transport.seen(1).headers.Get("Authorization") == kBobsBasic);
  Check bad;
  bad.transport.On(kPing, Demand("Basic")).On(kPing, Demand("Basic"));
  const Status status = bad.Run();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kUnauthorized);
  CHECK(bad.transport.done());
}

TEST_CASE("CheckLogin: a token is asked for without any scope") {
  Check good;
  good.transport.On(kPing, DemandToken(R"(,scope="registry:catalog:*")"))
      .On(kAsk, GiveToken("t"))
      .On(kPing, {});
  CHECK(good.Run().ok());
  CHECK(good.transport.seen(2).headers.Get("Authorization") == "Bearer t");
  Check bad;
  bad.transport.On(kPing, DemandToken()).On(kAsk, {.status = 401, .body = "hunter2+/= is wrong"});
  const Status status = bad.Run();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kUnauthorized);
  CHECK(status.error().message().find("hunter2") == std::string::npos);
}

TEST_CASE("CheckLogin: a registry that demands none takes every one and is not told it") {
  Check check;
  check.transport.On(kPing, {});
  CHECK(check.Run().ok());
  CHECK(check.transport.seen(0).headers.fields().empty());
}

TEST_CASE("CheckLogin: a registry that is no registry, is not there, or no host") {
  Check nothing;
  nothing.transport.On(kPing, {.status = 404});
  CHECK_FALSE(nothing.Run().ok());
  Check gone;
  gone.transport.On(kPing, {.error = Lost()}).On(kPing, {.error = Lost()});
  CHECK(gone.Run().error().code() == Code::kUnavailable);
  for (const char* host : {"", "..", "a b", "registry.example/x y", "https://registry.example"}) {
    CAPTURE(host);
    Check wrong;
    CHECK_FALSE(wrong.Run(Bob(), host).ok());
    CHECK(wrong.transport.lines().empty());
  }
}

TEST_CASE("CheckLogin: a redirect to another server does not get the login") {
  Check check;
  check.transport.On(kPing, Demand("Basic"))
      .On(kPing, {.status = 307, .headers = {{"Location", "https://evil.example/"}}})
      .On("GET https://evil.example/", Demand("Basic"));
  CHECK_FALSE(check.Run().ok());
  CHECK_FALSE(check.transport.seen(2).headers.Get("Authorization").has_value());
  CHECK(check.transport.done());
}
