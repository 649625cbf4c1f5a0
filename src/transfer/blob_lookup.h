// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_BLOB_LOOKUP_H_
#define OCISHIP_TRANSFER_BLOB_LOOKUP_H_

#include <cstdint>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "oci/write_blob.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/store.h"
#include "transfer/stored_layer.h"

namespace ociship::transfer {

// Asks a Store for blobs, and for those that are there only once in a push. Thread-safe.
class BlobLookup {
 public:
  explicit BlobLookup(Store& store) : store_(store) {}

  // As oci::LookUpBlob.
  Result<oci::Presence> LookUp(const Digest& digest, std::uint64_t size);
  // Asks for several side by side, so that a LookUp of one that is there need not ask.
  Status LookUpAll(const std::vector<StoredLayer>& blobs, unsigned threads);

 private:
  Store& store_;
  std::mutex mutex_;
  std::set<std::pair<Digest, std::uint64_t>> there_;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_BLOB_LOOKUP_H_
