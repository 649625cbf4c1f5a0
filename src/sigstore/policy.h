// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_POLICY_H_
#define OCISHIP_SIGSTORE_POLICY_H_

#include <map>
#include <string>

#include "crypto/key.h"

namespace ociship::sigstore {

// What a policy says about entries of transparency logs. The zero value has not been said, and
// refuses.
enum class LogPolicy { kUnsaid, kIgnore };

// Who must have signed an image, and what must be said of it.
//
//   KeyPolicy policy{.key = key, .annotations = {{"env", "prod"}}, .log = LogPolicy::kIgnore};
struct KeyPolicy {
  // The signature must be made with this key. A hint in the material is not asked.
  crypto::PublicKey key;
  // Each must be there with exactly this value; others may be there besides. None: none demanded.
  std::map<std::string, std::string> annotations = {};
  // Whether an entry in a transparency log is needed. It has to be said.
  LogPolicy log = LogPolicy::kUnsaid;
};

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_POLICY_H_
