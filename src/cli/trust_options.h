// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_TRUST_OPTIONS_H_
#define OCISHIP_CLI_TRUST_OPTIONS_H_

#include <string>

#include "cli/context.h"
#include "cli/flag_set.h"
#include "ociship/core.h"
#include "services/trust.h"

namespace ociship::cli {

// Flags of every command that needs Sigstore's trust material.
struct TrustFlags {
  std::string trusted_root;
  bool offline = false;
  bool staging = false;
  std::string mirror;
  std::string root;
  std::string ca_roots;
  std::string ca_intermediates;
  std::string certificate_chain;
  std::string timestamp_certificate_chain;
};

// The flags of a TUF repository, and all flags of trust material.
void AddRepositoryFlags(FlagSet& set, TrustFlags& flags);
void AddTrustFlags(FlagSet& set, TrustFlags& flags);

// Whether a flag names trust material, --offline not counted.
bool NamesTrust(const TrustFlags& flags);

// What flags and environment say about trust material: the one place where it is read. Flags come
// before TUF_MIRROR, TUF_ROOT_JSON, TUF_ROOT, SIGSTORE_ROOT_FILE, SIGSTORE_REKOR_PUBLIC_KEY,
// SIGSTORE_CT_LOG_PUBLIC_KEY_FILE and SIGSTORE_TSA_CERTIFICATE_FILE. kUsage for flags that exclude
// each other.
Result<services::TrustRequest> ReadTrust(const TrustFlags& flags, const Context& context);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_TRUST_OPTIONS_H_
