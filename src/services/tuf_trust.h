// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_TUF_TRUST_H_
#define OCISHIP_SERVICES_TUF_TRUST_H_

#include <string>
#include <string_view>

#include "http/transport.h"
#include "ociship/core.h"
#include "services/trust.h"

namespace ociship::services {

// The trusted root of a TUF repository, and what is known of that.
struct TufTrust {
  std::string trusted_root_json;
  TufStatus status;
  std::chrono::sys_seconds expires;
};

// What the program brings along for an instance.
struct EmbeddedTrust {
  std::string_view mirror;
  std::string_view tuf_root;
  std::string_view trusted_root;
};
EmbeddedTrust EmbeddedFor(Instance instance);

// All give kTrustMaterial with a reason of tuf/refusal.h for what does not verify.

// Asks the repository, and keeps in the cache what it says. kUnavailable when it can not be
// reached. With kUnlessFresh it is not asked when somebody else has done so while we waited for the
// lock.
enum class Asking { kAlways, kUnlessFresh };
Result<TufTrust> FetchTufTrust(const TrustRequest& request, Asking asking,
                               http::Transport& transport, const Effects& effects);

// What the cache has, if it is complete and unexpired. tuf-missing when nothing was ever fetched.
Result<TufTrust> CachedTufTrust(const TrustRequest& request, std::chrono::sys_seconds now);

// Whether the repository was asked so shortly ago that it need not be asked again.
enum class Freshness { kFresh, kStale };
Freshness FreshnessOf(const TufTrust& trust, std::chrono::sys_seconds now);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_TUF_TRUST_H_
