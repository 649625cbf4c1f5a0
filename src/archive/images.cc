// SPDX-License-Identifier: Apache-2.0
// Decides between the formats of an archive, or joins two: the archives of docker 25 and later hold
// manifest.json and an OCI layout. Tested by tests/archive/images_test.cc.
#include "archive/images.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "archive/dir_image.h"
#include "archive/docker.h"
#include "archive/oci_layout.h"
#include "oci/layout_index.h"
#include "oci/media_types.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using util::StrCat;

constexpr std::string_view kLegacyName = "repositories";

constexpr std::string_view kDockerHalfHint =
    "docker-archive:PATH pushes what manifest.json describes";

enum class Found { kNothing, kDocker, kOci, kBoth, kDir };

Found FindFormats(Contents& contents) {
  const bool docker = contents.Look(kDockerManifestName) == Contents::Presence::kThere;
  const bool index = contents.Look(oci::kIndexFileName) == Contents::Presence::kThere;
  const bool layout = contents.Look(oci::kLayoutFileName) == Contents::Presence::kThere;
  // Other programs may leave an index.json beside a manifest.json; alone it is half of a layout.
  const bool oci = docker ? index && layout : index;
  if (docker && !index && !layout && LookForDirImage(contents) == Contents::Presence::kThere) {
    return Found::kDir;
  }
  if (docker) return oci ? Found::kBoth : Found::kDocker;
  return oci ? Found::kOci : Found::kNothing;
}

// A cut behind manifest.json could have taken the half of the archive that decides.
Status CheckEnding(Contents& contents) {
  if (contents.ending() == Contents::Ending::kComplete) return Ok();
  const auto index = contents.Look(oci::kIndexFileName);
  const auto layout = contents.Look(oci::kLayoutFileName);
  if (index == layout) return Ok();
  return Error(Code::kBadInput, "it is cut off: the end of the archive is missing");
}

Error NothingFound(Contents& contents) {
  if (contents.empty()) return Error(Code::kBadInput, "it is a tar without any members");
  if (contents.Look(kLegacyName) == Contents::Presence::kThere) {
    return Error(Code::kBadInput,
                 "it has `repositories` and no manifest.json, as docker before 1.10 wrote it: save "
                 "the image again with a newer docker");
  }
  if (contents.Look(oci::kLayoutFileName) == Contents::Presence::kThere) {
    return Error(Code::kBadInput, "it has oci-layout and no index.json, so no image can be found");
  }
  return Error(Code::kBadInput,
               "it is a tar with neither manifest.json nor index.json, so it holds no image: "
               "`docker save` writes one, `docker export` only a file system");
}

Result<std::vector<Image>> DockerImages(Contents& contents) {
  std::vector<DockerEntry> entries = TRY(ReadDockerEntries(contents));
  std::vector<Image> images;
  images.reserve(entries.size());
  for (DockerEntry& entry : entries) {
    images.push_back({.names = std::move(entry.names), .content = std::move(entry.image)});
  }
  return images;
}

Error NotUsable(std::string message, OciImage::Halves halves) {
  if (halves == OciImage::Halves::kBoth) message += StrCat("; ", kDockerHalfHint);
  return Error(Code::kBadInput, std::move(message));
}

// Leaves `root` without its image.
Result<Image> ToImage(OciRoot& root, OciImage::Halves halves) {
  OciTree& tree = root.tree;
  if (tree.fault == OciTree::Fault::kAbsent) return NotUsable(tree.fault_error->message(), halves);
  if (tree.fault_error) return *tree.fault_error;
  const bool has_image = std::ranges::any_of(tree.image.manifests, [](const Manifest& manifest) {
    return oci::KindOf(manifest.descriptor.media_type) == oci::ManifestKind::kImage;
  });
  if (!has_image && !tree.image.absent.empty()) {
    return NotUsable(
        StrCat("index ", root.digest.text(), ": no image of it is complete: manifest ",
               tree.image.absent.front().digest.text(), " is absent, or a blob that it names"),
        halves);
  }
  if (!has_image) {
    return Error(Code::kBadInput, StrCat("index ", root.digest.text(), " names no image at all"));
  }
  tree.image.halves = halves;
  return Image{.names = root.names, .content = std::move(tree.image)};
}

Result<std::vector<Image>> LayoutImages(Contents& contents) {
  std::vector<OciRoot> roots = TRY(ReadOciRoots(contents));
  if (roots.empty()) return Error(Code::kBadInput, "index.json lists no image");
  const bool both = contents.Look(kDockerManifestName) == Contents::Presence::kThere;
  const auto halves = both ? OciImage::Halves::kBoth : OciImage::Halves::kOne;
  std::vector<Image> images;
  for (OciRoot& root : roots) {
    Image image = TRY(ToImage(root, halves));
    images.push_back(std::move(image));
  }
  return images;
}

Result<std::vector<Image>> DirImages(Contents& contents) {
  OciRoot root = TRY(ReadDirImage(contents));
  Image image = TRY(ToImage(root, OciImage::Halves::kOne));
  std::vector<Image> images;
  images.push_back(std::move(image));
  return images;
}

// Names of images as the OCI half has them where manifest.json has none.
std::vector<std::string> NamesOf(const DockerEntry& entry, const std::vector<OciRoot>& roots,
                                 const std::vector<std::size_t>& matches) {
  if (!entry.names.empty()) return entry.names;
  std::vector<std::string> names;
  for (const std::size_t i : matches) {
    names.insert(names.end(), roots[i].names.begin(), roots[i].names.end());
  }
  return names;
}

