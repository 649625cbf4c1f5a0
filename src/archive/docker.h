// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_DOCKER_H_
#define OCISHIP_ARCHIVE_DOCKER_H_

#include <string>
#include <string_view>
#include <vector>

#include "archive/archive.h"
#include "archive/contents.h"
#include "ociship/core.h"
#include "ociship/digest.h"

namespace ociship::archive {

inline constexpr std::string_view kDockerManifestName = "manifest.json";
inline constexpr std::size_t kMaxDockerManifestBytes = 20 << 20;
inline constexpr std::size_t kMaxDockerImages = 1000;

// One entry of manifest.json.
struct DockerEntry {
  std::vector<std::string> names;  // RepoTags
  DockerImage image;
  Digest config_digest;  // SHA-256
};

// The images that manifest.json lists (moby, image/tarexport: Config, RepoTags, Layers), in its
// order, at least one. kBadInput when it or a config cannot be read, a layer is not there, or an
// image has another number of layers than diff IDs. The layers themselves are not read.
Result<std::vector<DockerEntry>> ReadDockerEntries(Contents& contents);

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_DOCKER_H_
