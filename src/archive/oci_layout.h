// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_OCI_LAYOUT_H_
#define OCISHIP_ARCHIVE_OCI_LAYOUT_H_

#include <string>
#include <vector>

#include "archive/contents.h"
#include "archive/oci_walk.h"
#include "ociship/core.h"
#include "ociship/digest.h"

namespace ociship::archive {

// An image with what is below it. Of index.json: its entries with one digest.
struct OciRoot {
  Digest digest;
  std::string media_type;
  std::uint64_t size = 0;
  // One for each entry of index.json that has any: the full name that containerd and docker write,
  // else the reference name.
  std::vector<std::string> names;
  OciTree tree;
};

// The images of an OCI layout (OCI image-spec image-layout.md), in the order of index.json. Entries
// of unknown media types are no images, as image-layout.md wants it; nor are entries without a name
// that another entry leads to, or whose subject is in the archive: tools list them beside their
// image. Faults stand in the trees; anything else that is wrong is kBadInput.
Result<std::vector<OciRoot>> ReadOciRoots(Contents& contents);

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_OCI_LAYOUT_H_
