// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_TAR_HEADER_H_
#define OCISHIP_ARCHIVE_TAR_HEADER_H_

#include <cstddef>

#include "ociship/core.h"

namespace ociship::archive {

// A tar is made of blocks of this size (POSIX.1-2017, pax, "ustar Interchange Format").
inline constexpr std::size_t kTarBlockBytes = 512;

// Whether a file that begins with `first` (kTarBlockBytes, or less if it is shorter) can be a tar:
// a header with the right checksum, in any dialect, or the zero block that ends an empty one.
bool LooksLikeTar(ByteView first);

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_TAR_HEADER_H_
