// SPDX-License-Identifier: Apache-2.0
// One index of several images (image-spec image-index.md). Tested by make_index_test.cc.
#include "transfer/make_index.h"

#include <set>

#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/platform.h"
#include "oci/rewrite_manifest.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

// buildkit says so of attestations.
bool IsNoPlatform(const Platform& platform) { return platform.os == "unknown"; }

Status CheckPlatform(const Descriptor& entry, std::set<std::string>& platforms) {
  if (!entry.platform || entry.platform->os.empty() || entry.platform->architecture.empty()) {
    return Error(Code::kBadInput,
                 util::StrCat("image ", entry.digest.text(),
                              " names no platform, so it cannot stand in an index with others; "
                              "--platform says it, once for each source"));
  }
  if (IsNoPlatform(*entry.platform)) return Ok();
  const std::string platform = oci::FormatPlatform(oci::NormalisePlatform(*entry.platform));
  if (platforms.insert(platform).second) return Ok();
  return Error(Code::kBadInput,
               util::StrCat("two of the sources are for the platform ", util::Printable(platform),
                            ", an index can have only one"));
}

}  // namespace

Result<Manifest> MakeIndex(const std::vector<StoredImage>& images, ManifestFormat format,
                           const std::map<std::string, std::string>& annotations) {
  const std::string_view media_type =
      format == ManifestFormat::kOci ? oci::kOciIndex : oci::kDockerManifestList;
  oci::ImageIndex index{.media_type = std::string(media_type)};
  std::set<std::string> platforms;
  std::set<Digest> digests;
  for (const StoredImage& image : images) {
    for (const Descriptor& entry : image.entries) {
      const bool attestation = entry.platform && IsNoPlatform(*entry.platform);
      if (!digests.insert(entry.digest).second && attestation) continue;
      TRY(CheckPlatform(entry, platforms));
      index.manifests.push_back(entry);
    }
  }
  Manifest made = oci::NewManifest(oci::FormatImageIndex(index), media_type);
  if (annotations.empty()) return made;
  return oci::WithAnnotations(made, annotations);
}

}  // namespace ociship::transfer
