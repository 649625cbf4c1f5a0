// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_OIDC_ISSUER_H_
#define OCISHIP_SERVICES_OIDC_ISSUER_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/transport.h"
#include "ociship/core.h"
#include "services/identity_token.h"
#include "services/token_call.h"
#include "util/json.h"
#include "util/url.h"

namespace ociship::services {

inline constexpr std::string_view kSigstoreIssuer = "https://oauth2.sigstore.dev/auth";
inline constexpr std::string_view kSigstoreClientId = "sigstore";
// What is asked for: who somebody is, by his email.
inline constexpr std::string_view kOidcScope = "openid email";

// Who we are to an issuer of identity tokens, and which one that is.
struct OidcClient {
  std::string issuer{kSigstoreIssuer};
  std::string client_id{kSigstoreClientId};
  std::string client_secret = {};  // most have none
  // Where a browser comes back to: http to this machine; empty: any port of it.
  std::string redirect_url = {};
};

// Fields of a form, in their order; secrets where they are so.
using FormFields = std::vector<std::pair<std::string_view, std::string>>;
std::string FormatForm(const FormFields& fields);
// The fields of a query (URL Standard, application/x-www-form-urlencoded); kBadInput for one that
// stands there twice or can not be decoded.
Result<std::vector<std::pair<std::string, std::string>>> ParseForm(std::string_view query);

// An issuer that has said where its doors are (OpenID Connect Discovery 1.0 section 4). Copies are
// cheap. What is passed by reference must live longer.
class OidcIssuer {
 public:
  // Reads ISSUER/.well-known/openid-configuration. kUnauthorized when that is about another issuer,
  // kUnavailable when it can not be had or lacks what a login needs, kUsage for http to another
  // machine.
  static Result<OidcIssuer> Discover(OidcClient client, http::Transport& transport,
                                     const Effects& effects);

  const OidcClient& client() const { return client_; }
  const util::Url& authorization_endpoint() const { return authorization_; }

  // Asks for a token with these fields, and the client's own (RFC 6749 section 3.2). The answer may
  // be a refusal. `secrets` are what no message may show. Asked once alone.
  Result<http::Response> AskToken(const FormFields& fields,
                                  const std::vector<std::string>& secrets) const;
  // The same of the endpoint where devices begin; kUnauthorized when the issuer has none.
  Result<util::Json> BeginDevice(const FormFields& fields) const;
  // The ID token in an answer to AskToken, of this issuer and for this client. Every other answer
  // is an error.
  Result<IdentityToken> ReadToken(const http::Response& response,
                                  const std::vector<std::string>& secrets) const;

 private:
  enum class ClientProof { kNone, kBasic, kForm };

  OidcIssuer(OidcClient client, util::Url authorization, util::Url token,
             http::Transport& transport, const Effects& effects)
      : client_(std::move(client)),
        authorization_(std::move(authorization)),
        token_(std::move(token)),
        transport_(transport),
        effects_(effects) {}

  TokenCall FormCall(const util::Url& url, FormFields fields,
                     const std::vector<std::string>& secrets) const;

  OidcClient client_;
  util::Url authorization_;
  util::Url token_;
  std::optional<util::Url> device_ = {};
  std::optional<util::AddressKind> asker_ = {};
  ClientProof proof_ = ClientProof::kNone;
  http::Transport& transport_;
  const Effects& effects_;
};

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_OIDC_ISSUER_H_
