// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_AUTHORITIES_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_AUTHORITIES_H_

#include <optional>
#include <string>
#include <vector>

#include "deployment/certificates.h"
#include "deployment/plan.h"

namespace ociship::deployment {

// Both ends belong to it; a missing end is open.
struct Window {
  Seconds from = kSigned - kYear;
  std::optional<Seconds> until;
};

struct LogInstance {
  std::string host;
  // Version 1 alone.
  std::string tree_id;
  LogKind kind;
  Key key;
  std::string operated_by;
  Window window;

  // Version 1: of the key; version 2: the note's key ID, untruncated.
  Bytes id() const;
  // How the log calls itself in the first line of checkpoints.
  std::string origin() const;
};

// Who vouches in a deployment.
struct Authorities {
  Authority root;
  Authority intermediate;
  Window certificate_window;
  Key certificate_log;
  Window certificate_log_window;
  std::vector<LogInstance> logs;
  Authority stamp_root;
  Authority stamp_signer;
  Window stamp_window;
};

Authorities MintAuthorities(const Plan& plan);

// The certificate of a timestamp authority for a key; with the faults of the plan that concern it.
Authority MintStampSigner(const Plan& plan, const Authority& root);

// The trusted root of the deployment, in protobuf JSON.
std::string FormatTrustRoot(const Plan& plan, const Authorities& authorities);

// SHA-256(name, line end, type, key): how notes name Ed25519 keys (C2SP signed-note).
Bytes NoteKeyId(std::string_view name, std::uint8_t type, ByteView key);

// `text` with the first `from` replaced, which must be there.
std::string Replaced(std::string text, std::string_view from, std::string_view to);

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_AUTHORITIES_H_
