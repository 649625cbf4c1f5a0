// SPDX-License-Identifier: Apache-2.0
// The pre-authentication encoding of DSSE v1.0.2, protocol.md. Covered by
// tests/sigstore/dsse_test.cc.
#include "sigstore/dsse.h"

#include "util/text.h"

namespace ociship::sigstore {

std::string PreAuthEncoding(std::string_view payload_type, std::string_view payload) {
  return util::StrCat("DSSEv1 ", payload_type.size(), " ", payload_type, " ", payload.size(), " ",
                      payload);
}

}  // namespace ociship::sigstore
