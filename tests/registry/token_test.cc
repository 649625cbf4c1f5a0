// SPDX-License-Identifier: Apache-2.0
#include "registry/token.h"

#include <doctest/doctest.h>

#include <string>

using namespace ociship::registry;
using ociship::Credential;
using ociship::util::Url;
using std::chrono::seconds;
using std::chrono::sys_seconds;

namespace {

constexpr sys_seconds kNow{seconds(1'000'000)};

TokenQuestion Question(std::string_view realm) {
  return {.realm = Url::Parse(realm).value(), .service = "a b", .scopes = {"r:x:pull", "r:y:*"}};
}

// For how long an answer may be used, in seconds.
std::int64_t Life(std::string_view expires_in) {
  const std::string body =
      std::string(R"({"token":"t","expires_in":)").append(expires_in).append("}");
  return (ParseToken(body, kNow).value().renew_at - kNow).count();
}

}  // namespace

TEST_CASE("Token: the GET repeats the scopes and keeps the query of the realm") {
  const auto request = GetTokenRequest(Question("https://auth.example/t?x=1"), nullptr);
  CHECK(request.url.text() ==
        "https://auth.example/t?x=1&service=a%20b&scope=r%3Ax%3Apull&scope=r%3Ay%3A%2A"
        "&client_id=ociship");
  CHECK(request.headers.fields().empty());
}

TEST_CASE("Token: the GET has name and password, if there are any") {
  const Credential bob{.username = "b&b", .password = "p"};
  const auto request = GetTokenRequest(Question("https://auth.example/t"), &bob);
  CHECK(request.url.text().ends_with("&account=b%26b"));
  CHECK(request.headers.Get("Authorization") == "Basic YiZiOnA=");
  const Credential identity{.identity_token = "secret"};
  const auto nobody = GetTokenRequest(Question("https://auth.example/t"), &identity);
  CHECK(nobody.headers.fields().empty());
  CHECK(nobody.url.text().find("secret") == std::string::npos);
}

TEST_CASE("Token: the form joins the scopes, and nothing in it ends a field") {
  CHECK(RefreshTokenForm(Question("https://auth.example/t"), "a&b=c+d") ==
        "grant_type=refresh_token&service=a%20b&client_id=ociship&scope=r%3Ax%3Apull%20r%3Ay%3A%2A"
        "&refresh_token=a%26b%3Dc%2Bd");
}

TEST_CASE("Token: token or access_token") {
  CHECK(ParseToken(R"({"token":"a","access_token":"b"})", kNow).value().text == "a");
  CHECK(ParseToken(R"({"access_token":"b"})", kNow).value().text == "b");
  CHECK(ParseToken(R"({"token":null,"access_token":"b"})", kNow).value().text == "b");
  CHECK(ParseToken(R"({"token":"","access_token":"b"})", kNow).value().text == "b");
  const Token token = ParseToken(R"({"token":"a","refresh_token":"r"})", kNow).value();
  CHECK(token.refresh_token == "r");
}

TEST_CASE("Token: answers without one, and the answer is never in the message") {
  for (const char* body :
       {"", "secret", "\"secret\"", "[\"secret\"]", "{}", R"({"token":7,"x":"secret"})",
        R"({"token":"secret value"})", R"({"token":"secret\n"})", R"({"token":"secret\u0000"})",
        "{\"token\":\"secr\xc3\xa9t\"}", R"({"token":"secret","token":"secret"})",
        R"({"token":"secret"}{)", R"({"token":["secret"]})", R"({"token":"secret)"}) {
    CAPTURE(body);
    const auto token = ParseToken(body, kNow);
    REQUIRE_FALSE(token.ok());
    CHECK(token.error().code() == ociship::Code::kFailure);
    CHECK(token.error().message().find("secr") == std::string::npos);
  }
}

TEST_CASE("Token: deep nesting and long answers are refused") {
  std::string deep = R"({"token":"t","x":)";
  for (int i = 0; i < 100; ++i) deep += "[";
  for (int i = 0; i < 100; ++i) deep += "]";
  CHECK_FALSE(ParseToken(deep + "}", kNow).ok());
  CHECK_FALSE(ParseToken(R"({"token":"t"})" + std::string(kMaxTokenBytes, ' '), kNow).ok());
}

TEST_CASE("Token: a life of at least a minute and at most a year, replaced before its end") {
  CHECK(Life("300") == 240);
  CHECK(Life("100") == 75);
  for (const char* short_life : {"0", "1", "59", "60", "-1", "-9223372036854775808", "1e3",
                                 "\"300\"", "null", "1.5", "99999999999999999999"}) {
    CAPTURE(short_life);
    CHECK(Life(short_life) == 45);
  }
  CHECK(Life("9223372036854775807") == 366 * 24 * 3600 - 60);
  CHECK((ParseToken(R"({"token":"t"})", kNow).value().renew_at - kNow).count() == 45);
}

TEST_CASE("Token: the clock of the server does not matter") {
  const auto token =
      ParseToken(R"({"token":"t","expires_in":300,"issued_at":"2099-01-01T00:00:00Z"})", kNow);
  CHECK(token.value().renew_at - kNow == seconds(240));
}
