// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_COSIGN_KEY_FILE_H_
#define OCISHIP_COSIGN_KEY_FILE_H_

#include <string>
#include <string_view>

#include "crypto/key_box.h"
#include "ociship/core.h"

namespace ociship::cosign {

inline constexpr std::size_t kMaxKeyFileBytes = 64 << 10;

// Reads the text of a private key file of cosign: PEM "ENCRYPTED SIGSTORE PRIVATE KEY", or the
// older "ENCRYPTED COSIGN PRIVATE KEY", around the JSON of go-securesystemslib's encrypted package.
// kBadInput when it is something else; the sentence says what it is where that is known. Whether
// the cost parameter is one of cosign's is left to crypto::OpenKey.
Result<crypto::KeyBox> ParseKeyFile(std::string_view text);

// The text that cosign writes for it, with label "ENCRYPTED SIGSTORE PRIVATE KEY".
std::string FormatKeyFile(const crypto::KeyBox& box);

}  // namespace ociship::cosign

#endif  // OCISHIP_COSIGN_KEY_FILE_H_
