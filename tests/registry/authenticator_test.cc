// SPDX-License-Identifier: Apache-2.0
#include "registry/authenticator.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "login_fixture.h"

using namespace ociship;
using namespace ociship::registry;
using util::AddressKind;
using Field = Authenticator::Field;
using Need = Authenticator::Need;

namespace {

struct Login {
  explicit Login(std::optional<Credential> credential = {}, Access least = Access::kPull)
      : keychain(std::move(credential)),
        authenticator(RepositoryOf("registry.example/acme/app"), &keychain, least, transport,
                      backoff) {
    backoff.Reached();
  }

  // What a request of `need` gets, as the client does it.
  Result<Field> Authorize(const Need& need = {}) {
    return authenticator.Authorize(need, registry, cancel);
  }
  Result<Next> Challenged(const Reply& refusal, const Field& used = {}, const Need& need = {}) {
    http::Response response{.status = refusal.status};
    for (const auto& [name, value] : refusal.headers) response.headers.Add(name, value);
    return authenticator.Challenged(response, used, need, registry, cancel);
  }
  // The field after one 401.
  std::string First(const Reply& refusal, const Need& need = {}) {
    const Result<Next> next = Challenged(refusal, {}, need);
    REQUIRE_MESSAGE(next.ok(), next.error().message());
    REQUIRE(next.value() == Next::kTryAgain);
    return Authorize(need).value().value();
  }

