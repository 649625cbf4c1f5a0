// SPDX-License-Identifier: Apache-2.0
// Entries and proofs out of the files of a tiled log (C2SP tlog-tiles.md). Tested by
// log_tiles_test.cc.
#include "services/log_tiles.h"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <utility>

#include "services/failure.h"
#include "services/log_request.h"
#include "sigstore/checkpoint.h"
#include "sigstore/merkle.h"
#include "sigstore/reason.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using sigstore::Malformed;
using sigstore::Reason;
using util::StrCat;

constexpr unsigned kTileLevels = 8;  // a full tile is the base of a tree so high
constexpr std::size_t kHashBytes = 32;
constexpr std::string_view kReadPath = "/api/v2/";
// What stores of files say of one that is not there.
constexpr int kForbidden = 403;
constexpr int kMissing = 404;

// HASH(0x01 || left || right): the root of the tree of two.
Result<util::Bytes> Joined(const util::Bytes& left, const util::Bytes& right) {
  return sigstore::RootFromPath(left, 0, 2, {right});
}

// The root over hashes of which there are a power of two.
Result<util::Bytes> RootOver(std::vector<util::Bytes> hashes) {
  while (hashes.size() > 1) {
    std::vector<util::Bytes> above;
    for (std::size_t i = 0; i + 1 < hashes.size(); i += 2) {
      above.push_back(TRY(Joined(hashes[i], hashes[i + 1])));
    }
    hashes = std::move(above);
  }
  return std::move(hashes.front());
}

// The leaves from `begin` on, before `end`, as full subtrees. What is on a path begins at a
// multiple of a power of two that is not smaller than itself, so that each of these does too.
std::vector<Subtree> SubtreesBetween(std::uint64_t begin, std::uint64_t end) {
  std::vector<Subtree> subtrees;
  while (begin < end) {
    const auto height = static_cast<unsigned>(std::bit_width(end - begin)) - 1;
    subtrees.push_back({.height = height, .index = begin >> height});
    begin += std::uint64_t{1} << height;
  }
  return subtrees;
}

Result<util::Bytes> HashOf(const Subtree& subtree, std::uint64_t size, const TileSource& source) {
  const unsigned level = subtree.height / kTileLevels;
  const unsigned above = subtree.height % kTileLevels;
  // The hashes that are below it in its tile.
  const std::uint64_t first = subtree.index << above;
  const std::uint64_t count = std::uint64_t{1} << above;
  const Tile tile = TileAt(level, first / kFullTile, size);
  const util::Bytes bytes = TRY(source(tile));
  if (bytes.size() != tile.width * kHashBytes) {
    return Malformed(Reason::kLogProof, StrCat(PathOfTile(tile), " has ", bytes.size(),
                                               " bytes, not ", tile.width * kHashBytes));
  }
  std::vector<util::Bytes> hashes;
  for (std::uint64_t i = first % kFullTile; i < first % kFullTile + count; ++i) {
    const ByteView hash = ByteView(bytes).subspan(i * kHashBytes, kHashBytes);
    hashes.emplace_back(hash.begin(), hash.end());
  }
  return RootOver(std::move(hashes));
}

// RFC 9162 section 2.1.1, MTH: the largest full tree is the left half, what is left the right one.
Result<util::Bytes> HashOfAll(const std::vector<Subtree>& subtrees, std::uint64_t size,
                              const TileSource& source) {
  util::Bytes hash = TRY(HashOf(subtrees.back(), size, source));
  for (auto left = subtrees.rbegin() + 1; left != subtrees.rend(); ++left) {
    const util::Bytes left_hash = TRY(HashOf(*left, size, source));
    hash = TRY(Joined(left_hash, hash));
  }
  return hash;
}

// "1234067 is encoded as x001/x234/067" (tlog-tiles.md).
std::string NumberPath(std::uint64_t number) {
  std::string path;
  for (bool last = true; last || number > 0; last = false, number /= 1000) {
    std::string digits = StrCat(number % 1000);
    digits.insert(0, 3 - digits.size(), '0');
    path.insert(0, last ? digits : StrCat("x", digits, "/"));
  }
  return path;
}

