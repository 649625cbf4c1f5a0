// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_OCI_REWRITE_MANIFEST_H_
#define OCISHIP_OCI_REWRITE_MANIFEST_H_

#include <map>
#include <string>

#include "ociship/core.h"
#include "ociship/store.h"

// Manifests that say the same in another way, or more than before: other documents, with digests of
// their own.
namespace ociship::oci {

// With these annotations added to those of the manifest or index; of two values for one key the new
// one counts. kUsage for a manifest of Docker's, which can have none.
Result<Manifest> WithAnnotations(const Manifest& manifest,
                                 const std::map<std::string, std::string>& annotations);

// An image manifest in the media types of `format`, which may be those that it has already: then it
// is not changed. Its annotations are lost in Docker's. kUsage for what `format` cannot say: in
// Docker's that is zstd layers, artifacts and subjects.
Result<Manifest> ConvertImage(const Manifest& manifest, ManifestFormat format);

// The media type in `format` of an image manifest or index, its config or its layer, whichever of
// the two families it comes from. kUsage when there is none.
Result<std::string> ConvertMediaType(std::string_view media_type, ManifestFormat format);

}  // namespace ociship::oci

#endif  // OCISHIP_OCI_REWRITE_MANIFEST_H_
