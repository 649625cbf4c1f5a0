// SPDX-License-Identifier: Apache-2.0
#include "transfer/layer_cache.h"

#include <doctest/doctest.h>

#include <thread>

#include "crypto/hash.h"
#include "temp_folder.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/text.h"

namespace ociship::transfer {
namespace {

using testing::TempFolder;

Digest DigestOf(std::string_view text) { return crypto::Sha256(util::AsBytes(text)); }

StoredLayer LayerOf(std::string_view text) {
  return {DigestOf(text), text.size(), codec::Compression::kGzip};
}

std::string TextOf(const TempFolder& folder) {
  return util::ReadFile(folder / "layers-1", LayerCache::kMaxFileBytes).value();
}

TEST_CASE("LayerCache: what was saved is found by the next one with the same recipe") {
  const TempFolder folder;
  LayerCache first(folder.path(), "recipe");
  CHECK_FALSE(first.Find(DigestOf("plain")).has_value());
  first.Add(DigestOf("plain"), LayerOf("packed"));
  CHECK(first.Find(DigestOf("plain")) == LayerOf("packed"));
  REQUIRE(first.Save().ok());
  const LayerCache second(folder.path(), "recipe");
  CHECK(second.warning().empty());
  CHECK(second.Find(DigestOf("plain")) == LayerOf("packed"));
  CHECK_FALSE(second.Find(DigestOf("other")).has_value());
  CHECK_FALSE(LayerCache(folder.path(), "recip").Find(DigestOf("plain")).has_value());
  CHECK_FALSE(LayerCache(folder.path(), "recipe2").Find(DigestOf("plain")).has_value());
}

TEST_CASE("LayerCache: nothing is written before something was added, or without a folder") {
  const TempFolder folder;
  REQUIRE(LayerCache(folder / "deep/cache", "recipe").Save().ok());
  CHECK(folder.Count() == 0);
  LayerCache none("", "recipe");
  none.Add(DigestOf("plain"), LayerOf("packed"));
  CHECK(none.Find(DigestOf("plain")).has_value());
  CHECK(none.Save().ok());
}

TEST_CASE(
    "LayerCache: a file with any byte changed, cut off or too long is ignored with a warning") {
  const TempFolder folder;
  LayerCache first(folder.path(), "recipe");
  first.Add(DigestOf("plain"), LayerOf("packed"));
  REQUIRE(first.Save().ok());
  const std::string good = TextOf(folder);
  std::vector<std::string> bad;
  for (std::size_t i = 0; i < good.size(); ++i) {
    bad.push_back(good);
    bad.back()[i] ^= 1;
    if (i > 0) bad.push_back(good.substr(0, i));
  }
  bad.push_back(std::string(LayerCache::kMaxFileBytes + 1, 'x'));
  for (const std::string& text : bad) {
    REQUIRE(util::WriteFileAtomically(folder / "layers-1", text, 0600).ok());
    const LayerCache cache(folder.path(), "recipe");
    CHECK_FALSE(cache.warning().empty());
    CHECK_FALSE(cache.Find(DigestOf("plain")).has_value());
  }
  LayerCache again(folder.path(), "recipe");
  again.Add(DigestOf("new"), LayerOf("n"));
  REQUIRE(again.Save().ok());
  CHECK(LayerCache(folder.path(), "recipe").Find(DigestOf("new")).has_value());
}

TEST_CASE("LayerCache: lines that mean nothing are passed over when the file is whole") {
  const TempFolder folder;
  const std::string line =
      util::StrCat("recipe ", DigestOf("a").text(), " ", DigestOf("b").text(), " 12 gzip\n");
  const std::string rest = util::StrCat("recipe x y z gzip\n", "\n", line, "recipe\n");
  REQUIRE(util::WriteFileAtomically(folder / "layers-1",
                                    util::StrCat(DigestOf(rest).text(), "\n", rest), 0600)
              .ok());
  const LayerCache cache(folder.path(), "recipe");
  CHECK(cache.warning().empty());
  CHECK(cache.Find(DigestOf("a"))->size == 12);
}

TEST_CASE("LayerCache: several that save at once lose nothing") {
  const TempFolder folder;
  constexpr int kWriters = 8;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&folder, i] {
        LayerCache cache(folder.path(), "recipe");
        cache.Add(DigestOf(std::to_string(i)), LayerOf("packed"));
        if (!cache.Save().ok()) std::abort();
      });
    }
  }
  const LayerCache all(folder.path(), "recipe");
  for (int i = 0; i < kWriters; ++i) CHECK(all.Find(DigestOf(std::to_string(i))).has_value());
}

TEST_CASE("LayerCache: it stays bounded, the oldest entries go") {
  const TempFolder folder;
  std::string rest;
  for (std::size_t i = 0; i < LayerCache::kMaxEntries; ++i) {
    rest += util::StrCat("recipe ", DigestOf(std::to_string(i)).text(), " ", DigestOf("b").text(),
                         " 12 gzip\n");
  }
  REQUIRE(util::WriteFileAtomically(folder / "layers-1",
                                    util::StrCat(DigestOf(rest).text(), "\n", rest), 0600)
              .ok());
  LayerCache cache(folder.path(), "recipe");
  cache.Add(DigestOf("new"), LayerOf("n"));
  REQUIRE(cache.Save().ok());
  const LayerCache after(folder.path(), "recipe");
  CHECK_FALSE(after.Find(DigestOf("0")).has_value());
  CHECK(after.Find(DigestOf("1")).has_value());
  CHECK(after.Find(DigestOf("new")).has_value());
}

TEST_CASE("LayerCache: a folder that cannot be made is an error of Save and of nothing else") {
  const TempFolder folder;
  REQUIRE(util::WriteNewFile(folder / "file", "", 0600).ok());
  LayerCache cache(folder / "file/cache", "recipe");
  cache.Add(DigestOf("plain"), LayerOf("packed"));
  CHECK_FALSE(cache.Save().ok());
  CHECK(cache.Find(DigestOf("plain")).has_value());
}

}  // namespace
}  // namespace ociship::transfer
