// SPDX-License-Identifier: Apache-2.0
// Identity tokens of real servers: only where OCISHIP_TEST_SPIFFE_SOCKET is the socket of a SPIFFE
// agent, and OCISHIP_TEST_ISSUER an issuer of OpenID Connect which agrees to every login at once.
// tests/e2e/test_identity.py has both.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "browser.h"
#include "http/curl_transport.h"
#include "services/ambient_tokens.h"
#include "services/oidc_login.h"
#include "services/workload_api.h"
#include "util/clock.h"

namespace ociship::services {
namespace {

// Tells why nothing is tested.
const char* Setting(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) std::printf("SKIPPED: %s is not set\n", name);
  return value;
}

struct Fixture {
  util::SystemClock clock;
  Cancel cancel;
  const Effects effects{clock, cancel};
  std::unique_ptr<http::Transport> transport = http::NewCurlTransport({});
};

TEST_CASE_FIXTURE(Fixture, "a real gRPC server gives a token, or says why not") {
  const char* socket = Setting("OCISHIP_TEST_SPIFFE_SOCKET");
  if (socket == nullptr) return;
  for (int i = 0; i < 2; ++i) {
    const auto jwt = FetchJwtSvid(socket, "sigstore", *transport, effects);
    REQUIRE_MESSAGE(jwt.ok(), jwt.error().message());
    CHECK(jwt.value().starts_with("eyJ"));
  }
  const auto denied = FetchJwtSvid(socket, "other", *transport, effects);
  REQUIRE_FALSE(denied.ok());
  CHECK(denied.error().code() == Code::kUnauthorized);
  CHECK(denied.error().message().find("7: no identity issued (\u00e4)") != std::string::npos);
  AmbientEnvironment environment;
  environment.spiffe_endpoint_socket = std::string("unix://") + socket;
  CHECK(FetchAmbientToken(AmbientProvider::kSpiffe, environment, "sigstore", *transport, effects)
            .ok());
}

TEST_CASE_FIXTURE(Fixture, "no agent is said as such") {
  const auto jwt = FetchJwtSvid("/nowhere/api.sock", "sigstore", *transport, effects);
  REQUIRE_FALSE(jwt.ok());
  CHECK(jwt.error().code() == Code::kUnavailable);
  CHECK(jwt.error().message().find("/nowhere/api.sock") != std::string::npos);
}

// Does what a browser does: follows the redirect of the issuer to us.
TEST_CASE_FIXTURE(Fixture, "a real issuer logs somebody in") {
  const char* issuer = Setting("OCISHIP_TEST_ISSUER");
  if (issuer == nullptr) return;
  OidcClient client;
  client.issuer = issuer;
  testing::Browser* self = nullptr;
  testing::Browser browser([&](const testing::Fields&) {
    const auto response = transport->Send({.url = self->page}, {}, cancel);
    REQUIRE_MESSAGE(response.ok(), response.error().message());
    const std::string location = response.value().headers.Get("Location").value_or("");
    REQUIRE(location.find('?') != std::string::npos);
    return location.substr(location.find('?') + 1);
  });
  self = &browser;
  const auto token = LogInWithBrowser(client, browser, *transport, effects);
  REQUIRE_MESSAGE(token.ok(), token.error().message());
  CHECK(token.value().issuer() == issuer);
}

}  // namespace
}  // namespace ociship::services
