// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_AMBIENT_TOKENS_H_
#define OCISHIP_SERVICES_AMBIENT_TOKENS_H_

#include <optional>
#include <string>
#include <string_view>

#include "http/transport.h"
#include "ociship/core.h"
#include "services/identity_token.h"

// Identity tokens of machines: what a CI job, or a program in a cloud, is given without a person.
namespace ociship::services {

// In the order in which they are looked at: what somebody set on purpose comes before what is
// there anyway.
enum class AmbientProvider {
  kEnvVar,
  kFilesystem,
  kGitHubActions,
  kBuildkiteAgent,
  kSpiffe,
  kGoogleImpersonate,
  kGoogleWorkloadIdentity,
};

// Whether a CI system says that it runs us.
enum class Ci { kNo, kYes };

// Everything that the environment says, and where it is looked at. Empty is not set.
struct AmbientEnvironment {
  std::string id_token = {};  // SIGSTORE_ID_TOKEN, a secret
  std::string token_file = "/var/run/sigstore/cosign/oidc-token";
  std::string actions_request_url = {};     // ACTIONS_ID_TOKEN_REQUEST_URL
  std::string actions_request_token = {};   // ACTIONS_ID_TOKEN_REQUEST_TOKEN, a secret
  Ci github_actions = Ci::kNo;              // GITHUB_ACTIONS is "true"
  Ci gitlab_ci = Ci::kNo;                   // GITLAB_CI is "true"
  std::string buildkite_access_token = {};  // BUILDKITE_AGENT_ACCESS_TOKEN, a secret
  std::string buildkite_job_id = {};        // BUILDKITE_JOB_ID
  std::string buildkite_endpoint = {};      // BUILDKITE_AGENT_ENDPOINT
  std::string spiffe_endpoint_socket = {};  // SPIFFE_ENDPOINT_SOCKET
  std::string spiffe_usual_socket = "/tmp/spire-agent/public/api.sock";
  std::string google_service_account = {};  // GOOGLE_SERVICE_ACCOUNT_NAME
  std::string gce_metadata_host = {};       // GCE_METADATA_HOST
  std::string product_name_file = "/sys/class/dmi/id/product_name";
  std::string iam_credentials_url = "https://iamcredentials.googleapis.com";
};

// "github-actions": as --oidc-provider has it, and cosign.
std::string_view Name(AmbientProvider provider);
// kUsage, with all names, for another one.
Result<AmbientProvider> ParseAmbientProvider(std::string_view name);

// The first that is enabled; nullopt when none is. Opens no socket.
std::optional<AmbientProvider> FindAmbientProvider(const AmbientEnvironment& environment);

// A new token of this provider, whether or not it is enabled. kUnauthorized when it is not set up
// or gives none, with what to do; kUnavailable when it can not be reached or answers with garbage.
Result<IdentityToken> FetchAmbientToken(AmbientProvider provider,
                                        const AmbientEnvironment& environment,
                                        std::string_view audience, http::Transport& transport,
                                        const Effects& effects);

// For an error: what was looked for and not found, and what to set where we run.
std::string ExplainNoAmbientToken(const AmbientEnvironment& environment);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_AMBIENT_TOKENS_H_
