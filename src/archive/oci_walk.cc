// SPDX-License-Identifier: Apache-2.0
// Walks from a root through indexes and manifests to the blobs (OCI image-spec
// image-layout.md, image-index.md, manifest.md). Tested by tests/archive/oci_walk_test.cc.
#include "archive/oci_walk.h"

#include <algorithm>
#include <utility>

#include "crypto/hash.h"
#include "oci/layout_index.h"
#include "oci/media_types.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using util::AsBytes;
using util::Quoted;
using util::StrCat;

Error Bad(std::string message) { return Error(Code::kBadInput, std::move(message)); }

// A layer that is a tar without compression, by the media types of media-types.md.
bool IsPlainLayer(const Descriptor& layer) { return layer.media_type.ends_with(".tar"); }

// descriptor.md: "size" and "digest" of the content.
Status CheckContent(const Descriptor& descriptor, std::string_view content) {
  if (content.size() != descriptor.size) {
    return Bad(StrCat("blob ", descriptor.digest.text(), ": it has ", content.size(),
                      " bytes where its descriptor says ", descriptor.size));
  }
  if (crypto::DigestLike(descriptor.digest, AsBytes(content)) != descriptor.digest) {
    return Bad(StrCat("blob ", descriptor.digest.text(), ": its content has another digest"));
  }
  return Ok();
}

class Walk {
 public:
  Walk(Contents& contents, const TreeNames& names, DocumentBudget& budget)
      : contents_(contents), names_(names), budget_(budget) {}

  Status Visit(const Descriptor& descriptor, int depth);
  OciTree Take() { return std::move(tree_); }

 private:
  // Whether a manifest is there with everything that it names itself.
  enum class State { kComplete, kAbsent };
  Status VisitIndex(const Descriptor& descriptor, const std::string& bytes, int depth);
  Result<State> VisitImage(const Descriptor& descriptor, const std::string& bytes, int depth);
  Status AddLayers(const std::string& name, const oci::ImageManifest& manifest,
                   const std::vector<Digest>& diff_ids);
  Result<std::vector<Digest>> AddConfig(const Descriptor& manifest,
                                        const oci::ImageManifest& image);
  bool IsAbsent(const std::string& name, const Descriptor& descriptor);
  const Descriptor* FirstAbsentBlob(const oci::ImageManifest& manifest);
  // A part of an index may be missing, what index.json names itself may not.
  void SetAbsent(const Descriptor& manifest, int depth, std::string message);
  Status AddBlob(const Descriptor& descriptor, std::optional<Digest> diff_id);
  Result<OciBlob> FindBlob(const Descriptor& descriptor);
  Result<std::string> ReadDocument(const std::string& name, const Descriptor& descriptor,
                                   std::size_t limit);
  void SetFault(OciTree::Fault fault, std::string message);

  Contents& contents_;
  const TreeNames& names_;
  DocumentBudget& budget_;
  OciTree tree_;
  std::map<Digest, Descriptor> seen_;      // manifests, also those that are absent
  std::map<Digest, std::size_t> blob_at_;  // in tree_.image.blobs
  std::size_t descriptors_ = 0;
};

// Only the first one is told.
void Walk::SetFault(OciTree::Fault fault, std::string message) {
  if (tree_.fault != OciTree::Fault::kNone) return;
  tree_.fault = fault;
  tree_.fault_error = Bad(std::move(message));
}

void Walk::SetAbsent(const Descriptor& manifest, int depth, std::string message) {
  if (depth == 0) {
    SetFault(OciTree::Fault::kAbsent, std::move(message));
    return;
  }
  tree_.manifests.insert(manifest.digest);
  tree_.image.absent.push_back(manifest);
}

bool Walk::IsAbsent(const std::string& name, const Descriptor& descriptor) {
  return !descriptor.data && contents_.Look(name) == Contents::Presence::kAbsent;
}

Status Walk::Visit(const Descriptor& descriptor, int depth) {
  if (depth > kMaxIndexDepth) {
    return Bad(StrCat("the index is more than ", kMaxIndexDepth, " levels deep"));
  }
  if (++descriptors_ > oci::kMaxDescriptors) {
    return Bad(StrCat("the index names more than ", oci::kMaxDescriptors, " manifests"));
  }
  const auto [entry, is_new] = seen_.try_emplace(descriptor.digest, descriptor);
  if (!is_new) {
    const Descriptor& first = entry->second;
    if (first.size == descriptor.size && first.media_type == descriptor.media_type) return Ok();
    return Bad(StrCat("manifest ", descriptor.digest.text(),
                      ": two descriptors give it different sizes or media types"));
  }
  const oci::ManifestKind kind = oci::KindOf(descriptor.media_type);
  // image-index.md: an unknown media type must not be an error. buildkit lists the layers and the
  // description of a cache in an index.
  if (kind == oci::ManifestKind::kOther) return AddBlob(descriptor, std::nullopt);
  const std::string name = names_.Manifest(descriptor.digest);
  if (IsAbsent(name, descriptor)) {
    SetAbsent(descriptor, depth, StrCat("manifest ", descriptor.digest.text(), " is absent"));
    return Ok();
  }
  std::string bytes = TRY(ReadDocument(name, descriptor, kMaxManifestBytes));
  if (kind == oci::ManifestKind::kIndex) {
    TRY(VisitIndex(descriptor, bytes, depth));
  } else {
    const State state = TRY(VisitImage(descriptor, bytes, depth));
    if (state == State::kAbsent) return Ok();
  }
  // Only now: children stand before their parents.
  tree_.manifests.insert(descriptor.digest);
  tree_.image.manifests.push_back({.descriptor = {.media_type = descriptor.media_type,
                                                  .digest = descriptor.digest,
                                                  .size = descriptor.size},
                                   .bytes = std::move(bytes)});
  return Ok();
}

