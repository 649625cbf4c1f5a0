// SPDX-License-Identifier: Apache-2.0
// Sigstore's trusted root as a target of a TUF repository: which root to begin with, which folder,
// and what the cache remembers. Tested by tuf_trust_test.cc.
#include "services/tuf_trust.h"

#include <chrono>
#include <optional>
#include <utility>

#include "crypto/hash.h"
#include "services/embedded.h"
#include "services/fetch.h"
#include "services/tuf_cache.h"
#include "services/tuf_client.h"
#include "tuf/refusal.h"
#include "tuf/verify.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/text.h"
#include "util/time.h"
#include "util/try.h"
#include "util/url.h"

namespace ociship::services {
namespace {

using std::chrono::sys_seconds;
using util::StrCat;

constexpr std::string_view kTrustedRoot = "trusted_root.json";
constexpr std::chrono::hours kFreshFor{24};
constexpr std::size_t kMaxStateBytes = 1024;

// --- What the cache remembers beside the metadata ------------------------------------------------

struct State {
  std::optional<sys_seconds> refreshed;
  std::string first_root;  // SHA-256 of the root that was begun with
};

// Lines "refreshed TIME" and "root HEX". What can not be read is as if it was not there.
State ParseState(std::string_view text) {
  State state;
  for (const std::string_view line : util::Split(text, '\n')) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view value = util::Trim(line.substr(space));
    if (line.starts_with("root ")) state.first_root = value;
    if (!line.starts_with("refreshed ")) continue;
    const Result<sys_seconds> time = util::ParseRfc3339(value);
    if (time.ok()) state.refreshed = time.value();
  }
  return state;
}

Result<State> ReadState(const TufCache& cache) {
  const std::optional<std::string> text = TRY(cache.ReadState(kMaxStateBytes));
  return text ? ParseState(*text) : State();
}

Status WriteState(TufCache& cache, const State& state) {
  std::string text = StrCat("root ", state.first_root, "\n");
  if (state.refreshed) text += StrCat("refreshed ", util::FormatRfc3339(*state.refreshed), "\n");
  return cache.WriteState(text);
}

// --- Which repository ----------------------------------------------------------------------------

std::string MirrorOf(const TrustRequest& request) {
  std::string mirror = request.mirror;
  if (mirror.empty()) mirror = EmbeddedFor(request.instance).mirror;
  while (mirror.ends_with('/')) mirror.pop_back();
  return mirror;
}

Result<std::string> FolderOf(const TrustRequest& request) {
  if (request.cache_folder.empty()) {
    return tuf::Refuse(tuf::reason::kMissing,
                       "there is no folder to keep TUF metadata in: set HOME, XDG_CACHE_HOME or "
                       "TUF_ROOT, or give --trusted-root FILE");
  }
  return StrCat(request.cache_folder, "/", util::PercentEncode(MirrorOf(request)));
}

// --- Which root to begin with --------------------------------------------------------------------

struct FirstRoot {
  std::string bytes;
  std::string first;  // SHA-256 of the root that the cache began with, or begins with now
};

std::string HashOf(std::string_view bytes) {
  return std::string(crypto::Sha256(util::AsBytes(bytes)).hex());
}

// The root that was given by hand, or comes with the program; empty when there is none.
Result<std::string> GivenRoot(const TrustRequest& request) {
  if (!request.tuf_root_path.empty()) {
    Result<std::string> root = util::ReadFile(request.tuf_root_path, tuf::kMaxRootBytes);
    if (!root.ok()) return std::move(root).error().As(Code::kBadInput);
    return root;
  }
  const EmbeddedTrust embedded = EmbeddedFor(request.instance);
  return std::string(MirrorOf(request) == embedded.mirror ? embedded.tuf_root : "");
}

// The cached root descends from the one that it was begun with. Another one that the person gives
// begins anew; the embedded one does only when the program is newer than the cache.
Result<FirstRoot> ChooseRoot(const TrustRequest& request, const TufCache& cache) {
  const State state = TRY(ReadState(cache));
  std::string given = TRY(GivenRoot(request));
  std::optional<std::string> cached = TRY(cache.Read(tuf::kRootRole, tuf::kMaxRootBytes));
  if (given.empty() && !cached) {
    return tuf::Refuse(tuf::reason::kMissing, StrCat("no TUF root is known for ", MirrorOf(request),
                                                     ": give one with --root FILE"));
  }
  FirstRoot from_cache{.bytes = cached.value_or(""), .first = state.first_root};
  if (given.empty()) return from_cache;
  FirstRoot from_given{.bytes = given, .first = HashOf(given)};
  const tuf::Verified<tuf::Root> begin = TRY(tuf::VerifyFirstRoot(given));
  if (!cached) return from_given;
  const Result<tuf::Verified<tuf::Root>> reached = tuf::VerifyFirstRoot(*cached);
  if (!reached.ok()) return from_given;
  const bool by_hand = !request.tuf_root_path.empty();
  if (by_hand && state.first_root != from_given.first) return from_given;
  if (begin->common.version > reached.value()->common.version) return from_given;
  return from_cache;
}

// --- The client ----------------------------------------------------------------------------------

template <typename Body>
TufRoleStatus StatusOf(const tuf::Verified<Body>& role) {
  return {.version = role->common.version, .expires = role->common.expires};
}

Result<TufTrust> LoadTarget(TufClient& client, const tuf::Refreshed& refreshed,
                            const TrustRequest& request) {
  TufTrust trust{.expires = refreshed.expires()};
  trust.trusted_root_json = TRY(client.Target(refreshed, std::string(kTrustedRoot)));
  trust.status.mirror = MirrorOf(request);
  trust.status.root = StatusOf(refreshed.root());
  trust.status.timestamp = StatusOf(refreshed.timestamp());
  trust.status.snapshot = StatusOf(refreshed.snapshot());
  trust.status.targets = StatusOf(refreshed.targets());
  return trust;
}

// Cached metadata is judged with the lock that `cache` holds.
Result<TufTrust> JudgeCache(const TrustRequest& request, TufCache& cache, sys_seconds now) {
  const State state = TRY(ReadState(cache));
  const FirstRoot root = TRY(ChooseRoot(request, cache));
  TufClient client(cache);
  const tuf::Refreshed refreshed = TRY(client.Refresh(root.bytes, now));
  TufTrust trust = TRY(LoadTarget(client, refreshed, request));
  trust.status.folder = cache.folder();
  trust.status.refreshed = state.refreshed.value_or(sys_seconds());
  return trust;
}

}  // namespace

