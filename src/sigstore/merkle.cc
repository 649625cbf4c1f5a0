// SPDX-License-Identifier: Apache-2.0
// Merkle tree hashes and inclusion proofs (RFC 9162 section 2.1). Covered by
// tests/sigstore/merkle_test.cc.
#include "sigstore/merkle.h"

#include <bit>

#include "crypto/hash.h"
#include "sigstore/reason.h"
#include "util/text.h"

namespace ociship::sigstore {
namespace {

// HASH(0x01 || left || right)
util::Bytes NodeHash(const util::Bytes& left, const util::Bytes& right) {
  util::Bytes node;
  node.reserve(1 + left.size() + right.size());
  node.push_back(0x01);
  node.insert(node.end(), left.begin(), left.end());
  node.insert(node.end(), right.begin(), right.end());
  return crypto::HashBytes(crypto::HashAlgorithm::kSha256, node);
}

}  // namespace

util::Bytes LeafHash(ByteView entry) {
  util::Bytes leaf;
  leaf.reserve(1 + entry.size());
  leaf.push_back(0x00);
  leaf.insert(leaf.end(), entry.begin(), entry.end());
  return crypto::HashBytes(crypto::HashAlgorithm::kSha256, leaf);
}

Result<util::Bytes> RootFromPath(const util::Bytes& leaf, std::uint64_t index, std::uint64_t size,
                                 const std::vector<util::Bytes>& path) {
  if (index >= size) {
    return Refuse(Reason::kLogProof, util::StrCat("the inclusion proof is for place ", index,
                                                  " of a tree of ", size, " entries"));
  }
  // Up to where the way leaves the last leaf's, the leaf has a sibling at every level; above, only
  // where it is a right child.
  const auto inner = static_cast<std::size_t>(std::bit_width(index ^ (size - 1)));
  const auto border = inner == 64 ? 0U : static_cast<std::size_t>(std::popcount(index >> inner));
  if (path.size() != inner + border) {
    return Refuse(Reason::kLogProof,
                  util::StrCat("the inclusion proof has ", path.size(), " hashes, ", inner + border,
                               " lead to the root"));
  }
  util::Bytes hash = leaf;
  for (std::size_t level = 0; level < path.size(); ++level) {
    const bool left_child = level < inner && ((index >> level) & 1) == 0;
    hash = left_child ? NodeHash(hash, path[level]) : NodeHash(path[level], hash);
  }
  return hash;
}

}  // namespace ociship::sigstore