// image-spec descriptor.md and CVE-2021-41190: a document that says its media type says the same as
// who names it.
Status CheckMediaType(const Descriptor& descriptor, const std::string& media_type) {
  if (media_type.empty() || media_type == descriptor.media_type) return Ok();
  return Bad(StrCat("manifest ", descriptor.digest.text(), ": it says that it is ",
                    Quoted(media_type), " where its descriptor says ",
                    Quoted(descriptor.media_type)));
}

Status Walk::VisitIndex(const Descriptor& descriptor, const std::string& bytes, int depth) {
  const std::string name = StrCat("index ", descriptor.digest.text());
  auto index = oci::ParseImageIndex(bytes);
  if (!index.ok()) return std::move(index).error().While(name);
  TRY(CheckMediaType(descriptor, index.value().media_type));
  if (depth == 0 && index.value().subject) tree_.subject = index.value().subject->digest;
  for (const Descriptor& child : index.value().manifests) TRY(Visit(child, depth + 1));
  return Ok();
}

// The first blob that is neither there nor inline; nullptr when there is none.
const Descriptor* Walk::FirstAbsentBlob(const oci::ImageManifest& manifest) {
  const auto absent = [this](const Descriptor& blob) {
    return IsAbsent(names_.Blob(blob.digest), blob);
  };
  if (absent(manifest.config)) return &manifest.config;
  const auto layer = std::ranges::find_if(manifest.layers, [&](const Descriptor& blob) {
    return oci::DistributionOf(blob.media_type) != oci::Distribution::kForeign && absent(blob);
  });
  return layer == manifest.layers.end() ? nullptr : &*layer;
}

Result<Walk::State> Walk::VisitImage(const Descriptor& descriptor, const std::string& bytes,
                                     int depth) {
  const std::string name = StrCat("manifest ", descriptor.digest.text());
  auto parsed = oci::ParseImageManifest(bytes);
  if (!parsed.ok()) return std::move(parsed).error().While(name);
  const oci::ImageManifest& manifest = parsed.value();
  TRY(CheckMediaType(descriptor, manifest.media_type));
  if (depth == 0 && manifest.subject) tree_.subject = manifest.subject->digest;
  if (const Descriptor* const absent = FirstAbsentBlob(manifest); absent != nullptr) {
    SetAbsent(descriptor, depth, StrCat(name, ": blob ", absent->digest.text(), " is absent"));
    return State::kAbsent;
  }

  const std::vector<Digest> diff_ids = TRY(AddConfig(descriptor, manifest));
  // A config without diff IDs belongs to an artifact, which has no layers of a file system.
  // Otherwise there is one for each layer (config.md, "rootfs"); docker 25.0.0 wrote manifests that
  // had lost their layers.
  const auto is_file_system = [](const Descriptor& layer) {
    return oci::IsFileSystemLayer(layer.media_type);
  };
  const bool image = oci::IsImageConfig(manifest.config.media_type) &&
                     std::ranges::any_of(manifest.layers, is_file_system);
  if ((image || !diff_ids.empty()) && diff_ids.size() != manifest.layers.size()) {
    SetFault(OciTree::Fault::kLayerCount,
             StrCat(name, ": it has ", manifest.layers.size(), " layers, and its config ",
                    diff_ids.size(), " diff IDs"));
    return State::kComplete;
  }
  TRY(AddLayers(name, manifest, diff_ids));
  return State::kComplete;
}

Status Walk::AddLayers(const std::string& name, const oci::ImageManifest& manifest,
                       const std::vector<Digest>& diff_ids) {
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    const Descriptor& layer = manifest.layers[i];
    if (oci::DistributionOf(layer.media_type) == oci::Distribution::kForeign) continue;
    if (IsPlainLayer(layer)) tree_.layers = OciTree::Layers::kSomePlain;
    std::optional<Digest> diff_id;
    if (!diff_ids.empty()) diff_id = diff_ids[i];
    auto added = AddBlob(layer, std::move(diff_id));
    if (!added.ok()) return std::move(added).error().While(name);
  }
  return Ok();
}

