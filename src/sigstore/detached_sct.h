// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_DETACHED_SCT_H_
#define OCISHIP_SIGSTORE_DETACHED_SCT_H_

#include <string_view>

#include "crypto/sct.h"
#include "ociship/core.h"

namespace ociship::sigstore {

// Reads the answer of a certificate log to add-chain, JSON (RFC 6962 section 4.1), as cosign takes
// it with --sct. kBadInput (sct-malformed).
Result<crypto::Sct> ParseDetachedSct(std::string_view json);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_DETACHED_SCT_H_
