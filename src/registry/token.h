// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_TOKEN_H_
#define OCISHIP_REGISTRY_TOKEN_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "ociship/core.h"
#include "ociship/store.h"
#include "util/url.h"

namespace ociship::registry {

// What a token is to allow: "repository:acme/app:pull,push", the one that matters most first, since
// some servers read no other.
using Scopes = std::vector<std::string>;

// What a token server is asked for (distribution auth spec, "token" and "oauth").
struct TokenQuestion {
  util::Url realm;
  std::string service;
  Scopes scopes;
};

// A bearer token, never shown to anybody but the registry.
struct Token {
  std::string text;
  // When it should be replaced: a good while before its end.
  std::chrono::sys_seconds renew_at;
  // The one that takes the place of the identity token, if the server gave another one.
  std::string refresh_token = {};
};

// The largest answer that is read.
inline constexpr std::size_t kMaxTokenBytes = 64 * 1024;

// GET with the scopes in the query, and user name and password if there are any ("token").
http::Request GetTokenRequest(const TokenQuestion& question, const Credential* credential);
// The form of the POST that exchanges an identity token ("oauth", grant_type refresh_token).
std::string RefreshTokenForm(const TokenQuestion& question, std::string_view identity_token);

// "Basic " and the rest of the field (RFC 7617).
std::string BasicAuthorization(const Credential& credential);

// The token of an answer. kFailure when there is none.
Result<Token> ParseToken(std::string_view body, std::chrono::sys_seconds now);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_TOKEN_H_
