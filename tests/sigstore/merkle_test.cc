// SPDX-License-Identifier: Apache-2.0
#include "sigstore/merkle.h"

#include <doctest/doctest.h>

#include <bit>
#include <limits>

#include "crypto/hash.h"
#include "util/text.h"

namespace ociship::sigstore {
namespace {

util::Bytes Node(const util::Bytes& left, const util::Bytes& right) {
  util::Bytes both{0x01};
  both.insert(both.end(), left.begin(), left.end());
  both.insert(both.end(), right.begin(), right.end());
  return crypto::HashBytes(crypto::HashAlgorithm::kSha256, both);
}

util::Bytes LeafOf(std::uint64_t number) {
  const std::string text = util::StrCat("entry ", number);
  return LeafHash(util::AsBytes(text));
}

// MTH of RFC 9162 section 2.1.1, as it is written there: the other half of the proof.
util::Bytes TreeHash(std::uint64_t begin, std::uint64_t end) {
  if (end - begin == 1) return LeafOf(begin);
  const std::uint64_t split = std::bit_floor(end - begin - 1);
  return Node(TreeHash(begin, begin + split), TreeHash(begin + split, end));
}

// PATH of RFC 9162 section 2.1.3.1.
std::vector<util::Bytes> PathOf(std::uint64_t index, std::uint64_t begin, std::uint64_t end) {
  if (end - begin == 1) return {};
  const std::uint64_t split = std::bit_floor(end - begin - 1);
  const bool left = index < begin + split;
  std::vector<util::Bytes> path =
      left ? PathOf(index, begin, begin + split) : PathOf(index, begin + split, end);
  path.push_back(left ? TreeHash(begin + split, end) : TreeHash(begin, begin + split));
  return path;
}

TEST_CASE("RootFromPath: every leaf of trees of every size up to 40 leads to the root") {
  for (std::uint64_t size = 1; size <= 40; ++size) {
    const util::Bytes root = TreeHash(0, size);
    for (std::uint64_t index = 0; index < size; ++index) {
      CAPTURE(size);
      CAPTURE(index);
      const std::vector<util::Bytes> path = PathOf(index, 0, size);
      REQUIRE(RootFromPath(LeafOf(index), index, size, path).ok());
      CHECK(RootFromPath(LeafOf(index), index, size, path).value() == root);
      // The same path for another place or another leaf does not.
      const Result<util::Bytes> elsewhere =
          RootFromPath(LeafOf(index), (index + 1) % size, size, path);
      CHECK((size == 1 || !elsewhere.ok() || elsewhere.value() != root));
      CHECK(RootFromPath(LeafOf(index + 1), index, size, path).value() != root);
    }
  }
}

void CheckRefused(const Result<util::Bytes>& root) {
  REQUIRE(!root.ok());
  CHECK(root.error().code() == Code::kNoMatch);
  CHECK(root.error().reason() == "log-proof");
}

TEST_CASE("RootFromPath: a path with a hash too many or too few is refused") {
  std::vector<util::Bytes> path = PathOf(3, 0, 11);
  REQUIRE(RootFromPath(LeafOf(3), 3, 11, path).ok());
  path.push_back(LeafOf(0));
  CheckRefused(RootFromPath(LeafOf(3), 3, 11, path));
  path.resize(path.size() - 2);
  CheckRefused(RootFromPath(LeafOf(3), 3, 11, path));
  CheckRefused(RootFromPath(LeafOf(3), 3, 11, {}));
}

TEST_CASE("RootFromPath: a place behind the end, and an empty tree, are refused") {
  CheckRefused(RootFromPath(LeafOf(0), 1, 1, {}));
  CheckRefused(RootFromPath(LeafOf(0), 0, 0, {}));
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  CheckRefused(RootFromPath(LeafOf(0), kMax, kMax, {}));
  CheckRefused(RootFromPath(LeafOf(0), 0, kMax, {}));
  CHECK(RootFromPath(LeafOf(0), 0, kMax, std::vector<util::Bytes>(64, LeafOf(1))).ok());
}

}  // namespace
}  // namespace ociship::sigstore
