// SPDX-License-Identifier: Apache-2.0
#include "services/deadline.h"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

namespace ociship::services {
namespace {

using namespace std::chrono_literals;

void WaitFor(const Cancel& cancel) {
  for (int i = 0; i < 1000 && !cancel.requested(); ++i) std::this_thread::sleep_for(5ms);
}

TEST_CASE("a time that is over is a request to cancel") {
  const Cancel person;
  const Deadline deadline(20ms, person);
  WaitFor(deadline.cancel());
  CHECK(deadline.cancel().requested());
  CHECK_FALSE(person.requested());
}

TEST_CASE("what the person cancels is cancelled before") {
  Cancel person;
  const Deadline deadline(1h, person);
  CHECK_FALSE(deadline.cancel().requested());
  person.Request();
  WaitFor(deadline.cancel());
  CHECK(deadline.cancel().requested());
}

TEST_CASE("a deadline that is not needed any longer is not waited for") {
  const Cancel person;
  const auto begin = std::chrono::steady_clock::now();
  { const Deadline deadline(1h, person); }
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

}  // namespace
}  // namespace ociship::services
