// SPDX-License-Identifier: Apache-2.0
#include "registry/challenge.h"

#include <doctest/doctest.h>

#include <string>

using ociship::http::Headers;
using ociship::registry::Challenge;
using ociship::registry::ChooseChallenge;
using ociship::registry::ParseChallenges;
using Scheme = Challenge::Scheme;

namespace {

Headers Fields(std::initializer_list<std::string_view> values) {
  Headers headers;
  for (const std::string_view value : values) headers.Add("www-authenticate", value);
  return headers;
}

Challenge One(std::string_view value) {
  const auto challenges = ParseChallenges(Fields({value}));
  REQUIRE(challenges.size() == 1);
  return challenges[0];
}

}  // namespace

TEST_CASE("Challenge: a bearer challenge as registries send it") {
  CHECK(One(R"(Bearer realm="https://a.example/t",service="s",scope="repository:a/b:pull,push")") ==
        Challenge{.scheme = Scheme::kBearer,
                  .realm = "https://a.example/t",
                  .service = "s",
                  .scope = "repository:a/b:pull,push"});
}

TEST_CASE("Challenge: schemes and names in any case, spaces, bare values, escapes") {
  CHECK(
      One(R"(  bEARER   REALM = "a\"b\\c" ,, Service=s , ERROR=invalid_token)") ==
      Challenge{
          .scheme = Scheme::kBearer, .realm = "a\"b\\c", .service = "s", .error = "invalid_token"});
  CHECK(One("basic").scheme == Scheme::kBasic);
}

TEST_CASE("Challenge: several in one field and in several fields") {
  const auto challenges = ParseChallenges(
      Fields({R"(Negotiate abc==, Basic realm="x, Bearer realm=\"no\"", Bearer realm="y")",
              "Digest realm=z", "Basic"}));
  REQUIRE(challenges.size() == 3);
  CHECK(challenges[0] == Challenge{.scheme = Scheme::kBasic, .realm = "x, Bearer realm=\"no\""});
  CHECK(challenges[1] == Challenge{.scheme = Scheme::kBearer, .realm = "y"});
  CHECK(challenges[2].realm.empty());
}

TEST_CASE("Challenge: the parameters of a scheme that is not for us are not those of another") {
  const auto challenges =
      ParseChallenges(Fields({R"(Basic realm="x", NTLM, realm="https://evil.example")"}));
  REQUIRE(challenges.size() == 1);
  CHECK(challenges[0].realm == "x");
}

TEST_CASE("Challenge: bearer before basic, the first of each") {
  CHECK(ChooseChallenge(Fields({"Basic realm=b", "Bearer realm=1", "Bearer realm=2"}))->realm ==
        "1");
  CHECK(ChooseChallenge(Fields({"Basic realm=b", "Bearer service=x"}))->scheme == Scheme::kBasic);
  CHECK_FALSE(ChooseChallenge(Fields({"Bearer service=x", "Negotiate"})).has_value());
  CHECK_FALSE(ChooseChallenge(Fields({})).has_value());
}

TEST_CASE("Challenge: nonsense gives nothing") {
  for (const char* value :
       {"", ",,,", "=", "\"", "realm=x", "Bearer realm", "B\xc3\xa4rer realm=x", "\\"}) {
    CAPTURE(value);
    CHECK_FALSE(ChooseChallenge(Fields({value})).has_value());
  }
  CHECK(One("Bearer realm=\"open").realm == "open");
}

TEST_CASE("Challenge: no more than the caps") {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "Basic, ";
  CHECK(ParseChallenges(Fields({many, many})).size() == 16);
  const std::string far = "Basic realm=\"" + std::string(10'000, 'x') + "\", Bearer realm=y";
  CHECK(ChooseChallenge(Fields({far}))->scheme == Scheme::kBasic);
}