std::string WithNumber(std::string_view folder, const Tile& tile) {
  const std::string path = StrCat("tile/", folder, "/", NumberPath(tile.number));
  return tile.width == kFullTile ? path : StrCat(path, ".p/", tile.width);
}

// Reads the files of one log.
class LogFiles {
 public:
  LogFiles(ServiceCaller& caller, std::string_view base_url)
      : caller_(caller),
        base_url_(base_url),
        service_(StrCat("the log at ", util::Printable(base_url))) {}

  const std::string& service() const { return service_; }

  Result<std::string> Checkpoint() {
    std::optional<std::string> note = TRY(Get("checkpoint"));
    if (!note) return Missing("checkpoint");
    return *std::move(note);
  }

  // All hashes that a tile has, each tile once.
  Result<util::Bytes> Hashes(const Tile& tile) {
    const auto key = std::pair(tile.level, tile.number);
    const auto known = tiles_.find(key);
    if (known != tiles_.end()) return known->second;
    Found found = TRY(Find(tile, PathOfTile));
    util::Bytes bytes(found.text.begin(), found.text.end());
    // Of a tile that was filled up since the checkpoint only the beginning belongs to the tree.
    if (found.width == kFullTile && bytes.size() == kFullTile * kHashBytes) {
      bytes.resize(tile.width * kHashBytes);
    }
    tiles_.emplace(key, bytes);
    return bytes;
  }

  // The entry at `index` of a tree of `size`.
  Result<std::string> Entry(std::uint64_t index, std::uint64_t size) {
    const Tile tile = TileAt(0, index / kFullTile, size);
    Found found = TRY(Find(tile, PathOfEntries));
    std::vector<std::string> entries =
        TRY(ParseEntryBundle(util::AsBytes(found.text), found.width));
    return std::move(entries[index % kFullTile]);
  }

 private:
  struct Found {
    std::string text = {};
    std::uint64_t width = 0;  // of the file that was there
  };

  // "Clients that fail to fetch a partial tile should fetch the full one" (tlog-tiles.md): logs
  // remove the first once they have the second.
  Result<Found> Find(const Tile& tile, std::string (*path_of)(const Tile&)) {
    std::optional<std::string> text = TRY(Get(path_of(tile)));
    if (text) return Found{.text = *std::move(text), .width = tile.width};
    Tile full = tile;
    full.width = kFullTile;
    if (tile.width != kFullTile) text = TRY(Get(path_of(full)));
    if (!text) return Missing(path_of(tile));
    return Found{.text = *std::move(text), .width = kFullTile};
  }

  Result<std::optional<std::string>> Get(std::string_view path) {
    util::Url url = TRY(Endpoint(base_url_, StrCat(kReadPath, path)));
    const ServiceCall call{
        .service = service_, .method = http::Method::kGet, .url = std::move(url)};
    http::Response response = TRY(caller_.Send(call, {kForbidden, kMissing}));
    if (response.status == kForbidden || response.status == kMissing) {
      return std::optional<std::string>();
    }
    return std::optional<std::string>(std::move(response.body));
  }

  Error Missing(std::string_view path) const {
    return Error(Code::kSigningService, StrCat(service_, " has no ", path,
                                               ", so that an entry that it already has can "
                                               "not be read: sign again later"));
  }

  ServiceCaller& caller_;
  const std::string base_url_;
  const std::string service_;
  std::map<std::pair<unsigned, std::uint64_t>, util::Bytes> tiles_;
};

// The log of the trusted root that signed a checkpoint.
Result<const sigstore::Log*> SignerOf(const sigstore::Checkpoint& checkpoint,
                                      const sigstore::TrustRoot& root) {
  std::optional<Error> refusal;
  for (const sigstore::Log& log : root.logs()) {
    if (log.name != checkpoint.origin) continue;
    const auto verified =
        sigstore::VerifyCheckpoint(checkpoint, log, sigstore::LogGeneration::kRekor2);
    if (verified.ok()) return &log;
    refusal = verified.error();
  }
  if (refusal) return *refusal;
  return sigstore::Refuse(Reason::kCheckpointOrigin,
                          StrCat("the checkpoint is of ", util::Quoted(checkpoint.origin),
                                 ", which is no log of the trusted root"));
}

