// SPDX-License-Identifier: Apache-2.0
// Flags and environment as a request for identity tokens. Tested by identity_options_test.cc.
#include "cli/identity_options.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "util/file.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

using services::Ci;
using services::LoginFlow;

constexpr std::size_t kMaxSecretBytes = 4096;
constexpr std::size_t kMaxPathBytes = 255;

Error Usage(std::string_view why) { return Error(Code::kUsage, std::string(why)); }

// Three parts in the alphabet of JWTs, and the first of them of a JSON object; a file of such a
// name would have to be written ./NAME.
bool LooksLikeToken(std::string_view value) {
  const auto is_token_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  const bool begins_so = value.starts_with("ey") || value.starts_with("ew");
  return begins_so && std::ranges::count(value, '.') == 2 &&
         std::ranges::all_of(value, is_token_letter);
}

// Half of a token, one in quotes, one with "Bearer " in front: nothing to repeat in a message.
bool MayBeToken(std::string_view value) {
  const bool json =
      value.find("ey") != std::string_view::npos || value.find("ew") != std::string_view::npos;
  return value.size() > kMaxPathBytes || value.starts_with("ey") ||
         (json && value.find('.') != std::string_view::npos &&
          value.find('/') == std::string_view::npos);
}

Result<std::string> ReadTokenFromInput(StandardInput input, const Cancel& cancel) {
  if (input != StandardInput::kFree) {
    return Usage(
        "something else comes from standard input, so --identity-token - cannot: name a file");
  }
  const std::unique_ptr<util::File> file =
      TRY(util::File::Adopt(util::Fd(dup(STDIN_FILENO)), "standard input"));
  file->WatchCancel(cancel);
  util::FileReader reader(*file);
  return util::ReadAll(reader, services::kMaxTokenBytes, "the identity token");
}

// The errors of files name the path, which here may be half of a token.
Result<std::string> ReadToken(const std::string& value, StandardInput input, const Cancel& cancel) {
  if (value.empty() || LooksLikeToken(value)) return value;
  std::string text;
  if (value == "-") {
    text = TRY(ReadTokenFromInput(input, cancel));
  } else {
    Result<std::string> read = util::ReadInputFile(value, services::kMaxTokenBytes);
    if (!read.ok() && MayBeToken(value)) {
      return Error(Code::kBadInput,
                   "--identity-token is neither a token nor a file that can be read");
    }
    text = TRY(std::move(read));
  }
  text = util::Trim(text);
  if (!text.empty()) return text;
  return Error(Code::kBadInput, "--identity-token: there is nothing in it");
}

Result<std::string> ReadSecret(const std::string& path) {
  if (path.empty()) return path;
  const std::string text = TRY(util::ReadInputFile(path, kMaxSecretBytes));
  const std::string_view secret = util::Trim(text);
  if (!secret.empty()) return std::string(secret);
  return Error(Code::kBadInput,
               util::StrCat("--oidc-client-secret-file ", util::Quoted(path), " is empty"));
}

Result<LoginFlow> ReadFlow(std::string_view flow) {
  if (flow.empty()) return LoginFlow::kAuto;
  if (flow == "normal") return LoginFlow::kBrowser;
  if (flow == "device") return LoginFlow::kDevice;
  if (flow == "token") return LoginFlow::kNever;
  return Usage(
      util::StrCat("--fulcio-auth-flow ", util::Quoted(flow), " is not normal, device or token"));
}

Status CheckFlags(const IdentityFlags& flags) {
  if (!flags.token.empty() && !flags.provider.empty()) {
    return Usage("--identity-token and --oidc-provider exclude each other");
  }
  if (!flags.provider.empty() && flags.disable_ambient_providers) {
    return Usage("--oidc-provider and --oidc-disable-ambient-providers exclude each other");
  }
  return Ok();
}

services::AmbientEnvironment ReadEnvironment(const util::Environment& environment) {
  const auto get = [&](const char* name) { return environment.Get(name).value_or(""); };
  const auto ci = [&](const char* name) { return get(name) == "true" ? Ci::kYes : Ci::kNo; };
  services::AmbientEnvironment read;
  read.id_token = get("SIGSTORE_ID_TOKEN");
  read.actions_request_url = get("ACTIONS_ID_TOKEN_REQUEST_URL");
  read.actions_request_token = get("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  read.github_actions = ci("GITHUB_ACTIONS");
  read.gitlab_ci = ci("GITLAB_CI");
  read.buildkite_access_token = get("BUILDKITE_AGENT_ACCESS_TOKEN");
  read.buildkite_job_id = get("BUILDKITE_JOB_ID");
  read.buildkite_endpoint = get("BUILDKITE_AGENT_ENDPOINT");
  read.spiffe_endpoint_socket = get("SPIFFE_ENDPOINT_SOCKET");
  read.google_service_account = get("GOOGLE_SERVICE_ACCOUNT_NAME");
  read.gce_metadata_host = get("GCE_METADATA_HOST");
  return read;
}

}  // namespace

void AddIdentityTokenFlags(FlagSet& set, IdentityFlags& flags) {
  set.Text("--identity-token", flags.token,
           "the identity token to sign with, a file with it, or - for standard input "
           "(SIGSTORE_ID_TOKEN)",
           "TOKEN|FILE|-");
  set.Text("--oidc-provider", flags.provider,
           "where the token is from: envvar, filesystem, github-actions, buildkite-agent, spiffe, "
           "google-impersonate, google-workload-identity",
           "NAME");
  set.Switch("--oidc-disable-ambient-providers", flags.disable_ambient_providers,
             "look for no token in the environment");
  set.Text("--oidc-issuer", flags.issuer, "who people log in with", "URL");
  set.Text("--oidc-client-id", flags.client_id,
           "who we are to the issuer, and whom tokens are for (default: sigstore)", "ID");
  set.Text("--oidc-client-secret-file", flags.client_secret_file, "what proves it", "FILE");
  set.Text("--oidc-redirect-url", flags.redirect_url,
           "where a browser comes back to: http://localhost:PORT/PATH", "URL");
  set.Text("--fulcio-auth-flow", flags.auth_flow,
           "how people log in: normal (with a browser), device, or token (not at all)", "FLOW");
}

Result<services::IdentityRequest> ReadIdentity(const IdentityFlags& flags, StandardInput input,
                                               const Context& context) {
  TRY(CheckFlags(flags));
  services::IdentityRequest request;
  request.flow = TRY(ReadFlow(flags.auth_flow));
  if (!flags.provider.empty()) {
    request.provider = TRY(services::ParseAmbientProvider(flags.provider));
  }
  if (flags.disable_ambient_providers) request.ambient = services::IdentityRequest::Ambient::kNo;
  request.environment = ReadEnvironment(context.environment);
  if (!flags.issuer.empty()) request.oidc.issuer = flags.issuer;
  // What a login is for, and what other tokens must be for: one Fulcio expects one of both.
  if (!flags.client_id.empty()) {
    request.oidc.client_id = flags.client_id;
    request.audience = flags.client_id;
  }
  // Who says how he wants to log in wants to.
  if (request.flow == LoginFlow::kBrowser || request.flow == LoginFlow::kDevice) {
    request.ambient = services::IdentityRequest::Ambient::kNo;
  }
  request.oidc.redirect_url = flags.redirect_url;
  request.oidc.client_secret = TRY(ReadSecret(flags.client_secret_file));
  request.token = TRY(ReadToken(flags.token, input, context.effects.cancel));
  return request;
}

}  // namespace ociship::cli
