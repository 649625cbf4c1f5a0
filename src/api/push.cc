// SPDX-License-Identifier: Apache-2.0
// The whole of a push: what it will tag is decided first, what it tags is tagged last
// (ociship/push.h). Tested by push_test.cc.
#include "ociship/push.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/known_layers.h"
#include "api/source.h"
#include "release/apply_tags.h"
#include "release/git.h"
#include "release/git_annotations.h"
#include "release/tags.h"
#include "transfer/layer_cache.h"
#include "transfer/make_index.h"
#include "transfer/plan_store.h"
#include "transfer/push.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship {
namespace {

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
  if (name.find('@') != std::string_view::npos) return std::nullopt;  // a digest is no tag
  const std::size_t slash = name.rfind('/');
  const std::size_t colon = name.rfind(':');
  const bool has_colon =
      colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  Result<Tag> tag = Tag::Parse(has_colon ? name.substr(colon + 1) : name);
  if (!tag.ok()) return std::nullopt;
  return std::move(tag).value();
}

// The tags that an archive has for an image.
std::vector<Tag> OwnTags(const transfer::StoredImage& image) {
  std::vector<Tag> tags;
  for (const std::string& name : image.names) {
    if (const std::optional<Tag> tag = TagOfName(name)) Append(tags, {*tag});
  }
  return tags;
}

Error Usage(std::string_view message) { return Error(Code::kUsage, std::string(message)); }

// What contradicts itself is refused before anything is read.
Status CheckRequest(const PushRequest& request) {
  const std::size_t sources = request.sources.size() + request.executables.size();
  if (sources == 0) return Usage("nothing to push");
  if (std::ranges::count(request.sources, "-") > 1) {
    return Usage("standard input can be only one of the sources");
  }
  if (request.images == PushRequest::Images::kAll) {
    if (sources > 1) return Usage("all images are pushed of one source, not of several");
    if (!request.image.empty()) return Usage("either all images or one of them can be pushed");
    if (!request.tags.empty() || request.semver || request.git_folder) {
      return Usage("with all images each gets its own tags, and no other can be given");
    }
  }
  if (sources > 1 && !request.platforms.empty() && request.platforms.size() != sources) {
    return Usage(util::StrCat("there are ", sources, " sources and ", request.platforms.size(),
                              " platforms: with several sources each needs one, or none"));
  }
  if (request.manifest_format == ManifestFormat::kDocker &&
      (!request.annotations.empty() || request.git_annotations_folder)) {
    return Usage("Docker's manifest format has no annotations: use --manifest-format oci");
  }
  return Ok();
}

Result<codec::LayerCompression> FindCompression(const PushRequest& request) {
  codec::LayerCompression compression = TRY(codec::LayerCompression::Parse(request.compression));
  if (request.manifest_format == ManifestFormat::kDocker &&
      compression.format() == codec::Compression::kZstd) {
    return Usage("Docker's manifest format has no zstd layers: use --manifest-format oci");
  }
  return compression;
}

Result<std::map<std::string, std::string>> FindAnnotations(const PushRequest& request) {
  std::map<std::string, std::string> annotations = request.annotations;
  if (request.git_annotations_folder) {
    annotations.merge(TRY(release::GitAnnotations(*request.git_annotations_folder, request.semver,
                                                  request.source_date)));
  }
  return annotations;
}

codec::ExpansionLimit LimitOf(const PushRequest& request) {
  if (!request.max_layer_bytes) return {};
  // Who says how large a layer may be has no need of a ratio.
  return {.max_bytes = *request.max_layer_bytes, .ratio = codec::ExpansionLimit::Ratio::kAny};
}

// The compression around an archive, which holds all of its layers.
codec::ExpansionLimit OuterLimitOf(const PushRequest& request) {
  codec::ExpansionLimit limit;
  if (request.max_layer_bytes) limit.ratio = codec::ExpansionLimit::Ratio::kAny;
  return limit;
}

// Everything that one push has in its hands.
struct Run {
  Store& destination;
  const PushRequest& request;
  const Effects& effects;
  PushObserver& observer;
};

