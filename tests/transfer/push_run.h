// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_TRANSFER_PUSH_RUN_H_
#define OCISHIP_TESTS_TRANSFER_PUSH_RUN_H_

#include <vector>

#include "counting_observer.h"
#include "memory_store.h"
#include "transfer/push.h"

namespace ociship::transfer {

// Everything that pushes of archives into one Store need.
struct PushRun {
  testing::MemoryStore store;
  Cancel cancel;
  testing::CountingObserver observer;
  KnownLayers known;
  LayerCache cache{"", "test"};

  Result<std::vector<StoredImage>> PushAll(archive::Archive& archive,
                                           const PushOptions& options = {}) {
    return PushArchive(archive, {known, cache}, store, options, cancel, observer);
  }
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TESTS_TRANSFER_PUSH_RUN_H_
