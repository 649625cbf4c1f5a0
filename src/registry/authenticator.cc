// SPDX-License-Identifier: Apache-2.0
// Logs in to a registry (distribution auth spec; RFC 7617; RFC 6750). Tested by
// authenticator_test.cc.
#include "registry/authenticator.h"

#include <algorithm>
#include <utility>

#include "registry/errors.h"
#include "util/bytes.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using util::StrCat;

constexpr std::string_view kBearer = "Bearer ";
constexpr std::size_t kShortestSecret = 4;  // what is shorter would blank out ordinary words
constexpr std::size_t kMaxWanted = 8;       // scopes that a challenge adds
constexpr std::size_t kMaxTokens = 64;      // each challenge may want others

std::string_view Actions(Access access) {
  switch (access) {
    case Access::kNothing:
      return "";
    case Access::kPull:
      return "pull";
    case Access::kPush:
      return "pull,push";
    case Access::kDelete:
      return "pull,push,delete";
  }
  return "pull";
}

// "repository:acme/app" of "repository:acme/app:pull,push". The name may hold a colon of its own.
std::string_view ResourceOf(std::string_view scope) { return scope.substr(0, scope.rfind(':')); }

// What the challenge wants besides: of another resource, such as a name that the registry maps ours
// to.
void AddWanted(std::string_view wanted, Scopes& scopes) {
  const std::size_t most = scopes.size() + kMaxWanted;
  for (const std::string_view scope : util::Split(wanted, ' ')) {
    if (scope.empty() || scopes.size() == most) continue;
    const bool covered = std::ranges::any_of(
        scopes, [scope](const std::string& own) { return ResourceOf(own) == ResourceOf(scope); });
    if (!covered) scopes.emplace_back(scope);
  }
}

// `wanted` without what it wants of one resource.
std::string WithoutResource(std::string_view wanted, std::string_view resource) {
  std::string rest;
  for (const std::string_view scope : util::Split(wanted, ' ')) {
    if (scope.empty() || ResourceOf(scope) == resource) continue;
    rest += StrCat(rest.empty() ? "" : " ", scope);
  }
  return rest;
}

}  // namespace

Scopes Authenticator::ScopesFor(const Need& need) const {
  if (need.access == Access::kNothing) return {};
  const Access access = std::max(need.access, least_);
  Scopes scopes = {StrCat("repository:", repository_.path(), ":", Actions(access))};
  if (!need.also_pull_from.empty()) {
    scopes.push_back(StrCat("repository:", need.also_pull_from, ":pull"));
  }
  if (challenge_) AddWanted(challenge_->scope, scopes);
  return scopes;
}

Status Authenticator::FindCredential() {
  if (asked_keychain_ == Asked::kYes || keychain_ == nullptr) return Ok();
  credential_ = TRY(keychain_->Find(repository_));
  asked_keychain_ = Asked::kYes;
  return Ok();
}

Result<Authenticator::Field> Authenticator::Authorize(const Need& need, const Asker& registry,
                                                      const util::Cancel& cancel) {
  const std::lock_guard lock(mutex_);
  return AuthorizeLocked(need, registry, cancel);
}

Result<Authenticator::Field> Authenticator::AuthorizeLocked(const Need& need, const Asker& registry,
                                                            const util::Cancel& cancel) {
  if (!challenge_) return Field();
  if (credential_ && !credential_->registry_token.empty()) {
    return Field(StrCat(kBearer, credential_->registry_token));
  }
  switch (challenge_->scheme) {
    case Challenge::Scheme::kBasic:
      if (!credential_ || credential_->username.empty()) return Field();
      return Field(BasicAuthorization(*credential_));
    case Challenge::Scheme::kBearer: {
      const std::string token = TRY(BearerToken(ScopesFor(need), registry, cancel));
      return Field(StrCat(kBearer, token));
    }
  }
  return Field();
}