Result<transfer::PushOptions> MakeOptions(const PushRequest& request) {
  transfer::PushOptions options{.which = request.images,
                                .image = request.image,
                                .platforms = request.platforms,
                                .sparse = request.sparse,
                                .format = request.manifest_format,
                                .limit = LimitOf(request),
                                .mode = request.mode};
  options.annotations = TRY(FindAnnotations(request));
  options.pipeline.compression = TRY(FindCompression(request));
  options.pipeline.compressors = request.processors;
  if (request.jobs > 0) options.pipeline.senders = request.jobs;
  options.look_ups = std::max(options.look_ups, request.jobs);
  options.pipeline.spool_folder = request.temporary_folder;
  return options;
}

Result<std::vector<transfer::StoredImage>> PushSource(api::OpenedSource source,
                                                      const transfer::PushMemory& memory,
                                                      transfer::PushOptions options,
                                                      const Run& run) {
  if (!source.image.empty()) options.image = source.image;
  Result<std::vector<transfer::StoredImage>> images = transfer::PushArchive(
      *source.archive, memory, run.destination, options, run.effects.cancel, run.observer);
  if (!images.ok()) {
    return api::ExplainFailure(std::move(source), std::move(images).error(), run.effects.cancel);
  }
  TRY(api::CloseSource(std::move(source), run.effects.cancel));
  return images;
}

// Reads the archives and stores their images, by digest.
Result<std::vector<transfer::StoredImage>> PushSources(const transfer::PushMemory& memory,
                                                       transfer::PushOptions options,
                                                       const Run& run) {
  const PushRequest& request = run.request;
  const std::size_t count = request.sources.size() + request.executables.size();
  if (count > 1) options.part = transfer::PushOptions::Part::kOfIndex;
  std::vector<transfer::StoredImage> images;
  for (std::size_t i = 0; i < count; ++i) {
    if (count > 1 && !request.platforms.empty()) options.platforms = {request.platforms[i]};
    const bool file = i < request.sources.size();
    run.observer.WaitsForSource(file ? request.sources[i]
                                     : request.executables[i - request.sources.size()]);
    api::OpenedSource source =
        TRY(file ? api::OpenSource(request.sources[i], OuterLimitOf(request), run.effects.cancel)
                 : api::OpenExecutable(request.executables[i - request.sources.size()],
                                       OuterLimitOf(request), run.effects.cancel));
    std::vector<transfer::StoredImage> stored =
        TRY(PushSource(std::move(source), memory, options, run));
    std::ranges::move(stored, std::back_inserter(images));
  }
  if (count == 1) return images;
  Manifest index = TRY(transfer::MakeIndex(
      images, request.manifest_format.value_or(ManifestFormat::kOci), options.annotations));
  TRY(run.destination.WriteManifest(index));
  if (request.mode == PushRequest::Mode::kPush) {
    run.observer.ManifestStored(index.descriptor.digest);
  }
  return std::vector{transfer::StoredImage{.manifest = std::move(index)}};
}

// An image that is stored, and the tags that it gets.
struct Tagged {
  transfer::StoredImage image;
  std::vector<Tag> tags;
};

Status CheckDistinct(const std::vector<Tagged>& images) {
  std::map<Tag, Digest> owners;
  for (const Tagged& tagged : images) {
    for (const Tag& tag : tagged.tags) {
      const Digest& digest = tagged.image.manifest.descriptor.digest;
      const auto [owner, is_new] = owners.emplace(tag, digest);
      if (is_new || owner->second == digest) continue;
      return Usage(util::StrCat("two different images of the archive have the tag ",
                                util::Quoted(tag.text()), ": push one with --image"));
    }
  }
  return Ok();
}

