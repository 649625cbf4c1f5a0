// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_REGISTRY_FLAGS_H_
#define OCISHIP_CLI_REGISTRY_FLAGS_H_

#include <optional>
#include <string>

#include "cli/flag_set.h"

namespace ociship::cli {

// Flags of every command that opens a repository.
struct RegistryFlags {
  std::string username;
  bool password_stdin = false;
  std::string registry_token;
  std::string authfile;
  std::string cacert;
  std::string client_cert;
  std::string client_key;
  bool plain_http = false;
  bool insecure_skip_tls_verify = false;
  std::optional<int> retries;
  std::string timeout;
  std::string chunk_size;
  bool mirrors = false;
};

void AddLoginFlags(FlagSet& set, RegistryFlags& flags);
void AddTokenFlag(FlagSet& set, RegistryFlags& flags);
void AddAuthFileFlag(FlagSet& set, RegistryFlags& flags);
void AddConnectionFlags(FlagSet& set, RegistryFlags& flags);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_REGISTRY_FLAGS_H_
