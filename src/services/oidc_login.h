// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_OIDC_LOGIN_H_
#define OCISHIP_SERVICES_OIDC_LOGIN_H_

#include <chrono>
#include <string>
#include <string_view>

#include "http/transport.h"
#include "ociship/core.h"
#include "services/identity_token.h"
#include "services/oidc_issuer.h"

// Logins of people, who show an issuer in their browser who they are.
namespace ociship::services {

// How long a person may take to come back.
inline constexpr std::chrono::milliseconds kLoginPatience{120'000};

// Who sits in front of us. The program implements it.
class Person {
 public:
  virtual ~Person() = default;
  // How he can be reached: not at all, in words alone, or with a browser on this machine.
  enum class Reach { kNobody, kTerminal, kBrowser };
  virtual Reach reach() const = 0;
  virtual void Say(std::string_view line) = 0;
  // Shows a page. What it is that opens it need not have ended.
  enum class Opened { kYes, kNo };
  virtual Opened Open(const std::string& url) = 0;
  // Told of each token before anything else is done with it, so that logs do not show it.
  virtual void Hide(std::string_view secret) = 0;
};

// Authorization code with PKCE (RFC 6749 section 4.1, RFC 7636 with S256, RFC 8252): a page of the
// issuer, whose address is said if it can not be opened, and a redirect to a port of this machine.
// State and nonce are random and must come back. kUnauthorized when the person refuses, does not
// come back in time, or what comes back is not the answer to what was asked.
Result<IdentityToken> LogInWithBrowser(const OidcClient& client, Person& person,
                                       http::Transport& transport, const Effects& effects,
                                       std::chrono::milliseconds patience = kLoginPatience);

// Device authorization (RFC 8628): a code that is typed into a page on any machine, while we ask
// again and again. kUnauthorized when the person refuses or the code expires.
Result<IdentityToken> LogInWithDevice(const OidcClient& client, Person& person,
                                      http::Transport& transport, const Effects& effects);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_OIDC_LOGIN_H_
