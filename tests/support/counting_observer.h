// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_COUNTING_OBSERVER_H_
#define OCISHIP_TESTS_SUPPORT_COUNTING_OBSERVER_H_

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/push.h"

namespace ociship::testing {

// Counts the layers and keeps the notices that it is told.
class CountingObserver : public PushObserver {
 public:
  void LayerStored(const Digest&, std::uint64_t, LayerState state) override {
    const std::lock_guard lock(mutex_);
    ++counts_[state];
  }
  void Notice(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    notices_.emplace_back(text);
  }

  int Count(LayerState state) {
    const std::lock_guard lock(mutex_);
    return counts_[state];
  }
  const std::vector<std::string>& notices() const { return notices_; }

 private:
  std::mutex mutex_;
  std::map<LayerState, int> counts_;
  std::vector<std::string> notices_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_COUNTING_OBSERVER_H_
