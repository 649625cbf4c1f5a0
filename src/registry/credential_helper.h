// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_CREDENTIAL_HELPER_H_
#define OCISHIP_REGISTRY_CREDENTIAL_HELPER_H_

#include <chrono>
#include <optional>
#include <string>

#include "ociship/core.h"
#include "ociship/store.h"

namespace ociship::registry {

// A program docker-credential-NAME in PATH (github.com/docker/docker-credential-helpers), run
// without a shell, for at most `time_limit`. What it prints is never shown, of what it complains
// one line.
class CredentialHelper {
 public:
  static constexpr std::chrono::seconds kTimeLimit{30};

  // kBadInput unless NAME is of letters, digits, '.', '_' and '-'.
  static Result<CredentialHelper> Named(const std::string& name,
                                        std::chrono::seconds time_limit = kTimeLimit);

  const std::string& name() const { return name_; }

  // The credential of a host; nullopt when the helper has none. kFailure with helper and host when
  // it cannot tell.
  Result<std::optional<Credential>> Get(const std::string& host) const;
  // Keeps user name and password.
  Status Store(const std::string& host, const Credential& credential) const;
  // Forgets them. kNotFound when the helper has none.
  Status Erase(const std::string& host) const;

 private:
  CredentialHelper(std::string name, std::chrono::seconds time_limit)
      : name_(std::move(name)), time_limit_(time_limit) {}
  // What it printed; kNotFound when it says that it has nothing for the host.
  Result<std::string> Run(const std::string& action, const std::string& host,
                          const std::string& input) const;
  Error Failed(const std::string& action, const std::string& host, std::string_view why) const;

  std::string name_;
  std::chrono::seconds time_limit_;
};

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_CREDENTIAL_HELPER_H_
