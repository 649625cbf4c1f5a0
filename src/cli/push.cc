// SPDX-License-Identifier: Apache-2.0
// ociship push. Tested by tests/e2e/test_push.py.
#include "ociship/push.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/password.h"
#include "cli/progress.h"
#include "cli/push_report.h"
#include "cli/registry_options.h"
#include "oci/platform.h"
#include "ociship/reference.h"
#include "ociship/store.h"
#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

constexpr mode_t kFileMode = 0644;

Result<std::vector<Tag>> ParseTags(const Reference& destination,
                                   const std::vector<std::string>& texts) {
  std::vector<Tag> tags;
  if (destination.tag()) tags.push_back(*destination.tag());
  for (const std::string& text : texts) {
    Tag tag = TRY(Tag::Parse(text));
    if (std::ranges::find(tags, tag) == tags.end()) tags.push_back(std::move(tag));
  }
  return tags;
}

StandardInput InputOf(const PushRequest& request) {
  const bool is_piped = std::ranges::find(request.sources, "-") != request.sources.end();
  return is_piped ? StandardInput::kArchive : StandardInput::kFree;
}

// The key, opened and its 64 MiB released again before the first layer is read.
Result<std::optional<SigningKey>> OpenKey(const PushFlags& flags, const PushRequest& request,
                                          const Context& context) {
  if (flags.key.empty()) return std::optional<SigningKey>();
  const StandardInput input = InputOf(request);
  const std::string password = TRY(
      ReadPassword(context, input == StandardInput::kFree ? InputAfter(flags.registry) : input));
  SigningKey key = TRY(SigningKey::FromFile(flags.key, password));
  return std::optional<SigningKey>(std::move(key));
}

Status Report(const PushFlags& flags, const Repository& repository, const PushResult& result,
              Output& output) {
  std::string digests;
  for (const PushedImage& image : result.images) {
    digests += util::StrCat(digests.empty() ? "" : "\n", image.digest.text());
  }
  if (!flags.digest_file.empty()) {
    TRY(util::WriteResultFile(flags.digest_file, digests, kFileMode));
  }
  output.Answer(FormatPush(repository.text(), result, flags.format));
  return Ok();
}

// A digest file that cannot be written is no reason to have pushed and tagged before.
Status CheckFolderOf(const std::string& digest_file) {
  if (digest_file.empty()) return Ok();
  const std::filesystem::path folder = std::filesystem::absolute(digest_file).parent_path();
  std::error_code problem;
  if (std::filesystem::is_directory(folder, problem)) return Ok();
  return Error(Code::kBadInput, util::StrCat("the folder of --digestfile ",
                                             util::Quoted(digest_file), " does not exist"));
}

// reproducible-builds.org, SOURCE_DATE_EPOCH: seconds since 1970.
Result<std::optional<std::chrono::sys_seconds>> SourceDate(const util::Environment& environment) {
  using MaybeTime = std::optional<std::chrono::sys_seconds>;
  const std::string text = environment.Get("SOURCE_DATE_EPOCH").value_or("");
  if (text.empty()) return MaybeTime();
  std::int64_t seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [after, problem] = std::from_chars(text.data(), end, seconds);
  if (problem != std::errc() || after != end || seconds < 0 || seconds > util::kLastSecond) {
    return Error(Code::kUsage, util::StrCat("SOURCE_DATE_EPOCH is ", util::Quoted(text),
                                            " and no number of seconds"));
  }
  return MaybeTime(std::chrono::seconds(seconds));
}

Result<std::optional<ManifestFormat>> ParseManifestFormat(const std::string& text) {
  if (text.empty()) return std::optional<ManifestFormat>();
  if (text == "oci") return std::optional(ManifestFormat::kOci);
  if (text == "docker") return std::optional(ManifestFormat::kDocker);
  return Error(Code::kUsage,
               util::StrCat("manifest format ", util::Quoted(text), " is neither oci nor docker"));
}

