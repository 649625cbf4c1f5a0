// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_CONVERT_IMAGE_H_
#define OCISHIP_TRANSFER_CONVERT_IMAGE_H_

#include <map>
#include <string>

#include "archive/archive.h"
#include "ociship/core.h"
#include "ociship/store.h"

namespace ociship::transfer {

// Every manifest of the image in the media types of `format`; those that are not in it get other
// bytes and digests, and indexes with them. Configs and layers stay. kUsage for what the format
// cannot say (oci::ConvertImage), and for attestations in an index of Docker's.
Result<archive::OciImage> ConvertFormat(archive::OciImage image, ManifestFormat format);

// With these annotations at the manifest or index that is pushed.
Result<archive::OciImage> Annotate(archive::OciImage image,
                                   const std::map<std::string, std::string>& annotations);

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_CONVERT_IMAGE_H_