EmbeddedTrust EmbeddedFor(Instance instance) {
  switch (instance) {
    case Instance::kPublicGood:
      break;
    case Instance::kStaging:
      return {.mirror = "https://tuf-repo-cdn.sigstage.dev",
              .tuf_root = embedded::kStagingRoot,
              .trusted_root = embedded::kStagingTrustedRoot};
  }
  return {.mirror = "https://tuf-repo-cdn.sigstore.dev",
          .tuf_root = embedded::kProductionRoot,
          .trusted_root = embedded::kProductionTrustedRoot};
}

Freshness FreshnessOf(const TufTrust& trust, sys_seconds now) {
  const sys_seconds then = trust.status.refreshed;
  // A time to come is no reason to wait for it.
  return then <= now && now - then < kFreshFor ? Freshness::kFresh : Freshness::kStale;
}

Result<TufTrust> CachedTufTrust(const TrustRequest& request, sys_seconds now) {
  const std::string folder = TRY(FolderOf(request));
  std::optional<TufCache> cache = TRY(TufCache::OpenToRead(folder));
  if (!cache) {
    return tuf::Refuse(tuf::reason::kMissing,
                       StrCat("nothing was ever fetched from ", MirrorOf(request)));
  }
  return JudgeCache(request, *cache, now);
}

Result<TufTrust> FetchTufTrust(const TrustRequest& request, Asking asking,
                               http::Transport& transport, const Effects& effects) {
  const std::string folder = TRY(FolderOf(request));
  TufPlace place = TRY(TufPlace::At(MirrorOf(request)));
  TufCache cache = TRY(TufCache::Open(folder));
  const sys_seconds now = effects.clock.Now();
  if (asking == Asking::kUnlessFresh) {
    Result<TufTrust> cached = JudgeCache(request, cache, now);
    if (cached.ok() && FreshnessOf(cached.value(), now) == Freshness::kFresh) return cached;
  }
  const FirstRoot root = TRY(ChooseRoot(request, cache));
  State state = TRY(ReadState(cache));
  if (state.first_root != root.first) {
    TRY(cache.Write(tuf::kRootRole, root.bytes));
    state = {.refreshed = std::nullopt, .first_root = root.first};
    TRY(WriteState(cache, state));
  }
  Fetcher fetcher(transport, effects);
  TufClient client(cache, std::move(place), fetcher);
  const tuf::Refreshed refreshed = TRY(client.Refresh(root.bytes, now));
  TufTrust trust = TRY(LoadTarget(client, refreshed, request));
  state.refreshed = now;
  TRY(WriteState(cache, state));
  trust.status.folder = folder;
  trust.status.refreshed = now;
  return trust;
}

}  // namespace ociship::services
