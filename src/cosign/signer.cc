// SPDX-License-Identifier: Apache-2.0
// Signing with a key in memory. Covered by tests/cosign/endorser_test.cc.
#include "cosign/signer.h"

#include "crypto/sign.h"

namespace ociship::cosign {

Result<util::Bytes> KeySigner::Sign(ByteView message) { return crypto::Sign(key_, message); }

Result<util::Bytes> KeySigner::SignHash(ByteView hash_value) {
  return crypto::SignPrehashed(key_, hash_value, crypto::DefaultHash(key_.public_key().type()));
}

}  // namespace ociship::cosign
