// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_NARROW_IMAGE_H_
#define OCISHIP_TRANSFER_NARROW_IMAGE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/archive.h"
#include "ociship/core.h"
#include "ociship/store.h"

// Parts of an index that is in an archive. What is left is one image, whose manifest is not
// changed, or a new index of several; attestations of buildkit stay in an index with the images
// that they are about (buildkit, attestation-storage.md), and their image goes alone without them.
namespace ociship::transfer {

// The annotation of an attestation that is the digest of its image.
inline constexpr std::string_view kReferenceDigest = "vnd.docker.reference.digest";

// The images for these platforms, the first match for each (image-spec image-index.md). An image
// that is no index must be for one of them. kUsage, with the platforms that are there, when one is
// not.
Result<archive::OciImage> KeepPlatforms(archive::OciImage image,
                                        const std::vector<Platform>& wanted);

// What is complete of an image that is sparse. kBadInput when nothing is.
Result<archive::OciImage> KeepComplete(archive::OciImage image);

// What an index that is made of several images takes from this one: the entries of its own index,
// or itself with its platform. kBadInput when that is not known.
Result<std::vector<Descriptor>> EntriesOf(const archive::OciImage& image);

// "linux/amd64, linux/arm64": the images that an index names, those that are absent too.
std::string ListPlatforms(const archive::OciImage& image);

// What the config of a single image says that it is for; nothing for an index or an artifact.
std::optional<Platform> PlatformOf(const archive::OciImage& image);

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_NARROW_IMAGE_H_
