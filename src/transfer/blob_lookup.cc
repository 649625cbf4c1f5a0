// SPDX-License-Identifier: Apache-2.0
// Remembers which blobs a destination has. Tested by blob_lookup_test.cc.
#include "transfer/blob_lookup.h"

#include "util/parallel.h"
#include "util/try.h"

namespace ociship::transfer {

Result<oci::Presence> BlobLookup::LookUp(const Digest& digest, std::uint64_t size) {
  {
    const std::lock_guard lock(mutex_);
    if (there_.contains({digest, size})) return oci::Presence::kThere;
  }
  const oci::Presence presence = TRY(oci::LookUpBlob(store_, digest, size));
  if (presence == oci::Presence::kThere) {
    const std::lock_guard lock(mutex_);
    there_.emplace(digest, size);
  }
  return presence;
}

Status BlobLookup::LookUpAll(const std::vector<StoredLayer>& blobs, unsigned threads) {
  return util::ForEachParallel(blobs.size(), threads, [&](std::size_t i) -> Status {
    TRY(LookUp(blobs[i].digest, blobs[i].size));
    return Ok();
  });
}

}  // namespace ociship::transfer
