// SPDX-License-Identifier: Apache-2.0
// ociship push. Tested by tests/e2e/test_push.py.
#include "ociship/push.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <thread>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/password.h"
#include "ociship/reference.h"
#include "ociship/store.h"
#include "util/file.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

constexpr mode_t kFileMode = 0644;

// A line on standard error for every layer.
class LineObserver : public PushObserver {
 public:
  explicit LineObserver(Output& output) : output_(output) {}
  void LayerStored(const Digest& digest, std::uint64_t size, LayerState state) override {
    output_.Say(util::StrCat(digest.Short(), "  ", Word(state), "  ", util::HumanBytes(size)));
  }
  void Notice(std::string_view text) override { output_.Note(text); }

 private:
  static std::string_view Word(LayerState state) {
    switch (state) {
      case LayerState::kSent:
        return "sent ";
      case LayerState::kWasThere:
        return "there";
      case LayerState::kKnown:
        return "known";
    }
    return "";
  }

  Output& output_;
};

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

// The key, opened and its 64 MiB released again before the first layer is read.
Result<std::optional<SigningKey>> OpenKey(const PushFlags& flags, const PushRequest& request,
                                          const Context& context) {
  if (flags.key.empty()) return std::optional<SigningKey>();
  const bool piped = std::ranges::find(request.sources, "-") != request.sources.end();
  const std::string password =
      TRY(ReadPassword(context, piped ? StandardInput::kTaken : StandardInput::kFree));
  SigningKey key = TRY(SigningKey::FromFile(flags.key, password));
  return std::optional<SigningKey>(std::move(key));
}

std::string FormatJson(const std::string& name, const PushResult& result) {
  util::JsonWriter json;
  json.BeginObject().Key("schema").String("ociship/push/v1");
  json.Key("images").BeginArray().BeginObject();
  json.Key("name").String(name).Key("digest").String(result.digest.text());
  json.Key("tags").BeginArray();
  for (const std::string& tag : result.tags) json.String(tag);
  json.EndArray().Key("signatures").BeginArray();
  if (result.signature) {
    for (const SignatureRecord& signature : result.signature->signatures) {
      json.BeginObject().Key("format").String(FormatText(signature.format));
      json.Key("manifest").String(signature.manifest.digest.text()).EndObject();
    }
  }
  json.EndArray().EndObject().EndArray().EndObject();
  return json.text();
}

Status Report(const PushFlags& flags, const Repository& repository, const PushResult& result,
              Output& output) {
  const std::string name = util::StrCat(repository.text(), "@", result.digest.text());
  for (const std::string& tag : result.tags) output.Say(util::StrCat("tagged ", tag));
  if (!flags.digest_file.empty()) {
    TRY(util::WriteResultFile(flags.digest_file, result.digest.text(), kFileMode));
  }
  output.Answer(flags.format == Format::kJson ? FormatJson(repository.text(), result) : name);
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

Result<PushRequest> MakeRequest(const PushFlags& flags, const Reference& destination,
                                const Context& context) {
  if (destination.digest()) {
    return Error(Code::kUsage, "the destination cannot have a digest: it is what the push makes");
  }
  TRY(CheckFolderOf(flags.digest_file));
  PushRequest request{.image = flags.image,
                      .semver = flags.semver,
                      .git_folder = flags.git_folder,
                      .now = context.effects.clock.Now(),
                      .temporary_folder = context.environment.Get("TMPDIR").value_or("/tmp"),
                      .processors = std::max(1U, std::thread::hardware_concurrency())};
  request.sources.assign(flags.sources_and_destination.begin(),
                         flags.sources_and_destination.end() - 1);
  request.tags = TRY(ParseTags(destination, flags.tags));
  request.formats = TRY(ParseSignatureFormats(flags.signature_format));
  return request;
}

}  // namespace

Status RunPush(const PushFlags& flags, const Context& context) {
  if (flags.sources_and_destination.size() < 2) {
    return Error(Code::kUsage,
                 "push needs a SOURCE and a DEST, as in: "
                 "ociship push image.tar ghcr.io/acme/app:1.0");
  }
  const Reference destination = TRY(Reference::Parse(flags.sources_and_destination.back()));
  PushRequest request = TRY(MakeRequest(flags, destination, context));
  const std::optional<SigningKey> key = TRY(OpenKey(flags, request, context));
  if (key) request.key = &*key;
  const std::unique_ptr<Store> store = TRY(
      OpenStore(destination.repository(), context.effects,
                {.mode = StoreOptions::Mode::kCreate, .plain_http = PlainHttp(flags.registry)}));
  LineObserver observer(context.output);
  const PushResult result = TRY(Push(*store, request, context.effects, observer));
  return Report(flags, destination.repository(), result, context.output);
}

}  // namespace ociship::cli
