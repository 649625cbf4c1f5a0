// SPDX-License-Identifier: Apache-2.0
#include "services/log_tiles.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "answering_transport.h"
#include "crypto/hash.h"
#include "fake_clock.h"
#include "fake_rekor.h"
#include "reason_of.h"
#include "services/failure.h"
#include "sigstore/merkle.h"

namespace ociship::services {
namespace {

using deployment::Fault;
using deployment::LogInstance;
using deployment::LogKind;
using deployment::Plan;
using testing::ReasonOf;
using testing::Reply;
using testing::Seen;
using testing::TileFiles;

constexpr std::uint64_t kLargestTree = 600;

std::vector<std::string> Leaves(std::size_t count) {
  std::vector<std::string> leaves;
  for (std::size_t i = 0; i < count; ++i) {
    leaves.push_back(util::StrCat(R"({"kind":"number","apiVersion":"1.0","is":)", i, "}"));
  }
  return leaves;
}

util::Bytes Pair(const util::Bytes& left, const util::Bytes& right) {
  util::Bytes node{1};
  node.insert(node.end(), left.begin(), left.end());
  node.insert(node.end(), right.begin(), right.end());
  return crypto::HashBytes(crypto::HashAlgorithm::kSha256, node);
}

// The hashes of all full subtrees of a tree, each computed once, and by another way than the code.
class Subtrees {
 public:
  explicit Subtrees(const std::vector<std::string>& leaves) {
    levels_.emplace_back();
    for (const std::string& leaf : leaves) {
      levels_[0].push_back(sigstore::LeafHash(util::AsBytes(leaf)));
    }
    while (levels_.back().size() > 1) {
      const std::vector<util::Bytes>& below = levels_.back();
      std::vector<util::Bytes> level;
      for (std::size_t i = 0; i + 1 < below.size(); i += 2) {
        level.push_back(Pair(below[i], below[i + 1]));
      }
      levels_.push_back(std::move(level));
    }
  }
  const util::Bytes& Hash(const Subtree& subtree) const {
    return levels_.at(subtree.height).at(subtree.index);
  }
  util::Bytes Hash(const std::vector<Subtree>& subtrees) const {
    util::Bytes hash = Hash(subtrees.back());
    for (std::size_t i = subtrees.size() - 1; i > 0; --i) hash = Pair(Hash(subtrees[i - 1]), hash);
    return hash;
  }
  // Of the tree of the first `size` leaves.
  util::Bytes Root(std::uint64_t size) const {
    std::vector<Subtree> whole;
    for (unsigned height = 64; height-- > 0;) {
      if (((size >> height) & 1) == 0) continue;
      whole.push_back({.height = height, .index = ((size >> height) - 1)});
    }
    return Hash(whole);
  }

