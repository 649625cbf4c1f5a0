// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_IDENTITY_OPTIONS_H_
#define OCISHIP_CLI_IDENTITY_OPTIONS_H_

#include <string>

#include "cli/context.h"
#include "cli/flag_set.h"
#include "cli/password.h"
#include "ociship/core.h"
#include "services/token_sources.h"

namespace ociship::cli {

// Flags of every command that signs with an identity instead of a key.
struct IdentityFlags {
  std::string token;
  std::string provider;
  bool disable_ambient_providers = false;
  std::string issuer;
  std::string client_id;
  std::string client_secret_file;
  std::string redirect_url;
  std::string auth_flow;
};

void AddIdentityTokenFlags(FlagSet& set, IdentityFlags& flags);

// What flags and environment say about identity tokens: the one place where it is read. Reads
// SIGSTORE_ID_TOKEN, GITHUB_ACTIONS, GITLAB_CI, ACTIONS_ID_TOKEN_REQUEST_URL,
// ACTIONS_ID_TOKEN_REQUEST_TOKEN, BUILDKITE_AGENT_ACCESS_TOKEN, BUILDKITE_JOB_ID,
// BUILDKITE_AGENT_ENDPOINT, SPIFFE_ENDPOINT_SOCKET, GOOGLE_SERVICE_ACCOUNT_NAME and
// GCE_METADATA_HOST; the file of --identity-token, or `input` where that is "-". The issuer is
// Sigstore's where no flag names another. kUsage for flags that exclude each other.
Result<services::IdentityRequest> ReadIdentity(const IdentityFlags& flags, StandardInput input,
                                               const Context& context);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_IDENTITY_OPTIONS_H_
