// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_TRUST_H_
#define OCISHIP_SERVICES_TRUST_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/transport.h"
#include "ociship/core.h"
#include "sigstore/trust_root.h"

// Whose word counts, and where that is known from.
namespace ociship::services {

enum class Instance { kPublicGood, kStaging };

// Trust material in single files, as cosign 2 takes it. Each is PEM, empty when it is not given.
struct LegacyTrustFiles {
  std::string root_file;          // SIGSTORE_ROOT_FILE: roots and intermediates of the CA
  std::string ca_roots;           // --ca-roots
  std::string ca_intermediates;   // --ca-intermediates
  std::string certificate_chain;  // --certificate-chain: intermediates, then the root
  std::string rekor_public_key;   // SIGSTORE_REKOR_PUBLIC_KEY
  std::string ct_log_public_key;  // SIGSTORE_CT_LOG_PUBLIC_KEY_FILE
  // SIGSTORE_TSA_CERTIFICATE_FILE, --timestamp-certificate-chain: leaf, intermediates, root.
  std::string tsa_certificate_chain;

  friend bool operator==(const LegacyTrustFiles&, const LegacyTrustFiles&) = default;
};

struct TrustRequest {
  Instance instance = Instance::kPublicGood;
  // A TUF repository instead of the instance's own; empty: that one.
  std::string mirror;
  // The TUF root that is trusted; empty: the embedded one, or what is in the cache. A cache that
  // does not descend from it is not used.
  std::string tuf_root_path;
  // A file with a Sigstore trusted root, or "embedded"; empty: TUF.
  std::string trusted_root_path;
  // Whether the signing config of a TUF repository is wanted too.
  enum class SigningConfig { kNotWanted, kWanted } signing_config = SigningConfig::kNotWanted;
  // No socket is opened.
  bool offline = false;
  // The folder in which each TUF repository has one; empty: nothing is kept, so TUF is not
  // possible.
  std::string cache_folder;
  // How long a whole refresh may take, with the wait for other programs.
  std::chrono::milliseconds patience{60'000};
  LegacyTrustFiles legacy;
};

// One file of TUF metadata.
struct TufRoleStatus {
  std::int64_t version = 0;
  std::chrono::sys_seconds expires;
};

// What is known of the TUF repository that something comes from.
struct TufStatus {
  std::string mirror;
  std::string folder;  // of the cache
  std::chrono::sys_seconds refreshed;
  TufRoleStatus root, timestamp, snapshot, targets;
};

struct LoadedTrust {
  sigstore::TrustRoot root;
  // As it was read; empty when it was put together of single files.
  std::string trusted_root_json;
  // The signing config of the same TUF repository, where it was wanted and there is one.
  std::string signing_config_json;
  // For people: "file X", "TUF https://… targets version 14, verified 2026-…", or
  // "embedded copy of 2026-08-26".
  std::string origin;
  // When it has to be asked for again; nullopt: never.
  std::optional<std::chrono::sys_seconds> expires;
  std::optional<TufStatus> tuf;
  // For people: what they should know before they rely on it.
  std::vector<std::string> notes;
};

// The trust material that a request names: --trusted-root, else single files, else TUF. Metadata of
// TUF that is unexpired, and was refreshed in the last 24 hours, is used as it is; otherwise the
// repository is asked. If it can not be reached, metadata that is unexpired is used with a note.
// Offline the embedded trusted root is used, with a note, where nothing was ever fetched. The
// mirror of an instance stands for that; kUsage for one that is no plain http or https URL.
//
// kTrustMaterial, with what to do, when there is none that can be used; the reason is a word of
// tuf/refusal.h or of sigstore. kBadInput for files that can not be read.
Result<LoadedTrust> LoadTrust(const TrustRequest& request, http::Transport& transport,
                              const Effects& effects);

// The same, but the TUF repository is asked in any case, and must answer. Files are not looked at.
Result<LoadedTrust> UpdateTrust(const TrustRequest& request, http::Transport& transport,
                                const Effects& effects);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_TRUST_H_
