// SPDX-License-Identifier: Apache-2.0
// Decides where trust material is taken from. Tested by trust_test.cc.
#include "services/trust.h"

#include <string_view>
#include <utility>

#include "services/embedded.h"
#include "services/legacy_trust.h"
#include "services/tuf_trust.h"
#include "tuf/refusal.h"
#include "util/file.h"
#include "util/text.h"
#include "util/time.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using util::StrCat;

constexpr std::string_view kEmbedded = "embedded";

Result<LoadedTrust> Parsed(std::string json, std::string origin) {
  Result<sigstore::TrustRoot> root = sigstore::TrustRoot::Parse(json);
  if (!root.ok()) return std::move(root).error().While(origin);
  std::vector<std::string> notes = root.value().notes();
  return LoadedTrust{.root = std::move(root).value(),
                     .trusted_root_json = std::move(json),
                     .origin = std::move(origin),
                     .notes = std::move(notes)};
}

Result<LoadedTrust> FromFile(const std::string& path) {
  std::string json = TRY(util::ReadInputFile(path, sigstore::kMaxTrustRootBytes));
  return Parsed(std::move(json), StrCat("file ", util::Quoted(path)));
}

Result<LoadedTrust> FromEmbedded(Instance instance) {
  return Parsed(std::string(EmbeddedFor(instance).trusted_root),
                StrCat("embedded copy of ", embedded::kDate));
}

Result<LoadedTrust> FromLegacy(const LegacyTrustFiles& files) {
  sigstore::TrustRoot root = TRY(ReadLegacyTrust(files));
  return LoadedTrust{.root = std::move(root), .origin = "single files of keys and certificates"};
}

Result<LoadedTrust> FromTuf(TufTrust trust) {
  std::string origin = StrCat("TUF ", util::Printable(trust.status.mirror), " targets version ",
                              trust.status.targets.version, ", verified ",
                              util::FormatRfc3339(trust.status.refreshed));
  LoadedTrust loaded = TRY(Parsed(std::move(trust.trusted_root_json), std::move(origin)));
  loaded.signing_config_json = std::move(trust.signing_config_json);
  loaded.expires = trust.expires;
  for (std::string& note : trust.notes) loaded.notes.push_back(std::move(note));
  loaded.tuf = std::move(trust.status);
  return loaded;
}

// For people.
std::string NameOf(const TrustRequest& request) { return util::Printable(MirrorOf(request)); }

// What the program brings along is no answer for the repository of somebody else.
Error WithAdvice(const Error& error, const TrustRequest& request) {
  return Error(Code::kTrustMaterial,
               StrCat(error.message(),
                      "; run `ociship trust update` on a machine with a network, or give "
                      "--trusted-root FILE",
                      request.mirror.empty() ? " or --trusted-root embedded" : ""))
      .Because(error.reason());
}

Result<LoadedTrust> LoadOffline(const TrustRequest& request, std::chrono::sys_seconds now) {
  Result<TufTrust> cached = CachedTufTrust(request, now);
  if (cached.ok()) return FromTuf(std::move(cached).value());
  // The copy in the program says nothing of another repository, or of another root of this one; and
  // what was fetched once is not replaced by something older.
  const bool ours = request.mirror.empty() && request.tuf_root_path.empty();
  if (cached.error().reason() != tuf::reason::kNoCache || !ours) {
    return WithAdvice(std::move(cached).error().While("trust material, offline"), request);
  }
  LoadedTrust loaded = TRY(FromEmbedded(request.instance));
  loaded.notes.push_back(StrCat("nothing was fetched from ", NameOf(request),
                                " yet: the trusted root is the copy of ", embedded::kDate,
                                " that is part of the program"));
  return loaded;
}

// After the repository could not be reached.
Result<LoadedTrust> LoadUnreached(const TrustRequest& request, const Error& why,
                                  std::chrono::sys_seconds now) {
  Result<TufTrust> cached = CachedTufTrust(request, now);
  if (!cached.ok()) {
    return WithAdvice(Error(Code::kTrustMaterial,
                            StrCat("trust material can not be fetched from ", NameOf(request), ": ",
                                   why.message(), "; and of the cache: ", cached.error().message()))
                          .Because(cached.error().reason()),
                      request);
  }
  LoadedTrust loaded = TRY(FromTuf(std::move(cached).value()));
  loaded.notes.push_back(StrCat(NameOf(request), " could not be reached (", why.message(),
                                "); what was fetched at ",
                                util::FormatRfc3339(loaded.tuf->refreshed), " is used, until ",
                                util::FormatRfc3339(*loaded.expires)));
  return loaded;
}

Result<LoadedTrust> LoadOnline(const TrustRequest& request, http::Transport& transport,
                               const Effects& effects) {
  const std::chrono::sys_seconds now = effects.clock.Now();
  Result<TufTrust> cached = CachedTufTrust(request, now);
  if (cached.ok() && FreshnessOf(cached.value(), now) == Freshness::kFresh) {
    return FromTuf(std::move(cached).value());
  }
  Result<TufTrust> fetched = FetchTufTrust(request, Asking::kUnlessFresh, transport, effects);
  if (fetched.ok()) return FromTuf(std::move(fetched).value());
  if (fetched.error().code() == Code::kUnavailable) {
    return LoadUnreached(request, fetched.error(), now);
  }
  return std::move(fetched).error().While(StrCat("trust material of ", NameOf(request)));
}

Result<LoadedTrust> LoadTuf(const TrustRequest& given, http::Transport& transport,
                            const Effects& effects) {
  const TrustRequest request = TRY(Normalised(given));
  if (request.offline) return LoadOffline(request, effects.clock.Now());
  return LoadOnline(request, transport, effects);
}

}  // namespace

Result<LoadedTrust> LoadTrust(const TrustRequest& request, http::Transport& transport,
                              const Effects& effects) {
  if (request.trusted_root_path == kEmbedded) return FromEmbedded(request.instance);
  if (!request.trusted_root_path.empty()) return FromFile(request.trusted_root_path);
  if (request.legacy != LegacyTrustFiles()) return FromLegacy(request.legacy);
  return LoadTuf(request, transport, effects);
}

Result<LoadedTrust> UpdateTrust(const TrustRequest& given, http::Transport& transport,
                                const Effects& effects) {
  const TrustRequest request = TRY(Normalised(given));
  Result<TufTrust> fetched = FetchTufTrust(request, Asking::kAlways, transport, effects);
  if (fetched.ok()) return FromTuf(std::move(fetched).value());
  return std::move(fetched).error().While(StrCat("trust material of ", NameOf(request)));
}

}  // namespace ociship::services
