// SPDX-License-Identifier: Apache-2.0
// Signing with a key in memory, and the check that every new signature passes. Covered by
// tests/cosign/sign_test.cc.
#include "cosign/signer.h"

#include "crypto/sign.h"
#include "sigstore/content.h"
#include "util/try.h"

namespace ociship::cosign {

Result<util::Bytes> KeySigner::Sign(ByteView message) { return crypto::Sign(key_, message); }

Result<util::Bytes> SignChecked(Signer& signer, ByteView message) {
  util::Bytes signature = TRY(signer.Sign(message));
  if (!sigstore::VerifyBytes(signer.public_key(), message, signature).ok()) {
    return Error(Code::kFailure,
                 "the signer made a signature that does not verify with its own public key");
  }
  return signature;
}

}  // namespace ociship::cosign
