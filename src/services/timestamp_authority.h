// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_TIMESTAMP_AUTHORITY_H_
#define OCISHIP_SERVICES_TIMESTAMP_AUTHORITY_H_

#include "ociship/core.h"
#include "services/service_call.h"
#include "sigstore/signing_config.h"
#include "sigstore/trust_root.h"
#include "util/bytes.h"

namespace ociship::services {

// A timestamp over `signature` (RFC 3161), the whole TimeStampResp in DER. Given only if it is over
// this signature, has the nonce of the request, and verifies with an authority that `root` trusts
// at its time. kSigningService otherwise, else as ServiceCaller::Send.
Result<util::Bytes> RequestTimestamp(ServiceCaller& caller, const sigstore::Service& authority,
                                     const util::Bytes& signature, const sigstore::TrustRoot& root);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_TIMESTAMP_AUTHORITY_H_
