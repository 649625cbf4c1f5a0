// SPDX-License-Identifier: Apache-2.0
// Identity tokens for signers. Tested by tests/e2e/test_identity.py.
#include "api/tokens.h"

#include <utility>

#include "api/trust.h"
#include "sigstore/signing_config.h"
#include "util/try.h"

namespace ociship {
namespace {

constexpr std::string_view kPublicIssuer = "https://oauth2.sigstore.dev/auth";

// A source, and everything that it refers to.
struct Tokens {
  std::unique_ptr<http::Transport> transport;
  std::unique_ptr<services::Person> person;
  std::unique_ptr<services::TokenSource> source;
};

}  // namespace

Result<TokenProvider> NewTokenProvider(services::IdentityRequest request, const TlsOptions& tls,
                                       const Effects& effects,
                                       std::unique_ptr<services::Person> person) {
  auto tokens = std::make_shared<Tokens>();
  tokens->transport = MakeTransport(tls);
  tokens->person = std::move(person);
  tokens->source = TRY(
      services::NewTokenSource(std::move(request), *tokens->transport, effects, *tokens->person));
  return TokenProvider([tokens]() -> Result<std::string> {
    const services::IdentityToken token = TRY(tokens->source->Get());
    return token.jwt();
  });
}

Result<std::string> IdentityProviderOf(std::string_view signing_config,
                                       std::chrono::sys_seconds now) {
  if (signing_config.empty()) return std::string(kPublicIssuer);
  const sigstore::SigningConfig config = TRY(sigstore::SigningConfig::Parse(signing_config));
  const sigstore::ServiceChoice choice = TRY(sigstore::ChooseOne(
      "identity provider", config.identity_providers(), sigstore::kIdentityProviderVersions, now));
  if (choice.candidates.empty()) return std::string(kPublicIssuer);
  return choice.candidates.front().url;
}

}  // namespace ociship
