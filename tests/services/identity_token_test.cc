// SPDX-License-Identifier: Apache-2.0
#include "services/identity_token.h"

#include <doctest/doctest.h>

#include <string>

#include "tokens.h"

namespace ociship::services {
namespace {

using testing::Base64Url;
using testing::Claims;
using testing::GoodToken;
using testing::Jwt;

// The message of the refusal, which never shows the token.
std::string Refusal(const std::string& jwt, std::string_view audience = kSigstoreAudience) {
  const Result<IdentityToken> token = IdentityToken::Parse(jwt, audience);
  REQUIRE_FALSE(token.ok());
  CHECK(token.error().code() == Code::kUnauthorized);
  if (jwt.size() > 20) {
    CHECK(token.error().message().find(jwt.substr(0, 20)) == std::string::npos);
  }
  return token.error().message();
}

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// The good claims with one of them in other words.
std::string With(std::string_view from, std::string_view to) {
  std::string claims = Claims();
  const std::size_t at = claims.find(from);
  REQUIRE(at != std::string::npos);
  return Jwt(claims.replace(at, from.size(), to));
}

TEST_CASE("a good token is read, with spaces and line ends around it") {
  const IdentityToken token = IdentityToken::Parse(" " + GoodToken() + "\r\n").value();
  CHECK(token.jwt() == GoodToken());
  CHECK(token.issuer() == "https://issuer.example");
  CHECK(token.subject() == "somebody");
  CHECK(token.nonce().empty());
  CHECK(token.expires() == std::chrono::sys_seconds(std::chrono::seconds(784112077)));
}

TEST_CASE("a token that has not three parts in base64url is refused") {
  const std::string good = GoodToken();
  const std::size_t last = good.rfind('.');
  CHECK(Contains(Refusal(""), "empty"));
  CHECK(Contains(Refusal("nonsense"), "three parts"));
  CHECK(Contains(Refusal(good.substr(0, last)), "three parts"));
  CHECK(Contains(Refusal(good + ".more"), "three parts"));
  for (const std::string& bad :
       {good.substr(0, last + 1), "." + good.substr(good.find('.') + 1), good + "=", good + "+",
        "e yJ" + good.substr(3), good.substr(0, last) + "=" + good.substr(last),
        std::string("eyJhbGciOiJSUzI1NiJ9..c2ln")}) {
    CAPTURE(bad);
    CHECK(Contains(Refusal(bad), "base64url"));
  }
}

TEST_CASE("unused bits in base64url are refused") {
  // "ab" are twelve bits for one byte; the last four have to be zero.
  CHECK(Contains(Refusal(GoodToken() + ".", kSigstoreAudience), "three parts"));
  const std::string head = Base64Url(R"({"alg":"RS256"})") + "." + Base64Url(Claims());
  CHECK(IdentityToken::Parse(head + ".YQ").ok());
  CHECK(Contains(Refusal(head + ".YR"), "base64url"));
}

TEST_CASE("claims that are no JSON object, or name one twice, are refused") {
  for (const char* claims : {"[]", "null", "\"text\"", "{", "{} {}", "{'iss':1}", "\xff"}) {
    CAPTURE(claims);
    CHECK(Contains(Refusal(Jwt(claims)), "no JSON object"));
  }
  CHECK(Contains(Refusal(Jwt(Claims(R"(,"sub":"another")"))), "name one twice"));
  CHECK(IdentityToken::Parse(Jwt(Claims(R"(,"other":"another")"))).ok());
}

TEST_CASE("iss and sub must be text that is not empty") {
  for (const char* name : {"iss", "sub"}) {
    const std::string quoted = std::string("\"") + name + "\":";
    CAPTURE(name);
    CHECK(Contains(Refusal(With(quoted, "\"not_it\":")), name));
    const std::string value =
        std::string(name) == "iss" ? "\"https://issuer.example\"" : "\"somebody\"";
    for (const char* bad : {"\"\"", "null", "7", "[\"a\"]", "\"a\\u0000b\""}) {
      CAPTURE(bad);
      CHECK(Contains(Refusal(With(quoted + value, quoted + bad)), name));
    }
  }
}

TEST_CASE("exp must be a time, and may have a fraction") {
  const auto expires = [](const char* exp) {
    return IdentityToken::Parse(With("784112077", exp)).value().expires().time_since_epoch();
  };
  CHECK(expires("784112077.75") == std::chrono::seconds(784112077));
  CHECK(expires("253402300799") == std::chrono::seconds(253402300799));
  for (const char* bad : {"-1", "null", "\"784112077\"", "253402300800", "1e9", "1.5e9", "-1.5",
                          "99999999999999999999", "99999999999999999999.5"}) {
    CAPTURE(bad);
    CHECK(Contains(Refusal(With("784112077", bad)), "expires"));
  }
  CHECK(Contains(Refusal(With("\"exp\"", "\"not_exp\"")), "expires"));
}

TEST_CASE("the audience is text or a list that has ours in it") {
  const auto is_read = [](const char* aud) {
    return IdentityToken::Parse(With("\"sigstore\"", aud)).ok();
  };
  CHECK(is_read(R"(["sigstore"])"));
  CHECK(is_read(R"(["other","sigstore"])"));
  const std::string other = Refusal(With("\"sigstore\"", "\"other\""));
  CHECK(Contains(other, "\"other\""));
  CHECK(Contains(other, "sigstore"));
  for (const char* bad : {R"(["other"])", "[]", "null", R"({"sigstore":1})", R"(["sigstore",1])",
                          "\"Sigstore\"", "\"sigstore \"", "\"\""}) {
    CAPTURE(bad);
    CHECK_FALSE(is_read(bad));
  }
  CHECK(Contains(Refusal(With("\"aud\"", "\"not_aud\"")), "aud"));
  CHECK(IdentityToken::Parse(With("\"sigstore\"", "\"other\""), "other").ok());
}

TEST_CASE("an email that is verified is the subject, and one that is not is refused") {
  const auto subject = [](std::string_view others) {
    return IdentityToken::Parse(Jwt(Claims(others))).value().subject();
  };
  CHECK(subject(R"(,"email":"a@b.example","email_verified":true)") == "a@b.example");
  CHECK(subject(R"(,"email":"a@b.example","email_verified":"true")") == "a@b.example");
  CHECK(subject(R"(,"email":"","email_verified":false)") == "somebody");
  CHECK(subject(R"(,"email":null)") == "somebody");
  CHECK(subject(R"(,"email_verified":false)") == "somebody");
  for (const char* bad :
       {"", R"(,"email_verified":false)", R"(,"email_verified":"false")", R"(,"email_verified":1)",
        R"(,"email_verified":null)", R"(,"email_verified":"TRUE")"}) {
    CAPTURE(bad);
    const std::string claims = Claims(std::string(R"(,"email":"a@b.example")") + bad);
    CHECK(Contains(Refusal(Jwt(claims)), "email_verified"));
  }
  CHECK(Contains(Refusal(Jwt(Claims(R"(,"email":7,"email_verified":true)"))), "email"));
}

TEST_CASE("a token of the size that is allowed is read, and a larger one is not") {
  const auto of_size = [](std::size_t padding) {
    return Jwt(Claims(R"(,"x":")" + std::string(padding, 'x') + "\""));
  };
  const std::size_t fits = (kMaxTokenBytes - GoodToken().size()) / 4 * 3 - 64;
  REQUIRE(of_size(fits).size() <= kMaxTokenBytes);
  CHECK(IdentityToken::Parse(of_size(fits)).ok());
  REQUIRE(of_size(fits + 128).size() > kMaxTokenBytes);
  CHECK(Contains(Refusal(of_size(fits + 128)), "larger"));
}

TEST_CASE("the nonce is what a login sent") {
  CHECK(IdentityToken::Parse(Jwt(Claims(R"(,"nonce":"abc")"))).value().nonce() == "abc");
  CHECK(IdentityToken::Parse(Jwt(Claims(R"(,"nonce":7)"))).value().nonce().empty());
}

}  // namespace
}  // namespace ociship::services
