// SPDX-License-Identifier: Apache-2.0
// ociship login and logout. Tested by tests/e2e/test_credentials.py.
#include <optional>
#include <string>
#include <utility>

#include "cli/commands.h"
#include "cli/password.h"
#include "cli/registry_options.h"
#include "ociship/reference.h"
#include "registry/credential_file.h"
#include "registry/credential_store.h"
#include "registry/keychain.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

using util::StrCat;

// HOST or HOST:PORT, also as docker writes it in its files. A host is what can stand in front of
// the name of a repository.
Result<std::string> ParseHost(const std::string& text) {
  std::string host = registry::NormalisedKey(text, registry::CredentialFormat::kContainers);
  const Result<Reference> reference = Reference::Parse(StrCat(host, "/name"));
  if (reference.ok() && reference.value().repository().host() == host) return host;
  return Error(Code::kUsage, StrCat(util::Quoted(text),
                                    " is no registry: give HOST or HOST:PORT, as in ghcr.io"));
}

Error NobodyToAsk() {
  return Error(Code::kUsage,
               "standard input is no terminal: give --username with --password-stdin, or set "
               "OCISHIP_USERNAME and OCISHIP_PASSWORD");
}

// The flags, then the environment, then the terminal.
Result<Credential> ReadLogin(const RegistryFlags& flags, const Context& context) {
  if (flags.password_stdin) {
    if (flags.username.empty()) {
      return Error(Code::kUsage, "--password-stdin needs --username");
    }
    std::string password = TRY(ReadRegistryPassword(StandardInput::kFree));
    return Credential{.username = flags.username, .password = std::move(password)};
  }
  if (flags.username.empty()) {
    std::optional<Credential> set = TRY(EnvironmentLogin(context.environment));
    if (set) return *std::move(set);
  }
  if (Terminal() == Asking::kNobodyThere) return NobodyToAsk();
  Credential credential{.username = flags.username};
  if (credential.username.empty()) credential.username = TRY(AskUser(context, "Username: "));
  credential.password = TRY(AskSecret(context, "Password: "));
  return credential;
}

// Logging out of one file does not undo another login.
void TellWhatIsLeft(const std::string& host, const LogoutFlags& flags, const Context& context) {
  const Result<KeychainOptions> options =
      ReadKeychainOptions(flags.registry, StandardInput::kFree, context);
  const Result<Reference> reference = Reference::Parse(StrCat(host, "/name"));
  if (!options.ok() || !reference.ok()) return;
  const registry::KeychainSearch search =
      registry::Explain(options.value(), reference.value().repository());
  if (!search.found.ok() || !search.found.value()) return;
  context.output.Note(
      StrCat("there is another credential for ", host, ": ociship auth explain ", host, "/NAME"));
}

}  // namespace

Status RunLogin(const LoginFlags& flags, const Context& context) {
  const std::string host = TRY(ParseHost(flags.host));
  const std::string file = TRY(LoginFile(flags.registry, context.environment));
  const StoreOptions options =
      TRY(ReadStoreOptions(flags.registry, StoreOptions::Access::kRead, context.environment));
  const Credential credential = TRY(ReadLogin(flags.registry, context));
  TRY(CheckLogin(host, credential, context.effects, options));
  const registry::CredentialPlace place = TRY(registry::StoreCredential(file, host, credential));
  context.output.Say(StrCat("logged in to ", host, " as ", util::Printable(credential.username),
                            " (", place.text(), ")"));
  return Ok();
}

Status RunLogout(const LogoutFlags& flags, const Context& context) {
  const std::string host = TRY(ParseHost(flags.host));
  const std::string file = TRY(LoginFile(flags.registry, context.environment));
  const registry::Erasure erasure = TRY(registry::EraseCredential(file, host));
  const std::string place = erasure.place.text();
  switch (erasure.erased) {
    case registry::Erased::kErased:
      context.output.Say(StrCat("logged out of ", host, " (", place, ")"));
      break;
    case registry::Erased::kWasNotThere:
      context.output.Say(StrCat("was not logged in to ", host, " (", place, ")"));
      break;
  }
  TellWhatIsLeft(host, flags, context);
  return Ok();
}

}  // namespace ociship::cli