 private:
  std::vector<std::vector<util::Bytes>> levels_;
};

TEST_CASE("SubtreesOnPath: the path of every leaf leads to the root of every tree up to 600") {
  const Subtrees tree(Leaves(kLargestTree));
  for (std::uint64_t size = 1; size <= kLargestTree; ++size) {
    const util::Bytes root = tree.Root(size);
    std::size_t wrong = 0;
    for (std::uint64_t index = 0; index < size; ++index) {
      std::vector<util::Bytes> path;
      for (const std::vector<Subtree>& subtrees : SubtreesOnPath(index, size)) {
        path.push_back(tree.Hash(subtrees));
      }
      const auto reached = sigstore::RootFromPath(tree.Hash(Subtree{.height = 0, .index = index}),
                                                  index, size, path);
      if (!reached.ok() || reached.value() != root) ++wrong;
    }
    CAPTURE(size);
    REQUIRE(wrong == 0);
  }
}

TEST_CASE("SubtreesOnPath: RFC 9162 section 2.1.5, the paths of d0, d3, d4 and d6 of seven") {
  using Path = std::vector<std::vector<Subtree>>;
  CHECK(SubtreesOnPath(0, 7) == Path{{{0, 1}}, {{1, 1}}, {{1, 2}, {0, 6}}});
  CHECK(SubtreesOnPath(3, 7) == Path{{{0, 2}}, {{1, 0}}, {{1, 2}, {0, 6}}});
  CHECK(SubtreesOnPath(4, 7) == Path{{{0, 5}}, {{0, 6}}, {{2, 0}}});
  CHECK(SubtreesOnPath(6, 7) == Path{{{1, 2}}, {{2, 0}}});
  CHECK(SubtreesOnPath(0, 1).empty());
}

TEST_CASE("SubtreesOnPath: trees as large as there can be") {
  const std::uint64_t size = UINT64_MAX;
  CHECK(SubtreesOnPath(0, size).size() == 64);
  CHECK(SubtreesOnPath(size - 1, size).size() == 63);
  CHECK(SubtreesOnPath(std::uint64_t{1} << 40, (std::uint64_t{1} << 40) + 1) ==
        std::vector<std::vector<Subtree>>{{{40, 0}}});
}

TEST_CASE("PathOfTile and PathOfEntries: as tlog-tiles.md has it") {
  CHECK(PathOfTile({.level = 0, .number = 0}) == "tile/0/000");
  CHECK(PathOfTile({.level = 3, .number = 1234067}) == "tile/3/x001/x234/067");
  CHECK(PathOfTile({.level = 0, .number = 273, .width = 112}) == "tile/0/273.p/112");
  CHECK(PathOfTile({.level = 1, .number = 1000, .width = 1}) == "tile/1/x001/000.p/1");
  CHECK(PathOfEntries({.level = 0, .number = 1234067}) == "tile/entries/x001/x234/067");
  CHECK(PathOfEntries({.level = 0, .number = 70, .width = 255}) == "tile/entries/070.p/255");
  // "For example, a tree of size 70,000".
  CHECK(TileAt(0, 272, 70'000) == Tile{.level = 0, .number = 272, .width = 256});
  CHECK(TileAt(0, 273, 70'000) == Tile{.level = 0, .number = 273, .width = 112});
  CHECK(TileAt(1, 1, 70'000) == Tile{.level = 1, .number = 1, .width = 17});
  CHECK(TileAt(2, 0, 70'000) == Tile{.level = 2, .number = 0, .width = 1});
}

// A source of tiles out of memory.
TileSource SourceOf(const TileFiles& files) {
  return [&files](const Tile& tile) -> Result<util::Bytes> {
    const Reply reply = files.Get(PathOfTile(tile).substr(5));
    if (reply.status != 200) return Error(Code::kSigningService, "no " + PathOfTile(tile));
    return util::Bytes(reply.body.begin(), reply.body.end());
  };
}

TEST_CASE("ProofFromTiles: leads to the root of every tree up to 600") {
  const std::vector<std::string> all = Leaves(kLargestTree);
  const Subtrees tree(all);
  const TileFiles files(all);
  for (std::uint64_t size = 1; size <= kLargestTree; ++size) {
    CAPTURE(size);
    for (const std::uint64_t index : {std::uint64_t{0}, size / 3, size - 1}) {
      CAPTURE(index);
      const auto proof = ProofFromTiles(index, size, SourceOf(files));
      REQUIRE(proof.ok());
      const auto root = sigstore::RootFromPath(sigstore::LeafHash(util::AsBytes(all[index])), index,
                                               size, proof.value());
      REQUIRE(root.ok());
      REQUIRE(root.value() == tree.Root(size));
    }
  }
}

TEST_CASE("ProofFromTiles: a tree of three levels, by tiles of level 1 and 2 alone where it can") {
  const std::vector<std::string> all = Leaves(65536 + 300);
  const TileFiles files(all);
  const Subtrees tree(all);
  std::vector<std::string> asked;
  const TileSource source = [&](const Tile& tile) {
    asked.push_back(PathOfTile(tile));
    return SourceOf(files)(tile);
  };
  for (const std::uint64_t index : {0U, 255U, 65535U, 65536U, 65535U + 300U}) {
    const auto proof = ProofFromTiles(index, all.size(), source);
    REQUIRE(proof.ok());
    const auto root = sigstore::RootFromPath(sigstore::LeafHash(util::AsBytes(all[index])), index,
                                             all.size(), proof.value());
    REQUIRE(root.ok());
    CHECK(root.value() == tree.Root(all.size()));
  }
  asked.clear();
  REQUIRE(ProofFromTiles(65536, all.size(), source).ok());
  CHECK(std::find(asked.begin(), asked.end(), "tile/2/000.p/1") != asked.end());
  CHECK(std::find(asked.begin(), asked.end(), "tile/0/000") == asked.end());
}

TEST_CASE("ProofFromTiles: an index beyond the tree, short and long tiles, errors of the source") {
  const TileFiles files(Leaves(300));
  REQUIRE(ProofFromTiles(299, 300, SourceOf(files)).ok());
  CHECK(ReasonOf(ProofFromTiles(300, 300, SourceOf(files))) == "log-proof");
  CHECK(ReasonOf(ProofFromTiles(0, 0, SourceOf(files))) == "log-proof");
  for (const int change : {-32, -1, 1, 32}) {
    CAPTURE(change);
    const auto proof = ProofFromTiles(7, 300, [&](const Tile& tile) -> Result<util::Bytes> {
      util::Bytes bytes = SourceOf(files)(tile).value();
      bytes.resize(bytes.size() + static_cast<std::size_t>(change));
      return bytes;
    });
    REQUIRE_FALSE(proof.ok());
    CHECK(proof.error().code() == Code::kBadInput);
    CHECK(ReasonOf(proof) == "log-proof");
  }
  const auto broken = ProofFromTiles(7, 300, [](const Tile&) -> Result<util::Bytes> {
    return Error(Code::kInterrupted, "interrupted");
  });
  REQUIRE_FALSE(broken.ok());
  CHECK(broken.error().code() == Code::kInterrupted);
}

TEST_CASE("ParseEntryBundle: entries and nothing else") {
  const std::string two("\0\3abc\0\0", 7);
  const auto entries = ParseEntryBundle(util::AsBytes(two), 2);
  REQUIRE(entries.ok());
  CHECK(entries.value() == std::vector<std::string>{"abc", ""});
  CHECK(ParseEntryBundle({}, 0).ok());
  const std::string longest = std::string("\xff\xff") + std::string(65535, 'x');
  REQUIRE(ParseEntryBundle(util::AsBytes(longest), 1).ok());

  for (const std::uint64_t count : {0U, 1U, 3U, 256U}) {
    CAPTURE(count);
    CHECK(ReasonOf(ParseEntryBundle(util::AsBytes(two), count)) == "log-entry-malformed");
  }
  for (std::size_t size = 0; size < two.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(ParseEntryBundle(util::AsBytes(two.substr(0, size)), 2).ok());
  }
  CHECK_FALSE(ParseEntryBundle(util::AsBytes(longest.substr(0, 65536)), 1).ok());
}

constexpr std::string_view kBase = "https://log2026.rekor.example/";
constexpr std::string_view kFiles = "GET https://log2026.rekor.example/api/v2/";

// A log whose files are read over HTTP.
struct Fixture {
  explicit Fixture(std::size_t size = 300) : files(Leaves(size)) {}

  Reply Honest(std::string_view path) const {
    if (path == "checkpoint") return {.body = CheckpointOf(plan, log, files.leaves())};
    if (path.starts_with("tile/")) return files.Get(path.substr(5));
    return {.status = 404};
  }
  // `lie` has the first word about each file.
  using Lie = std::function<std::optional<Reply>(std::string_view path)>;
  Result<sigstore::LogEntry> Read(
      std::uint64_t index, const Lie& lie = [](std::string_view) { return std::nullopt; }) {
    testing::AnsweringTransport transport([&](const Seen& seen) {
      if (!seen.line.starts_with(kFiles)) return Reply{.status = 418};
      const std::string_view path = std::string_view(seen.line).substr(kFiles.size());
      return lie(path).value_or(Honest(path));
    });
    ServiceCaller caller(transport, {.clock = clock, .cancel = cancel});
    auto entry =
        ReadTiledEntry(caller, kBase, index, testing::RootOf(Plan{.log = LogKind::kV2}, trusted));
    lines = transport.lines();
    return entry;
  }
  // What comes of it when one file is another one.
  std::string ReasonWith(std::string_view name, const Reply& reply) {
    const auto entry = Read(7, [&](std::string_view path) {
      return path == name ? std::optional<Reply>(reply) : std::nullopt;
    });
    if (!entry.ok()) CHECK(entry.error().code() == Code::kSigningService);
    return ReasonOf(entry);
  }

  Plan plan{.log = LogKind::kV2};
  deployment::Authorities trusted = MintAuthorities(plan);
  LogInstance log = trusted.logs[0];
  TileFiles files;
  testing::FakeClock clock;
  Cancel cancel;
  std::vector<std::string> lines;
};

TEST_CASE_FIXTURE(Fixture, "ReadTiledEntry: an entry as a bundle has it, each file once") {
  for (const std::uint64_t index : {0U, 7U, 255U, 256U, 299U}) {
    CAPTURE(index);
    const auto entry = Read(index);
    REQUIRE(entry.ok());
    CHECK(entry.value().index == index);
    CHECK(entry.value().log_id == log.id());
    CHECK(entry.value().body == files.leaves()[index]);
    CHECK(entry.value().kind == "number");
    CHECK(entry.value().version == "1.0");
    CHECK_FALSE(entry.value().integrated_time);
    CHECK_FALSE(entry.value().promise);
    REQUIRE(entry.value().proof);
    const sigstore::InclusionProof& proof = *entry.value().proof;
    CHECK(proof.index == index);
    CHECK(proof.tree_size == 300);
    CHECK(proof.root == deployment::TreeHash(files.leaves()));
    CHECK(proof.checkpoint == CheckpointOf(plan, log, files.leaves()));
    CHECK(proof.hashes == deployment::TreePath(index, files.leaves()));
    std::sort(lines.begin(), lines.end());
    CHECK(std::adjacent_find(lines.begin(), lines.end()) == lines.end());
    CHECK(lines.size() <= 4);
  }
  CHECK(clock.sleeps().empty());
}

TEST_CASE_FIXTURE(Fixture, "ReadTiledEntry: a partial tile that was filled up meanwhile") {
  // The checkpoint is of 300 entries, the files are those of 600.
  const TileFiles grown(Leaves(600));
  for (const std::uint64_t index : {7U, 256U, 299U}) {
    CAPTURE(index);
    const auto entry = Read(index, [&](std::string_view path) -> std::optional<Reply> {
      if (path == "checkpoint") return std::nullopt;
      if (path.find(".p/") != std::string_view::npos && !path.starts_with("tile/1/")) {
        return Reply{.status = index == 7 ? 403 : 404};
      }
      return grown.Get(path.substr(5));
    });
    REQUIRE(entry.ok());
    CHECK(entry.value().proof->hashes == deployment::TreePath(index, files.leaves()));
    CHECK(entry.value().body == files.leaves()[index]);
  }
}

TEST_CASE_FIXTURE(Fixture, "ReadTiledEntry: files that are missing are an outage, not a lie") {
  for (const std::string_view name : {"checkpoint", "tile/0/000", "tile/entries/000"}) {
    CAPTURE(name);
    const auto entry = Read(7, [&](std::string_view path) {
      return path == name ? std::optional<Reply>(Reply{.status = 404}) : std::nullopt;
    });
    REQUIRE_FALSE(entry.ok());
    CHECK(FailureOf(entry.error()) == Failure::kOutage);
    CHECK(entry.error().message().find(name) != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture, "ReadTiledEntry: a tree that does not have the entry yet") {
  const auto entry = Read(300);
  REQUIRE_FALSE(entry.ok());
  CHECK(FailureOf(entry.error()) == Failure::kOutage);
  CHECK(lines == std::vector<std::string>{std::string(kFiles) + "checkpoint"});
  CHECK_FALSE(Read(UINT64_MAX).ok());
}

TEST_CASE_FIXTURE(Fixture, "ReadTiledEntry: checkpoints that no log of the trusted root signed") {
  const auto with = [&](Fault fault) {
    Plan spoiled = plan;
    spoiled.fault = fault;
    return ReasonWith("checkpoint", {.body = CheckpointOf(spoiled, log, files.leaves())});
  };
  CHECK(with(Fault::kCheckpointFlipped) == "checkpoint-signature");
  CHECK(with(Fault::kCheckpointOtherKey) == "checkpoint-signature");
  CHECK(with(Fault::kCheckpointUnsigned) == "checkpoint-malformed");
  CHECK(with(Fault::kCheckpointOtherOrigin) == "checkpoint-origin");
  CHECK(with(Fault::kCheckpointNoSize) == "checkpoint-malformed");
  CHECK(ReasonWith("checkpoint", {.body = "<html>"}) == "checkpoint-malformed");
  CHECK(ReasonWith("checkpoint", {.body = ""}) == "checkpoint-malformed");
}

TEST_CASE_FIXTURE(Fixture, "ReadTiledEntry: tiles and bundles that are not what they should be") {
  const std::string tile = Honest("tile/0/000").body;
  const std::string bundle = Honest("tile/entries/000").body;
  CHECK(ReasonWith("tile/0/000", {.body = tile}) == "ok");
  CHECK(ReasonWith("tile/0/000", {.body = tile.substr(32)}) == "log-proof");
  CHECK(ReasonWith("tile/0/000", {.body = tile + tile}) == "log-proof");
  CHECK(ReasonWith("tile/0/000", {.body = ""}) == "log-proof");
  CHECK(ReasonWith("tile/0/001.p/44", {.body = tile}) == "log-proof");
  CHECK(ReasonWith("tile/entries/000", {.body = bundle}) == "ok");
  CHECK(ReasonWith("tile/entries/000", {.body = bundle.substr(1)}) == "log-entry-malformed");
  CHECK(ReasonWith("tile/entries/000", {.body = bundle + "x"}) == "log-entry-malformed");
  CHECK(ReasonWith("tile/entries/000", {.body = "<html>"}) == "log-entry-malformed");
  // 256 entries that are no JSON.
  CHECK(ReasonWith("tile/entries/000", {.body = std::string(512, '\0')}) == "log-entry-malformed");
}

TEST_CASE_FIXTURE(Fixture, "ReadTiledEntry: bundles without end are not read") {
  const auto entry = Read(7, [&](std::string_view path) {
    const bool bundle = path == "tile/entries/000";
    return bundle ? std::optional<Reply>(Reply{.body = std::string(kMaxAnswerBytes + 1, 'x')})
                  : std::nullopt;
  });
  REQUIRE_FALSE(entry.ok());
  CHECK(entry.error().code() == Code::kSigningService);
}

TEST_CASE_FIXTURE(Fixture, "ReadTiledEntry: the person wants no more") {
  cancel.Request();
  const auto entry = Read(7);
  REQUIRE_FALSE(entry.ok());
  CHECK(entry.error().code() == Code::kInterrupted);
}

}  // namespace
}  // namespace ociship::services
