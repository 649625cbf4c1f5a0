// SPDX-License-Identifier: Apache-2.0
// The whole of a push: what it will tag is decided first, what it tags is tagged last
// (ociship/push.h). Tested by push_test.cc.
#include "ociship/push.h"

#include <algorithm>
#include <utility>

#include "api/known_layers.h"
#include "api/source.h"
#include "release/apply_tags.h"
#include "release/git.h"
#include "release/tags.h"
#include "transfer/make_index.h"
#include "transfer/push.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship {
namespace {

class ObserverProgress : public transfer::Progress {
 public:
  explicit ObserverProgress(PushObserver& observer) : observer_(observer) {}
  void LayerStored(const Digest& digest, std::uint64_t size, transfer::LayerState state) override {
    observer_.LayerStored(digest, size, Public(state));
  }

 private:
  static LayerState Public(transfer::LayerState state) {
    switch (state) {
      case transfer::LayerState::kSent:
        return LayerState::kSent;
      case transfer::LayerState::kWasThere:
        return LayerState::kWasThere;
      case transfer::LayerState::kKnown:
        return LayerState::kKnown;
    }
    return LayerState::kSent;
  }

  PushObserver& observer_;
};

void Append(std::vector<Tag>& tags, const std::vector<Tag>& more) {
  for (const Tag& tag : more) {
    if (std::ranges::find(tags, tag) == tags.end()) tags.push_back(tag);
  }
}

struct RequestedTags {
  std::vector<Tag> tags;       // in the order in which they are set
  std::optional<Tag> version;  // the one among them that must not move
};

Result<RequestedTags> FindTags(const PushRequest& request,
                               const std::vector<std::string>& existing) {
  RequestedTags requested{.tags = request.tags};
  if (request.git_folder) {
    const release::GitFacts git = TRY(release::ReadGit(*request.git_folder));
    const std::vector<Tag> of_commit = TRY(release::GitTags(git));
    Append(requested.tags, of_commit);
  }
  if (request.semver) {
    const std::vector<Tag> of_version = TRY(release::SemverTags(*request.semver, existing));
    Append(requested.tags, of_version);
    requested.version = of_version.front();
  }
  return requested;
}

// The tag in what an archive calls an image: "app:1.0" and "1.0" are both 1.0.
std::optional<Tag> TagOfName(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  const std::size_t colon = name.rfind(':');
  const bool has_colon =
      colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  Result<Tag> tag = Tag::Parse(has_colon ? name.substr(colon + 1) : name);
  if (!tag.ok()) return std::nullopt;
  return std::move(tag).value();
}

// The archive's own tag, if it has exactly one.
std::vector<Tag> OwnTags(const transfer::PushedImage& image) {
  std::vector<Tag> tags;
  for (const std::string& name : image.names) {
    if (const std::optional<Tag> tag = TagOfName(name)) Append(tags, {*tag});
  }
  if (tags.size() != 1) tags.clear();
  return tags;
}

// Reads the archives and stores their images, by digest.
Result<std::vector<transfer::PushedImage>> PushSources(
    Store& destination, const PushRequest& request, const std::vector<std::string>& existing,
    const std::vector<Tag>& tags, const Effects& effects, PushObserver& observer) {
  const transfer::KnownLayers known =
      api::LearnKnownLayers(destination, existing, tags, request.key);
  // A folder compares for itself, and a repository without tags has nothing to compare with.
  const bool local = destination.repository().kind() == Repository::Kind::kLayout;
  transfer::PushOptions options{.image = request.image,
                                .sending = local || existing.empty()
                                               ? transfer::Sending::kAtOnce
                                               : transfer::Sending::kAfterLookup};
  options.pipeline.deflaters = request.processors;
  options.pipeline.spool_folder = request.temporary_folder;
  ObserverProgress progress(observer);
  std::vector<transfer::PushedImage> images;
  for (const std::string& text : request.sources) {
    api::OpenedSource source = TRY(api::OpenSource(text, effects.cancel));
    if (!source.image.empty()) options.image = source.image;
    Result<transfer::PushedImage> image = transfer::PushArchive(*source.archive, known, destination,
                                                                options, effects.cancel, progress);
    if (!image.ok()) return std::move(image).error().While(text);
    images.push_back(std::move(image).value());
  }
  return images;
}

Result<Manifest> RootManifest(Store& destination,
                              const std::vector<transfer::PushedImage>& images) {
  if (images.size() == 1) return images.front().manifest;
  Manifest index = TRY(transfer::MakeIndex(images));
  TRY(destination.WriteManifest(index));
  return index;
}

}  // namespace

Result<PushResult> Push(Store& destination, const PushRequest& request, const Effects& effects,
                        PushObserver& observer) {
  if (request.sources.empty()) return Error(Code::kUsage, "nothing to push");
  const std::vector<std::string> existing = TRY(destination.Tags());
  const RequestedTags requested = TRY(FindTags(request, existing));
  std::vector<Tag> tags = requested.tags;
  const std::vector<transfer::PushedImage> images =
      TRY(PushSources(destination, request, existing, tags, effects, observer));
  const Manifest root = TRY(RootManifest(destination, images));
  if (tags.empty() && images.size() == 1) tags = OwnTags(images.front());
  if (tags.empty()) observer.Notice("no tag given: the image is there by its digest only");

  PushResult result{.digest = root.descriptor.digest};
  if (request.key != nullptr) {
    result.signature = TRY(SignImage(destination, root.descriptor, *request.key,
                                     {.formats = request.formats, .now = request.now}));
  }
  TRY(effects.cancel.Check());
  TRY(release::ApplyTags(destination, root, tags, requested.version));
  for (const Tag& tag : tags) result.tags.push_back(tag.text());
  return result;
}

}  // namespace ociship
