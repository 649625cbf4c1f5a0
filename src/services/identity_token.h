// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_IDENTITY_TOKEN_H_
#define OCISHIP_SERVICES_IDENTITY_TOKEN_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ociship/core.h"

namespace ociship::services {

inline constexpr std::size_t kMaxTokenBytes = 64 << 10;

// Who a token is for (the claim aud), by default.
inline constexpr std::string_view kSigstoreAudience = "sigstore";

// An ID token (OpenID Connect Core 1.0 section 2; RFC 7519) as it was given to us. Read and not
// verified: that is for the certificate authority to do. Only a holder may see it: it never goes
// into a message.
class IdentityToken {
 public:
  // Three parts in base64url, the second a JSON object with iss, sub, exp and aud. Spaces and line
  // ends around it are passed over. kUnauthorized for everything else, for an email whose
  // email_verified is not true, and for a token that does not have `audience` among its audiences.
  // The message never quotes the token.
  static Result<IdentityToken> Parse(std::string_view jwt,
                                     std::string_view audience = kSigstoreAudience);

  // The token itself, a secret.
  const std::string& jwt() const { return jwt_; }
  const std::string& issuer() const { return claims_.issuer; }
  // Who the token is of, which a proof of possession signs: the email where there is one, else sub
  // (sigstore, pkg/oauthflow, SubjectFromUnverifiedToken).
  const std::string& subject() const { return claims_.subject; }
  // What a login sent to know its token by; empty where there is none.
  const std::string& nonce() const { return claims_.nonce; }
  // Which workflow runs, where a CI system says so: job_workflow_ref of GitHub, ci_config_ref_uri
  // of GitLab. Fulcio makes the certificate's name of it.
  const std::string& workflow() const { return claims_.workflow; }
  // Whom the issuer stands for: Dex names who really knows the person in federated_claims. Fulcio
  // writes that into the certificate where it is told to.
  const std::string& connector() const { return claims_.connector; }
  // The last second of its life.
  std::chrono::sys_seconds expires() const { return claims_.expires; }

 private:
  struct Claims {
    std::string issuer;
    std::string subject;
    std::string nonce;
    std::string workflow;
    std::string connector;
    std::chrono::sys_seconds expires;
  };
  IdentityToken(std::string jwt, Claims claims)
      : jwt_(std::move(jwt)), claims_(std::move(claims)) {}

  std::string jwt_;
  Claims claims_;
};

// Where tokens come from. Used by one thread at a time.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // A token that has some life left at `Effects::clock`: the one that was given before while that
  // is so, else a new one. kUnauthorized, with what to do, when there is none to be had.
  virtual Result<IdentityToken> Get() = 0;
};

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_IDENTITY_TOKEN_H_