// What is read, and what becomes of it.
Status FillSources(const PushFlags& flags, PushRequest& request) {
  request.sources.assign(flags.sources_and_destination.begin(),
                         flags.sources_and_destination.end() - 1);
  request.executables = flags.executables;
  request.image = flags.image;
  if (flags.all) request.images = PushRequest::Images::kAll;
  if (flags.sparse) request.sparse = PushRequest::Sparse::kPushComplete;
  for (const std::string& text : flags.platforms) {
    Platform platform = TRY(oci::ParsePlatformText(text));
    request.platforms.push_back(std::move(platform));
  }
  request.compression = flags.compression;
  request.manifest_format = TRY(ParseManifestFormat(flags.manifest_format));
  request.annotations = TRY(ParseAnnotations(flags.annotations));
  request.git_annotations_folder = flags.git_annotations_folder;
  if (!flags.max_layer_size.empty()) {
    request.max_layer_bytes = TRY(ParseSize(flags.max_layer_size));
  }
  return Ok();
}

Result<PushRequest> MakeRequest(const PushFlags& flags, const Reference& destination,
                                const Context& context) {
  if (destination.digest()) {
    return Error(Code::kUsage, "the destination cannot have a digest: it is what the push makes");
  }
  TRY(CheckFolderOf(flags.digest_file));
  PushRequest request{.semver = flags.semver,
                      .git_folder = flags.git_folder,
                      .now = context.effects.clock.Now(),
                      .cache_folder = CacheFolder(context.environment),
                      .temporary_folder = context.environment.Get("TMPDIR").value_or("/tmp"),
                      .processors = std::max(1U, std::thread::hardware_concurrency())};
  TRY(FillSources(flags, request));
  request.source_date = TRY(SourceDate(context.environment));
  request.tags = TRY(ParseTags(destination, flags.tags));
  request.formats = TRY(ParseSignatureFormats(flags.signature_format));
  request.jobs = flags.jobs;
  if (flags.no_cache) request.cache = PushRequest::Cache::kIgnored;
  if (flags.dry_run) request.mode = PushRequest::Mode::kPlan;
  return request;
}

Status RunPlan(const PushFlags& flags, Store& store, const PushRequest& request, Progress& progress,
               const Context& context) {
  const PushResult result = TRY(Push(store, request, context.effects, progress));
  progress.Finish();
  context.output.Answer(
      FormatPlan(store.repository().text(), result, progress.layers(), flags.format));
  return Ok();
}

}  // namespace

Status RunPush(const PushFlags& flags, const Context& context) {
  const std::size_t named = flags.sources_and_destination.size();
  if (named + flags.executables.size() < 2) {
    return Error(Code::kUsage,
                 "push needs a SOURCE and a DEST, as in: "
                 "ociship push image.tar ghcr.io/acme/app:1.0");
  }
  const ProgressStyle style = ChooseStyle(flags.progress, context.environment);
  if (style == ProgressStyle::kJson) context.output.SpeakJson();
  const Reference destination = TRY(Reference::Parse(flags.sources_and_destination.back()));
  PushRequest request = TRY(MakeRequest(flags, destination, context));
  RegistrySettings settings = TRY(ReadRegistrySettings(flags.registry, StoreOptions::Access::kWrite,
                                                       InputOf(request), context));
  settings.store.mode = StoreOptions::Mode::kCreate;
  const std::optional<SigningKey> key = TRY(OpenKey(flags, request, context));
  if (key) request.key = &*key;
  Progress progress(context.output,
                    {.style = style, .purpose = flags.dry_run ? Purpose::kPlan : Purpose::kPush});
  settings.store.observer = &progress;
  const std::unique_ptr<Store> store =
      TRY(OpenStore(destination.repository(), context.effects, settings.store));
  if (flags.dry_run) return RunPlan(flags, *store, request, progress, context);
  const PushResult result = TRY(Push(*store, request, context.effects, progress));
  progress.Finish();
  return Report(flags, destination.repository(), result, context.output);
}

}  // namespace ociship::cli
