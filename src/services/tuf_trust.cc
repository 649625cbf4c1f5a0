// SPDX-License-Identifier: Apache-2.0
// Sigstore's trusted root as a target of a TUF repository: which repository, which root to begin
// with, which folder, and what the cache remembers. Tested by tuf_trust_test.cc.
#include "services/tuf_trust.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include "services/deadline.h"
#include "services/embedded.h"
#include "services/fetch.h"
#include "services/private_folder.h"
#include "services/tuf_cache.h"
#include "services/tuf_client.h"
#include "services/tuf_draft.h"
#include "tuf/refusal.h"
#include "tuf/verify.h"
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
constexpr std::string_view kSigningConfig = "signing_config.v0.2.json";
constexpr std::chrono::hours kFreshFor{24};
constexpr std::size_t kMaxStateBytes = 1024;

// A clock may be wrong by that much, and still be one to judge expiry by.
constexpr std::chrono::hours kClockSlack{1};
constexpr std::chrono::milliseconds kLockPause{50};

// --- What the cache remembers beside the metadata ------------------------------------------------

// The line "refreshed TIME". What can not be read is as if it was not there.
std::optional<sys_seconds> ParseState(std::string_view text) {
  constexpr std::string_view kRefreshed = "refreshed ";
  for (const std::string_view line : util::Split(text, '\n')) {
    if (!line.starts_with(kRefreshed)) continue;
    const Result<sys_seconds> time = util::ParseRfc3339(util::Trim(line.substr(kRefreshed.size())));
    if (time.ok()) return time.value();
  }
  return std::nullopt;
}

std::string FormatState(sys_seconds refreshed) {
  return StrCat("refreshed ", util::FormatRfc3339(refreshed), "\n");
}

// --- Which repository ----------------------------------------------------------------------------

std::string WithoutSlash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

Error BadMirror(std::string_view mirror, std::string_view why) {
  return Error(Code::kUsage, StrCat("the TUF repository ", util::Quoted(mirror), ": ", why));
}

// "." and "..", written out or not: what they lead to is another name for some other URL.
enum class Dots { kNone, kSome };
Dots FindDots(std::string_view url) {
  std::string text = util::LowerAscii(url);
  for (std::size_t at = 0; (at = text.find("%2e", at)) != std::string::npos;) {
    text.replace(at, 3, ".");
  }
  for (const std::string_view part : util::Split(text, '/')) {
    if (part == "." || part == "..") return Dots::kSome;
  }
  return Dots::kNone;
}

// One form for one repository.
Result<std::string> CanonicalMirror(const std::string& mirror) {
  Result<util::Url> parsed = util::Url::Parse(mirror);
  if (!parsed.ok()) return std::move(parsed).error().As(Code::kUsage).While("the TUF repository");
  if (mirror.find_first_of("?#") != std::string::npos) {
    return BadMirror(mirror, "it has a query or a fragment");
  }
  if (FindDots(mirror) == Dots::kSome) return BadMirror(mirror, "it has \".\" or \"..\" in it");
  util::Url url = std::move(parsed).value();
  if (url.port == (url.scheme == "https" ? "443" : "80")) url.port.clear();
  return WithoutSlash(url.text());
}

Result<std::string> FolderOf(const TrustRequest& request) {
  if (request.cache_folder.empty()) {
    return tuf::Refuse(tuf::reason::kMissing,
                       "there is no folder to keep TUF metadata in: set HOME, XDG_CACHE_HOME or "
                       "TUF_ROOT, or give --trusted-root FILE");
  }
  return StrCat(request.cache_folder, "/", FileNameOf(MirrorOf(request)));
}

// --- Which root to begin with --------------------------------------------------------------------

// The root that was given by hand, or comes with the program; empty when there is none.
Result<std::string> GivenRoot(const TrustRequest& request) {
  if (!request.tuf_root_path.empty()) {
    std::string root = TRY(util::ReadInputFile(request.tuf_root_path, tuf::kMaxRootBytes));
    if (root.empty()) {
      return Error(Code::kBadInput, StrCat(util::Quoted(request.tuf_root_path), " is empty"));
    }
    return root;
  }
  return std::string(request.mirror.empty() ? EmbeddedFor(request.instance).tuf_root : "");
}

