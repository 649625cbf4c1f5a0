// SPDX-License-Identifier: Apache-2.0
// The file that remembers layers: whatever is in it, it can be used and written again. Run by
// scripts/fuzz.
#include <string>

#include "crypto/hash.h"
#include "fuzz.h"
#include "temp_folder.h"
#include "transfer/layer_cache.h"
#include "util/file.h"
#include "util/text.h"

namespace ociship::fuzz {
namespace {

using transfer::LayerCache;
using transfer::StoredLayer;

constexpr std::string_view kRecipe = "recipe";

// The SHA-256 of no bytes, which the corpus names.
Digest KnownDiffId() { return crypto::Sha256({}); }

void Check(const std::string& folder, std::string_view file) {
  Require(util::WriteFileAtomically(util::StrCat(folder, "/layers-1"), file, 0600).ok());
  LayerCache cache(folder, std::string(kRecipe));
  RequirePrintable(cache.warning());
  const auto before = cache.Find(KnownDiffId());
  Require(cache.warning().empty() || !before);

  const Digest added = crypto::Sha256(util::AsBytes("added"));
  const StoredLayer layer{.digest = added, .size = file.size()};
  cache.Add(added, layer);
  Require(cache.Save().ok());
  const LayerCache again(folder, std::string(kRecipe));
  Require(again.warning().empty());
  Require(again.Find(added) == layer && again.Find(KnownDiffId()) == before);
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship;
  static const testing::TempFolder folder;
  const std::string_view lines = fuzz::TextOf(data, size);
  fuzz::Check(folder.path(), lines);
  // The same lines with the checksum that they need to be looked at.
  const Digest sum = crypto::Sha256(util::AsBytes(lines));
  fuzz::Check(folder.path(), util::StrCat(sum.text(), "\n", lines));
  return 0;
}