Result<std::string> Authenticator::BearerToken(const Scopes& scopes, const Asker& registry,
                                               const util::Cancel& cancel) {
  const auto known = tokens_.find(scopes);
  if (known != tokens_.end() && backoff_.clock().Now() < known->second.renew_at) {
    return known->second.text;
  }
  if (failure_) return *failure_;
  util::Url realm = TRY(RealmTarget(registry, challenge_->realm));
  const TokenQuestion question{
      .realm = std::move(realm), .service = challenge_->service, .scopes = scopes};
  Result<Token> fetched = FetchToken(question, registry, cancel);
  if (!fetched.ok()) {
    const Code code = fetched.error().code();
    if (code == Code::kUnavailable || code == Code::kRateLimited) failure_ = fetched.error();
    return std::move(fetched).error();
  }
  Token token = std::move(fetched).value();
  // "oauth": a new refresh token replaces the old one.
  if (credential_ && !credential_->identity_token.empty() && !token.refresh_token.empty()) {
    credential_->identity_token = token.refresh_token;
  }
  std::string text = token.text;
  if (tokens_.size() >= kMaxTokens) tokens_.clear();
  tokens_.insert_or_assign(scopes, std::move(token));
  return text;
}

Result<Token> Authenticator::FetchToken(const TokenQuestion& question, const Asker& registry,
                                        const util::Cancel& cancel) {
  const http::Response response = TRY(Ask(question, registry, cancel));
  if (response.status != 200) return RefusedLogin(question.realm, response);
  Result<Token> token = ParseToken(response.body, backoff_.clock().Now());
  if (token.ok()) return token;
  return std::move(token).error().While(StrCat("the token server ", question.realm.HostAndPort()));
}

Result<http::Response> Authenticator::Ask(const TokenQuestion& question, const Asker& registry,
                                          const util::Cancel& cancel) {
  const Credential* const credential = credential_ ? &*credential_ : nullptr;
  if (credential != nullptr && !credential->identity_token.empty()) {
    http::Request post{.method = http::Method::kPost, .url = question.realm};
    post.headers.Add("Content-Type", "application/x-www-form-urlencoded");
    const std::string form = RefreshTokenForm(question, credential->identity_token);
    http::Response response = TRY(Send(std::move(post), form, registry, cancel));
    // Servers without "oauth" know the way with a password only.
    const bool unknown = response.status == 404 || response.status == 405;
    if (!unknown || credential->password.empty()) return response;
  }
  return Send(GetTokenRequest(question, credential), {}, registry, cancel);
}

// Redirects are not followed: whoever is told the credential was named by the registry.
Result<http::Response> Authenticator::Send(http::Request request, std::string_view form,
                                           const Asker& registry, const util::Cancel& cancel) {
  if (request.url.Origin() != registry.url.Origin()) request.asker = registry.kind;
  for (int attempt = 1;; ++attempt) {
    util::MemoryReader reader(util::AsBytes(form));
    if (!form.empty()) request.body = {.reader = &reader, .size = form.size()};
    util::StringSink kept(kMaxTokenBytes);
    TRY(backoff_.Admit(cancel));
    Result<http::Response> outcome =
        transport_.Send(request, {.sink = &kept, .keep = kMaxErrorBytes}, cancel);
    const Next next = TRY(backoff_.AfterTry("a token", attempt, outcome, cancel));
    if (next == Next::kTryAgain) continue;
    if (outcome.ok() && outcome.value().status == 200) outcome.value().body = kept.text();
    return outcome;
  }
}

Error Authenticator::RefusedLogin(const util::Url& realm, const http::Response& response) const {
  const std::string who = WhoLocked();
  const Error refusal =
      Refusal(realm.HostAndPort(), StrCat("the request for a token for ", repository_.host()),
              RedactLocked(response), who.empty() ? "without a login" : who);
  const bool login = response.status == 400 || response.status == 401 || response.status == 403;
  if (!login) return Error(refusal.code(), RedactLocked(refusal.message()));
  return Error(Code::kUnauthorized,
               StrCat(RedactLocked(refusal.message()), ", try ociship login ", repository_.host()));
}

