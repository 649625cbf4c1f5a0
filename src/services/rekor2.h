// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_REKOR2_H_
#define OCISHIP_SERVICES_REKOR2_H_

#include <string>

#include "ociship/core.h"
#include "services/rekor.h"
#include "services/service_call.h"
#include "sigstore/log_entry.h"
#include "sigstore/signing_config.h"
#include "sigstore/trust_root.h"

// Rekor v2. For use by rekor.cc, which verifies what it gives.
namespace ociship::services {

// What is posted (rekor-tiles, CreateEntryRequest): hashedrekord 0.0.2, whatever is signed. kUsage
// for a key that has no name there, and for a pure Ed25519 signature.
Result<std::string> FormatRekor2Request(const Loggable& loggable);

// Logs it, or reads what is logged already out of the tiles. Nothing is verified.
Result<sigstore::LogEntry> SubmitToRekor2(ServiceCaller& caller, const sigstore::Service& log,
                                          const Loggable& loggable,
                                          const sigstore::TrustRoot& root);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_REKOR2_H_
