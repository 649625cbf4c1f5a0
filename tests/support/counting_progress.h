// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_COUNTING_PROGRESS_H_
#define OCISHIP_TESTS_SUPPORT_COUNTING_PROGRESS_H_

#include <map>
#include <mutex>

#include "transfer/progress.h"

namespace ociship::testing {

// Counts what it is told.
class CountingProgress : public transfer::Progress {
 public:
  void LayerStored(const Digest&, std::uint64_t, transfer::LayerState state) override {
    const std::lock_guard lock(mutex_);
    ++counts_[state];
  }
  int Count(transfer::LayerState state) {
    const std::lock_guard lock(mutex_);
    return counts_[state];
  }

 private:
  std::mutex mutex_;
  std::map<transfer::LayerState, int> counts_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_COUNTING_PROGRESS_H_
