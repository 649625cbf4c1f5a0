// SPDX-License-Identifier: Apache-2.0
// Chooses where identity tokens come from, and keeps them while they live. Tested by
// token_sources_test.cc.
#include "services/token_sources.h"

#include <algorithm>
#include <utility>

#include "util/text.h"
#include "util/time.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using util::StrCat;

// `what` is how the message calls the token.
Status CheckLife(const IdentityToken& token, const Effects& effects, std::string_view what,
                 std::string_view advice) {
  const std::chrono::sys_seconds now = effects.clock.Now();
  if (token.expires() >= now) return Ok();
  return Error(Code::kUnauthorized,
               StrCat(what, " expired at ", util::FormatRfc3339(token.expires()), " and it is ",
                      util::FormatRfc3339(now), " now: ", advice));
}

// The one that was given by hand.
class FixedToken : public TokenSource {
 public:
  FixedToken(IdentityToken token, const Effects& effects)
      : token_(std::move(token)), effects_(effects) {}

  Result<IdentityToken> Get() override {
    TRY(CheckLife(token_, effects_, "the identity token", "get a new one for --identity-token"));
    return token_;
  }

 private:
  const IdentityToken token_;
  const Effects effects_;
};

// One that fetches new ones, from where Fetch has them.
class FetchedTokens : public TokenSource {
 public:
  FetchedTokens(IdentityRequest request, http::Transport& transport, const Effects& effects,
                Person& person)
      : request_(std::move(request)), transport_(transport), effects_(effects), person_(person) {}

  Result<IdentityToken> Get() final {
    if (kept_ && kept_->expires() - effects_.clock.Now() >= least_life_) return *kept_;
    kept_.reset();
    IdentityToken token = TRY(Fetch());
    person_.Hide(token.jwt());
    TRY(CheckLife(token, effects_, StrCat("the token of ", From()), Advice()));
    // One that was short when it came is not worth less for it.
    const std::chrono::seconds life = token.expires() - effects_.clock.Now();
    least_life_ = std::min(kLeastTokenLife, life / 3);
    kept_ = token;
    return token;
  }

 protected:
  virtual Result<IdentityToken> Fetch() = 0;
  // Who gave it, and what to do about one that is too old.
  virtual std::string From() const = 0;
  virtual std::string_view Advice() const = 0;

  const IdentityRequest request_;
  http::Transport& transport_;
  const Effects effects_;
  Person& person_;

 private:
  std::optional<IdentityToken> kept_ = {};
  std::chrono::seconds least_life_{0};  // of kept_
};

enum class Chosen { kNamed, kFound };

class AmbientTokens final : public FetchedTokens {
 public:
  AmbientTokens(AmbientProvider provider, Chosen chosen, IdentityRequest request,
                http::Transport& transport, const Effects& effects, Person& person)
      : FetchedTokens(std::move(request), transport, effects, person),
        provider_(provider),
        chosen_(chosen) {}

 private:
  Result<IdentityToken> Fetch() override {
    Result<IdentityToken> token =
        FetchAmbientToken(provider_, request_.environment, request_.audience, transport_, effects_);
    if (token.ok() || chosen_ == Chosen::kNamed || token.error().code() == Code::kInterrupted) {
      return token;
    }
    return Error(token.error().code(),
                 StrCat(token.error().message(),
                        " (it comes first of those that are here: name another with "
                        "--oidc-provider, or --oidc-disable-ambient-providers)"));
  }
  std::string From() const override { return StrCat("identity provider ", Name(provider_)); }
  std::string_view Advice() const override {
    return provider_ == AmbientProvider::kEnvVar || provider_ == AmbientProvider::kFilesystem
               ? "sign nearer to where the token was made"
               : "check the clock of this machine";
  }

  const AmbientProvider provider_;
  const Chosen chosen_;
};

enum class Way { kBrowser, kDevice };

class LoginTokens final : public FetchedTokens {
 public:
  LoginTokens(Way way, IdentityRequest request, http::Transport& transport, const Effects& effects,
              Person& person)
      : FetchedTokens(std::move(request), transport, effects, person), way_(way) {}

 private:
  Result<IdentityToken> Fetch() override {
    return way_ == Way::kBrowser ? LogInWithBrowser(request_.oidc, person_, transport_, effects_)
                                 : LogInWithDevice(request_.oidc, person_, transport_, effects_);
  }
  std::string From() const override {
    return StrCat("the issuer ", util::Printable(request_.oidc.issuer));
  }
  std::string_view Advice() const override { return "check the clock of this machine"; }

  const Way way_;
};

Error NoToken(const IdentityRequest& request, Person::Reach reach) {
  const std::string looked =
      request.ambient == IdentityRequest::Ambient::kNo
          ? "the environment was not looked at (--oidc-disable-ambient-providers)"
          : ExplainNoAmbientToken(request.environment);
  const std::string_view person = reach == Person::Reach::kNobody
                                      ? "without a terminal nobody can log in"
                                      : "--fulcio-auth-flow token lets nobody log in";
  return Error(Code::kUnauthorized,
               StrCat("there is no identity token to sign with: ", looked, "; ", person,
                      "; give one with --identity-token or SIGSTORE_ID_TOKEN"));
}

Way WayOf(LoginFlow flow, Person::Reach reach) {
  if (flow == LoginFlow::kBrowser) return Way::kBrowser;
  if (flow == LoginFlow::kDevice) return Way::kDevice;
  return reach == Person::Reach::kBrowser ? Way::kBrowser : Way::kDevice;
}

}  // namespace

Result<std::unique_ptr<TokenSource>> NewTokenSource(IdentityRequest request,
                                                    http::Transport& transport,
                                                    const Effects& effects, Person& person) {
  std::unique_ptr<TokenSource> source;
  if (!request.token.empty()) {
    IdentityToken token = TRY(IdentityToken::Parse(request.token, request.audience));
    person.Hide(token.jwt());
    source = std::make_unique<FixedToken>(std::move(token), effects);
    TRY(source->Get());
    return source;
  }
  const Chosen chosen = request.provider ? Chosen::kNamed : Chosen::kFound;
  std::optional<AmbientProvider> provider = request.provider;
  if (!provider && request.ambient == IdentityRequest::Ambient::kYes) {
    provider = FindAmbientProvider(request.environment);
  }
  if (provider) {
    source = std::make_unique<AmbientTokens>(*provider, chosen, std::move(request), transport,
                                             effects, person);
    return source;
  }
  const Person::Reach reach = person.reach();
  if (reach == Person::Reach::kNobody || request.flow == LoginFlow::kNever) {
    return NoToken(request, reach);
  }
  const Way way = WayOf(request.flow, reach);
  source = std::make_unique<LoginTokens>(way, std::move(request), transport, effects, person);
  return source;
}

}  // namespace ociship::services
