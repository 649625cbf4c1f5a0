// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_REGISTRY_STORE_H_
#define OCISHIP_REGISTRY_REGISTRY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/transport.h"
#include "ociship/reference.h"
#include "ociship/store.h"
#include "util/cancel.h"
#include "util/clock.h"

namespace ociship::registry {

struct RegistryOptions {
  // kAuto: plain http for loopback hosts (localhost, 127.0.0.0/8, [::1]), https for all others.
  enum class Scheme { kAuto, kPlainHttp, kTls };

  Scheme scheme = Scheme::kAuto;
  Keychain* keychain = nullptr;       // not owned; nullptr: nobody is logged in
  StoreObserver* observer = nullptr;  // not owned
  // Of the first token already.
  StoreOptions::Access access = StoreOptions::Access::kRead;
  // How often a request is tried again, and how many breaks one blob survives.
  int retries = 4;
  // A blob of at most this size goes as the body of the PUT that ends its upload; 0 streams all.
  // Each blob on its way keeps as much in memory.
  std::size_t whole_blob_bytes = 3 << 19;
  // Blobs go in chunks of this size; without it in one body, or as was learnt of the registry.
  std::optional<std::uint64_t> chunk_bytes = {};
  // Where that is remembered, for all processes; empty: nowhere.
  std::string cache_folder = {};
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

// Where the API of a registry is asked: Docker Hub has it under another name.
std::string_view ApiHost(std::string_view host);

// Whether the registry at `host` takes a credential: GET /v2/ with it (distribution-spec, end-1).
// kUnauthorized when it does not. One that demands none takes every one.
Status CheckLogin(const std::string& host, const Credential& credential, http::Transport& transport,
                  util::Clock& clock, const util::Cancel& cancel, RegistryOptions options);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_REGISTRY_STORE_H_
