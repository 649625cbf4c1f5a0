// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TUF_CANONICAL_JSON_H_
#define OCISHIP_TUF_CANONICAL_JSON_H_

#include <string>

#include "ociship/core.h"
#include "util/json.h"

namespace ociship::tuf {

// `json` in the canonical form that TUF signatures are over (specification section 4.1, OLPC
// canonical JSON): members sorted by the bytes of their keys, no white space, integers alone, and
// strings as they are with a backslash before '"' and '\' and before nothing else. It is no JSON: a
// line end stands in it as it is. Members that nobody knows are in it too.
//
// kTrustMaterial with the reason tuf-format for a number that is no integer of 64 bits.
Result<std::string> CanonicalJson(const util::Json& json);

}  // namespace ociship::tuf

#endif  // OCISHIP_TUF_CANONICAL_JSON_H_
