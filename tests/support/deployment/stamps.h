// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_STAMPS_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_STAMPS_H_

#include "deployment/authorities.h"

namespace ociship::deployment {

// A TimeStampResp (RFC 3161 section 2.4.2) over `bytes`, DER, with the faults of the plan.
Bytes MintStamp(const Plan& plan, const Authorities& authorities, ByteView bytes);

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_STAMPS_H_
