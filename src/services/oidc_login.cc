// SPDX-License-Identifier: Apache-2.0
// Login with a browser: authorization code, PKCE, and a redirect to the loopback. Tested by
// oidc_login_test.cc.
#include "services/oidc_login.h"

#include <charconv>
#include <memory>
#include <utility>

#include "http/loopback_listener.h"
#include "services/pkce.h"
#include "util/text.h"
#include "util/try.h"
#include "util/url.h"

namespace ociship::services {
namespace {

using util::StrCat;

constexpr std::string_view kCallback = "/auth/callback";
constexpr std::string_view kDone = "You are logged in. This window can be closed.";
constexpr std::string_view kFailed =
    "The login failed; the program says why. This window can be closed.";

// Where the browser comes back to.
struct Redirect {
  std::unique_ptr<http::LoopbackListener> listener;
  util::Url url;
};

Result<Redirect> OpenRedirect(const OidcClient& client) {
  if (client.redirect_url.empty()) {
    auto listener = TRY(http::LoopbackListener::Open(0));
    util::Url url{.scheme = "http",
                  .host = "localhost",
                  .port = StrCat(listener->port()),
                  .path = std::string(kCallback),
                  .query = {}};
    return Redirect{std::move(listener), std::move(url)};
  }
  Result<util::Url> url = util::Url::Parse(client.redirect_url);
  if (!url.ok()) return std::move(url).error().As(Code::kUsage).While("--oidc-redirect-url");
  const util::Url& place = url.value();
  const bool is_ours = place.scheme == "http" && place.query.empty() && !place.port.empty() &&
                       (place.host == "localhost" || place.host == "127.0.0.1");
  if (!is_ours) {
    return Error(Code::kUsage, StrCat("--oidc-redirect-url ", util::Quoted(client.redirect_url),
                                      " is not http://localhost:PORT/PATH"));
  }
  int port = 0;
  std::from_chars(place.port.data(), place.port.data() + place.port.size(), port);
  auto listener = TRY(http::LoopbackListener::Open(port));
  return Redirect{std::move(listener), place};
}

// What is sent with a login, and must come back or be known at its end.
struct Secrets {
  std::string state = RandomText();
  std::string nonce = RandomText();
  std::string verifier = RandomText();
};

util::Url LoginPage(const OidcIssuer& issuer, const Redirect& redirect, const Secrets& secrets) {
  return issuer.authorization_endpoint()
      .WithQuery("response_type", "code")
      .WithQuery("client_id", issuer.client().client_id)
      .WithQuery("redirect_uri", redirect.url.text())
      .WithQuery("scope", kOidcScope)
      .WithQuery("state", secrets.state)
      .WithQuery("nonce", secrets.nonce)
      .WithQuery("code_challenge", CodeChallenge(secrets.verifier))
      .WithQuery("code_challenge_method", "S256");
}

void ShowPage(const std::string& url, Person& person) {
  if (person.reach() == Person::Reach::kBrowser && person.Open(url) == Person::Opened::kYes) {
    person.Say(StrCat("A browser opens for the login. If it does not, go to:\n    ", url));
  } else {
    person.Say(StrCat("Log in with a browser on this machine at:\n    ", url));
  }
}

Error Failed(std::string_view why) {
  return Error(Code::kUnauthorized, StrCat("the login failed: ", why));
}

// The code in the query with which the browser came back. The state is looked at before anything
// else: without it this is not the answer to what we asked (RFC 6749 section 10.12).
Result<std::string> ReadCode(std::string_view query, const OidcIssuer& issuer,
                             const Secrets& secrets) {
  const auto fields = ParseForm(query);
  if (!fields.ok()) return Failed(fields.error().message());
  const auto value = [&](std::string_view name) -> std::string {
    for (const auto& [field, text] : fields.value()) {
      if (field == name) return text;
    }
    return {};
  };
  if (value("state") != secrets.state) {
    return Failed("the browser came back with another state than it was sent with");
  }
  // RFC 9207 section 2.4.
  const std::string claimed = value("iss");
  if (!claimed.empty() && claimed != issuer.client().issuer) {
    return Failed(StrCat("the browser came back from ", util::Quoted(claimed)));
  }
  if (const std::string error = value("error"); !error.empty()) {
    const std::string words = value("error_description");
    const std::string said = WithoutSecrets(StrCat(error, words.empty() ? "" : ": ", words),
                                            {secrets.state, secrets.nonce, secrets.verifier});
    return Failed(StrCat("the issuer says ", util::Printable(said)));
  }
  std::string code = value("code");
  if (code.empty()) return Failed("the browser came back without a code");
  return code;
}

Result<IdentityToken> Redeem(const std::string& query, const OidcIssuer& issuer,
                             const Redirect& redirect, const Secrets& secrets) {
  const std::string code = TRY(ReadCode(query, issuer, secrets));
  const std::vector<std::string> hidden = {code, secrets.verifier};
  const http::Response response = TRY(issuer.AskToken({{"grant_type", "authorization_code"},
                                                       {"code", code},
                                                       {"redirect_uri", redirect.url.text()},
                                                       {"code_verifier", secrets.verifier}},
                                                      hidden));
  IdentityToken token = TRY(issuer.ReadToken(response, hidden));
  if (token.nonce() == secrets.nonce) return token;
  return Failed("the identity token is not of this login (nonce)");
}

}  // namespace

Result<IdentityToken> LogInWithBrowser(const OidcClient& client, Person& person,
                                       http::Transport& transport, const Effects& effects,
                                       std::chrono::milliseconds patience) {
  const OidcIssuer issuer = TRY(OidcIssuer::Discover(client, transport, effects));
  const Redirect redirect = TRY(OpenRedirect(client));
  const Secrets secrets;
  ShowPage(LoginPage(issuer, redirect, secrets).text(), person);
  http::Visit visit = TRY(redirect.listener->Await(redirect.url.path, patience, effects.cancel));
  Result<IdentityToken> token = Redeem(visit.query(), issuer, redirect, secrets);
  visit.Answer(token.ok() ? kDone : kFailed);
  return token;
}

}  // namespace ociship::services