// The images of an archive with both halves.
class Hybrid {
 public:
  explicit Hybrid(std::vector<OciRoot> roots)
      : roots_(std::move(roots)), image_of_(roots_.size()) {}

  Status AddDocker(DockerEntry entry);
  // What manifest.json does not list: it names only the platform of its host.
  Status AddRest();
  std::vector<Image> Take() { return std::move(images_); }

 private:
  Status PassOn(std::size_t root, std::vector<std::string> names);
  std::vector<std::size_t> Matches(const DockerEntry& entry) const;

  std::vector<OciRoot> roots_;
  std::vector<std::optional<std::size_t>> image_of_;  // of each root, in images_
  std::vector<Image> images_;
};

// The roots that lead to a manifest with this config.
std::vector<std::size_t> Hybrid::Matches(const DockerEntry& entry) const {
  std::vector<std::size_t> matches;
  for (std::size_t i = 0; i < roots_.size(); ++i) {
    if (roots_[i].tree.config_digests.contains(entry.config_digest)) matches.push_back(i);
  }
  return matches;
}

Status Hybrid::AddDocker(DockerEntry entry) {
  const std::vector<std::size_t> matches = Matches(entry);
  // Layers that are stored plain would be pushed plain, and a manifest that lost its layers is none
  // (docker 25.0.0): then a new manifest is made.
  const bool rebuild = std::ranges::any_of(matches, [&](std::size_t i) {
    return roots_[i].tree.layers == OciTree::Layers::kSomePlain ||
           roots_[i].tree.fault == OciTree::Fault::kLayerCount;
  });
  if (matches.empty() || rebuild) {
    for (const std::size_t i : matches) image_of_[i] = images_.size();
    std::vector<std::string> names = NamesOf(entry, roots_, matches);
    images_.push_back({.names = std::move(names), .content = std::move(entry.image)});
    return Ok();
  }
  for (const std::size_t i : matches) {
    // With several roots nobody knows which of the names belongs to which, except the roots.
    TRY(PassOn(i, matches.size() == 1 ? NamesOf(entry, roots_, matches) : roots_[i].names));
  }
  return Ok();
}

Status Hybrid::PassOn(std::size_t root, std::vector<std::string> names) {
  if (!image_of_[root]) {
    Image image = TRY(ToImage(roots_[root], OciImage::Halves::kBoth));
    image.names = std::move(names);
    image_of_[root] = images_.size();
    images_.push_back(std::move(image));
    return Ok();
  }
  // Two platforms of one index.
  std::vector<std::string>& known = images_[*image_of_[root]].names;
  for (std::string& name : names) {
    if (std::ranges::find(known, name) == known.end()) known.push_back(std::move(name));
  }
  return Ok();
}

Status Hybrid::AddRest() {
  for (std::size_t i = 0; i < roots_.size(); ++i) {
    if (image_of_[i]) continue;
    TRY(PassOn(i, roots_[i].names));
  }
  return Ok();
}

Result<std::vector<Image>> JoinedImages(Contents& contents) {
  std::vector<DockerEntry> entries = TRY(ReadDockerEntries(contents));
  std::vector<OciRoot> roots = TRY(ReadOciRoots(contents));
  Hybrid hybrid(std::move(roots));
  for (DockerEntry& entry : entries) TRY(hybrid.AddDocker(std::move(entry)));
  TRY(hybrid.AddRest());
  return hybrid.Take();
}

}  // namespace

Error SparseError(const OciImage& image) {
  const Descriptor& first = image.absent.front();
  std::string message = StrCat("manifest ", first.digest.text());
  if (first.platform) {
    const Platform& platform = *first.platform;
    message += StrCat(" for ",
                      util::Quoted(StrCat(platform.os, "/", platform.architecture,
                                          platform.variant.empty() ? "" : "/", platform.variant)));
  }
  if (image.absent.size() > 1) message += StrCat(" and ", image.absent.size() - 1, " more");
  message += StrCat(image.absent.size() > 1 ? " are" : " is",
                    " absent: only a part of what the index names was exported. Export all of it; "
                    "or --sparse pushes what is complete");
  if (image.halves == OciImage::Halves::kBoth) message += StrCat(", and ", kDockerHalfHint);
  return Error(Code::kBadInput, std::move(message));
}

Result<std::vector<Image>> ReadFolderImages(Contents& contents, Archive::Format format) {
  const bool layout = contents.Look(oci::kIndexFileName) == Contents::Presence::kThere;
  if (format == Archive::Format::kAny && layout) return LayoutImages(contents);
  return ReadImages(contents, format);
}

Result<std::vector<Image>> ReadImages(Contents& contents, Archive::Format format) {
  TRY(CheckEnding(contents));
  switch (format) {
    case Archive::Format::kDocker:
      return DockerImages(contents);
    case Archive::Format::kOci:
      return LayoutImages(contents);
    case Archive::Format::kDir:
      return DirImages(contents);
    case Archive::Format::kAny:
      break;
  }
  switch (FindFormats(contents)) {
    case Found::kNothing:
      return NothingFound(contents);
    case Found::kDocker:
      return DockerImages(contents);
    case Found::kOci:
      return LayoutImages(contents);
    case Found::kBoth:
      return JoinedImages(contents);
    case Found::kDir:
      return DirImages(contents);
  }
  return NothingFound(contents);
}

}  // namespace ociship::archive
