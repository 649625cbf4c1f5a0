// SPDX-License-Identifier: Apache-2.0
// Takes images out of an index (image-spec image-index.md; buildkit, attestation-storage.md).
// Tested by tests/transfer/narrow_image_test.cc.
#include "transfer/narrow_image.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/platform.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

using archive::OciImage;
using util::StrCat;

constexpr std::string_view kReferenceType = "vnd.docker.reference.type";
constexpr std::string_view kUnknown = "unknown";

// An image that an index leads to, however many indexes are between them.
struct Leaf {
  Descriptor descriptor;
  std::optional<Platform> platform;
  enum class Presence { kThere, kAbsent } presence = Presence::kThere;
};

using Manifests = std::map<Digest, const Manifest*>;

Manifests ByDigest(const OciImage& image) {
  Manifests manifests;
  for (const Manifest& manifest : image.manifests) {
    manifests.emplace(manifest.descriptor.digest, &manifest);
  }
  return manifests;
}

bool IsIndex(const Descriptor& descriptor) {
  return oci::KindOf(descriptor.media_type) == oci::ManifestKind::kIndex;
}

bool IsAttestation(const Leaf& leaf) {
  return leaf.descriptor.annotations.contains(std::string(kReferenceType)) ||
         (leaf.platform && leaf.platform->os == kUnknown);
}

std::optional<Platform> ConfigPlatform(const OciImage& image, const Manifest& manifest) {
  const Result<oci::ImageManifest> parsed = oci::ParseImageManifest(manifest.bytes);
  if (!parsed.ok()) return std::nullopt;
  for (const archive::OciBlob& blob : image.blobs) {
    if (blob.descriptor.digest != parsed.value().config.digest) continue;
    const Result<oci::ImageConfig> config = oci::ParseImageConfig(blob.content);
    if (!config.ok() || config.value().platform.os.empty()) return std::nullopt;
    return config.value().platform;
  }
  return std::nullopt;
}

class LeafCollector {
 public:
  explicit LeafCollector(const OciImage& image) : image_(image), manifests_(ByDigest(image)) {}

  Status Visit(const Manifest& index) {
    const oci::ImageIndex parsed = TRY(oci::ParseImageIndex(index.bytes));
    for (const Descriptor& child : parsed.manifests) {
      if (!seen_.insert(child.digest).second) continue;
      const auto found = manifests_.find(child.digest);
      const bool there = found != manifests_.end();
      if (there && IsIndex(child)) {
        TRY(Visit(*found->second));
        continue;
      }
      Leaf leaf{child, child.platform, there ? Leaf::Presence::kThere : Leaf::Presence::kAbsent};
      if (!leaf.platform && there) leaf.platform = ConfigPlatform(image_, *found->second);
      leaves_.push_back(std::move(leaf));
    }
    return Ok();
  }
  std::vector<Leaf> Take() { return std::move(leaves_); }

 private:
  const OciImage& image_;
  Manifests manifests_;
  std::set<Digest> seen_;
  std::vector<Leaf> leaves_;
};

Result<std::vector<Leaf>> LeavesOf(const OciImage& image) {
  LeafCollector collector(image);
  TRY(collector.Visit(image.manifests.back()));
  return collector.Take();
}

// The digests of everything that manifests of `image` name, from `root` on.
Status AddReachable(const Manifest& root, const Manifests& manifests, std::set<Digest>& reachable) {
  if (!reachable.insert(root.descriptor.digest).second) return Ok();
  if (IsIndex(root.descriptor)) {
    const oci::ImageIndex index = TRY(oci::ParseImageIndex(root.bytes));
    for (const Descriptor& child : index.manifests) {
      const auto found = manifests.find(child.digest);
      if (found == manifests.end()) {
        reachable.insert(child.digest);
      } else {
        TRY(AddReachable(*found->second, manifests, reachable));
      }
    }
    return Ok();
  }
  const oci::ImageManifest image = TRY(oci::ParseImageManifest(root.bytes));
  reachable.insert(image.config.digest);
  for (const Descriptor& layer : image.layers) reachable.insert(layer.digest);
  return Ok();
}

// `image` with another root, which is one of its manifests or a new index of some of them.
Result<OciImage> WithRoot(OciImage image, Manifest root) {
  std::set<Digest> reachable;
  TRY(AddReachable(root, ByDigest(image), reachable));
  const auto is_lost = [&](const Digest& digest) { return !reachable.contains(digest); };
  std::erase_if(image.manifests, [&](const Manifest& manifest) {
    return manifest.descriptor.digest == root.descriptor.digest ||
           is_lost(manifest.descriptor.digest);
  });
  std::erase_if(image.blobs,
                [&](const archive::OciBlob& blob) { return is_lost(blob.descriptor.digest); });
  std::erase_if(image.absent, [&](const Descriptor& absent) { return is_lost(absent.digest); });
  image.manifests.push_back(std::move(root));
  return image;
}

