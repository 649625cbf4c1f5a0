// SPDX-License-Identifier: Apache-2.0
// ociship push. Tested by tests/e2e/test_push.py.
#include "ociship/push.h"

#include <algorithm>
#include <charconv>
#include <chrono>
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
constexpr std::string_view kAutoFormat = "auto";

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

bool Signs(const PushFlags& flags) { return flags.sign || !flags.signing.key.empty(); }

Status CheckSigning(const PushFlags& flags) {
  TRY(CheckSigningFlags(flags.signing));
  if (Signs(flags)) return Ok();
  if (!NamesSigner(flags.signing) && flags.signature_format == kAutoFormat) return Ok();
  return Error(Code::kUsage, "flags say how to sign: add --sign, or --key FILE");
}

// A key is opened, and its 64 MiB released again, before the first layer is read.
Result<std::optional<Signer>> OpenSigner(const PushFlags& flags, const PushRequest& request,
                                         const Context& context) {
  if (!Signs(flags)) return std::optional<Signer>();
  // A plan asks nobody for a name.
  if (flags.dry_run && flags.signing.key.empty()) return std::optional<Signer>();
  const StandardInput piped = InputOf(request);
  const StandardInput input = piped == StandardInput::kFree ? InputAfter(flags.registry) : piped;
  const Signer signer = TRY(ReadSigner(flags.signing, input, context));
  TRY(CheckFormats(signer, request.formats, context.output));
  if (!flags.dry_run) TRY(Announce(signer, request.formats, flags.signing, input, context));
  return std::optional<Signer>(signer);
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
  if (!flags.digest_file.empty()) TRY(CheckFolderOf("--digestfile", flags.digest_file));
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

void AddSourceFlags(FlagSet& set, PushFlags& flags) {
  set.List("--exec", flags.executables,
           "run this file (streamLayeredImage of Nix), without arguments and without a\n"
           "shell, and push what it prints (repeatable)",
           "FILE");
  set.Text("--image", flags.image, "which image of an archive that has several", "REF|@N");
  set.Switch("--all", flags.all, "every image of the archive, each with its own tags");
  set.List("--platform", flags.platforms,
           "which platforms of an index; with several sources what each is for (repeatable)",
           "OS/ARCH[/VARIANT]");
  set.Switch("--sparse", flags.sparse,
             "of an index that names absent manifests, push what is complete");
  set.Text("--max-layer-size", flags.max_layer_size,
           "how large a layer may be uncompressed, as in 20GiB", "SIZE");
}

void AddManifestFlags(FlagSet& set, PushFlags& flags) {
  set.Text("--compression", flags.compression,
           "of plain layers: gzip[:0-9] (default), zstd[:1-19], none, or portable[:1-9],\n"
           "which is gzip with the same bytes on every architecture",
           "FORMAT[:LEVEL]");
  set.Text("--manifest-format", flags.manifest_format,
           "oci or docker; manifests in the other one are converted", "FORMAT");
  set.List("--annotation", flags.annotations, "KEY=VALUE for the manifest or index (repeatable)",
           "KEY=VALUE");
}

Status RunPush(const PushFlags& flags, const Context& context) {
  const std::size_t named = flags.sources_and_destination.size();
  if (named + flags.executables.size() < 2) {
    return Error(Code::kUsage,
                 "push needs a SOURCE and a DEST, as in: "
                 "ociship push image.tar ghcr.io/acme/app:1.0");
  }
  const ProgressStyle style = ChooseStyle(flags.progress, context.environment);
  if (style == ProgressStyle::kJson) context.output.SpeakJson();
  TRY(CheckSigning(flags));
  const Reference destination = TRY(Reference::Parse(flags.sources_and_destination.back()));
  PushRequest request = TRY(MakeRequest(flags, destination, context));
  RegistrySettings settings = TRY(ReadRegistrySettings(flags.registry, StoreOptions::Access::kWrite,
                                                       InputOf(request), context));
  settings.store.mode = StoreOptions::Mode::kCreate;
  const std::optional<Signer> signer = TRY(OpenSigner(flags, request, context));
  if (signer) request.signer = &*signer;
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
