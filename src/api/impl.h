// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_API_IMPL_H_
#define OCISHIP_API_IMPL_H_

#include "cosign/verify.h"
#include "crypto/key.h"
#include "ociship/sign.h"
#include "ociship/verify.h"

namespace ociship {

// What stands behind the public types.
struct SigningKey::Impl {
  crypto::PrivateKey key;
};

struct VerifyPolicy::Impl {
  cosign::KeyPolicy policy;
};

// The policy that a key's own signatures meet.
Result<VerifyPolicy> PolicyOf(const SigningKey& key);

}  // namespace ociship

#endif  // OCISHIP_API_IMPL_H_