Result<sigstore::LogEntry> ReadEntry(LogFiles& files, std::uint64_t index,
                                     const sigstore::TrustRoot& root) {
  std::string note = TRY(files.Checkpoint());
  const sigstore::Checkpoint checkpoint = TRY(sigstore::ParseCheckpoint(note));
  const sigstore::Log* log = TRY(SignerOf(checkpoint, root));
  if (index >= checkpoint.size) {
    // No lie: what is read may be some seconds behind what is written.
    return Error(Code::kSigningService,
                 StrCat(files.service(), " says nothing yet of entry ", index, ": its tree has ",
                        checkpoint.size, "; sign again later"));
  }
  sigstore::LogEntry entry{};
  entry.index = index;
  entry.log_id = log->id;
  entry.body = TRY(files.Entry(index, checkpoint.size));
  const util::Json body = TRY(util::Json::Parse(entry.body));
  entry.kind = TRY(body.String("kind"));
  entry.version = TRY(body.String("apiVersion"));
  sigstore::InclusionProof proof{};
  proof.index = index;
  proof.tree_size = checkpoint.size;
  proof.root = checkpoint.root;
  proof.hashes = TRY(
      ProofFromTiles(index, checkpoint.size, [&](const Tile& tile) { return files.Hashes(tile); }));
  proof.checkpoint = std::move(note);
  entry.proof = std::move(proof);
  return entry;
}

}  // namespace

std::vector<std::vector<Subtree>> SubtreesOnPath(std::uint64_t index, std::uint64_t size) {
  std::vector<std::vector<Subtree>> path;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    // "k is the largest power of two smaller than n".
    const std::uint64_t middle = begin + std::bit_floor(end - begin - 1);
    if (index < middle) {
      path.push_back(SubtreesBetween(middle, end));
      end = middle;
    } else {
      path.push_back(SubtreesBetween(begin, middle));
      begin = middle;
    }
  }
  std::reverse(path.begin(), path.end());
  return path;
}

Tile TileAt(unsigned level, std::uint64_t number, std::uint64_t size) {
  const std::uint64_t hashes = size >> (kTileLevels * level);
  const std::uint64_t width = std::min(kFullTile, hashes - number * kFullTile);
  return {.level = level, .number = number, .width = width};
}

std::string PathOfTile(const Tile& tile) { return WithNumber(StrCat(tile.level), tile); }
std::string PathOfEntries(const Tile& tile) { return WithNumber("entries", tile); }

Result<std::vector<util::Bytes>> ProofFromTiles(std::uint64_t index, std::uint64_t size,
                                                const TileSource& source) {
  if (index >= size) {
    return Malformed(Reason::kLogProof,
                     StrCat("there is no entry ", index, " in a tree of ", size));
  }
  std::vector<util::Bytes> hashes;
  for (const std::vector<Subtree>& subtrees : SubtreesOnPath(index, size)) {
    hashes.push_back(TRY(HashOfAll(subtrees, size, source)));
  }
  return hashes;
}

Result<std::vector<std::string>> ParseEntryBundle(ByteView bundle, std::uint64_t count) {
  std::vector<std::string> entries;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t length = bundle.size() < 2 ? 0 : (std::size_t{bundle[0]} << 8) + bundle[1];
    if (bundle.size() < 2 || bundle.size() - 2 < length) {
      return Malformed(Reason::kLogEntryMalformed,
                       StrCat("a bundle of ", count, " entries ends within the one at ", i));
    }
    entries.emplace_back(util::AsText(bundle.subspan(2, length)));
    bundle = bundle.subspan(2 + length);
  }
  if (bundle.empty()) return entries;
  return Malformed(Reason::kLogEntryMalformed,
                   StrCat("a bundle of ", count, " entries has ", bundle.size(), " bytes more"));
}

Result<sigstore::LogEntry> ReadTiledEntry(ServiceCaller& caller, std::string_view base_url,
                                          std::uint64_t index, const sigstore::TrustRoot& root) {
  LogFiles files(caller, base_url);
  Result<sigstore::LogEntry> entry = ReadEntry(files, index, root);
  // What was found in files that came whole.
  if (!entry.ok() &&
      (entry.error().code() == Code::kBadInput || entry.error().code() == Code::kNoMatch)) {
    return Unusable(files.service(), entry.error());
  }
  return entry;
}

}  // namespace ociship::services
