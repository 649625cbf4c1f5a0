// SPDX-License-Identifier: Apache-2.0
// One index of several images (image-spec image-index.md). Tested by make_index_test.cc.
#include "transfer/make_index.h"

#include <set>
#include <string>

#include "oci/manifest.h"
#include "oci/media_types.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

std::string Text(const Platform& platform) {
  std::string text = util::StrCat(platform.os, "/", platform.architecture);
  if (!platform.variant.empty()) text += util::StrCat("/", platform.variant);
  if (!platform.os_version.empty()) text += util::StrCat(":", platform.os_version);
  return text;
}

Result<Descriptor> Entry(const PushedImage& image) {
  if (!image.platform || image.platform->os.empty() || image.platform->architecture.empty()) {
    return Error(Code::kBadInput,
                 util::StrCat("image ", image.manifest.descriptor.digest.text(),
                              " has no platform, so it cannot stand in an index with others"));
  }
  Descriptor entry = image.manifest.descriptor;
  entry.platform = image.platform;
  return entry;
}

}  // namespace

Result<Manifest> MakeIndex(const std::vector<PushedImage>& images) {
  oci::ImageIndex index{.media_type = std::string(oci::kOciIndex)};
  std::set<std::string> platforms;
  for (const PushedImage& image : images) {
    Descriptor entry = TRY(Entry(image));
    std::string platform = Text(*entry.platform);
    if (!platforms.insert(platform).second) {
      return Error(Code::kBadInput,
                   util::StrCat("two of the sources are for the platform ",
                                util::Printable(platform), ", an index can have only one"));
    }
    index.manifests.push_back(std::move(entry));
  }
  return oci::NewManifest(oci::FormatImageIndex(index), oci::kOciIndex);
}

}  // namespace ociship::transfer
