// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_AUTHENTICATOR_H_
#define OCISHIP_REGISTRY_AUTHENTICATOR_H_

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "http/transport.h"
#include "ociship/core.h"
#include "ociship/reference.h"
#include "ociship/store.h"
#include "registry/address.h"
#include "registry/backoff.h"
#include "registry/challenge.h"
#include "registry/token.h"

namespace ociship::registry {

// What a request needs to be allowed, from the least to the most.
// kNothing: that the login is right.
enum class Access { kNothing, kPull, kPush, kDelete };

// The login at one registry for one repository: what it demands is learnt from its first refusal,
// credentials are asked for only then, and there is one token for each set of scopes, whoever needs
// it. Safe to use from several threads; while one of them fetches a token the others wait for it.
class Authenticator {
 public:
  // `keychain` may be nullptr. Tokens are asked for at least `least` at once. What is passed by
  // reference must live longer.
  Authenticator(Repository repository, Keychain* keychain, Access least, http::Transport& transport,
                Backoff& backoff)
      : repository_(std::move(repository)),
        keychain_(keychain),
        least_(least),
        transport_(transport),
        backoff_(backoff) {}

  // What a request says about itself. `also_pull_from` is the path of another repository of the
  // registry, empty for none.
  struct Need {
    Access access = Access::kPull;
    std::string also_pull_from = {};
  };

  // The Authorization field for a request to the registry itself; nullopt: none is known to be
  // needed. `registry` is that of the client.
  using Field = std::optional<std::string>;
  Result<Field> Authorize(const Need& need, const Asker& registry, const util::Cancel& cancel);

  // After a 401 to a request that had `used`: whether another Authorize() gives something that may
  // be taken.
  Result<Next> Challenged(const http::Response& refusal, const Field& used, const Need& need,
                          const Asker& registry, const util::Cancel& cancel);

  // Whether the token server was asked as often as makes sense: every Authorize() has failed since.
  bool GaveUp() const;

  // `as "bob"`, "with a registry token", nothing for nobody: for messages. Of somebody only once he
  // was asked for.
  std::string Who() const;
  // Without any secret that is known here, for whatever a server sends back. Of an answer before it
  // is made a message, which may show only a part of a secret.
  std::string Redact(std::string text) const;
  http::Response Redact(const http::Response& response) const;

 private:
  Scopes ScopesFor(const Need& need) const;
  Status FindCredential();
  Result<std::optional<Challenge>> Ping(const Asker& registry, const util::Cancel& cancel);
  Result<Field> AuthorizeLocked(const Need& need, const Asker& registry,
                                const util::Cancel& cancel);
  Result<std::string> BearerToken(const Scopes& scopes, const Asker& registry,
                                  const util::Cancel& cancel);
  Result<Token> FetchToken(const TokenQuestion& question, const Asker& registry,
                           const util::Cancel& cancel);
  Result<http::Response> Ask(const TokenQuestion& question, const Asker& registry,
                             const util::Cancel& cancel);
  Result<http::Response> Send(http::Request request, std::string_view form, const Asker& registry,
                              const util::Cancel& cancel);
  Error RefusedLogin(const util::Url& realm, const http::Response& response) const;
  std::string WhoLocked() const;
  std::string RedactLocked(std::string text) const;
  http::Response RedactLocked(const http::Response& response) const;

  const Repository repository_;
  Keychain* const keychain_;
  const Access least_;
  http::Transport& transport_;
  Backoff& backoff_;

  mutable std::mutex mutex_;
  std::optional<Challenge> challenge_;
  enum class Asked { kNo, kYes } asked_keychain_ = Asked::kNo;
  std::optional<Credential> credential_;
  std::map<Scopes, Token> tokens_;
  std::optional<Error> failure_;  // of a token server that could not be reached
};

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_AUTHENTICATOR_H_
