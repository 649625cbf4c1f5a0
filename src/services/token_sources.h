// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_TOKEN_SOURCES_H_
#define OCISHIP_SERVICES_TOKEN_SOURCES_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/transport.h"
#include "ociship/core.h"
#include "services/ambient_tokens.h"
#include "services/identity_token.h"
#include "services/oidc_issuer.h"
#include "services/oidc_login.h"

// Which identity token signs.
namespace ociship::services {

// A token with less life is not given again: signing takes some requests.
inline constexpr std::chrono::seconds kLeastTokenLife{30};

// How a person logs in. kAuto: with a browser where there is one, else as a device. kNever: not at
// all, whoever sits there.
enum class LoginFlow { kAuto, kBrowser, kDevice, kNever };

struct IdentityRequest {
  // A token that was given by hand, a secret; empty: none.
  std::string token = {};
  // The one provider to ask, enabled or not.
  std::optional<AmbientProvider> provider = {};
  // Whether the others are looked at without that.
  enum class Ambient { kYes, kNo } ambient = Ambient::kYes;
  AmbientEnvironment environment = {};
  // Whom tokens are for; those of a login are for the client.
  std::string audience{kSigstoreAudience};
  OidcClient oidc = {};
  LoginFlow flow = LoginFlow::kAuto;
};

// Where tokens come from: the one that was given by hand; the provider that was named; the first
// ambient one that is enabled, which decides, whether or not it then has a token; a person, if one
// is there. A token is kept and given again while it has kLeastTokenLife left. Nothing is asked for
// before the first Get. kUnauthorized for a token by hand that can not be read or has expired, and
// where nobody is to be asked: that error says what was looked for and what to set. What is passed
// by reference lives longer.
Result<std::unique_ptr<TokenSource>> NewTokenSource(IdentityRequest request,
                                                    http::Transport& transport,
                                                    const Effects& effects, Person& person);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_TOKEN_SOURCES_H_
