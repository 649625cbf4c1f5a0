// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_OCI_MEDIA_TYPES_H_
#define OCISHIP_OCI_MEDIA_TYPES_H_

#include <string_view>

// OCI image-spec media-types.md, and Docker's image manifest version 2, schema 2.
namespace ociship::oci {

inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kOciEmpty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view kOciLayer = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view kOciLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view kOciLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";
inline constexpr std::string_view kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerManifestList =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view kDockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
inline constexpr std::string_view kDockerLayerGzip =
    "application/vnd.docker.image.rootfs.diff.tar.gzip";
// No schema of Docker has it: buildkit writes it, and podman and skopeo refuse it.
inline constexpr std::string_view kDockerLayerZstd =
    "application/vnd.docker.image.rootfs.diff.tar.zstd";

// What kind of document a manifest's media type says it is.
enum class ManifestKind { kImage, kIndex, kOther };
ManifestKind KindOf(std::string_view media_type);

// Whether it is that of an image's config (config.md, and Docker's), and not of an artifact's.
bool IsImageConfig(std::string_view media_type);

// Whether a layer with this media type is a change of a file system (media-types.md, and Docker's).
bool IsFileSystemLayer(std::string_view layer_media_type);

// Foreign layers: not uploaded, the descriptor keeps its URLs.
enum class Distribution { kDistributable, kForeign };
Distribution DistributionOf(std::string_view layer_media_type);

}  // namespace ociship::oci

#endif  // OCISHIP_OCI_MEDIA_TYPES_H_
