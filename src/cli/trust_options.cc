// SPDX-License-Identifier: Apache-2.0
// Flags and environment as a request for trust material. Tested by tests/e2e/test_trust.py.
#include "cli/trust_options.h"

#include <string_view>
#include <utility>

#include "cli/registry_options.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

Error Usage(std::string_view why) { return Error(Code::kUsage, std::string(why)); }

// Which repository, if a flag says so.
std::string_view RepositoryFlag(const TrustFlags& flags) {
  if (flags.staging) return "--staging";
  if (!flags.mirror.empty()) return "--mirror";
  return flags.root.empty() ? "" : "--root";
}

// Which single file, if a flag names one.
std::string_view FileFlag(const TrustFlags& flags) {
  if (!flags.ca_roots.empty()) return "--ca-roots";
  if (!flags.ca_intermediates.empty()) return "--ca-intermediates";
  if (!flags.certificate_chain.empty()) return "--certificate-chain";
  return flags.timestamp_certificate_chain.empty() ? "" : "--timestamp-certificate-chain";
}

// Trust material comes from one place: what another flag says would not be looked at.
Status CheckFlags(const TrustFlags& flags) {
  if (flags.staging && !flags.mirror.empty()) {
    return Usage("--staging and --mirror exclude each other");
  }
  const std::string_view repository = RepositoryFlag(flags);
  const std::string_view file = FileFlag(flags);
  if (!repository.empty() && !file.empty()) {
    return Usage(util::StrCat(repository, " and ", file, " exclude each other"));
  }
  if (flags.trusted_root.empty()) return Ok();
  // Of the copies in the program there is one for either instance.
  const bool names_copy = flags.trusted_root == "embedded" && repository == "--staging";
  const std::string_view other = !file.empty() ? file : repository;
  if (other.empty() || names_copy) return Ok();
  return Usage(util::StrCat("--trusted-root and ", other, " exclude each other"));
}

// A variable that is set to nothing counts as one that is not set.
std::string FlagOr(const std::string& flag, const util::Environment& environment,
                   const std::string& name) {
  return flag.empty() ? environment.Get(name).value_or("") : flag;
}

// Variables say what flags leave open: where a flag names a repository they are not looked at, and
// where one names a certificate authority only that one is trusted.
services::LegacyTrustFiles ReadLegacy(const TrustFlags& flags,
                                      const util::Environment& environment) {
  if (!RepositoryFlag(flags).empty()) return {};
  const bool names_authority = !flags.ca_roots.empty() || !flags.ca_intermediates.empty() ||
                               !flags.certificate_chain.empty();
  return {.root_file = names_authority ? "" : FlagOr("", environment, "SIGSTORE_ROOT_FILE"),
          .ca_roots = flags.ca_roots,
          .ca_intermediates = flags.ca_intermediates,
          .certificate_chain = flags.certificate_chain,
          .rekor_public_key = FlagOr("", environment, "SIGSTORE_REKOR_PUBLIC_KEY"),
          .ct_log_public_key = FlagOr("", environment, "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE"),
          .tsa_certificate_chain = FlagOr(flags.timestamp_certificate_chain, environment,
                                          "SIGSTORE_TSA_CERTIFICATE_FILE")};
}

std::string TufFolder(const util::Environment& environment) {
  std::string folder = FlagOr("", environment, "TUF_ROOT");
  if (!folder.empty()) return folder;
  folder = CacheFolder(environment);
  return folder.empty() ? folder : folder + "/tuf";
}

}  // namespace

void AddRepositoryFlags(FlagSet& set, TrustFlags& flags) {
  set.Switch("--staging", flags.staging, "of Sigstore's staging instance");
  set.Text("--mirror", flags.mirror, "another TUF repository (TUF_MIRROR)", "URL");
  set.Text("--root", flags.root, "the TUF root to begin with (TUF_ROOT_JSON)", "FILE");
}

void AddTrustFlags(FlagSet& set, TrustFlags& flags) {
  set.Text("--trusted-root", flags.trusted_root,
           "a file with a trusted root, or embedded for the copy in the program", "FILE|embedded");
  set.Switch("--offline", flags.offline, "ask nobody for trust material");
  set.Text("--ca-roots", flags.ca_roots, "certificates of the issuing CA, PEM", "FILE");
  set.Text("--ca-intermediates", flags.ca_intermediates, "what they issued, PEM", "FILE");
  set.Text("--certificate-chain,--cert-chain", flags.certificate_chain,
           "the same in one file: intermediates, then the root", "FILE");
  set.Text("--timestamp-certificate-chain", flags.timestamp_certificate_chain,
           "chain of the timestamp authority, PEM", "FILE");
  AddRepositoryFlags(set, flags);
}

bool NamesTrust(const TrustFlags& flags) {
  return !flags.trusted_root.empty() || !RepositoryFlag(flags).empty() || !FileFlag(flags).empty();
}

Result<services::TrustRequest> ReadTrust(const TrustFlags& flags, const Context& context) {
  TRY(CheckFlags(flags));
  const util::Environment& environment = context.environment;
  services::TrustRequest request{.mirror = flags.mirror,
                                 .tuf_root_path = flags.root,
                                 .trusted_root_path = flags.trusted_root,
                                 .offline = flags.offline,
                                 .cache_folder = TufFolder(environment),
                                 .legacy = ReadLegacy(flags, environment)};
  if (flags.staging) {
    request.instance = services::Instance::kStaging;
    return request;
  }
  request.mirror = FlagOr(flags.mirror, environment, "TUF_MIRROR");
  // The repository of the public instance has a root in the program, so this one is of another.
  if (!request.mirror.empty()) {
    request.tuf_root_path = FlagOr(flags.root, environment, "TUF_ROOT_JSON");
  }
  return request;
}

}  // namespace ociship::cli
