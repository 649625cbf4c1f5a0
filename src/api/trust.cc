// SPDX-License-Identifier: Apache-2.0
// Trust material and TUF over a transport of our own. Tested by tests/e2e/test_trust.py and
// test_tuf_conformance.py.
#include "api/trust.h"

#include <memory>
#include <optional>
#include <utility>

#include "api/impl.h"
#include "http/curl_transport.h"
#include "services/fetch.h"
#include "services/tuf_cache.h"
#include "services/tuf_client.h"
#include "tuf/refusal.h"
#include "tuf/verify.h"
#include "util/text.h"
#include "util/try.h"
#include "util/url.h"

namespace ociship {
namespace {

Result<std::string> TrustedRoot(const services::TufCache& cache) {
  std::optional<std::string> root = TRY(cache.Read(tuf::kRootRole, tuf::kMaxRootBytes));
  if (root) return *std::move(root);
  return tuf::Refuse(tuf::reason::kMissing,
                     util::StrCat("there is no trusted root in ", util::Quoted(cache.folder())));
}

Result<services::TufPlace> PlaceOf(const TufTask& task) {
  services::TufPlace place;
  place.metadata = TRY(util::Url::Parse(task.metadata_url));
  if (!task.targets_url.empty()) place.targets = TRY(util::Url::Parse(task.targets_url));
  return place;
}

}  // namespace

std::unique_ptr<http::Transport> MakeTransport(const TlsOptions& options) {
  http::TlsConfig tls{.roots_file = options.roots_file,
                      .extra_roots_file = options.extra_roots_file};
  return http::NewCurlTransport({.tls = std::move(tls)});
}

TrustRoot MakeTrustRoot(const sigstore::TrustRoot& root) {
  return TrustRoot(std::make_shared<const TrustRoot::Impl>(TrustRoot::Impl{root}));
}

Result<services::LoadedTrust> LoadTrust(const services::TrustRequest& request,
                                        const TlsOptions& tls, const Effects& effects) {
  const std::unique_ptr<http::Transport> transport = MakeTransport(tls);
  return services::LoadTrust(request, *transport, effects);
}

Result<services::LoadedTrust> UpdateTrust(const services::TrustRequest& request,
                                          const TlsOptions& tls, const Effects& effects) {
  const std::unique_ptr<http::Transport> transport = MakeTransport(tls);
  return services::UpdateTrust(request, *transport, effects);
}

Status InitTuf(const std::string& metadata_folder, std::string_view root) {
  TRY(tuf::VerifyFirstRoot(root));
  services::TufCache cache = TRY(services::TufCache::Open(metadata_folder));
  return cache.Write(tuf::kRootRole, root);
}

Status RefreshTuf(const TufTask& task, const Effects& effects) {
  TufTask without_targets = task;
  without_targets.targets.clear();
  return DownloadTuf(without_targets, effects);
}

Status DownloadTuf(const TufTask& task, const Effects& effects) {
  services::TufPlace place = TRY(PlaceOf(task));
  services::TufCache cache = TRY(services::TufCache::Open(task.metadata_folder));
  if (!task.targets_folder.empty()) cache.KeepTargetsIn(task.targets_folder);
  const std::string root = TRY(TrustedRoot(cache));
  const std::unique_ptr<http::Transport> transport = MakeTransport(task.tls);
  services::Fetcher fetcher(*transport, effects);
  services::TufClient client(cache, std::move(place), fetcher);
  const tuf::Refreshed refreshed = TRY(client.Refresh(root, effects.clock.Now()));
  for (const std::string& target : task.targets) TRY(client.Target(refreshed, target));
  return Ok();
}

}  // namespace ociship
