// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_API_SIGNER_H_
#define OCISHIP_API_SIGNER_H_

#include <memory>
#include <optional>

#include "api/endorser.h"
#include "api/impl.h"
#include "cosign/endorser.h"
#include "ociship/sign.h"

namespace ociship {

// What stands behind a signer.
struct Signer::Impl {
  std::unique_ptr<cosign::Signer> raw;  // of a key alone
  std::unique_ptr<cosign::Endorser> endorser;
  api::ServiceEndorser* services = nullptr;  // the same, where services are asked
  std::optional<SigningKey> key = {};        // nothing for one with certificates
};

}  // namespace ociship

#endif  // OCISHIP_API_SIGNER_H_
