// SPDX-License-Identifier: Apache-2.0
// What logs send: bundles of entries, tiles of any size and content, and the answers of Rekor v1.
// Run by scripts/fuzz.
#include "services/log_tiles.h"

#include <string>

#include "fuzz.h"
#include "services/rekor1.h"
#include "sigstore/merkle.h"

namespace ociship::fuzz {
namespace {

// The first bytes as a number, the rest is left.
std::uint64_t TakeNumber(std::string_view& text, std::size_t bytes) {
  std::uint64_t number = 0;
  for (; bytes > 0 && !text.empty(); --bytes, text.remove_prefix(1)) {
    number = (number << 8) | static_cast<unsigned char>(text.front());
  }
  return number;
}

// What is read is all that is there: written again it is the same.
void CheckBundle(std::string_view text) {
  const std::uint64_t count = TakeNumber(text, 1);
  const auto entries = services::ParseEntryBundle(util::AsBytes(text), count);
  RequireBadInput(entries);
  if (!entries.ok()) {
    RequirePrintable(entries.error().message());
    return;
  }
  Require(entries.value().size() == count);
  std::string again;
  for (const std::string& entry : entries.value()) {
    again.push_back(static_cast<char>(entry.size() >> 8));
    again.push_back(static_cast<char>(entry.size() & 0xff));
    again.append(entry);
  }
  Require(again == text);
}

// The tiles are parts of the text. A proof that comes out of them has the length that leads to some
// root; none is made of a tile of another size.
void CheckProof(std::string_view text) {
  // Larger trees take long and have nothing that these do not.
  const std::uint64_t index = TakeNumber(text, 3);
  const std::uint64_t size = TakeNumber(text, 3);
  const std::size_t cut = TakeNumber(text, 1);
  bool right_sizes = true;
  const auto source = [&](const services::Tile& tile) -> Result<util::Bytes> {
    Require(tile.width >= 1 && tile.width <= services::kFullTile);
    Require(tile.number * services::kFullTile + tile.width <= size >> (8 * tile.level));
    util::Bytes bytes(tile.width * 32);
    for (std::size_t i = 0; i < bytes.size() && !text.empty(); ++i) {
      bytes[i] = static_cast<std::uint8_t>(text[i % text.size()]);
    }
    if (cut % 16 == tile.level) {
      bytes.resize(cut);
      right_sizes = right_sizes && cut == tile.width * 32;
    }
    return bytes;
  };
  const auto proof = services::ProofFromTiles(index, size, source);
  RequireBadInput(proof);
  Require(proof.ok() == (index < size && right_sizes));
  if (!proof.ok()) return;
  const util::Bytes leaf = sigstore::LeafHash(util::AsBytes(text));
  Require(sigstore::RootFromPath(leaf, index, size, proof.value()).ok());
}

void CheckAnswer(std::string_view text) {
  const auto entry = services::ParseRekor1Answer(text);
  RequireBadInput(entry);
  if (!entry.ok()) {
    RequirePrintable(entry.error().message());
    return;
  }
  Require(entry.value().promise.has_value());
  Require(entry.value().proof.has_value());
  Require(entry.value().integrated_time.has_value());
  Require(entry.value().log_id.size() == 32);
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = ociship::fuzz::TextOf(data, size);
  ociship::fuzz::CheckBundle(text);
  ociship::fuzz::CheckProof(text);
  ociship::fuzz::CheckAnswer(text);
  return 0;
}
