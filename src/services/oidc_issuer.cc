// SPDX-License-Identifier: Apache-2.0
// An OpenID Connect issuer: discovery and the token endpoint (OpenID Connect Discovery 1.0, RFC
// 6749). Tested by oidc_login_test.cc.
#include "services/oidc_issuer.h"

#include <algorithm>

#include "util/address.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using util::StrCat;

constexpr std::size_t kMaxFormFields = 32;

TokenCall CallFor(const OidcClient& client) {
  return {.provider = StrCat("the issuer ", util::Printable(client.issuer))};
}

Error BadDocument(const OidcClient& client, std::string_view why) {
  return Error(Code::kUnavailable, StrCat("the configuration of the issuer ",
                                          util::Printable(client.issuer), " ", why));
}

// https, or this machine where the issuer is on it.
Result<util::Url> ReadEndpoint(const util::Json& document, std::string_view name,
                               const util::Url& issuer, const OidcClient& client) {
  const Result<util::Url> url = util::Url::Parse(document.TextOf(name));
  if (!url.ok()) return BadDocument(client, StrCat("has no URL ", util::Quoted(name)));
  const bool may_lead =
      util::MayLeadTo(util::KindOfAddress(issuer.host), util::KindOfAddress(url.value().host));
  const bool is_safe = url.value().scheme == "https" ||
                       util::ClassifyHost(url.value().host) == util::HostKind::kLoopback;
  if (may_lead && is_safe) return url;
  return BadDocument(client, StrCat("has a ", util::Quoted(name), " at ", url.value().HostAndPort(),
                                    ", where we do not go"));
}

// Whether the issuer takes the secret of a client in the form alone.
bool WantsSecretInForm(const util::Json& document) {
  const util::Json* methods = document.Find("token_endpoint_auth_methods_supported");
  if (methods == nullptr) return false;
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(methods->elements(),
                               [&](const util::Json& method) { return method.text() == name; });
  };
  return has("client_secret_post") && !has("client_secret_basic");
}

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> FormDecode(std::string_view text) {
  std::string out;
  for (; !text.empty(); text.remove_prefix(1)) {
    if (text.front() != '%') {
      out.push_back(text.front() == '+' ? ' ' : text.front());
      continue;
    }
    if (text.size() < 3) return std::nullopt;
    const auto high = HexDigit(text[1]);
    const auto low = HexDigit(text[2]);
    if (!high || !low) return std::nullopt;
    out.push_back(static_cast<char>(*high * 16 + *low));
    text.remove_prefix(2);
  }
  return out;
}

}  // namespace

std::string FormatForm(const FormFields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text += StrCat(text.empty() ? "" : "&", name, "=", util::PercentEncode(value));
  }
  return text;
}

Result<std::vector<std::pair<std::string, std::string>>> ParseForm(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const std::string_view part : util::Split(query, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto name = FormDecode(part.substr(0, equals));
    const auto value = FormDecode(part.substr(std::min(equals + 1, part.size())));
    if (!name || !value) return Error(Code::kBadInput, "a field of the query is not encoded");
    const bool twice =
        std::ranges::any_of(fields, [&](const auto& field) { return field.first == *name; });
    if (twice || fields.size() == kMaxFormFields) {
      return Error(Code::kBadInput, "a field of the query stands there twice, or there are many");
    }
    fields.emplace_back(*name, *value);
  }
  return fields;
}

