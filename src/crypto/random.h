// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_RANDOM_H_
#define OCISHIP_CRYPTO_RANDOM_H_

#include <cstddef>

#include "util/bytes.h"

namespace ociship::crypto {

// Bytes that nobody can foretell. Ends the process when the system has none to give: whoever asks
// has no use for others.
util::Bytes RandomBytes(std::size_t count);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_RANDOM_H_