Result<std::vector<Tagged>> ChooseTags(std::vector<transfer::StoredImage> images,
                                       const RequestedTags& requested, const Run& run) {
  const bool all = run.request.images == PushRequest::Images::kAll;
  std::vector<Tagged> tagged;
  for (transfer::StoredImage& image : images) {
    std::vector<Tag> tags = requested.tags;
    if (tags.empty()) tags = OwnTags(image);
    // One of several would be a guess.
    if (requested.tags.empty() && !all && tags.size() != 1) tags.clear();
    if (tags.empty()) {
      run.observer.Notice(util::StrCat("no tag given: ", image.manifest.descriptor.digest.text(),
                                       " is there by its digest only"));
    }
    tagged.push_back({std::move(image), std::move(tags)});
  }
  TRY(CheckDistinct(tagged));
  return tagged;
}

// Signs and tags what is stored.
Result<PushedImage> Finish(const Tagged& tagged, const std::optional<Tag>& version,
                           const Run& run) {
  const Manifest& manifest = tagged.image.manifest;
  const bool plan = run.request.mode == PushRequest::Mode::kPlan;
  PushedImage pushed{.digest = manifest.descriptor.digest};
  if (run.request.signer != nullptr && !plan) {
    pushed.signature = TRY(SignImage(run.destination, manifest.descriptor, *run.request.signer,
                                     {.formats = run.request.formats, .now = run.request.now}));
  }
  std::vector<std::optional<Digest>> before(tagged.tags.size());
  if (plan) before = TRY(release::TagsBefore(run.destination, tagged.tags));
  TRY(run.effects.cancel.Check());
  TRY(release::ApplyTags(run.destination, manifest, tagged.tags, version));
  for (std::size_t i = 0; i < tagged.tags.size(); ++i) {
    if (!plan) run.observer.TagSet(tagged.tags[i], pushed.digest);
    pushed.tags.push_back({tagged.tags[i], std::move(before[i])});
  }
  return pushed;
}

Result<PushResult> PushAll(const Run& run) {
  const PushRequest& request = run.request;
  transfer::PushOptions options = TRY(MakeOptions(request));
  if (request.signer != nullptr) {
    TRY(request.signer->Formats(request.formats));
    if (request.mode == PushRequest::Mode::kPush) TRY(request.signer->Certify());
  }
  run.observer.WaitsForDestination();
  const std::vector<std::string> existing = TRY(run.destination.Tags());
  const RequestedTags requested = TRY(FindTags(request, existing));
  const bool use_cache = request.cache == PushRequest::Cache::kUsed;
  transfer::KnownLayers known;
  if (use_cache) {
    known = api::LearnKnownLayers(run.destination, existing, requested.tags, request.signer);
  }
  transfer::LayerCache cache(use_cache ? request.cache_folder : std::string(),
                             options.pipeline.compression.recipe());
  if (!cache.warning().empty()) run.observer.Notice(cache.warning());
  // A folder compares for itself, and a repository without tags has nothing to compare with.
  const bool local = run.destination.repository().kind() == Repository::Kind::kLayout;
  options.sending =
      local || existing.empty() ? transfer::Sending::kAtOnce : transfer::Sending::kAfterLookup;
  Result<std::vector<transfer::StoredImage>> images = PushSources({known, cache}, options, run);
  // What was compressed is known, however the push ends.
  if (request.mode == PushRequest::Mode::kPush) {
    const Status saved = cache.Save();
    if (!saved.ok()) run.observer.Notice(saved.error().message());
  }
  if (!images.ok()) return std::move(images).error();
  const std::vector<Tagged> tagged = TRY(ChooseTags(std::move(images).value(), requested, run));
  PushResult result;
  for (const Tagged& one : tagged) {
    PushedImage pushed = TRY(Finish(one, requested.version, run));
    result.images.push_back(std::move(pushed));
  }
  return result;
}

}  // namespace

Result<PushResult> Push(Store& destination, const PushRequest& request, const Effects& effects,
                        PushObserver& observer) {
  TRY(CheckRequest(request));
  if (request.mode == PushRequest::Mode::kPush) {
    return PushAll({destination, request, effects, observer});
  }
  transfer::PlanStore plan(destination);
  return PushAll({plan, request, effects, observer});
}

}  // namespace ociship
