// SPDX-License-Identifier: Apache-2.0
// Where the tokens of CI jobs and cloud programs come from: names, order and conditions are those
// that cosign's providers have, but for the order, which there is that of an import. Tested by
// ambient_tokens_test.cc.
#include "services/ambient_tokens.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "services/token_call.h"
#include "services/workload_api.h"
#include "util/file.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"
#include "util/url.h"

namespace ociship::services {
namespace {

using util::StrCat;

constexpr std::size_t kMaxProductNameBytes = 4096;
constexpr std::string_view kMetadataServer = "metadata.google.internal";
constexpr std::string_view kBuildkiteEndpoint = "https://agent.buildkite.com/v3";

constexpr std::array kOrder = {
    AmbientProvider::kEnvVar,
    AmbientProvider::kFilesystem,
    AmbientProvider::kGitHubActions,
    AmbientProvider::kBuildkiteAgent,
    AmbientProvider::kSpiffe,
    AmbientProvider::kGoogleImpersonate,
    AmbientProvider::kGoogleWorkloadIdentity,
};

constexpr std::string_view kGitHubPermission =
    "the job needs \"permissions: id-token: write\", which pull requests from forks never have";

bool Exists(const std::string& path) {
  std::error_code problem;
  return !path.empty() && std::filesystem::exists(path, problem);
}

// As k8s.io/kubernetes recognises it.
bool IsGoogleMachine(const AmbientEnvironment& environment) {
  if (!environment.gce_metadata_host.empty()) return true;
  const Result<std::string> name =
      util::ReadRegularFile(environment.product_name_file, kMaxProductNameBytes);
  if (!name.ok()) return false;
  const std::string_view product = util::Trim(name.value());
  return product == "Google" || product == "Google Compute Engine";
}

// A socket that nobody named is asked only where root or we have made it: the usual one lies in a
// folder in which everybody may put something.
bool IsTrustedSocket(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  return status.st_uid == 0 || status.st_uid == geteuid();
}

bool IsEnabled(AmbientProvider provider, const AmbientEnvironment& environment) {
  switch (provider) {
    case AmbientProvider::kEnvVar:
      return !environment.id_token.empty();
    case AmbientProvider::kFilesystem:
      return Exists(environment.token_file);
    case AmbientProvider::kGitHubActions:
      return !environment.actions_request_url.empty() && !environment.actions_request_token.empty();
    case AmbientProvider::kBuildkiteAgent:
      return !environment.buildkite_access_token.empty();
    case AmbientProvider::kSpiffe:
      return !environment.spiffe_endpoint_socket.empty() ||
             IsTrustedSocket(environment.spiffe_usual_socket);
    case AmbientProvider::kGoogleImpersonate:
      return !environment.google_service_account.empty();
    case AmbientProvider::kGoogleWorkloadIdentity:
      return IsGoogleMachine(environment);
  }
  return false;
}

Error NotSet(std::string_view variables, std::string_view advice) {
  return Error(Code::kUnauthorized,
               StrCat(variables, " not set", advice.empty() ? "" : ": ", advice));
}

// Whom we ask, and whose token it is.
struct Asking {
  const AmbientEnvironment& environment;
  std::string_view audience;
  http::Transport& transport;
  const Effects& effects;