// Gives the diff IDs.
Result<std::vector<Digest>> Walk::AddConfig(const Descriptor& manifest,
                                            const oci::ImageManifest& image) {
  const std::string name = StrCat("manifest ", manifest.digest.text());
  if (!oci::IsImageConfig(image.config.media_type)) {
    auto added = AddBlob(image.config, std::nullopt);
    if (!added.ok()) return std::move(added).error().While(name);
    return std::vector<Digest>();
  }
  auto text = ReadDocument(names_.Blob(image.config.digest), image.config, oci::kMaxConfigBytes);
  if (!text.ok()) return std::move(text).error().While(name);
  auto config = oci::ParseImageConfig(text.value());
  if (!config.ok()) {
    return std::move(config).error().While(StrCat("config ", image.config.digest.text()));
  }
  tree_.config_digests.insert(image.config.digest);
  const auto [at, is_new] = blob_at_.try_emplace(image.config.digest, tree_.image.blobs.size());
  if (is_new) {
    tree_.image.blobs.push_back({.descriptor = image.config, .content = std::move(text).value()});
  }
  return std::move(config).value().diff_ids;
}

Status Walk::AddBlob(const Descriptor& descriptor, std::optional<Digest> diff_id) {
  const auto [at, is_new] = blob_at_.try_emplace(descriptor.digest, tree_.image.blobs.size());
  if (is_new) {
    OciBlob blob = TRY(FindBlob(descriptor));
    blob.diff_id = std::move(diff_id);
    tree_.image.blobs.push_back(std::move(blob));
    return Ok();
  }
  OciBlob& known = tree_.image.blobs[at->second];
  if (known.descriptor.size != descriptor.size) {
    return Bad(
        StrCat("blob ", descriptor.digest.text(), ": two descriptors give it different sizes"));
  }
  if (!known.diff_id) known.diff_id = diff_id;
  if (diff_id && known.diff_id != diff_id) {
    return Bad(StrCat("blob ", descriptor.digest.text(), ": two configs give it the diff IDs ",
                      known.diff_id->text(), " and ", diff_id->text()));
  }
  return Ok();
}

// image-layout.md: the content stands in the file that its digest names. descriptor.md: or in
// "data".
Result<OciBlob> Walk::FindBlob(const Descriptor& descriptor) {
  const std::string name = names_.Blob(descriptor.digest);
  OciBlob blob{.descriptor = descriptor};
  if (contents_.Look(name) == Contents::Presence::kAbsent) {
    if (!descriptor.data) return Bad(StrCat("blob ", descriptor.digest.text(), " is absent"));
    TRY(CheckContent(descriptor, *descriptor.data));
    TRY(budget_.Take(descriptor.data->size()));
    blob.content = *descriptor.data;
    return blob;
  }
  Contents::Blob found = TRY(contents_.Locate(name));
  if (found.kept) {
    TRY(CheckContent(descriptor, *found.kept));
    TRY(budget_.Take(found.kept->size()));
    blob.content = std::move(*found.kept);
    return blob;
  }
  if (found.size != descriptor.size) {
    return Bad(StrCat("blob ", descriptor.digest.text(), ": it has ", found.size,
                      " bytes where its descriptor says ", descriptor.size));
  }
  // Of a stream: the bytes went by already.
  if (found.digest && found.digest->algorithm() != descriptor.digest.algorithm()) {
    return Bad(StrCat("blob ", descriptor.digest.text(), ": it is a link to member ",
                      Quoted(found.member), ", which went by under another algorithm: give the ",
                      "archive as a file without compression"));
  }
  if (found.digest && *found.digest != descriptor.digest) {
    return Bad(StrCat("blob ", descriptor.digest.text(), ": its content has another digest"));
  }
  blob.member = std::move(found.member);
  return blob;
}

Result<std::string> Walk::ReadDocument(const std::string& name, const Descriptor& descriptor,
                                       std::size_t limit) {
  std::string text;
  if (contents_.Look(name) == Contents::Presence::kThere) {
    text = TRY(contents_.ReadDocument(name, limit));
  } else if (descriptor.data) {
    text = *descriptor.data;
  } else {
    return Bad(StrCat("blob ", descriptor.digest.text(), " is absent"));
  }
  TRY(CheckContent(descriptor, text));
  TRY(budget_.Take(text.size()));
  return text;
}

}  // namespace

std::string LayoutNames::Blob(const Digest& digest) const {
  return StrCat(oci::kBlobsFolderName, "/", digest.algorithm(), "/", digest.hex());
}

Result<OciTree> WalkOciTree(Contents& contents, const TreeNames& names, const Descriptor& root,
                            DocumentBudget& budget) {
  Walk walk(contents, names, budget);
  TRY(walk.Visit(root, 0));
  return walk.Take();
}

}  // namespace ociship::archive
