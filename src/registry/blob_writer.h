// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_BLOB_WRITER_H_
#define OCISHIP_REGISTRY_BLOB_WRITER_H_

#include <memory>

#include "ociship/core.h"
#include "ociship/store.h"
#include "registry/client.h"

namespace ociship::registry {

// A BlobWriter over one upload session: POST, one streaming PATCH, PUT (distribution-spec, "Pushing
// blobs"). After a break it asks the registry how much it has and goes on from there with another
// PATCH, or begins anew where the session is gone; at most RegistryOptions::retries times a blob.
// `client` must outlive it.
Result<std::unique_ptr<BlobWriter>> NewBlobWriter(Client& client);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_BLOB_WRITER_H_