Error NoRoot(const TrustRequest& request) {
  return tuf::Refuse(tuf::reason::kMissing, StrCat("no TUF root is known for ", MirrorOf(request),
                                                   ": give one with --root FILE"));
}

Result<Lineage> Begin(const TrustRequest& request, const TufCache* cache, TufDraft& draft) {
  std::string given = TRY(GivenRoot(request));
  if (given.empty()) {
    if (cache == nullptr) return NoRoot(request);
    const std::optional<std::string> root = TRY(cache->Read(tuf::kRootRole, tuf::kMaxRootBytes));
    if (!root) return NoRoot(request);
  }
  return draft.BeginWith(std::move(given));
}

// --- The client ----------------------------------------------------------------------------------

template <typename Body>
TufRoleStatus StatusOf(const tuf::Verified<Body>& role) {
  return {.version = role->common.version, .expires = role->common.expires};
}

// Repositories of those who only verify have none.
Result<std::string> LoadSigningConfig(TufClient& client, const tuf::Refreshed& refreshed) {
  Result<std::string> json = client.Target(refreshed, std::string(kSigningConfig));
  if (!json.ok() && json.error().reason() == tuf::reason::kTarget) return std::string();
  return json;
}

Result<TufTrust> LoadTargets(TufClient& client, const tuf::Refreshed& refreshed,
                             const TrustRequest& request) {
  TufTrust trust;
  trust.trusted_root_json = TRY(client.Target(refreshed, std::string(kTrustedRoot)));
  if (request.signing_config == TrustRequest::SigningConfig::kWanted) {
    trust.signing_config_json = TRY(LoadSigningConfig(client, refreshed));
  }
  trust.expires = refreshed.expires();
  trust.status.mirror = MirrorOf(request);
  trust.status.root = StatusOf(refreshed.root());
  trust.status.timestamp = StatusOf(refreshed.timestamp());
  trust.status.snapshot = StatusOf(refreshed.snapshot());
  trust.status.targets = StatusOf(refreshed.targets());
  return trust;
}

// Nothing is written.
Result<TufTrust> JudgeCache(const TrustRequest& request, const TufCache& cache, sys_seconds now) {
  const std::optional<std::string> state =
      TRY(cache.ReadFile(TufCache::StateFile(), kMaxStateBytes));
  const sys_seconds then = ParseState(state.value_or("")).value_or(sys_seconds());
  if (now + kClockSlack < then) {
    return tuf::Refuse(tuf::reason::kClock,
                       StrCat("the clock is before the last update, which was at ",
                              util::FormatRfc3339(then), ": set it"));
  }
  TufDraft draft(&cache);
  const Lineage lineage = TRY(Begin(request, &cache, draft));
  if (lineage == Lineage::kOther) {
    return tuf::Refuse(tuf::reason::kCache,
                       StrCat("what is in ", util::Quoted(cache.folder()),
                              " does not descend from the TUF root that is trusted"));
  }
  TufClient client(draft);
  const tuf::Refreshed refreshed = TRY(client.Refresh(draft.root(), now));
  TufTrust trust = TRY(LoadTargets(client, refreshed, request));
  trust.status.folder = cache.folder();
  trust.status.refreshed = then;
  return trust;
}

// The cache of a repository while we hold its lock, or, where nothing can be written, as it is.
struct Holding {
  std::optional<TufCache> cache;
  std::optional<Error> unwritable;

  const TufCache* reader() const { return cache ? &*cache : nullptr; }
  Status Keep(const TufChanges& changes) {
    if (unwritable) return *unwritable;
    return cache->Apply(changes);
  }
};

Result<Holding> Hold(const std::string& folder, const Effects& effects) {
  for (;;) {
    Result<TufCache> cache = TufCache::Open(folder, 0);
    if (cache.ok()) return Holding{.cache = std::move(cache).value(), .unwritable = std::nullopt};
    if (cache.error().code() == Code::kTrustMaterial) return std::move(cache).error();
    if (cache.error().code() != Code::kUnavailable) {
      std::optional<TufCache> to_read = TRY(TufCache::OpenToRead(folder));
      return Holding{.cache = std::move(to_read), .unwritable = cache.error()};
    }
    effects.clock.Sleep(kLockPause, effects.cancel);
    TRY(effects.cancel.Check());
  }
}

