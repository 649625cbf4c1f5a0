// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_API_TOKENS_H_
#define OCISHIP_API_TOKENS_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "ociship/core.h"
#include "ociship/sign.h"
#include "ociship/store.h"
#include "services/oidc_login.h"
#include "services/token_sources.h"

namespace ociship {

// services::NewTokenSource over a transport of our own.
Result<TokenProvider> NewTokenProvider(services::IdentityRequest request, const TlsOptions& tls,
                                       const Effects& effects,
                                       std::unique_ptr<services::Person> person);

// The issuer that a signing config names for logins; Sigstore's public one where it names none.
Result<std::string> IdentityProviderOf(std::string_view signing_config,
                                       std::chrono::sys_seconds now);

}  // namespace ociship

#endif  // OCISHIP_API_TOKENS_H_
