// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_TAR_EXTENSIONS_H_
#define OCISHIP_ARCHIVE_TAR_EXTENSIONS_H_

#include <optional>
#include <string>

#include "ociship/core.h"

namespace ociship::archive {

// How the content of a member lies in the archive.
enum class Storage {
  kPlain,   // byte for byte behind the header
  kSparse,  // without its holes
};

// What a header says beside what libarchive makes of it.
struct TarHeaderFacts {
  Storage storage = Storage::kPlain;
  char type = '\0';  // the type flag of the member itself
  // The bytes of name and link in pax records; libarchive gives only those that are UTF-8.
  std::optional<std::string> path = {};
  std::optional<std::string> link = {};
};

// Checks the bytes of one header, from its first extension (pax "x" and "g", GNU "L" and "K") to
// the content, for what libarchive takes in silence: records of pax that are no records, names
// with a NUL inside, which end there for some readers and not for others, and global names and
// sizes, which libarchive alone passes over. kBadInput with the reason.
Result<TarHeaderFacts> InspectTarHeader(ByteView header);

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_TAR_EXTENSIONS_H_
