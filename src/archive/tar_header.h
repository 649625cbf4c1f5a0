// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_TAR_HEADER_H_
#define OCISHIP_ARCHIVE_TAR_HEADER_H_

#include <cstddef>

#include "codec/compression.h"
#include "ociship/core.h"

namespace ociship::archive {

// A tar is made of blocks of this size (POSIX.1-2017, pax, "ustar Interchange Format").
inline constexpr std::size_t kTarBlockBytes = 512;

// Whether a file that begins with `first` (kTarBlockBytes, or less if it is shorter) can be a tar:
// a header with the right checksum, in any dialect, or the zero block that ends an empty one.
bool LooksLikeTar(ByteView first);

// The compression of content that begins with `first` (kTarBlockBytes, or less if it is shorter). A
// tar is a tar, also when its first name begins as a compressed file would.
codec::Compression CompressionOf(ByteView first);

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_TAR_HEADER_H_
