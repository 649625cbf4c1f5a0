// SPDX-License-Identifier: Apache-2.0
#include "services/token_sources.h"

#include <doctest/doctest.h>

#include <string>

#include "fake_transport.h"
#include "tokens.h"

namespace ociship::services {
namespace {

using testing::FakePerson;
using testing::FakeTransport;
using testing::GoodToken;
using testing::Jwt;
using util::StrCat;

constexpr const char* kLine = "GET https://actions.example/token?audience=sigstore";

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// One that ends so many seconds from the beginning of the test.
std::string TokenFor(std::int64_t seconds) {
  return Jwt(StrCat(R"({"iss":"https://issuer.example","sub":"a","aud":"sigstore","exp":)",
                    784111777 + seconds, "}"));
}

struct Fixture : testing::TokenEffects {
  Fixture() {
    request.environment.token_file = "/nowhere/oidc-token";
    request.environment.spiffe_usual_socket = "/nowhere/api.sock";
    request.environment.product_name_file = "/nowhere/product_name";
  }
  void SetGitHub() {
    request.environment.actions_request_url = "https://actions.example/token";
    request.environment.actions_request_token = "secret";
  }
  void Answer(const std::string& token) {
    transport.On(kLine, {.body = StrCat(R"({"value":")", token, "\"}")});
  }
  Result<std::unique_ptr<TokenSource>> New() {
    return NewTokenSource(request, transport, effects, person);
  }
  Error Fails() {
    auto source = New();
    REQUIRE_FALSE(source.ok());
    CHECK(source.error().code() == Code::kUnauthorized);
    return source.error();
  }
  IdentityRequest request;
  FakeTransport transport{""};
  FakePerson person;
};

TEST_CASE_FIXTURE(Fixture, "a token by hand comes before everything else, and asks nobody") {
  SetGitHub();
  request.token = StrCat(GoodToken(), "\n");
  const auto source = New().value();
  CHECK(source->Get().value().jwt() == GoodToken());
  CHECK(person.hidden == StrCat(GoodToken(), "\n"));
  CHECK(transport.lines().empty());
}

TEST_CASE_FIXTURE(Fixture, "a token by hand that has expired, or is none, is refused") {
  request.token = TokenFor(0);
  const auto source = New().value();
  CHECK(source->Get().ok());
  clock.now += std::chrono::seconds(1);
  CHECK(source->Get().error().code() == Code::kUnauthorized);
  const std::string expired = Fails().message();
  CHECK(Contains(expired, "expired at 1994-11-06T08:49:37Z"));
  CHECK(Contains(expired, "--identity-token"));
  CHECK_FALSE(Contains(expired, "eyJ"));
  request.token = "nonsense";
  CHECK(Contains(Fails().message(), "no JWT"));
  request.token = Jwt(R"({"iss":"a","sub":"b","exp":784112077,"aud":"other"})");
  CHECK(Contains(Fails().message(), "not for"));
}

TEST_CASE_FIXTURE(Fixture, "a token is given again until it has too little life") {
  SetGitHub();
  const auto source = New().value();
  CHECK(transport.lines().empty());
  Answer(TokenFor(100));
  CHECK(source->Get().value().jwt() == TokenFor(100));
  clock.now += std::chrono::seconds(70);
  CHECK(source->Get().value().jwt() == TokenFor(100));
  CHECK(transport.done());
  clock.now += std::chrono::seconds(1);
  Answer(TokenFor(200));
  CHECK(source->Get().value().jwt() == TokenFor(200));
  CHECK(transport.done());
  CHECK(person.hidden == StrCat(TokenFor(100), "\n", TokenFor(200), "\n"));
}

TEST_CASE_FIXTURE(Fixture,
                  "a token that comes expired is refused, and one with little life is not") {
  SetGitHub();
  const auto source = New().value();
  Answer(TokenFor(-1));
  const auto token = source->Get();
  REQUIRE_FALSE(token.ok());
  CHECK(token.error().code() == Code::kUnauthorized);
  CHECK(Contains(token.error().message(), "github-actions"));
  CHECK(Contains(token.error().message(), "clock"));
  Answer(TokenFor(3));
  CHECK(source->Get().ok());
}

TEST_CASE_FIXTURE(Fixture, "the first provider that is enabled decides, also when it fails") {
  SetGitHub();
  request.environment.google_service_account = "robot@a.example";
  person = FakePerson(Person::Reach::kBrowser);
  const auto source = New().value();
  transport.On(kLine, {.status = 403});
  const auto token = source->Get();
  REQUIRE_FALSE(token.ok());
  CHECK(Contains(token.error().message(), "github-actions"));
  CHECK(Contains(token.error().message(), "--oidc-provider"));
  CHECK(Contains(token.error().message(), "--oidc-disable-ambient-providers"));
  CHECK(transport.done());
  CHECK(person.said.empty());
}

TEST_CASE_FIXTURE(Fixture, "a provider that is named is asked whatever else there is") {
  SetGitHub();
  request.environment.id_token = GoodToken();
  request.provider = AmbientProvider::kGitHubActions;
  const auto source = New().value();
  Answer(TokenFor(100));
  CHECK(source->Get().value().jwt() == TokenFor(100));
  request.provider = AmbientProvider::kSpiffe;
  request.environment.spiffe_endpoint_socket = "nonsense";
  const auto token = New().value()->Get();
  REQUIRE_FALSE(token.ok());
  CHECK_FALSE(Contains(token.error().message(), "--oidc-provider"));
}

TEST_CASE_FIXTURE(Fixture, "without a token and a terminal the error says what to set") {
  const std::string message = Fails().message();
  CHECK(Contains(message, "SIGSTORE_ID_TOKEN"));
  CHECK(Contains(message, "--identity-token"));
  CHECK(Contains(message, "terminal"));
  request.environment.github_actions = Ci::kYes;
  CHECK(Contains(Fails().message(), "permissions: id-token: write"));
  CHECK(transport.lines().empty());
  CHECK(person.said.empty());
}

TEST_CASE_FIXTURE(Fixture, "the environment is not looked at when that is not wanted") {
  SetGitHub();
  request.environment.id_token = GoodToken();
  request.ambient = IdentityRequest::Ambient::kNo;
  CHECK(Contains(Fails().message(), "--oidc-disable-ambient-providers"));
}

TEST_CASE_FIXTURE(Fixture, "nobody logs in when that is not wanted") {
  request.flow = LoginFlow::kNever;
  for (const auto reach : {Person::Reach::kBrowser, Person::Reach::kTerminal}) {
    person = FakePerson(reach);
    CHECK(Contains(Fails().message(), "--fulcio-auth-flow token"));
  }
}

TEST_CASE_FIXTURE(Fixture, "a flow that was asked for does not make a terminal") {
  for (const auto flow : {LoginFlow::kBrowser, LoginFlow::kDevice}) {
    request.flow = flow;
    CHECK(Contains(Fails().message(), "terminal"));
  }
}

// Which way was gone, by the endpoint that was asked for after the discovery.
TEST_CASE_FIXTURE(Fixture, "a person without a browser logs in as a device does") {
  const auto asks_for_device = [this](Person::Reach reach, LoginFlow flow) {
    person = FakePerson(reach);
    request.flow = flow;
    request.oidc.issuer = "https://issuer.example";
    transport.On("GET https://issuer.example/.well-known/openid-configuration",
                 {.body = R"({"issuer":"https://issuer.example",)"
                          R"("authorization_endpoint":"https://issuer.example/authorize",)"
                          R"("token_endpoint":"https://issuer.example/token",)"
                          R"("device_authorization_endpoint":"https://issuer.example/device"})"});
    transport.On("POST https://issuer.example/device", {.status = 400});
    CHECK_FALSE(New().value()->Get().ok());
    return transport.done();
  };
  CHECK(asks_for_device(Person::Reach::kTerminal, LoginFlow::kAuto));
  CHECK(asks_for_device(Person::Reach::kTerminal, LoginFlow::kDevice));
  CHECK(asks_for_device(Person::Reach::kBrowser, LoginFlow::kDevice));
}

}  // namespace
}  // namespace ociship::services
