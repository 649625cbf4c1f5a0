// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_OCI_WALK_H_
#define OCISHIP_ARCHIVE_OCI_WALK_H_

#include <map>
#include <optional>
#include <set>
#include <string>

#include "archive/archive.h"
#include "archive/contents.h"
#include "oci/manifest.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/store.h"

namespace ociship::archive {

// Indexes inside indexes.
inline constexpr int kMaxIndexDepth = 8;

// Everything below one entry of index.json.
struct OciTree {
  OciImage image;
  std::set<Digest> manifests;       // of image.manifests
  std::set<Digest> config_digests;  // of image manifests with an image config
  std::optional<Digest> subject;    // of the entry itself

  enum class Layers { kAllCompressed, kSomePlain };
  Layers layers = Layers::kAllCompressed;

  // What keeps `image` from being used, though the other half of the archive may still be good.
  enum class Fault {
    kNone,
    kSparse,      // a manifest is absent
    kLayerCount,  // a manifest has another number of layers than its config has diff IDs
  };
  Fault fault = Fault::kNone;
  std::optional<Error> fault_error;  // of the first fault
};

// Reads the tree below `root`: every manifest is compared with its digest and size, every config of
// an image is read, every other blob must be there with its size, or stand in its descriptor (OCI
// image-spec manifest.md, image-index.md, image-layout.md "blobs").
Result<OciTree> WalkOciTree(Contents& contents, const Descriptor& root, DocumentBudget& budget);

// "blobs/sha256/HEX".
std::string BlobName(const Digest& digest);

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_OCI_WALK_H_
