// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_BLOB_WRITER_H_
#define OCISHIP_REGISTRY_BLOB_WRITER_H_

#include <memory>

#include "ociship/core.h"
#include "ociship/store.h"
#include "registry/client.h"
#include "registry/mounts.h"

namespace ociship::registry {

// A BlobWriter over one upload session (distribution-spec, "Pushing blobs"): POST and PUT for a
// small blob, with one streaming PATCH between them for others. After a break it asks the registry
// how much it has and goes on from there in chunks, or begins anew where the session is gone; what
// a registry refuses (streams, chunks, large bodies) is done the other way, and remembered. Gives
// up after RegistryOptions::retries breaks without progress between them. `client`, and `mounts` if
// there is one, must outlive it.
Result<std::unique_ptr<BlobWriter>> NewBlobWriter(Client& client, Mounts* mounts = nullptr);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_BLOB_WRITER_H_
