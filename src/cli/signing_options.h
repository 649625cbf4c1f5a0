// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_SIGNING_OPTIONS_H_
#define OCISHIP_CLI_SIGNING_OPTIONS_H_

#include <optional>
#include <string>

#include "cli/context.h"
#include "cli/flag_set.h"
#include "cli/identity_options.h"
#include "cli/password.h"
#include "cli/trust_options.h"
#include "ociship/core.h"
#include "ociship/sign.h"

namespace ociship::cli {

// Flags of every command that signs: with what, and whose services are asked.
struct SigningFlags {
  std::string key;
  IdentityFlags identity;
  std::string signing_config;
  std::string fulcio_url;
  std::string rekor_url;
  std::optional<unsigned> rekor_version;
  std::string timestamp_server_url;
  bool tlog = false;
  bool no_tlog = false;
  std::string tlog_upload;  // cosign's word for both of them
  bool insecure_ignore_sct = false;
  bool yes = false;
  TrustFlags trust;
};

void AddSigningFlags(FlagSet& set, SigningFlags& flags);
void AddServiceFlags(FlagSet& set, SigningFlags& flags);

// Whether any flag says something about who signs.
bool NamesSigner(const SigningFlags& flags);

// kUsage for flags that exclude each other. Reads nothing.
Status CheckSigningFlags(const SigningFlags& flags);

// Who signs: the key, else whoever the identity tokens name. Reads key, signing config and trust
// material, and asks a TUF repository where the flags lead to that; nobody is asked for a token
// yet. `input` says what standard input is for.
Result<Signer> ReadSigner(const SigningFlags& flags, StandardInput input, const Context& context);

// Whether a signer has the formats that were asked for, with a notice where there is less than one
// might think. kUsage.
Status CheckFormats(const Signer& signer, SignatureFormats wanted, Output& output);

// Gets a token, says what will be published, and asks a person on a terminal whether that is wanted
// unless --yes. kUsage when it is not.
Status Announce(const Signer& signer, SignatureFormats wanted, const SigningFlags& flags,
                StandardInput input, const Context& context);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_SIGNING_OPTIONS_H_
