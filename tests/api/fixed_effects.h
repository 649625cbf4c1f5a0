// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_API_FIXED_EFFECTS_H_
#define OCISHIP_TESTS_API_FIXED_EFFECTS_H_

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "fake_clock.h"
#include "ociship/push.h"

namespace ociship::testing {

// A clock that stands still, and nobody who cancels.
struct FixedEffects {
  FakeClock clock;
  Cancel cancel;
  Effects effects{.clock = clock, .cancel = cancel};
};

// Keeps the notices and counts the layers.
class KeepingObserver : public PushObserver {
 public:
  void LayerStored(const Digest&, std::uint64_t, LayerState state) override {
    const std::lock_guard lock(mutex_);
    ++layers_[state];
  }
  void Notice(std::string_view text) override { notices_.emplace_back(text); }

  int layers(LayerState state) { return layers_[state]; }
  const std::vector<std::string>& notices() const { return notices_; }

 private:
  std::mutex mutex_;
  std::map<LayerState, int> layers_;
  std::vector<std::string> notices_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_API_FIXED_EFFECTS_H_
