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

// Under which names the documents and blobs of a tree lie.
class TreeNames {
 public:
  virtual ~TreeNames() = default;
  virtual std::string Manifest(const Digest& digest) const = 0;
  virtual std::string Blob(const Digest& digest) const = 0;
};

// Those of an OCI layout: "blobs/sha256/HEX" (OCI image-spec image-layout.md, "blobs").
class LayoutNames : public TreeNames {
 public:
  std::string Manifest(const Digest& digest) const override { return Blob(digest); }
  std::string Blob(const Digest& digest) const override;
};

// Everything below one manifest or index.
struct OciTree {
  OciImage image;
  std::set<Digest> manifests;       // of image.manifests and image.absent
  std::set<Digest> config_digests;  // of image manifests with an image config
  std::optional<Digest> subject;    // of the root itself

  enum class Layers { kAllCompressed, kSomePlain };
  Layers layers = Layers::kAllCompressed;

  // What keeps `image` from being used, though the other half of the archive may still be good.
  enum class Fault {
    kNone,
    kAbsent,      // the root itself is absent, or a blob of it
    kLayerCount,  // a manifest has another number of layers than its config has diff IDs
  };
  Fault fault = Fault::kNone;
  std::optional<Error> fault_error;  // of the first fault
};

// Reads the tree below `root`: every manifest is compared with its digest and size, every config of
// an image is read, every other blob must be there with its size, or stand in its descriptor (OCI
// image-spec manifest.md, image-index.md, image-layout.md "blobs"). What is absent below an index
// makes the tree sparse (OciImage::absent); everything else that is wrong and no Fault is
// kBadInput.
Result<OciTree> WalkOciTree(Contents& contents, const TreeNames& names, const Descriptor& root,
                            DocumentBudget& budget);

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_OCI_WALK_H_
