// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_VERIFY_OPTIONS_H_
#define OCISHIP_CLI_VERIFY_OPTIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/flag_set.h"
#include "cli/trust_options.h"
#include "ociship/core.h"
#include "ociship/verify.h"

namespace ociship::cli {

// Flags of every command that verifies: who must have signed, and what must be shown of it.
struct SignerFlags {
  std::string key;
  std::string identity;
  std::string identity_regexp;
  std::string issuer;
  std::string issuer_regexp;
  std::vector<std::string> github;
  std::string workflow_trigger;
  std::string workflow_sha;
  std::string workflow_name;
  std::string workflow_repository;
  std::string workflow_ref;
  bool insecure_any_identity = false;
  bool require_tlog = false;
  bool insecure_ignore_tlog = false;
  bool insecure_ignore_sct = false;
  bool use_signed_timestamps = false;
  std::optional<unsigned> tlog_threshold;
  std::optional<unsigned> timestamp_threshold;
  std::optional<unsigned> sct_threshold;
  std::string sct;
  std::vector<std::string> annotations;
  TrustFlags trust;
};

// Who must have signed, and what must be shown of it.
void AddIdentityFlags(FlagSet& set, SignerFlags& flags);
void AddEvidenceFlags(FlagSet& set, SignerFlags& flags);

// What the flags amount to.
struct VerifyTask {
  VerifyPolicy policy;
  VerifyCircumstances circumstances;
  // "the key cosign.pub", or whose certificates are accepted: for people.
  std::string signer;
  // Where the trust material is from; empty where none is needed.
  std::string trust_origin;
  // What is demanded by default and was switched off, for people and programs alike.
  std::vector<std::string> ignored;
};

// kUsage for flags that exclude each other, and when nobody is named who must have signed.
Status CheckSignerFlags(const SignerFlags& flags);

// Reads key, policy and trust material; asks a TUF repository where that is what the flags lead to.
Result<VerifyTask> ReadVerifyTask(const SignerFlags& flags, const Context& context);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_VERIFY_OPTIONS_H_
