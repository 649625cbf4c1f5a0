// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_IMAGES_H_
#define OCISHIP_ARCHIVE_IMAGES_H_

#include <vector>

#include "archive/archive.h"
#include "archive/contents.h"
#include "ociship/core.h"

namespace ociship::archive {

// The images of an archive of any format, or of two in one as docker 25 and later write them: there
// manifest.json says what was saved, and an image whose layers are compressed is passed on as its
// index or manifest stands in the OCI half. At least one.
Result<std::vector<Image>> ReadImages(Contents& contents, Archive::Format format);

// The same for a folder, where nothing but index.json counts if it is there and no format is
// demanded.
Result<std::vector<Image>> ReadFolderImages(Contents& contents, Archive::Format format);

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_IMAGES_H_