// The attestations that are about one of `kept`, in the order of `leaves`.
void AddAttestations(const std::vector<Leaf>& leaves, const std::set<std::string>& kept,
                     std::vector<Descriptor>& entries) {
  for (const Leaf& leaf : leaves) {
    if (!IsAttestation(leaf) || leaf.presence == Leaf::Presence::kAbsent) continue;
    const auto about = leaf.descriptor.annotations.find(std::string(kReferenceDigest));
    if (about != leaf.descriptor.annotations.end() && kept.contains(about->second)) {
      entries.push_back(leaf.descriptor);
    }
  }
}

// `image` with nothing but `kept`, which are images and at least one.
Result<OciImage> Keep(OciImage image, const std::vector<Leaf>& leaves,
                      const std::vector<Leaf>& kept) {
  const Manifests manifests = ByDigest(image);
  if (kept.size() == 1 && kept.front().presence == Leaf::Presence::kThere) {
    Manifest only = *manifests.at(kept.front().descriptor.digest);
    return WithRoot(std::move(image), std::move(only));
  }
  oci::ImageIndex index = TRY(oci::ParseImageIndex(image.manifests.back().bytes));
  index.manifests.clear();
  std::set<std::string> digests;
  for (const Leaf& leaf : kept) {
    index.manifests.push_back(leaf.descriptor);
    digests.insert(leaf.descriptor.digest.text());
  }
  AddAttestations(leaves, digests, index.manifests);
  const std::string media_type = image.manifests.back().descriptor.media_type;
  index.media_type = media_type;
  return WithRoot(std::move(image), oci::NewManifest(oci::FormatImageIndex(index), media_type));
}

std::string ListOf(const std::vector<Leaf>& leaves) {
  std::string list;
  for (const Leaf& leaf : leaves) {
    if (IsAttestation(leaf)) continue;
    list += StrCat(list.empty() ? "" : ", ", leaf.platform ? oci::FormatPlatform(*leaf.platform)
                                                           : std::string("no platform"));
  }
  return util::Printable(list);
}

// The first leaf that is exactly for `wanted`, else the first that is for it at all.
const Leaf* FindPlatform(const std::vector<Leaf>& leaves, const Platform& wanted) {
  const Leaf* match = nullptr;
  for (const Leaf& leaf : leaves) {
    if (IsAttestation(leaf) || !leaf.platform) continue;
    if (oci::MatchPlatform(wanted, *leaf.platform) == oci::PlatformMatch::kNo) continue;
    const Platform offered = oci::NormalisePlatform(*leaf.platform);
    if (offered.variant == oci::NormalisePlatform(wanted).variant) return &leaf;
    if (match == nullptr) match = &leaf;
  }
  return match;
}

Error NotThere(const Platform& wanted, std::string_view list) {
  return Error(Code::kUsage,
               StrCat("there is no image for ", oci::FormatPlatform(wanted), ", but for: ", list));
}

}  // namespace

std::optional<Platform> PlatformOf(const OciImage& image) {
  if (IsIndex(image.manifests.back().descriptor)) return std::nullopt;
  return ConfigPlatform(image, image.manifests.back());
}

std::string ListPlatforms(const OciImage& image) {
  const Result<std::vector<Leaf>> leaves = LeavesOf(image);
  return leaves.ok() ? ListOf(leaves.value()) : std::string();
}

Result<OciImage> KeepPlatforms(OciImage image, const std::vector<Platform>& wanted) {
  if (!IsIndex(image.manifests.back().descriptor)) {
    const std::optional<Platform> platform = PlatformOf(image);
    for (const Platform& want : wanted) {
      if (!platform || oci::MatchPlatform(want, *platform) == oci::PlatformMatch::kNo) {
        return NotThere(want, platform ? oci::FormatPlatform(*platform) : "none that it names");
      }
    }
    return image;
  }
  const std::vector<Leaf> leaves = TRY(LeavesOf(image));
  std::vector<Leaf> kept;
  for (const Platform& want : wanted) {
    const Leaf* const leaf = FindPlatform(leaves, want);
    if (leaf == nullptr) return NotThere(want, ListOf(leaves));
    const auto same = [&](const Leaf& other) {
      return other.descriptor.digest == leaf->descriptor.digest;
    };
    if (std::ranges::none_of(kept, same)) kept.push_back(*leaf);
  }
  return Keep(std::move(image), leaves, kept);
}

Result<OciImage> KeepComplete(OciImage image) {
  const std::vector<Leaf> leaves = TRY(LeavesOf(image));
  std::vector<Leaf> kept;
  for (const Leaf& leaf : leaves) {
    if (leaf.presence == Leaf::Presence::kThere && !IsAttestation(leaf)) kept.push_back(leaf);
  }
  if (kept.empty()) return archive::SparseError(image);
  return Keep(std::move(image), leaves, kept);
}

Result<std::vector<Descriptor>> EntriesOf(const OciImage& image) {
  const Manifest& root = image.manifests.back();
  if (!IsIndex(root.descriptor)) {
    Descriptor entry = root.descriptor;
    entry.platform = PlatformOf(image);
    return std::vector<Descriptor>{std::move(entry)};
  }
  std::vector<Leaf> leaves = TRY(LeavesOf(image));
  std::vector<Descriptor> entries;
  for (Leaf& leaf : leaves) {
    leaf.descriptor.platform = leaf.platform;
    entries.push_back(std::move(leaf.descriptor));
  }
  return entries;
}

}  // namespace ociship::transfer