  testing::FakeTransport transport{""};
  testing::FakeClock clock;
  util::Cancel cancel;
  Backoff backoff{clock, cancel, nullptr, 4, 1};
  FakeKeychain keychain;
  Asker registry{util::Url::Parse("https://registry.example/v2/acme/app/").value()};
  Authenticator authenticator;
};

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("Authenticator: before a refusal nothing is sent and nobody is asked for a credential") {
  Login login(Bob());
  CHECK_FALSE(login.Authorize().value().has_value());
  CHECK(login.keychain.asked == 0);
  CHECK(login.transport.lines().empty());
}

TEST_CASE("Authenticator: basic, with a credential") {
  Login login(Bob());
  CHECK(login.First(Demand("Basic realm=\"x\"")) == kBobsBasic);
  // The same was refused: there is no other.
  CHECK(login.Challenged(Demand("Basic realm=\"x\""), std::string(kBobsBasic)).value() ==
        Next::kGiveUp);
  CHECK(login.keychain.asked == 1);
}

TEST_CASE("Authenticator: basic, without a credential or with a token alone, gives up") {
  for (const auto& credential :
       {std::optional<Credential>(),
        std::optional<Credential>(Credential{.identity_token = "identity"})}) {
    Login login(credential);
    CHECK(login.Challenged(Demand("Basic")).value() == Next::kGiveUp);
    CHECK_FALSE(login.Authorize().value().has_value());
  }
}

TEST_CASE("Authenticator: bearer, anonymous") {
  Login login;
  login.transport.On(AskToken(kPullScope), GiveToken("t1"));
  CHECK(login.First(DemandToken()) == "Bearer t1");
  CHECK_FALSE(login.transport.seen(0).headers.Get("Authorization").has_value());
  CHECK(login.transport.done());
}

TEST_CASE("Authenticator: bearer, with a password") {
  Login login(Bob(), Access::kPush);
  login.transport.On(AskToken(kPushScope, "bob"), GiveToken("t1"));
  CHECK(login.First(DemandToken()) == "Bearer t1");
  CHECK(login.transport.seen(0).headers.Get("Authorization") == kBobsBasic);
}

TEST_CASE("Authenticator: one token for each set of scopes, whoever needs it") {
  Login login;
  const Need push{.access = Access::kPush};
  const Need mount{.access = Access::kPush, .also_pull_from = "acme/base"};
  const std::string both = std::string(kPushScope) + " repository%3Aacme%2Fbase%3Apull";
  login.transport.On(AskToken(kPullScope), GiveToken("pull"))
      .On(AskToken(kPushScope), GiveToken("push"))
      .On(AskToken(both), GiveToken("both"));
  CHECK(login.First(DemandToken()) == "Bearer pull");
  for (int i = 0; i < 2; ++i) {
    CHECK(login.Authorize(push).value() == "Bearer push");
    CHECK(login.Authorize(mount).value() == "Bearer both");
    CHECK(login.Authorize().value() == "Bearer pull");
  }
  CHECK(login.transport.done());
}

TEST_CASE("Authenticator: a token is replaced before its end, and not earlier") {
  Login login;
  login.transport.On(AskToken(kPullScope), GiveToken("t1", R"(,"expires_in":300)"))
      .On(AskToken(kPullScope), GiveToken("t2", R"(,"expires_in":300)"));
  login.First(DemandToken());
  login.clock.now += std::chrono::seconds(239);
  CHECK(login.Authorize().value() == "Bearer t1");
  login.clock.now += std::chrono::seconds(1);
  CHECK(login.Authorize().value() == "Bearer t2");
  CHECK(login.transport.done());
}

TEST_CASE("Authenticator: a token that is refused is fetched again, one that another got is used") {
  Login login;
  login.transport.On(AskToken(kPullScope), GiveToken("t1"))
      .On(AskToken(kPullScope), GiveToken("t2"));
  const std::string first = login.First(DemandToken());
  CHECK(login.Challenged(DemandToken(), first).value() == Next::kTryAgain);
  CHECK(login.Authorize().value() == "Bearer t2");
  // Somebody else comes back with the old one: the new one is there already.
  CHECK(login.Challenged(DemandToken(), first).value() == Next::kTryAgain);
  CHECK(login.transport.done());
}

TEST_CASE("Authenticator: a token server that gives the same token again is not asked for ever") {
  Login login;
  login.transport.On(AskToken(kPullScope), GiveToken("t1"))
      .On(AskToken(kPullScope), GiveToken("t1"));
  const std::string field = login.First(DemandToken());
  CHECK(login.Challenged(DemandToken(), field).value() == Next::kGiveUp);
  CHECK(login.transport.done());
}

TEST_CASE("Authenticator: a token that allows too little is not fetched again") {
  Login login;
  login.transport.On(AskToken(kPullScope), GiveToken("t1"));
  const std::string field = login.First(DemandToken());
  CHECK(login.Challenged(DemandToken(R"(,error="insufficient_scope")"), field).value() ==
        Next::kGiveUp);
  CHECK(login.transport.done());
}

TEST_CASE("Authenticator: scopes of other resources are added, of our own only ours is asked") {
  Login login;
  login.transport.On(AskToken(std::string(kPullScope) + " registry%3Acatalog%3A%2A"),
                     GiveToken("t1"));
  login.First(DemandToken(R"(,scope="repository:acme/app:pull,push,delete registry:catalog:*")"));
  CHECK(login.transport.done());
}

TEST_CASE("Authenticator: no more scopes are added than the cap") {
  Login login;
  std::string wanted = ",scope=\"";
  for (int i = 0; i < 1000; ++i) wanted += "r:" + std::to_string(i) + ":x ";
  login.transport.On("x", {});
  CHECK_FALSE(login.Challenged(DemandToken(wanted + "\"")).ok());
  const std::string line = login.transport.lines().at(0);
  CHECK(Has(line, "&scope=r%3A7%3Ax&"));
  CHECK_FALSE(Has(line, "&scope=r%3A8%3Ax"));
}

TEST_CASE("Authenticator: what a mount is refused for is not asked for by others") {
  Login login;
  const Need mount{.access = Access::kPull, .also_pull_from = "acme/base"};
  const std::string both = std::string(kPullScope) + " repository%3Aacme%2Fbase%3Apull";
  login.transport.On(AskToken(both), GiveToken("t1")).On(AskToken(kPullScope), GiveToken("t2"));
  login.First(DemandToken(R"(,scope="repository:acme/app:pull repository:acme/base:pull")"), mount);
  CHECK(login.Authorize().value() == "Bearer t2");
  CHECK(login.transport.done());
}

TEST_CASE("Authenticator: a scope or service with line ends stays in the query, encoded") {
  Login login;
  login.transport.On("x", {});
  CHECK_FALSE(login
                  .Challenged(Demand("Bearer realm=\"https://auth.example/token\",service=\"a\r\n"
                                     "X: 1&b#c\",scope=\"d:\r\nEvil:1\""))
                  .ok());
  const std::string line = login.transport.lines().at(0);
  CHECK(Has(line, "?service=a%0D%0AX%3A%201%26b%23c&"));
  CHECK(Has(line, "&scope=d%3A%0D%0AEvil%3A1&"));
}

TEST_CASE("Authenticator: an identity token is exchanged, and replaced by a new one") {
  Login login(Credential{.identity_token = "id/1"});
  login.transport
      .On("POST https://auth.example/token", {.body = R"({"access_token":"t1","expires_in":60,
             "refresh_token":"id/2"})"})
      .On("POST https://auth.example/token", GiveToken("t2"));
  CHECK(login.First(DemandToken()) == "Bearer t1");
  CHECK(login.transport.seen(0).body ==
        "grant_type=refresh_token&service=s&client_id=ociship&scope=repository%3Aacme%2Fapp%3Apull"
        "&refresh_token=id%2F1");
  CHECK_FALSE(login.transport.seen(0).headers.Get("Authorization").has_value());
  login.clock.now += std::chrono::seconds(60);
  CHECK(login.Authorize().value() == "Bearer t2");
  CHECK(Has(login.transport.seen(1).body, "refresh_token=id%2F2"));
}

TEST_CASE("Authenticator: a server without the POST is asked with the password, if there is one") {
  for (const int status : {404, 405}) {
    Credential credential = Bob();
    credential.identity_token = "identity";
    Login login(credential);
    login.transport.On("POST https://auth.example/token", {.status = status})
        .On(AskToken(kPullScope, "bob"), GiveToken("t1"));
    CHECK(login.First(DemandToken()) == "Bearer t1");
  }
  Login login(Credential{.identity_token = "identity"});
  login.transport.On("POST https://auth.example/token", {.status = 404});
  CHECK_FALSE(login.Challenged(DemandToken()).ok());
  CHECK(login.transport.done());
}

TEST_CASE("Authenticator: a registry token is sent as it is, once") {
  Login login(Credential{.registry_token = "raw"});
  CHECK(login.First(DemandToken()) == "Bearer raw");
  CHECK(login.Challenged(DemandToken(), "Bearer raw").value() == Next::kGiveUp);
  CHECK(login.transport.lines().empty());
}

TEST_CASE("Authenticator: a realm without TLS or inside the own network gets no credential") {
  for (const char* realm :
       {"http://auth.example/token", "https://127.0.0.1/token", "https://localhost:5001/token",
        "https://10.0.0.1/token", "https://169.254.169.254/token", "https://[::1]/token",
        "https://0x7f.1/token", "https://user:pw@auth.example/token", "file:///etc/passwd",
        "/token", "https://auth.example\r\n/token"}) {
    CAPTURE(realm);
    Login login(Bob());
    const auto next = login.Challenged(Demand(std::string("Bearer realm=\"") + realm + "\""));
    REQUIRE_FALSE(next.ok());
    CHECK(next.error().code() == Code::kFailure);
    CHECK(login.transport.lines().empty());
  }
}

TEST_CASE("Authenticator: a realm inside the own network is taken from a registry that is there") {
  Login login(Bob());
  login.registry.kind = AddressKind::kPrivate;
  login.transport.On(
      "GET https://10.0.0.1/t?scope=" + std::string(kPullScope) + "&client_id=ociship&account=bob",
      GiveToken("t1"));
  CHECK(login.First(Demand("Bearer realm=\"https://10.0.0.1/t\"")) == "Bearer t1");
}

TEST_CASE("Authenticator: the connection to a foreign realm is made for the registry") {
  Login login;
  login.registry.kind = AddressKind::kPrivate;
  login.transport.On(AskToken(kPullScope), GiveToken("t1"));
  login.First(DemandToken());
  CHECK(login.transport.seen(0).asker == AddressKind::kPrivate);

  Login own;
  own.transport.On("GET https://registry.example:443/token?scope=" + std::string(kPullScope) +
                       "&client_id=ociship",
                   GiveToken("t1"));
  own.First(Demand("Bearer realm=\"https://registry.example:443/token\""));
  CHECK_FALSE(own.transport.seen(0).asker.has_value());
}

TEST_CASE("Authenticator: a redirect of the token server is not followed") {
  Login login(Bob());
  login.transport.On(AskToken(kPullScope, "bob"),
                     {.status = 307, .headers = {{"Location", "https://evil.example/"}}});
  CHECK_FALSE(login.Challenged(DemandToken()).ok());
  CHECK(login.transport.done());
}

TEST_CASE("Authenticator: answers of the token server that hold no token are errors") {
  for (const char* body :
       {"", "[]", "null", "{}", R"({"token":""})", R"({"token":1})", R"({"token":"a b"})",
        R"({"token":"a\r\nX: 1"})", R"({"token":"a","token":"b"})", R"({"token":"a"} x)"}) {
    CAPTURE(body);
    Login login;
    login.transport.On(AskToken(kPullScope), {.body = body});
    const auto next = login.Challenged(DemandToken());
    REQUIRE_FALSE(next.ok());
    CHECK(next.error().code() == Code::kFailure);
    CHECK(Has(next.error().message(), "the token server auth.example"));
    CHECK(login.transport.done());
  }
}

TEST_CASE("Authenticator: an endless answer of the token server ends at the cap") {
  Login login;
  login.transport.On(AskToken(kPullScope), {.body = std::string(kMaxTokenBytes + 2, ' ')});
  CHECK_FALSE(login.Challenged(DemandToken()).ok());
}

TEST_CASE("Authenticator: a refused login names the server and the user, not the secret") {
  Login login(Bob());
  login.transport.On(
      AskToken(kPullScope, "bob"),
      {.status = 401,
       .body = ErrorsJson("UNAUTHORIZED", "no hunter2+/= hunter2%2B%2F%3D Ym9iOmh1bnRlcjIrLz0=")});
  const auto next = login.Challenged(DemandToken());
  REQUIRE_FALSE(next.ok());
  CHECK(next.error().code() == Code::kUnauthorized);
  CHECK(next.error().message() ==
        "auth.example answered 401 to the request for a token for registry.example as \"bob\": "
        "UNAUTHORIZED no *** *** ***, try ociship login registry.example");
}

TEST_CASE("Authenticator: an anonymous request that is refused says where to log in") {
  Login login;
  login.transport.On(AskToken(kPullScope), {.status = 403});
  CHECK(login.Challenged(DemandToken()).error().message() ==
        "auth.example answered 403 to the request for a token for registry.example without a "
        "login, try ociship login registry.example");
}

TEST_CASE("Authenticator: a secret that a message would cut off is not shown in part") {
  const std::string token(1000, 'T');
  Login login(Credential{.registry_token = token});
  login.First(DemandToken());
  http::Response response{.status = 403};
  response.headers.Add("X-Request-Id", "x" + token);
  response.body = ErrorsJson("DENIED", "token " + token);
  const std::string message =
      Refusal("registry.example", "GET x", login.authenticator.Redact(response)).message();
  CHECK(message == "registry.example answered 403 to GET x: DENIED token *** [request id x***]");
}

TEST_CASE("Authenticator: words are not blanked out for a secret of three characters") {
  Login login(Credential{.username = "bob", .password = "the"});
  login.First(Demand("Basic"));
  CHECK(login.authenticator.Redact("then") == "then");
}

TEST_CASE("Authenticator: a busy token server is waited for, a broken one asked again") {
  Login login;
  login.transport.On(AskToken(kPullScope), {.status = 429, .headers = {{"Retry-After", "30"}}})
      .On(AskToken(kPullScope), {.error = Lost()})
      .On(AskToken(kPullScope), GiveToken("t1"));
  CHECK(login.First(DemandToken()) == "Bearer t1");
  REQUIRE(login.clock.sleeps().size() == 2);
  CHECK(login.clock.sleeps()[0] >= std::chrono::seconds(30));
}

TEST_CASE("Authenticator: a cancel of the request ends the wait for its token") {
  Login login;
  login.clock.on_sleep = [&] { login.cancel.Request(); };
  login.transport.On(AskToken(kPullScope), {.status = 503});
  const auto next = login.Challenged(DemandToken());
  REQUIRE_FALSE(next.ok());
  CHECK(next.error().code() == Code::kInterrupted);
}

TEST_CASE("Authenticator: a refusal without a challenge is explained by end-1") {
  Login login(Bob());
  login.transport.On("GET https://registry.example/v2/", Demand("Basic"));
  CHECK(login.First({.status = 401}) == kBobsBasic);
  CHECK(login.transport.done());
}

TEST_CASE("Authenticator: a refusal that nobody explains gives up") {
  Login login(Bob());
  login.transport.On("GET https://registry.example/v2/", {.body = "welcome"});
  CHECK(login.Challenged({.status = 401}).value() == Next::kGiveUp);
  CHECK(login.keychain.asked == 0);
}

TEST_CASE("Authenticator: a credential that cannot be read is an error and not nobody") {
  Login login(Bob());
  login.keychain.error = Error(Code::kBadInput, "damaged");
  CHECK(login.Challenged(DemandToken()).error().message() == "damaged");
  CHECK(login.transport.lines().empty());
}

TEST_CASE("Authenticator: who is logged in, for messages") {
  CHECK(Login().authenticator.Who().empty());
  Login bob(Bob());
  CHECK(bob.authenticator.Who().empty());
  bob.First(Demand("Basic"));
  CHECK(bob.authenticator.Who() == "as \"bob\"");
  Login raw(Credential{.registry_token = "raw"});
  raw.First(DemandToken());
  CHECK(raw.authenticator.Who() == "with a registry token");
}

TEST_CASE("Authenticator: many who are refused at once fetch one token") {
  Login login;
  login.transport.On(AskToken(kPullScope), GiveToken("t1"));
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto next = login.Challenged(DemandToken());
      const auto field = login.Authorize();
      if (next.ok() && next.value() == Next::kTryAgain && field.ok() &&
          field.value() == "Bearer t1") {
        ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 8);
  CHECK(login.transport.done());
}

TEST_CASE("Authenticator: a registry that wants something else each time costs no more memory") {
  Login login;
  std::string used;
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    login.transport.On(AskToken(std::string(kPullScope) + " r%3A" + number + "%3Ax"),
                       GiveToken("token-" + number));
    CHECK(login.Challenged(DemandToken(",scope=\"r:" + number + ":x\"")).value() ==
          Next::kTryAgain);
  }
  // Forgotten, so not recognised; one that is held would be.
  CHECK(login.authenticator.Redact("token-0 token-299") == "token-0 ***");
}
