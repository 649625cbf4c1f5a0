// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_REFERRERS_H_
#define OCISHIP_REGISTRY_REFERRERS_H_

#include <atomic>
#include <vector>

#include "ociship/core.h"
#include "ociship/store.h"
#include "registry/client.h"
#include "registry/fallback_tags.h"

namespace ociship::registry {

// Who refers to what: the referrers API of the registry where it has one, else the fallback tag,
// which clients keep up to date themselves. Safe to use from several threads.
class Referrers {
 public:
  explicit Referrers(Client& client) : client_(client), tags_(client) {}

  // The referrers of `subject`; none where there is neither an API nor a fallback tag that is an
  // index (distribution-spec, "Listing Referrers").
  Result<std::vector<Descriptor>> List(const Digest& subject);

  // To be called when `manifest` was stored. Does what is left to do so that it is listed as a
  // referrer, if it has a subject (distribution-spec, "Pushing Manifests with Subject"). kFailure
  // when the fallback tag is something else than an index: it is not overwritten.
  Status Register(const Manifest& manifest);

  // Waits until what was registered in fallback tags is sure to stay there (FallbackTags).
  Status Settle() { return tags_.Settle(); }

 private:
  enum class Api { kUnknown, kPresent, kAbsent };
  struct Listed;

  Result<Listed> ListByApi(const Digest& subject);
  Result<std::vector<Descriptor>> ListByTag(const Digest& subject);

  Client& client_;
  std::atomic<Api> api_{Api::kUnknown};
  FallbackTags tags_;
};

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_REFERRERS_H_