  // The member `name` of what is answered.
  Result<std::string> Ask(const TokenCall& call, std::string_view name) const {
    const http::Response response = TRY(AskForToken(call, transport, effects));
    const util::Json answer = TRY(ReadTokenAnswer(call, response));
    std::string token = answer.TextOf(name);
    if (!token.empty()) return token;
    return Error(Code::kUnavailable,
                 StrCat("the answer of ", call.provider, " has no ", util::Quoted(name)));
  }
};

Result<std::string> FromVariable(const Asking& asking) {
  if (!asking.environment.id_token.empty()) return asking.environment.id_token;
  return NotSet("SIGSTORE_ID_TOKEN is", "");
}

Result<std::string> FromFile(const Asking& asking) {
  Result<std::string> token = util::ReadRegularFile(asking.environment.token_file, kMaxTokenBytes);
  if (!token.ok()) return std::move(token).error().As(Code::kUnauthorized);
  return token;
}

Result<util::Url> ParseSetting(std::string_view variable, std::string_view text) {
  Result<util::Url> url = util::Url::Parse(text);
  if (!url.ok()) return std::move(url).error().As(Code::kUsage).While(variable);
  return url;
}

Result<std::string> FromGitHub(const Asking& asking) {
  const AmbientEnvironment& set = asking.environment;
  if (set.actions_request_url.empty() || set.actions_request_token.empty()) {
    return NotSet("ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are",
                  kGitHubPermission);
  }
  const util::Url url = TRY(ParseSetting("ACTIONS_ID_TOKEN_REQUEST_URL", set.actions_request_url));
  TokenCall call{.provider = "GitHub Actions", .secrets = {set.actions_request_token}};
  call.request.url = url.WithQuery("audience", asking.audience);
  call.request.headers.Add("Authorization", StrCat("bearer ", set.actions_request_token));
  call.request.headers.Add("Accept", "application/json");
  Result<std::string> token = asking.Ask(call, "value");
  if (token.ok() || token.error().code() != Code::kUnauthorized) return token;
  return Error(Code::kUnauthorized, StrCat(token.error().message(), "; ", kGitHubPermission));
}

// api.OIDCToken of buildkite/agent.
Result<std::string> FromBuildkite(const Asking& asking) {
  const AmbientEnvironment& set = asking.environment;
  if (set.buildkite_access_token.empty() || set.buildkite_job_id.empty()) {
    return NotSet("BUILDKITE_AGENT_ACCESS_TOKEN or BUILDKITE_JOB_ID is",
                  "hand both on to where this program runs");
  }
  std::string endpoint(set.buildkite_endpoint.empty() ? kBuildkiteEndpoint
                                                      : set.buildkite_endpoint);
  while (endpoint.ends_with('/')) endpoint.pop_back();
  TokenCall call{.provider = "the Buildkite agent API", .secrets = {set.buildkite_access_token}};
  call.request.method = http::Method::kPost;
  call.request.url = TRY(ParseSetting(
      "BUILDKITE_AGENT_ENDPOINT",
      StrCat(endpoint, "/jobs/", util::PercentEncode(set.buildkite_job_id), "/oidc/tokens")));
  call.request.headers.Add("Authorization", StrCat("Token ", set.buildkite_access_token));
  call.request.headers.Add("Content-Type", "application/json");
  call.request.headers.Add("Accept", "application/json");
  // Without "lifetime": five minutes, as the server likes it.
  call.body =
      util::JsonWriter().BeginObject().Key("audience").String(asking.audience).EndObject().text();
  return asking.Ask(call, "token");
}

Result<std::string> FromSpiffe(const Asking& asking) {
  const AmbientEnvironment& set = asking.environment;
  std::string path = set.spiffe_usual_socket;
  if (!set.spiffe_endpoint_socket.empty()) {
    path = TRY(ParseEndpointSocket(set.spiffe_endpoint_socket));
  }
  return FetchJwtSvid(path, asking.audience, asking.transport, asking.effects);
}

// A request to the metadata server, which tells our network address and knows us by it.
Result<TokenCall> MetadataCall(const AmbientEnvironment& set, std::string_view path) {
  const std::string_view host =
      set.gce_metadata_host.empty() ? kMetadataServer : std::string_view(set.gce_metadata_host);
  TokenCall call{.provider = "the metadata server",
                 .plain = TokenCall::Plain::kLoopbackAndMetadata};
  call.request.url = TRY(ParseSetting(
      "GCE_METADATA_HOST",
      StrCat("http://", host, "/computeMetadata/v1/instance/service-accounts/default/", path)));
  call.request.headers.Add("Metadata-Flavor", "Google");
  call.request.route = http::Route::kDirect;
  return call;
}

// projects.serviceAccounts.generateIdToken, as ourselves.
Result<std::string> FromImpersonation(const Asking& asking) {
  const AmbientEnvironment& set = asking.environment;
  if (set.google_service_account.empty()) return NotSet("GOOGLE_SERVICE_ACCOUNT_NAME is", "");
  const TokenCall own = TRY(MetadataCall(set, "token"));
  const std::string access = TRY(asking.Ask(own, "access_token"));
  TokenCall call{.provider = "Google's IAM credentials", .secrets = {access}};
  call.request.method = http::Method::kPost;
  call.request.url = TRY(util::Url::Parse(
      StrCat(set.iam_credentials_url, "/v1/projects/-/serviceAccounts/",
             util::PercentEncode(set.google_service_account), ":generateIdToken")));
  call.request.headers.Add("Authorization", StrCat("Bearer ", access));
  call.request.headers.Add("Content-Type", "application/json");
  util::JsonWriter body;
  body.BeginObject().Key("audience").String(asking.audience);
  body.Key("includeEmail").Boolean(true).EndObject();
  call.body = body.text();
  Result<std::string> token = asking.Ask(call, "token");
  if (token.ok() || token.error().code() != Code::kUnauthorized) return token;
  return Error(Code::kUnauthorized,
               StrCat(token.error().message(),
                      "; our service account needs roles/iam.serviceAccountTokenCreator on ",
                      util::Quoted(set.google_service_account)));
}

// The answer is the token itself.
Result<std::string> FromMetadata(const Asking& asking) {
  TokenCall call = TRY(MetadataCall(asking.environment, "identity"));
  call.request.url =
      call.request.url.WithQuery("audience", asking.audience).WithQuery("format", "full");
  const http::Response response = TRY(AskForToken(call, asking.transport, asking.effects));
  if (response.status != 200) return Refused(call, response);
  return response.body;
}

Result<std::string> FetchText(AmbientProvider provider, const Asking& asking) {
  switch (provider) {
    case AmbientProvider::kEnvVar:
      return FromVariable(asking);
    case AmbientProvider::kFilesystem:
      return FromFile(asking);
    case AmbientProvider::kGitHubActions:
      return FromGitHub(asking);
    case AmbientProvider::kBuildkiteAgent:
      return FromBuildkite(asking);
    case AmbientProvider::kSpiffe:
      return FromSpiffe(asking);
    case AmbientProvider::kGoogleImpersonate:
      return FromImpersonation(asking);
    case AmbientProvider::kGoogleWorkloadIdentity:
      return FromMetadata(asking);
  }
  return Error(Code::kFailure, "no such provider of tokens");
}

}  // namespace

std::string_view Name(AmbientProvider provider) {
  switch (provider) {
    case AmbientProvider::kEnvVar:
      return "envvar";
    case AmbientProvider::kFilesystem:
      return "filesystem";
    case AmbientProvider::kGitHubActions:
      return "github-actions";
    case AmbientProvider::kBuildkiteAgent:
      return "buildkite-agent";
    case AmbientProvider::kSpiffe:
      return "spiffe";
    case AmbientProvider::kGoogleImpersonate:
      return "google-impersonate";
    case AmbientProvider::kGoogleWorkloadIdentity:
      return "google-workload-identity";
  }
  return "";
}

Result<AmbientProvider> ParseAmbientProvider(std::string_view name) {
  std::string names;
  for (const AmbientProvider provider : kOrder) {
    if (Name(provider) == name) return provider;
    names += StrCat(names.empty() ? "" : ", ", Name(provider));
  }
  return Error(Code::kUsage, StrCat("no provider of identity tokens is called ", util::Quoted(name),
                                    ": ", names));
}

std::optional<AmbientProvider> FindAmbientProvider(const AmbientEnvironment& environment) {
  for (const AmbientProvider provider : kOrder) {
    if (IsEnabled(provider, environment)) return provider;
  }
  return std::nullopt;
}

Result<IdentityToken> FetchAmbientToken(AmbientProvider provider,
                                        const AmbientEnvironment& environment,
                                        std::string_view audience, http::Transport& transport,
                                        const Effects& effects) {
  const Asking asking{environment, audience, transport, effects};
  const std::string context = StrCat("identity provider ", Name(provider));
  Result<std::string> text = FetchText(provider, asking);
  if (!text.ok() && text.error().code() == Code::kInterrupted) return std::move(text).error();
  if (!text.ok()) return std::move(text).error().While(context);
  Result<IdentityToken> token = IdentityToken::Parse(text.value(), audience);
  if (!token.ok()) return std::move(token).error().While(context);
  return token;
}

std::string ExplainNoAmbientToken(const AmbientEnvironment& environment) {
  if (environment.github_actions == Ci::kYes) {
    return StrCat("GitHub Actions offers no token: ", kGitHubPermission);
  }
  if (environment.gitlab_ci == Ci::kYes) {
    return "GitLab CI offers no token: the job needs \"id_tokens: SIGSTORE_ID_TOKEN: aud: "
           "sigstore\"";
  }
  return StrCat("there is neither SIGSTORE_ID_TOKEN, nor a file ",
                util::Quoted(environment.token_file),
                ", nor a token of GitHub Actions, Buildkite, SPIFFE or Google's clouds");
}

}  // namespace ociship::services
