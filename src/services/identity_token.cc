// SPDX-License-Identifier: Apache-2.0
// ID tokens, read and not verified (RFC 7519, OpenID Connect Core 1.0 section 2). Tested by
// identity_token_test.cc and tests/fuzz/identity_token_fuzz.cc.
#include "services/identity_token.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "util/bytes.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/time.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using util::Json;
using util::StrCat;

constexpr std::size_t kMaxSubjectBytes = 4096;
constexpr std::size_t kMaxAudiences = 64;

Error Refuse(std::string_view why) {
  return Error(Code::kUnauthorized, StrCat("the identity token ", why));
}

bool IsBase64Url(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

// RFC 7515 section 2: the alphabet of URLs, without padding. nullopt for everything else.
std::optional<util::Bytes> DecodeBase64Url(std::string_view text) {
  if (!IsBase64Url(text)) return std::nullopt;
  std::string standard(text);
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  standard.append((4 - standard.size() % 4) % 4, '=');
  Result<util::Bytes> bytes = util::Base64Decode(standard);
  if (!bytes.ok()) return std::nullopt;
  return std::move(bytes).value();
}

// Where the reader of JSON failed is not said: its words quote what stands there.
Result<Json> ReadClaims(std::string_view jwt) {
  const std::vector<std::string_view> parts = util::Split(jwt, '.');
  if (parts.size() != 3) return Refuse("is no JWT: it has not three parts with dots between them");
  const std::optional<util::Bytes> payload = DecodeBase64Url(parts[1]);
  if (!payload || !DecodeBase64Url(parts[0]) || !DecodeBase64Url(parts[2])) {
    return Refuse("is no JWT: not all of its parts are base64url");
  }
  Result<Json> claims = Json::Parse(util::AsText(*payload), {.bytes = kMaxTokenBytes});
  if (!claims.ok() || !claims.value().is_object()) {
    return Refuse("is no JWT: its claims are no JSON object, or name one twice");
  }
  return std::move(claims).value();
}

Result<std::string> RequireText(const Json& claims, std::string_view name) {
  const Json* claim = claims.Find(name);
  if (claim == nullptr || claim->kind() != Json::Kind::kString || claim->text().empty()) {
    return Refuse(StrCat("does not say its ", name));
  }
  if (claim->text().size() > kMaxSubjectBytes || claim->text().find('\0') != std::string::npos) {
    return Refuse(StrCat("has an ", name, " that nobody can have"));
  }
  return claim->text();
}

// NumericDate: seconds, which may have a fraction (RFC 7519 section 2).
Result<std::chrono::sys_seconds> RequireExpiry(const Json& claims) {
  const Json* claim = claims.Find("exp");
  std::optional<std::uint64_t> seconds;
  if (claim != nullptr && claim->kind() == Json::Kind::kInteger) {
    const std::int64_t integer = TRY(claim->AsInteger("exp"));
    if (integer >= 0) seconds = static_cast<std::uint64_t>(integer);
  } else if (claim != nullptr && claim->kind() == Json::Kind::kNumber) {
    const std::size_t point = claim->text().find('.');
    const std::string_view text = claim->text();
    if (point != std::string_view::npos && text.find_first_of("eE") == std::string_view::npos) {
      seconds = util::ParseUnsigned(text.substr(0, point));
    }
  }
  if (!seconds || *seconds > static_cast<std::uint64_t>(util::kLastSecond)) {
    return Refuse("does not say when it expires (exp)");
  }
  return std::chrono::sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(*seconds)));
}

Status CheckAudience(const Json& claims, std::string_view audience) {
  const Json* claim = claims.Find("aud");
  if (claim == nullptr) return Refuse("does not say whom it is for (aud)");
  std::vector<std::string> audiences;
  if (claim->kind() == Json::Kind::kString) audiences.push_back(claim->text());
  for (const Json& element : claim->elements()) {
    if (element.kind() != Json::Kind::kString) return Refuse("has an aud that is no text");
    audiences.push_back(element.text());
  }
  if (audiences.empty() || audiences.size() > kMaxAudiences) {
    return Refuse("does not say whom it is for (aud)");
  }
  if (std::ranges::find(audiences, audience) != audiences.end()) return Ok();
  return Refuse(StrCat("is for ", util::Quoted(audiences.front()), " and not for ",
                       util::Quoted(audience), ": ask for one with the audience ",
                       util::Printable(audience)));
}

// The email where there is one, which must be known to be his, else sub. Some issuers write
// email_verified as text.
Result<std::string> SubjectOf(const Json& claims) {
  const std::string subject = TRY(RequireText(claims, "sub"));
  const Json* email = claims.FindNonNull("email");
  if (email == nullptr || (email->kind() == Json::Kind::kString && email->text().empty())) {
    return subject;
  }
  std::string address = TRY(RequireText(claims, "email"));
  const Json* verified = claims.Find("email_verified");
  const bool known = verified != nullptr &&
                     (verified->is_true() ||
                      (verified->kind() == Json::Kind::kString && verified->text() == "true"));
  if (known) return address;
  return Refuse(
      "has an email that its issuer has not verified (email_verified): confirm the address there");
}

// Fulcio, config/identity/config.yaml: what names of certificates end in.
std::string WorkflowOf(const Json& claims) {
  std::string workflow = claims.TextOf("job_workflow_ref");
  return workflow.empty() ? claims.TextOf("ci_config_ref_uri") : workflow;
}

}  // namespace

Result<IdentityToken> IdentityToken::Parse(std::string_view jwt, std::string_view audience) {
  jwt = util::Trim(jwt);
  if (jwt.empty()) return Refuse("is empty");
  if (jwt.size() > kMaxTokenBytes) {
    return Refuse(StrCat("is larger than ", util::HumanBytes(kMaxTokenBytes)));
  }
  const Json claims = TRY(ReadClaims(jwt));
  Claims read;
  read.issuer = TRY(RequireText(claims, "iss"));
  read.subject = TRY(SubjectOf(claims));
  read.nonce = claims.TextOf("nonce");
  read.workflow = WorkflowOf(claims);
  if (const Json* federated = claims.FindNonNull("federated_claims")) {
    read.connector = federated->TextOf("connector_id");
  }
  read.expires = TRY(RequireExpiry(claims));
  TRY(CheckAudience(claims, audience));
  return IdentityToken(std::string(jwt), std::move(read));
}

}  // namespace ociship::services