Result<TufTrust> Ask(TufClient& client, const TufDraft& draft, const TrustRequest& request,
                     sys_seconds now) {
  const tuf::Refreshed refreshed = TRY(client.Refresh(draft.root(), now));
  return LoadTargets(client, refreshed, request);
}

Result<TufTrust> FetchInTime(const TrustRequest& request, Asking asking, http::Transport& transport,
                             const Effects& effects) {
  const std::string folder = TRY(FolderOf(request));
  TufPlace place = TRY(TufPlace::At(MirrorOf(request)));
  Holding holding = TRY(Hold(folder, effects));
  const sys_seconds now = effects.clock.Now();
  if (asking == Asking::kUnlessFresh && holding.reader() != nullptr) {
    Result<TufTrust> cached = JudgeCache(request, *holding.reader(), now);
    if (cached.ok() && FreshnessOf(cached.value(), now) == Freshness::kFresh) return cached;
  }
  TufDraft draft(holding.reader());
  const Lineage lineage = TRY(Begin(request, holding.reader(), draft));
  Fetcher fetcher(transport, effects);
  TufClient client(draft, std::move(place), fetcher);
  Result<TufTrust> trust = Ask(client, draft, request, now);
  if (!trust.ok()) {
    // What verified before that counts from now on, but it is no reason to lose another lineage.
    if (lineage == Lineage::kSame) static_cast<void>(holding.Keep(draft.changes()));
    return trust;
  }
  draft.WriteState(FormatState(now));
  const Status kept = holding.Keep(draft.changes());
  if (!kept.ok()) {
    trust.value().notes.push_back(
        StrCat("what was fetched is used, but could not be kept: ", kept.error().message()));
  }
  trust.value().status.folder = folder;
  trust.value().status.refreshed = now;
  return trust;
}

// Words of a set of files that somebody was just replacing.
bool MayBeMixed(const Error& error) {
  constexpr std::string_view kWords[] = {tuf::reason::kThreshold, tuf::reason::kVersion,
                                         tuf::reason::kHash,      tuf::reason::kLength,
                                         tuf::reason::kMissing,   tuf::reason::kCache};
  return std::ranges::find(kWords, error.reason()) != std::end(kWords);
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

std::string MirrorOf(const TrustRequest& request) {
  return request.mirror.empty() ? std::string(EmbeddedFor(request.instance).mirror)
                                : request.mirror;
}

Result<TrustRequest> Normalised(TrustRequest request) {
  if (request.mirror.empty()) return request;
  request.mirror = TRY(CanonicalMirror(request.mirror));
  for (const Instance instance : {Instance::kPublicGood, Instance::kStaging}) {
    if (request.mirror != EmbeddedFor(instance).mirror) continue;
    request.instance = instance;
    request.mirror.clear();
    break;
  }
  return request;
}

Result<TufTrust> CachedTufTrust(const TrustRequest& request, sys_seconds now) {
  const std::string folder = TRY(FolderOf(request));
  const std::optional<TufCache> cache = TRY(TufCache::OpenToRead(folder));
  std::optional<std::string> root;
  if (cache) root = TRY(cache->Read(tuf::kRootRole, tuf::kMaxRootBytes));
  if (!root) {
    return tuf::Refuse(tuf::reason::kNoCache,
                       StrCat("nothing was ever fetched from ", MirrorOf(request)));
  }
  Result<TufTrust> trust = JudgeCache(request, *cache, now);
  if (trust.ok() || !MayBeMixed(trust.error())) return trust;
  return JudgeCache(request, *cache, now);
}

Result<TufTrust> FetchTufTrust(const TrustRequest& request, Asking asking,
                               http::Transport& transport, const Effects& effects) {
  const Deadline deadline(request.patience, effects.cancel);
  Result<TufTrust> trust = FetchInTime(request, asking, transport,
                                       {.clock = effects.clock, .cancel = deadline.cancel()});
  const bool late = !trust.ok() && trust.error().code() == Code::kInterrupted;
  if (!late || effects.cancel.requested()) return trust;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(request.patience).count();
  return Error(Code::kUnavailable,
               StrCat("a refresh from ", MirrorOf(request), " takes longer than ", seconds, " s"));
}

}  // namespace ociship::services
