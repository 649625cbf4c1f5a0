// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_DIR_IMAGE_H_
#define OCISHIP_ARCHIVE_DIR_IMAGE_H_

#include <string_view>

#include "archive/contents.h"
#include "archive/oci_layout.h"
#include "ociship/core.h"

namespace ociship::archive {

// What skopeo and podman write for `dir:` (containers/image, directory transport): the file
// `version`, the manifest or index itself as manifest.json, the other manifests of an index as
// HEX.manifest.json, every blob as HEX. There are no names, and signatures are not read.
inline constexpr std::string_view kDirVersionName = "version";

// kThere when the files say that it is one: `version`, and a manifest.json that is an object, where
// that of `docker save` is an array.
Contents::Presence LookForDirImage(Contents& contents);

// The image, of either family of media types, with the bytes and the digest that manifest.json has.
// kBadInput when it is of another version, or as WalkOciTree.
Result<OciRoot> ReadDirImage(Contents& contents);

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_DIR_IMAGE_H_
