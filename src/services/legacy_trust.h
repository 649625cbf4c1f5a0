// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_LEGACY_TRUST_H_
#define OCISHIP_SERVICES_LEGACY_TRUST_H_

#include "ociship/core.h"
#include "services/trust.h"
#include "sigstore/trust_root.h"

namespace ociship::services {

// A trust root of single files: authorities without a window, logs whose ID is the hash of their
// key. What no file is given for has no entry, so that nothing counts as known. kBadInput.
Result<sigstore::TrustRoot> ReadLegacyTrust(const LegacyTrustFiles& files);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_LEGACY_TRUST_H_
