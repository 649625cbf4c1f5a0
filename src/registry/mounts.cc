// SPDX-License-Identifier: Apache-2.0
// Mounts blobs (distribution-spec, end-11). Tested by mounts_test.cc.
#include "registry/mounts.h"

#include <algorithm>
#include <utility>

#include "ociship/reference.h"
#include "registry/blobs.h"
#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using util::StrCat;

// The number changes with the form of the lines.
constexpr std::string_view kFolderName = "places-1";
constexpr std::size_t kMaxFileBytes = 4 << 20;
constexpr mode_t kFileMode = 0600;
// More are given back at once: a registry keeps them for days.
constexpr std::size_t kMaxSessions = 200;

// "DIGEST PATH", where the path is such as a reference has.
std::optional<std::pair<std::string, std::string>> ParseLine(std::string_view line) {
  const std::vector<std::string_view> words = util::Split(line, ' ');
  if (words.size() != 2 || !Digest::Parse(words[0]).ok()) return std::nullopt;
  const Result<Reference> any = Reference::Parse(StrCat("registry.invalid/", words[1]));
  if (!any.ok() || any.value().tag() || any.value().digest()) return std::nullopt;
  return std::pair(std::string(words[0]), std::string(words[1]));
}

}  // namespace

BlobPlaces::BlobPlaces(const std::string& host, const std::string& folder)
    : folder_(folder.empty() ? folder : StrCat(folder, "/", kFolderName)),
      file_(StrCat(folder_, "/", host)) {}

BlobPlaces::Places& BlobPlaces::LoadedPlaces() {
  if (places_) return *places_;
  places_.emplace();
  for (const std::string& line : ReadLines()) {
    auto place = ParseLine(line);
    if (place) places_->insert_or_assign(std::move(place->first), std::move(place->second));
  }
  return *places_;
}

std::vector<std::string> BlobPlaces::ReadLines() const {
  std::vector<std::string> lines;
  if (folder_.empty()) return lines;
  const Result<std::string> text = util::ReadRegularFile(file_, kMaxFileBytes);
  if (!text.ok()) return lines;
  for (const std::string_view line : util::Split(text.value(), '\n')) {
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

std::optional<std::string> BlobPlaces::Find(const Digest& digest) {
  const std::lock_guard lock(mutex_);
  const Places& places = LoadedPlaces();
  const auto found = places.find(digest.text());
  if (found == places.end()) return std::nullopt;
  return found->second;
}

void BlobPlaces::Add(const Digest& digest, const std::string& path) {
  const std::lock_guard lock(mutex_);
  std::string& place = LoadedPlaces()[digest.text()];
  if (place == path) return;
  place = path;
  added_.push_back(StrCat(digest.text(), " ", path));
}

void BlobPlaces::Save() {
  const std::lock_guard lock(mutex_);
  if (folder_.empty() || added_.empty() || !util::MakeFolders(folder_).ok()) return;
  // What another process writes in between is lost, and learnt again by the next push.
  std::vector<std::string> lines = ReadLines();
  for (const std::string& line : added_) {
    const std::string_view digest = std::string_view(line).substr(0, line.find(' ') + 1);
    std::erase_if(lines, [digest](const std::string& old) { return old.starts_with(digest); });
    lines.push_back(line);
  }
  added_.clear();
  std::string text;
  for (std::size_t i = lines.size() - std::min(lines.size(), kMaxPlaces); i < lines.size(); ++i) {
    text += StrCat(lines[i], "\n");
  }
  static_cast<void>(util::WriteFileAtomically(file_, text, kFileMode));
}

Mounts::Mounts(Client& client)
    : client_(client),
      places_(std::string(client.repository().host()), client.options().cache_folder) {}

Mounts::~Mounts() {
  places_.Save();
  UploadSession::Abandon(sessions_);
}

std::optional<UploadSession> Mounts::TakeSession() {
  const std::lock_guard lock(mutex_);
  if (sessions_.empty()) return std::nullopt;
  UploadSession session = std::move(sessions_.back());
  sessions_.pop_back();
  return session;
}

// Once only: a repetition would not make it more likely, and an upload does as well.
Result<http::Response> Mounts::Ask(const Digest& digest, const std::optional<std::string>& from) {
  Call call{.method = http::Method::kPost,
            .url = client_.Url("blobs/uploads/").WithQuery("mount", digest.text()),
            .what = "a mount",
            .need = {.access = Access::kPush}};
  if (from) {
    call.url = call.url.WithQuery("from", *from);
    call.need.also_pull_from = *from;
  }
  return client_.SendOnce(call);
}

Result<std::optional<std::uint64_t>> Mounts::Mount(const Digest& digest) {
  const std::optional<std::uint64_t> nothing;
  std::optional<std::string> from = places_.Find(digest);
  if (from && *from == client_.repository().path()) from.reset();
  if (!from && client_.memory().Get().refuses_mount_anywhere == HostFacts::Seen::kYes) {
    return nothing;
  }
  const Result<http::Response> answer = Ask(digest, from);
  TRY(client_.cancel().Check());
  if (!answer.ok()) return nothing;
  const http::Response& response = answer.value();
  if (response.status == 201) {
    const Result<std::optional<std::uint64_t>> size = BlobSize(client_, digest);
    TRY(client_.cancel().Check());
    return size.ok() ? size.value() : nothing;
  }
  // Without `from` anything but a session means that this is not known here.
  if (!from && response.status >= 400 && response.status < 500 && response.status != 429) {
    client_.memory().Learn(
        [](HostFacts& facts) { facts.refuses_mount_anywhere = HostFacts::Seen::kYes; });
  }
  if (response.status != 202) return nothing;
  std::optional<UploadSession> session = UploadSession::Opened(client_, response);
  const std::lock_guard lock(mutex_);
  if (session && sessions_.size() < kMaxSessions) sessions_.push_back(*std::move(session));
  return nothing;
}

}  // namespace ociship::registry
