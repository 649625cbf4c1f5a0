// SPDX-License-Identifier: Apache-2.0
// Speaks with docker's credential helpers: get, store, erase. Tested by credential_helper_test.cc.
#include "registry/credential_helper.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "registry/credential_file.h"
#include "util/json.h"
#include "util/process.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using util::StrCat;

constexpr std::size_t kMaxNameBytes = 100;
constexpr std::size_t kMaxOutputBytes = 64 << 10;
constexpr std::size_t kMaxComplaintBytes = 200;
// The user name under which a helper keeps an identity token.
constexpr std::string_view kTokenUser = "<token>";

// How helpers say that they have nothing; on standard output, with an exit status that is not 0.
constexpr std::array<std::string_view, 3> kNotFound = {
    "credentials not found in native keychain",
    "no credentials server URL",
    "no credentials username",
};

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

// The first line of what it wrote to standard error.
std::string Complaint(std::string_view errors) {
  const std::string_view line = util::Trim(util::Split(util::Trim(errors), '\n').front());
  return line.empty() ? std::string() : StrCat(": ", util::Printable(line, kMaxComplaintBytes));
}

Result<Credential> ParseAnswer(const std::string& text) {
  const util::Json json = TRY(util::Json::Parse(text));
  Credential credential;
  credential.username = TRY(json.String("Username"));
  credential.password = TRY(json.String("Secret"));
  if (credential.username == kTokenUser) {
    credential.username.clear();
    credential.identity_token = std::exchange(credential.password, {});
  }
  return credential;
}

bool IsEmpty(const Credential& credential) {
  return credential.username.empty() && credential.password.empty() &&
         credential.identity_token.empty();
}

}  // namespace

Result<CredentialHelper> CredentialHelper::Named(const std::string& name,
                                                 std::chrono::seconds time_limit) {
  if (name.empty() || name.size() > kMaxNameBytes || !std::ranges::all_of(name, IsNameCharacter)) {
    return Error(Code::kBadInput, StrCat("the credential helper ", util::Quoted(name),
                                         " is not named with letters, digits, '.', '_' and '-'"));
  }
  return CredentialHelper(name, time_limit);
}

Error CredentialHelper::Failed(const std::string& action, const std::string& host,
                               std::string_view why) const {
  return Error(Code::kFailure,
               StrCat("the credential helper docker-credential-", name_, " failed to ", action,
                      " the credential of ", util::Printable(host), ": ", why));
}

Result<std::string> CredentialHelper::Run(const std::string& action, const std::string& host,
                                          const std::string& input) const {
  auto ran = util::RunProcess(
      {StrCat("docker-credential-", name_), action},
      {.input = input, .output_limit = kMaxOutputBytes, .time_limit = time_limit_});
  if (!ran.ok()) return Failed(action, host, ran.error().message());
  util::ProcessOutput& said = ran.value();
  if (said.exit_status == 0) return std::move(said.output);
  if (std::ranges::find(kNotFound, util::Trim(said.output)) != kNotFound.end()) {
    return Error(Code::kNotFound, StrCat("docker-credential-", name_, " has no credential for ",
                                         util::Printable(host)));
  }
  return Failed(action, host, StrCat("exit status ", said.exit_status, Complaint(said.errors)));
}

Result<std::optional<Credential>> CredentialHelper::Get(const std::string& host) const {
  const Result<std::string> answer = Run("get", host, ServerKey(host));
  if (!answer.ok() && answer.error().code() == Code::kNotFound) return std::optional<Credential>();
  if (!answer.ok()) return answer.error();
  Result<Credential> credential = ParseAnswer(answer.value());
  // The reason is left out: it could quote what was printed.
  if (!credential.ok()) return Failed("get", host, "its answer is not the JSON that it must be");
  if (IsEmpty(credential.value())) return std::optional<Credential>();
  return std::optional(std::move(credential).value());
}

Status CredentialHelper::Store(const std::string& host, const Credential& credential) const {
  util::JsonWriter json;
  json.BeginObject().Key("ServerURL").String(ServerKey(host));
  json.Key("Username").String(credential.username);
  json.Key("Secret").String(credential.password).EndObject();
  Result<std::string> answer = Run("store", host, json.text());
  if (!answer.ok()) return std::move(answer).error().As(Code::kFailure);
  return Ok();
}

Status CredentialHelper::Erase(const std::string& host) const {
  TRY(Run("erase", host, ServerKey(host)));
  return Ok();
}

}  // namespace ociship::registry
