// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_REGISTRY_STORE_H_
#define OCISHIP_REGISTRY_REGISTRY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "http/transport.h"
#include "ociship/reference.h"
#include "ociship/store.h"
#include "util/cancel.h"
#include "util/clock.h"

namespace ociship::registry {

struct RegistryOptions {
  // kAuto: plain http for loopback hosts (localhost, 127.0.0.0/8, [::1]), https for all others.
  enum class Scheme { kAuto, kPlainHttp };

  Scheme scheme = Scheme::kAuto;
  // How often a request is tried again, and how many breaks one blob survives.
  int retries = 4;
  // A blob of at most this size goes as the body of the PUT that ends its upload; 0 streams all.
  // Each blob on its way keeps as much in memory.
  std::size_t whole_blob_bytes = 3 << 19;
  // Spreads the delays between tries of several processes.
  std::uint32_t jitter_seed = 1;
};

// One repository of a registry as a Store (OCI distribution-spec 1.1). `repository.kind()` must be
// kRegistry. No request is sent here. What is passed by reference must live longer than the store,
// and the store longer than its blob writers. Errors of its methods: kUnauthorized, kNotFound,
// kRateLimited, kUnavailable, kTagConflict, kBadInput (content that has another digest), kFailure.
std::unique_ptr<Store> NewRegistryStore(Repository repository, http::Transport& transport,
                                        util::Clock& clock, const util::Cancel& cancel,
                                        RegistryOptions options);
// The same with a transport of its own.
std::unique_ptr<Store> NewRegistryStore(Repository repository,
                                        std::unique_ptr<http::Transport> transport,
                                        util::Clock& clock, const util::Cancel& cancel,
                                        RegistryOptions options);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_REGISTRY_STORE_H_
