// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_TUF_TRUST_H_
#define OCISHIP_SERVICES_TUF_TRUST_H_

#include <string>
#include <string_view>
#include <vector>

#include "http/transport.h"
#include "ociship/core.h"
#include "services/trust.h"

namespace ociship::services {

// The trusted root of a TUF repository, and what is known of that.
struct TufTrust {
  std::string trusted_root_json;
  std::string signing_config_json;  // empty where it is not wanted, or not there
  TufStatus status;
  std::chrono::sys_seconds expires;
  // For people: that it could not be kept, and why.
  std::vector<std::string> notes;
};

// What the program brings along for an instance.
struct EmbeddedTrust {
  std::string_view mirror;
  std::string_view tuf_root;
  std::string_view trusted_root;
};
EmbeddedTrust EmbeddedFor(Instance instance);

// The request with the URL of its mirror in one form, and without it when it is that of an
// instance. kUsage for what is no http or https URL, or has a user, a query or "..".
Result<TrustRequest> Normalised(TrustRequest request);

// The URL of the repository that a normalised request is about.
std::string MirrorOf(const TrustRequest& request);

// All take a normalised request, and give kTrustMaterial with a reason of tuf/refusal.h for what
// does not verify.

// Asks the repository, and keeps in the cache what it says; what can not be kept is used all the
// same, with a note. kUnavailable when it can not be reached in the time that the request gives.
// With kUnlessFresh it is not asked when somebody else has done so while we waited for the lock. A
// cache that does not descend from the root that is trusted is replaced, once everything verified.
enum class Asking { kAlways, kUnlessFresh };
Result<TufTrust> FetchTufTrust(const TrustRequest& request, Asking asking,
                               http::Transport& transport, const Effects& effects);

// What the cache has, if it descends from the root that is trusted, is complete and unexpired, and
// was not fetched in a time to come (tuf-clock). tuf-no-cache when nothing was ever fetched. Waits
// for nobody who is writing.
Result<TufTrust> CachedTufTrust(const TrustRequest& request, std::chrono::sys_seconds now);

// Whether the repository was asked so shortly ago that it need not be asked again.
enum class Freshness { kFresh, kStale };
Freshness FreshnessOf(const TufTrust& trust, std::chrono::sys_seconds now);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_TUF_TRUST_H_
