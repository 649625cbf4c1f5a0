// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace ociship::crypto {
namespace {

TEST_CASE("RandomBytes: as many as were asked for, and others each time") {
  CHECK(RandomBytes(0).empty());
  CHECK(RandomBytes(1).size() == 1);
  const util::Bytes first = RandomBytes(32);
  const util::Bytes second = RandomBytes(32);
  CHECK(first.size() == 32);
  CHECK(second.size() == 32);
  CHECK_FALSE(std::equal(first.begin(), first.end(), second.begin()));
}

TEST_CASE("RandomBytes: no byte stays what it was before") {
  // Each of them is zero in all rounds once in 2^128 runs.
  util::Bytes seen(100);
  for (int round = 0; round < 16; ++round) {
    const util::Bytes bytes = RandomBytes(seen.size());
    for (std::size_t i = 0; i < seen.size(); ++i) seen[i] |= bytes[i];
  }
  CHECK(std::count(seen.begin(), seen.end(), std::uint8_t{0}) == 0);
}

}  // namespace
}  // namespace ociship::crypto