Result<OidcIssuer> OidcIssuer::Discover(OidcClient client, http::Transport& transport,
                                        const Effects& effects) {
  std::string base = client.issuer;
  if (base.ends_with('/')) base.pop_back();
  Result<util::Url> url = util::Url::Parse(StrCat(base, "/.well-known/openid-configuration"));
  if (!url.ok()) return std::move(url).error().As(Code::kUsage).While("--oidc-issuer");
  TokenCall call = CallFor(client);
  call.request.url = url.value();
  call.request.headers.Add("Accept", "application/json");
  const http::Response response = TRY(AskForToken(call, transport, effects));
  if (response.status != 200) {
    return BadDocument(
        client, StrCat("can not be had: ", url.value().HostAndPort(), " says ", response.status));
  }
  const util::Json document = TRY(ReadTokenAnswer(call, response));
  const std::string issuer = document.TextOf("issuer");
  if (issuer != client.issuer) {
    return Error(Code::kUnauthorized,
                 StrCat("the issuer ", util::Printable(client.issuer), " says that it is ",
                        util::Quoted(issuer), ": name it as it names itself"));
  }
  util::Url authorization =
      TRY(ReadEndpoint(document, "authorization_endpoint", url.value(), client));
  util::Url token = TRY(ReadEndpoint(document, "token_endpoint", url.value(), client));
  std::optional<util::Url> device;
  if (document.FindNonNull("device_authorization_endpoint") != nullptr) {
    device = TRY(ReadEndpoint(document, "device_authorization_endpoint", url.value(), client));
  }
  const bool has_secret = !client.client_secret.empty();
  OidcIssuer found(std::move(client), std::move(authorization), std::move(token), transport,
                   effects);
  found.device_ = std::move(device);
  found.asker_ = util::KindOfAddress(url.value().host);
  if (has_secret) {
    found.proof_ = WantsSecretInForm(document) ? ClientProof::kForm : ClientProof::kBasic;
  }
  return found;
}

TokenCall OidcIssuer::FormCall(const util::Url& url, FormFields fields,
                               const std::vector<std::string>& secrets) const {
  TokenCall call = CallFor(client_);
  call.secrets = secrets;
  call.again = TokenCall::Again::kNever;
  call.request.method = http::Method::kPost;
  call.request.url = url;
  call.request.asker = asker_;
  call.request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
  call.request.headers.Add("Accept", "application/json");
  if (proof_ == ClientProof::kBasic) {
    // RFC 6749 section 2.3.1: both are encoded before.
    const std::string pair = StrCat(util::PercentEncode(client_.client_id), ":",
                                    util::PercentEncode(client_.client_secret));
    call.request.headers.Add("Authorization",
                             StrCat("Basic ", util::Base64Encode(util::AsBytes(pair))));
  } else {
    fields.emplace_back("client_id", client_.client_id);
  }
  if (proof_ == ClientProof::kForm) fields.emplace_back("client_secret", client_.client_secret);
  call.secrets.push_back(client_.client_secret);
  call.body = FormatForm(fields);
  return call;
}

Result<http::Response> OidcIssuer::AskToken(const FormFields& fields,
                                            const std::vector<std::string>& secrets) const {
  return AskForToken(FormCall(token_, fields, secrets), transport_, effects_);
}

Result<util::Json> OidcIssuer::BeginDevice(const FormFields& fields) const {
  if (!device_) {
    return Error(Code::kUnauthorized,
                 StrCat("the issuer ", util::Printable(client_.issuer),
                        " has no login for devices: log in with a browser, or give a token with "
                        "--identity-token"));
  }
  const TokenCall call = FormCall(*device_, fields, {});
  const http::Response response = TRY(AskForToken(call, transport_, effects_));
  return ReadTokenAnswer(call, response);
}

Result<IdentityToken> OidcIssuer::ReadToken(const http::Response& response,
                                            const std::vector<std::string>& secrets) const {
  const util::Json answer = TRY(ReadTokenAnswer(FormCall(token_, {}, secrets), response));
  const std::string jwt = answer.TextOf("id_token");
  if (jwt.empty()) {
    return Error(Code::kUnauthorized,
                 StrCat("the issuer ", util::Printable(client_.issuer), " gave no id_token"));
  }
  IdentityToken token = TRY(IdentityToken::Parse(jwt, client_.client_id));
  if (token.issuer() == client_.issuer) return token;
  return Error(Code::kUnauthorized,
               StrCat("the issuer ", util::Printable(client_.issuer), " gave an identity token of ",
                      util::Quoted(token.issuer())));
}

}  // namespace ociship::services
