// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_STAMPS_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_STAMPS_H_

#include "deployment/authorities.h"

namespace ociship::deployment {

// What tokens have that nobody asked for in particular.
inline constexpr std::uint64_t kStampNonce = 424242;

// A TimeStampResp (RFC 3161 section 2.4.2) over `bytes`, DER, with the faults of the plan. `nonce`
// is an INTEGER; empty for none.
Bytes MintStamp(const Plan& plan, const Authorities& authorities, ByteView bytes,
                const Bytes& nonce = Integer(kStampNonce));

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_STAMPS_H_