Result<std::optional<Challenge>> Authenticator::Ping(const Asker& registry,
                                                     const util::Cancel& cancel) {
  http::Request ping{.url = registry.url};
  ping.url.path = "/v2/";
  ping.url.query.clear();
  const http::Response response = TRY(Send(std::move(ping), {}, registry, cancel));
  return ChooseChallenge(response.headers);
}

Result<Next> Authenticator::Challenged(const http::Response& refusal, const Field& used,
                                       const Need& need, const Asker& registry,
                                       const util::Cancel& cancel) {
  const std::lock_guard lock(mutex_);
  std::optional<Challenge> challenge = ChooseChallenge(refusal.headers);
  // Some registries say how to log in only to end-1.
  if (!challenge && !challenge_ && keychain_ != nullptr) {
    challenge = TRY(Ping(registry, cancel));
  }
  if (!challenge && !challenge_) return Next::kGiveUp;
  const bool first = !challenge_;
  if (challenge) {
    // What is wanted of a repository that only this request is about is no matter for the others.
    const std::string other = StrCat("repository:", need.also_pull_from);
    challenge->scope = WithoutResource(challenge->scope, other);
    challenge_ = std::move(challenge);
  }
  TRY(FindCredential());
  if (first && !used) {
    const Field field = TRY(AuthorizeLocked(need, registry, cancel));
    return field ? Next::kTryAgain : Next::kGiveUp;
  }
  const Scopes scopes = ScopesFor(need);
  const auto token = tokens_.find(scopes);
  const bool same = token != tokens_.end() && used == StrCat(kBearer, token->second.text);
  if (same) {
    // A token that allows too little does not allow more when it is fetched again.
    if (challenge_->error == "insufficient_scope") return Next::kGiveUp;
    tokens_.erase(token);
  }
  const Field field = TRY(AuthorizeLocked(need, registry, cancel));
  return field && field != used ? Next::kTryAgain : Next::kGiveUp;
}

bool Authenticator::GaveUp() const {
  const std::lock_guard lock(mutex_);
  return failure_.has_value();
}

std::string Authenticator::Who() const {
  const std::lock_guard lock(mutex_);
  return WhoLocked();
}

std::string Authenticator::WhoLocked() const {
  if (!credential_) return {};
  if (!credential_->registry_token.empty()) return "with a registry token";
  if (!credential_->identity_token.empty()) return "with an identity token";
  return StrCat("as ", util::Quoted(credential_->username));
}

std::string Authenticator::Redact(std::string text) const {
  const std::lock_guard lock(mutex_);
  return RedactLocked(std::move(text));
}

http::Response Authenticator::Redact(const http::Response& response) const {
  const std::lock_guard lock(mutex_);
  return RedactLocked(response);
}

http::Response Authenticator::RedactLocked(const http::Response& response) const {
  http::Response redacted{.status = response.status,
                          .headers = {},
                          .body = RedactLocked(response.body),
                          .peer = response.peer};
  for (const auto& [name, value] : response.headers.fields()) {
    redacted.headers.Add(name, RedactLocked(value));
  }
  return redacted;
}

std::string Authenticator::RedactLocked(std::string text) const {
  std::vector<std::string> secrets;
  for (const auto& [scopes, token] : tokens_) secrets.push_back(token.text);
  if (credential_) {
    secrets.insert(secrets.end(), {credential_->password, credential_->identity_token,
                                   credential_->registry_token});
    if (!credential_->username.empty()) {
      secrets.push_back(BasicAuthorization(*credential_).substr(6));
    }
  }
  for (std::size_t i = secrets.size(); i-- > 0;) {
    secrets.push_back(util::PercentEncode(secrets[i]));  // as it stands in a form
  }
  for (const std::string& secret : secrets) {
    if (secret.size() < kShortestSecret) continue;
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), "***");
    }
  }
  return text;
}

}  // namespace ociship::registry
