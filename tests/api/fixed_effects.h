// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_API_FIXED_EFFECTS_H_
#define OCISHIP_TESTS_API_FIXED_EFFECTS_H_

#include "fake_clock.h"
#include "ociship/core.h"

namespace ociship::testing {

// A clock that stands still, and nobody who cancels.
struct FixedEffects {
  FakeClock clock;
  Cancel cancel;
  Effects effects{.clock = clock, .cancel = cancel};
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_API_FIXED_EFFECTS_H_
