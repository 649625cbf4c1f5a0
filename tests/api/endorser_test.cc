// SPDX-License-Identifier: Apache-2.0
#include "api/endorser.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "fake_clock.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/text.h"

namespace ociship::api {
namespace {

std::string Part(std::string_view json) {
  std::string text = util::Base64Encode(util::AsBytes(json));
  std::erase(text, '=');
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

struct Claims {
  std::string subject = "repo:acme/app";
  std::string issuer = "https://issuer.example";
  std::string workflow = "acme/app/release.yml@main";
  std::string audience = "sigstore";
  std::chrono::seconds life{300};
};

// Gives one token after the other.
struct Provider {
  testing::FakeClock clock;
  std::vector<Claims> next = {};
  std::size_t asked = 0;
  ProvidedTokens tokens{[this] { return Give(); }, "sigstore", clock};

  Result<std::string> Give() {
    const Claims& claims = next.at(asked++);
    const auto expires = (clock.Now() + claims.life).time_since_epoch().count();
    return util::StrCat(
        Part(R"({"alg":"none"})"), ".",
        Part(util::StrCat(R"({"iss":")", claims.issuer, R"(","sub":")", claims.subject,
                          R"(","aud":")", claims.audience, R"(","job_workflow_ref":")",
                          claims.workflow, R"(","exp":)", expires, "}")),
        ".AA");
  }
};

TEST_CASE("ProvidedTokens: a token is given again while it lives, and then the next one") {
  Provider provider{.next = {{}, {}}};
  REQUIRE(provider.tokens.Get().ok());
  provider.clock.now += std::chrono::seconds(269);
  CHECK(provider.tokens.Get().ok());
  CHECK(provider.asked == 1);
  provider.clock.now += std::chrono::seconds(2);
  CHECK(provider.tokens.Get().ok());
  CHECK(provider.asked == 2);
}

TEST_CASE("ProvidedTokens: a token that is short when it comes is used while it lives") {
  Provider provider{.next = {{.life = std::chrono::seconds(9)}, {}}};
  REQUIRE(provider.tokens.Get().ok());
  provider.clock.now += std::chrono::seconds(5);
  CHECK(provider.tokens.Get().ok());
  CHECK(provider.asked == 1);
}

TEST_CASE("ProvidedTokens: the next token must be of the identity that was announced") {
  for (const Claims& other :
       {Claims{.subject = "repo:evil/app"}, Claims{.issuer = "https://other.example"},
        Claims{.workflow = "acme/app/test.yml@main"}}) {
    Provider provider{.next = {{}, other}};
    REQUIRE(provider.tokens.Get().ok());
    provider.clock.now += std::chrono::seconds(290);
    const auto refused = provider.tokens.Get();
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code() == Code::kUnauthorized);
  }
}

TEST_CASE("ProvidedTokens: one that is over, or for somebody else, is refused") {
  for (const Claims& wrong : {Claims{.life = std::chrono::seconds(0)}, Claims{.audience = "x"}}) {
    Provider provider{.next = {wrong}};
    const auto refused = provider.tokens.Get();
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code() == Code::kUnauthorized);
  }
}

}  // namespace
}  // namespace ociship::api
