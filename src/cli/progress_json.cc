// SPDX-License-Identifier: Apache-2.0
// Events of a push as JSON lines. Tested by progress_json_test.cc.
#include "cli/progress_json.h"

#include "cli/progress_text.h"
#include "util/json.h"

namespace ociship::cli {
namespace {

constexpr int kVersion = 1;

util::JsonWriter Begin(std::string_view event) {
  util::JsonWriter json;
  json.BeginObject().Key("v").Integer(kVersion).Key("event").String(event);
  return json;
}

std::string End(util::JsonWriter& json) { return json.EndObject().text(); }

std::string TextEvent(std::string_view event, std::string_view text) {
  util::JsonWriter json = Begin(event);
  json.Key("text").String(text);
  return End(json);
}

std::string_view Word(LayerState state, Purpose purpose) {
  switch (state) {
    case LayerState::kSent:
      return purpose == Purpose::kPush ? "sent" : "send";
    case LayerState::kWasThere:
      return "there";
    case LayerState::kKnown:
      return "known";
  }
  return "";
}

std::string_view Word(WaitsFor what) {
  switch (what) {
    case WaitsFor::kDestination:
      return "registry";
    case WaitsFor::kSource:
      return "source";
    case WaitsFor::kStandardInput:
      return "stdin";
  }
  return "";
}

}  // namespace

std::string BlobStartEvent(BlobId id, std::string_view name, std::optional<std::uint64_t> total) {
  util::JsonWriter json = Begin("blob-start");
  json.Key("id").Unsigned(id).Key("name").String(name);
  if (total) json.Key("total").Unsigned(*total);
  return End(json);
}

std::string BlobProgressEvent(BlobId id, const ProgressTracker::Blob& blob) {
  util::JsonWriter json = Begin("blob-progress");
  json.Key("id").Unsigned(id).Key("step").String(StepWord(blob.progress.step));
  json.Key("read").Unsigned(blob.progress.read);
  if (blob.total) json.Key("total").Unsigned(*blob.total);
  json.Key("sent").Unsigned(blob.progress.sent);
  if (blob.progress.size) json.Key("size").Unsigned(*blob.progress.size);
  return End(json);
}

std::string BlobDoneEvent(std::optional<BlobId> id, const Digest& digest, std::uint64_t size,
                          LayerState state, Purpose purpose) {
  util::JsonWriter json = Begin("blob-done");
  if (id) json.Key("id").Unsigned(*id);
  json.Key("digest").String(digest.text()).Key("size").Unsigned(size);
  json.Key("state").String(Word(state, purpose));
  return End(json);
}

std::string BlobEndEvent(BlobId id) {
  util::JsonWriter json = Begin("blob-end");
  json.Key("id").Unsigned(id);
  return End(json);
}

std::string LayersEvent(std::size_t count) {
  util::JsonWriter json = Begin("layers");
  json.Key("count").Unsigned(count);
  return End(json);
}

std::string RetryEvent(std::string_view what, std::string_view why, int attempt, int most,
                       std::chrono::milliseconds delay) {
  util::JsonWriter json = Begin("retry");
  json.Key("what").String(what).Key("why").String(why);
  json.Key("attempt").Integer(attempt).Key("of").Integer(most);
  json.Key("delay_ms").Integer(delay.count());
  return End(json);
}

std::string WaitingEvent(WaitsFor what) {
  util::JsonWriter json = Begin("waiting");
  json.Key("for").String(Word(what));
  return End(json);
}

std::string NoticeEvent(std::string_view text) { return TextEvent("notice", text); }

std::string WarningEvent(std::string_view text) { return TextEvent("warning", text); }

std::string ManifestEvent(const Digest& digest) {
  util::JsonWriter json = Begin("manifest");
  json.Key("digest").String(digest.text());
  return End(json);
}

std::string TagEvent(const Tag& tag, const Digest& digest) {
  util::JsonWriter json = Begin("tag");
  json.Key("tag").String(tag.text()).Key("digest").String(digest.text());
  return End(json);
}

std::string ErrorEvent(const Error& error) {
  util::JsonWriter json = Begin("error");
  json.Key("code").Integer(static_cast<int>(error.code())).Key("message").String(error.message());
  if (!error.reason().empty()) json.Key("reason").String(error.reason());
  return End(json);
}

}  // namespace ociship::cli
