// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_TAR_EXTENSIONS_H_
#define OCISHIP_ARCHIVE_TAR_EXTENSIONS_H_

#include "ociship/core.h"

namespace ociship::archive {

// How the content of a member lies in the archive.
enum class Storage {
  kPlain,   // byte for byte behind the header
  kSparse,  // without its holes
};

// Checks the bytes of one header, from its first extension (pax "x" and "g", GNU "L" and "K") to
// the content, for what libarchive takes in silence: records of pax that are no records, and names
// with a NUL inside, which end there for some readers and not for others. Says how the content is
// stored. kBadInput with the reason.
Result<Storage> InspectTarHeader(ByteView header);

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_TAR_EXTENSIONS_H_
