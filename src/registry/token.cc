// SPDX-License-Identifier: Apache-2.0
// Asks token servers, and reads their answers (distribution auth spec). Tested by token_test.cc.
#include "registry/token.h"

#include <algorithm>
#include <cstdint>

#include "util/bytes.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using std::chrono::seconds;
using util::StrCat;

// As the server's log shows us.
constexpr std::string_view kClientId = "ociship";
// "token": without expires_in it is 60 s, and no client may be given less.
constexpr std::int64_t kShortestLife = 60;
constexpr std::int64_t kLongestLife = std::int64_t{366} * 24 * 60 * 60;
// How long before its end a token is replaced: the last quarter of its life, a minute at most, so
// that what begins now is still allowed when it is looked at.
constexpr std::int64_t kMargin = 60;

// A header would not carry anything else, and no token has it.
bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

std::int64_t LifeOf(const util::Json& json) {
  const Result<std::int64_t> life = json.Integer("expires_in");
  if (!life.ok()) return kShortestLife;
  return std::clamp(life.value(), kShortestLife, kLongestLife);
}

}  // namespace

std::string BasicAuthorization(const Credential& credential) {
  const std::string pair = StrCat(credential.username, ":", credential.password);
  return StrCat("Basic ", util::Base64Encode(util::AsBytes(pair)));
}

http::Request GetTokenRequest(const TokenQuestion& question, const Credential* credential) {
  http::Request request{.url = question.realm};
  if (!question.service.empty()) {
    request.url = request.url.WithQuery("service", question.service);
  }
  for (const std::string& scope : question.scopes) {
    request.url = request.url.WithQuery("scope", scope);
  }
  request.url = request.url.WithQuery("client_id", kClientId);
  if (credential != nullptr && !credential->username.empty()) {
    request.url = request.url.WithQuery("account", credential->username);
    request.headers.Add("Authorization", BasicAuthorization(*credential));
  }
  return request;
}

std::string RefreshTokenForm(const TokenQuestion& question, std::string_view identity_token) {
  std::string scopes;
  for (const std::string& scope : question.scopes) {
    scopes += StrCat(scopes.empty() ? "" : " ", scope);
  }
  return StrCat("grant_type=refresh_token&service=", util::PercentEncode(question.service),
                "&client_id=", kClientId, "&scope=", util::PercentEncode(scopes),
                "&refresh_token=", util::PercentEncode(identity_token));
}

Result<Token> ParseToken(std::string_view body, std::chrono::sys_seconds now) {
  const Result<util::Json> json = util::Json::Parse(body, {.bytes = kMaxTokenBytes, .depth = 16});
  // What the parser says of it could show a part of the token.
  if (!json.ok() || !json.value().is_object()) {
    return Error(Code::kFailure, "its answer is no JSON object");
  }
  Token token{.text = json.value().TextOf("token")};
  if (token.text.empty()) token.text = json.value().TextOf("access_token");
  if (!IsToken(token.text)) return Error(Code::kFailure, "its answer holds no token");
  token.refresh_token = json.value().TextOf("refresh_token");
  // issued_at is not looked at: it is of another clock, and the answer has just been made.
  const std::int64_t life = LifeOf(json.value());
  token.renew_at = now + seconds(life - std::min(life / 4, kMargin));
  return token;
}

}  // namespace ociship::registry
