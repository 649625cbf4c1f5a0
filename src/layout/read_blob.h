// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_LAYOUT_READ_BLOB_H_
#define OCISHIP_LAYOUT_READ_BLOB_H_

#include <string>
#include <string_view>

#include "oci/media_types.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/store.h"
#include "util/file.h"

// Reads files that are named by a digest, and compares.
namespace ociship::layout {

// Feeds the file to `sink` and gives success only if it has the size and digest of `blob`; no more
// than blob.size bytes are fed. kBadInput when it has not.
Status CopyBlob(util::File& file, const Descriptor& blob, ByteSink& sink);

// The whole file, compared with its digest. kBadInput when it differs or is larger than
// kMaxManifestBytes.
Result<std::string> ReadManifestBytes(util::File& file, const Digest& digest);

// The digest that the file has, by the algorithm of `like`.
Result<Digest> DigestOf(util::File& file, const Digest& like);

// Which kind of manifest a document is, and the media type that it says, which may be empty. kOther
// for everything else.
struct DocumentType {
  oci::ManifestKind kind = oci::ManifestKind::kOther;
  std::string media_type;
};
DocumentType ReadDocumentType(std::string_view bytes);

}  // namespace ociship::layout

#endif  // OCISHIP_LAYOUT_READ_BLOB_H_
