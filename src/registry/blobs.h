// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_BLOBS_H_
#define OCISHIP_REGISTRY_BLOBS_H_

#include <cstdint>
#include <optional>

#include "ociship/core.h"
#include "ociship/store.h"
#include "registry/client.h"

namespace ociship::registry {

// The size of a blob that is there (distribution-spec, "Checking if content exists in the
// registry"). nullopt when it is not, or when the registry does not tell its size: such a blob can
// not be told from a damaged one, and sending it again is always right.
Result<std::optional<std::uint64_t>> BlobSize(Client& client, const Digest& digest);

// Feeds a blob to `sink` and compares size and digest (distribution-spec, "Pulling blobs"). A break
// is survived as long as the sink has seen nothing.
Status ReadBlob(Client& client, const Descriptor& blob, ByteSink& sink);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_BLOBS_H_
