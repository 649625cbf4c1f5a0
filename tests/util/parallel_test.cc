// SPDX-License-Identifier: Apache-2.0
#include "util/parallel.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <stdexcept>

namespace ociship::util {
namespace {

TEST_CASE("ForEachParallel: each task is called once") {
  for (const unsigned threads : {1u, 3u, 200u}) {
    std::array<std::atomic<int>, 100> calls{};
    REQUIRE(ForEachParallel(calls.size(), threads, [&](std::size_t i) {
              ++calls[i];
              return Ok();
            }).ok());
    for (const std::atomic<int>& count : calls) CHECK(count == 1);
  }
}

TEST_CASE("ForEachParallel: without a task nothing is called") {
  CHECK(ForEachParallel(0, 4, [](std::size_t) -> Status {
          return Error(Code::kFailure, "called");
        }).ok());
}

TEST_CASE("ForEachParallel: a failure is returned and keeps the rest from starting") {
  int calls = 0;
  const Status status = ForEachParallel(100, 1, [&](std::size_t i) -> Status {
    ++calls;
    if (i == 3) return Error(Code::kUnavailable, "third");
    return Ok();
  });
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kUnavailable);
  CHECK(calls == 4);
}

TEST_CASE("ForEachParallel: an exception becomes an error") {
  const Status status =
      ForEachParallel(4, 2, [](std::size_t) -> Status { throw std::runtime_error("thrown"); });
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().message() == "thrown");
}

}  // namespace
}  // namespace ociship::util
