// SPDX-License-Identifier: Apache-2.0
// Also of oidc_issuer.cc, device_login.cc and pkce.cc.
#include "services/oidc_login.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "browser.h"
#include "http/loopback_listener.h"
#include "services/pkce.h"
#include "tokens.h"
#include "util/io.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using testing::Agree;
using testing::Browser;
using testing::FakePerson;
using testing::Fields;
using testing::Jwt;
using testing::ReadFields;
using util::StrCat;

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr std::string_view kIssuer = "https://issuer.example/auth";

// An issuer in memory.
class Issuer : public http::Transport {
 public:
  Result<http::Response> Send(const http::Request& request, const http::Receive&,
                              const util::Cancel&) override {
    const std::string url = request.url.text();
    if (url == "https://issuer.example/auth/.well-known/openid-configuration") {
      return http::Response{.status = 200, .headers = {}, .body = document};
    }
    if (request.body.reader == nullptr) return Error(Code::kFailure, "unexpected: " + url);
    forms.push_back(ReadFields(TRY(util::ReadAll(*request.body.reader, 10'000, "the form"))));
    authorization = request.headers.Get("authorization").value_or("");
    asker = request.asker;
    if (url == "https://issuer.example/device") {
      return http::Response{.status = 200, .headers = {}, .body = device};
    }
    if (url != "https://issuer.example/token") return Error(Code::kFailure, "unexpected: " + url);
    if (answers.empty()) return Token(StrCat("\"nonce\":\"", nonce(), "\""));
    const auto answer = answers.front();
    answers.erase(answers.begin());
    return answer;
  }

  // An answer with a token that has these claims besides.
  http::Response Token(std::string_view claims) const {
    const std::string jwt =
        Jwt(StrCat(R"({"sub":"x","exp":784112077,"email":"a@b.example","email_verified":true,)",
                   named, ",", claims, "}"));
    return {.status = 200, .headers = {}, .body = StrCat(R"({"id_token":")", jwt, "\"}")};
  }
  static http::Response Fault(int status, std::string_view error) {
    return {.status = status, .headers = {}, .body = StrCat(R"({"error":")", error, "\"}")};
  }

  std::string document = R"({"issuer":"https://issuer.example/auth",)"
                         R"("authorization_endpoint":"https://issuer.example/authorize?x=y",)"
                         R"("token_endpoint":"https://issuer.example/token",)"
                         R"("device_authorization_endpoint":"https://issuer.example/device"})";
  std::string device =
      R"({"device_code":"device-secret","user_code":"ABCD-EFGH","interval":7,"expires_in":60,)"
      R"("verification_uri":"https://issuer.example/enter"})";
  std::string named = R"("iss":"https://issuer.example/auth","aud":"sigstore")";
  std::function<std::string()> nonce = [] { return std::string(); };
  std::vector<Result<http::Response>> answers = {};
  std::vector<Fields> forms = {};
  std::string authorization;
  std::optional<util::AddressKind> asker = {};
};

struct Fixture : testing::TokenEffects {
  Fixture() { client.issuer = kIssuer; }

  Result<IdentityToken> LogIn(Browser& browser,
                              std::chrono::milliseconds patience = kLoginPatience) {
    issuer.nonce = [&browser] { return browser.sent.at("nonce"); };
    return LogInWithBrowser(client, browser, issuer, effects, patience);
  }
  std::string Fails(const Browser::ComeBack& come_back) {
    Browser browser(come_back);
    const auto token = LogIn(browser);
    REQUIRE_FALSE(token.ok());
    CHECK(token.error().code() == Code::kUnauthorized);
    CHECK(Contains(browser.Answer(), "The login failed"));
    for (const char* secret : {"state", "nonce"}) {
      CHECK_FALSE(Contains(token.error().message(), browser.sent.at(secret)));
    }
    CHECK_FALSE(Contains(token.error().message(), "the code"));
    return token.error().message();
  }
  Result<IdentityToken> LogInAsDevice() { return LogInWithDevice(client, person, issuer, effects); }

  OidcClient client;
  Issuer issuer;
  FakePerson person{Person::Reach::kTerminal};
};

TEST_CASE("the challenge is that of RFC 7636 appendix B") {
  CHECK(CodeChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") ==
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
  CHECK(RandomText().size() == 43);
  CHECK(RandomText() != RandomText());
}

TEST_CASE_FIXTURE(Fixture, "a browser that comes back with a code gives a token") {
  Browser browser(Agree);
  const IdentityToken token = LogIn(browser).value();
  CHECK(token.subject() == "a@b.example");
  CHECK(Contains(browser.Answer(), "200 OK"));
  CHECK(Contains(browser.Answer(), "You are logged in"));
  CHECK(browser.page.text().starts_with("https://issuer.example/authorize?x=y&"));
  CHECK(browser.sent.at("response_type") == "code");
  CHECK(browser.sent.at("client_id") == "sigstore");
  CHECK(browser.sent.at("scope") == "openid email");
  CHECK(browser.sent.at("code_challenge_method") == "S256");
  CHECK(browser.sent.at("state") != browser.sent.at("nonce"));
  CHECK(Contains(browser.said, browser.page.text()));
}

TEST_CASE_FIXTURE(Fixture, "the verifier is what the challenge was of, and the code comes along") {
  Browser browser(Agree);
  REQUIRE(LogIn(browser).ok());
  REQUIRE(issuer.forms.size() == 1);
  const Fields& form = issuer.forms.front();
  CHECK(CodeChallenge(form.at("code_verifier")) == browser.sent.at("code_challenge"));
  CHECK(form.at("grant_type") == "authorization_code");
  CHECK(form.at("code") == "the code");
  CHECK(form.at("client_id") == "sigstore");
  CHECK(form.at("redirect_uri") == browser.sent.at("redirect_uri"));
  CHECK(form.at("redirect_uri").starts_with("http://localhost:"));
  CHECK(form.at("redirect_uri").ends_with("/auth/callback"));
  CHECK(form.find("client_secret") == form.end());
  CHECK(issuer.authorization.empty());
  CHECK(issuer.asker == util::AddressKind::kNameOrPublic);
}

TEST_CASE_FIXTURE(Fixture, "each login has a state, nonce and verifier of its own") {
  Browser first(Agree);
  Browser second(Agree);
  REQUIRE(LogIn(first).ok());
  REQUIRE(LogIn(second).ok());
  for (const char* name : {"state", "nonce", "code_challenge"}) {
    CHECK(first.sent.at(name) != second.sent.at(name));
  }
}

TEST_CASE_FIXTURE(Fixture, "a client with a secret proves itself as the issuer wants it") {
  client.client_id = "me&you";
  client.client_secret = "s:cret";
  issuer.named = R"("iss":"https://issuer.example/auth","aud":"me&you")";
  Browser basic(Agree);
  REQUIRE(LogIn(basic).ok());
  CHECK(issuer.authorization == "Basic bWUlMjZ5b3U6cyUzQWNyZXQ=");  // me%26you:s%3Acret
  CHECK(issuer.forms.back().find("client_secret") == issuer.forms.back().end());
  issuer.document.pop_back();
  issuer.document += R"(,"token_endpoint_auth_methods_supported":["client_secret_post"]})";
  Browser form(Agree);
  REQUIRE(LogIn(form).ok());
  CHECK(issuer.authorization.empty());
  CHECK(issuer.forms.back().at("client_secret") == "s:cret");
  CHECK(issuer.forms.back().at("client_id") == "me&you");
}

TEST_CASE_FIXTURE(Fixture, "another state, or none, ends the login before the code is used") {
  CHECK(Contains(Fails([](const Fields&) { return "code=c&state=other"; }), "state"));
  CHECK(Contains(Fails([](const Fields&) { return "code=c"; }), "state"));
  CHECK(Contains(Fails([](const Fields&) { return "error=access_denied&state=other"; }), "state"));
  CHECK(Contains(Fails([](const Fields& sent) {
                   return StrCat("code=c&state=", sent.at("state"), "&state=", sent.at("state"));
                 }),
                 "twice"));
  CHECK(Contains(
      Fails([](const Fields& sent) { return StrCat("code=%zz&state=", sent.at("state")); }),
      "encoded"));
  CHECK(issuer.forms.empty());
}

TEST_CASE_FIXTURE(Fixture, "a browser that comes from another issuer ends the login") {
  const auto from = [](const char* iss) {
    return [iss](const Fields& sent) { return StrCat(Agree(sent), "&iss=", iss); };
  };
  Browser browser(from("https%3A%2F%2Fissuer.example%2Fauth"));
  CHECK(LogIn(browser).ok());
  issuer.forms.clear();
  CHECK(Contains(Fails(from("https%3A%2F%2Fevil.example")), "evil.example"));
  CHECK(issuer.forms.empty());
}

TEST_CASE_FIXTURE(Fixture, "a person who refuses is told that he did") {
  const std::string message = Fails([](const Fields& sent) {
    return StrCat("error=access_denied&error_description=not+me%0A&state=", sent.at("state"));
  });
  CHECK(Contains(message, "access_denied: not me\\x0a"));
  CHECK(Contains(Fails([](const Fields& sent) { return StrCat("state=", sent.at("state")); }),
                 "without a code"));
  CHECK(issuer.forms.empty());
}

TEST_CASE_FIXTURE(Fixture, "a token of another login is refused") {
  issuer.answers = {issuer.Token(R"("nonce":"other")")};
  CHECK(Contains(Fails(Agree), "nonce"));
  issuer.answers = {issuer.Token(R"("x":1)")};
  CHECK(Contains(Fails(Agree), "nonce"));
}

TEST_CASE_FIXTURE(Fixture, "a token of another issuer or for another client is refused") {
  issuer.named = R"("iss":"https://evil.example","aud":"sigstore")";
  CHECK(Contains(Fails(Agree), "https://evil.example"));
  issuer.named = R"("iss":"https://issuer.example/auth","aud":"other")";
  CHECK(Contains(Fails(Agree), "not for"));
}

TEST_CASE_FIXTURE(Fixture, "a code that is refused is not sent again") {
  issuer.answers = {Issuer::Fault(400, "invalid_grant")};
  CHECK(Contains(Fails(Agree), "invalid_grant"));
  CHECK(issuer.forms.size() == 1);
  issuer.answers = {http::Response{.status = 200, .headers = {}, .body = "{}"}};
  CHECK(Contains(Fails(Agree), "no id_token"));
  issuer.forms.clear();
  issuer.answers = {Issuer::Fault(503, "the code, the code")};
  Browser browser(Agree);
  const auto token = LogIn(browser);
  REQUIRE_FALSE(token.ok());
  CHECK(token.error().code() == Code::kUnavailable);
  CHECK_FALSE(Contains(token.error().message(), "the code"));
  CHECK(issuer.forms.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "who does not come back is not waited for") {
  Browser nobody([](const Fields&) { return std::string(); });
  const auto token = LogIn(nobody, std::chrono::milliseconds(60));
  REQUIRE_FALSE(token.ok());
  CHECK(token.error().code() == Code::kUnauthorized);
  Browser canceller([this](const Fields&) {
    cancel.Request();
    return std::string();
  });
  CHECK(LogIn(canceller).error().code() == Code::kInterrupted);
}

TEST_CASE_FIXTURE(Fixture, "an issuer that calls itself otherwise is refused") {
  for (const char* name : {"https://issuer.example", "https://issuer.example/auth/", "",
                           "https://evil.example/auth"}) {
    CAPTURE(name);
    issuer.document = StrCat(R"({"issuer":")", name,
                             R"(","authorization_endpoint":"https://issuer.example/a",)"
                             R"("token_endpoint":"https://issuer.example/token"})");
    const auto found = OidcIssuer::Discover(client, issuer, effects);
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().code() == Code::kUnauthorized);
  }
}

TEST_CASE_FIXTURE(Fixture, "an issuer's doors are its own, and https") {
  const auto discover = [this](std::string_view authorize, std::string_view token) {
    issuer.document =
        StrCat(R"({"issuer":"https://issuer.example/auth","authorization_endpoint":")", authorize,
               R"(","token_endpoint":")", token, "\"}");
    return OidcIssuer::Discover(client, issuer, effects);
  };
  CHECK(discover("https://a.example/x", "https://b.example/y").ok());
  for (const char* bad :
       {"http://issuer.example/token", "https://127.0.0.1/token", "http://localhost/token",
        "https://10.0.0.1/", "javascript:x", "", "/a", "http://169.254.169.254/"}) {
    CAPTURE(bad);
    CHECK(discover("https://a.example/x", bad).error().code() == Code::kUnavailable);
    CHECK(discover(bad, "https://a.example/x").error().code() == Code::kUnavailable);
  }
  issuer.document = "<html>";
  CHECK(OidcIssuer::Discover(client, issuer, effects).error().code() == Code::kUnavailable);
  client.issuer = "http://issuer.example/auth";
  CHECK(OidcIssuer::Discover(client, issuer, effects).error().code() == Code::kUsage);
  client.issuer = "nonsense";
  CHECK(OidcIssuer::Discover(client, issuer, effects).error().code() == Code::kUsage);
}

TEST_CASE_FIXTURE(Fixture, "a redirect leads to a port of this machine and nowhere else") {
  const int port = [] {
    const auto listener = http::LoopbackListener::Open(0).value();
    return listener->port();
  }();
  client.redirect_url = StrCat("http://localhost:", port, "/back");
  Browser browser(Agree);
  CHECK(LogIn(browser).ok());
  CHECK(browser.sent.at("redirect_uri") == client.redirect_url);
  for (const char* bad :
       {"http://host.example:8000/", "https://localhost:8000/", "localhost",
        "http://localhost/auth", "http://localhost:8000/?a=b", "http://0.0.0.0:8000/"}) {
    CAPTURE(bad);
    client.redirect_url = bad;
    Browser nobody(Agree);
    CHECK(LogIn(nobody).error().code() == Code::kUsage);
  }
}

TEST_CASE_FIXTURE(Fixture, "without a browser the address is said") {
  person = FakePerson(Person::Reach::kTerminal);
  const auto token =
      LogInWithBrowser(client, person, issuer, effects, std::chrono::milliseconds(10));
  CHECK_FALSE(token.ok());
  CHECK(person.opened.empty());
  CHECK(Contains(person.said, "https://issuer.example/authorize?x=y&response_type=code"));
}

TEST_CASE_FIXTURE(Fixture, "a device waits until the person has entered the code") {
  issuer.answers = {Issuer::Fault(400, "authorization_pending"), Issuer::Fault(400, "slow_down"),
                    Error(Code::kUnavailable, "connection lost"), issuer.Token(R"("x":1)")};
  CHECK(LogInAsDevice().value().subject() == "a@b.example");
  CHECK(Contains(person.said, "ABCD-EFGH"));
  CHECK(Contains(person.said, "https://issuer.example/enter"));
  CHECK_FALSE(Contains(person.said, "device-secret"));
  using std::chrono::seconds;
  const auto sleeps = clock.sleeps();
  REQUIRE(sleeps.size() == 4);
  CHECK(sleeps[0] == seconds(7));
  CHECK(sleeps[1] == seconds(7));
  CHECK(sleeps[2] == seconds(12));
  CHECK(sleeps[3] == seconds(17));
  CHECK(issuer.forms[0].at("scope") == "openid email");
  CHECK(issuer.forms[1].at("grant_type") == "urn:ietf:params:oauth:grant-type:device_code");
  CHECK(issuer.forms[1].at("device_code") == "device-secret");
  CHECK(CodeChallenge(issuer.forms[4].at("code_verifier")) == issuer.forms[0].at("code_challenge"));
}

TEST_CASE_FIXTURE(Fixture, "a device gives up when the issuer says so, or the time has passed") {
  for (const char* error : {"access_denied", "expired_token", "invalid_grant"}) {
    issuer.answers = {Issuer::Fault(400, error)};
    const auto token = LogInAsDevice();
    REQUIRE_FALSE(token.ok());
    CHECK(token.error().code() == Code::kUnauthorized);
    CHECK(Contains(token.error().message(), error));
  }
  issuer.forms.clear();
  issuer.answers.assign(20, Issuer::Fault(400, "authorization_pending"));
  const auto token = LogInAsDevice();
  REQUIRE_FALSE(token.ok());
  CHECK(token.error().code() == Code::kUnauthorized);
  CHECK(issuer.forms.size() == 10);  // the first, and each 7 of 60 seconds
}

TEST_CASE_FIXTURE(Fixture, "a device is cancelled while it waits") {
  issuer.answers.assign(20, Issuer::Fault(400, "authorization_pending"));
  clock.on_sleep = [this] { cancel.Request(); };
  CHECK(LogInAsDevice().error().code() == Code::kInterrupted);
}

TEST_CASE_FIXTURE(Fixture, "what an issuer gives a device to wait for must be whole and sane") {
  for (const char* bad :
       {"{}", R"({"device_code":"d","user_code":"u"})",
        R"({"device_code":"d","verification_uri":"https://a.example/"})",
        R"({"user_code":"u","verification_uri":"https://a.example/"})",
        R"({"device_code":"d","user_code":"u","verification_uri":"http://a.example/"})",
        R"({"device_code":"d","user_code":"u","verification_uri":"file:///etc/passwd"})"}) {
    CAPTURE(bad);
    issuer.device = bad;
    CHECK(LogInAsDevice().error().code() == Code::kUnavailable);
  }
  issuer.device =
      R"({"device_code":"d","user_code":"u\u001b[2J","interval":-5,"expires_in":99999999,)"
      R"("verification_url":"https://a.example/"})";
  issuer.answers = {issuer.Token(R"("x":1)")};
  CHECK(LogInAsDevice().ok());
  CHECK_FALSE(Contains(person.said, "\x1b"));
  CHECK(clock.sleeps().back() == std::chrono::seconds(1));
}

TEST_CASE_FIXTURE(Fixture, "an issuer without a login for devices says so") {
  issuer.document = R"({"issuer":"https://issuer.example/auth",)"
                    R"("authorization_endpoint":"https://issuer.example/authorize",)"
                    R"("token_endpoint":"https://issuer.example/token"})";
  const auto token = LogInAsDevice();
  REQUIRE_FALSE(token.ok());
  CHECK(token.error().code() == Code::kUnauthorized);
  CHECK(Contains(token.error().message(), "--identity-token"));
}

TEST_CASE("a form is written and read as browsers do") {
  CHECK(FormatForm({{"a", "b c&d"}, {"e", ""}}) == "a=b%20c%26d&e=");
  CHECK(ReadFields("a=b+c%26d&e=&f&&") == Fields{{"a", "b c&d"}, {"e", ""}, {"f", ""}});
  for (const char* bad : {"a=%", "a=%4", "a=%zz", "a=1&a=2", "%=1"}) {
    CAPTURE(bad);
    CHECK(ParseForm(bad).error().code() == Code::kBadInput);
  }
}

}  // namespace
}  // namespace ociship::services
