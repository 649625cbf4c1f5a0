// SPDX-License-Identifier: Apache-2.0
// Transparency logs: trees, promises, proofs, checkpoints.
// Tested by tests/sigstore/deployment_test.cc.
#include "deployment/rekor.h"

#include "deployment/entry_body.h"
#include "util/encoding.h"
#include "util/text.h"

namespace ociship::deployment {
namespace {

// Entries of earlier shards: version 1 counts them in the entry's index, not in the proof's.
constexpr std::uint64_t kEarlierShards = 1'000'000;
constexpr std::size_t kOthersBehind = 2;

using Leaves = std::vector<std::string>;

// The largest power of two below `size`.
std::size_t SplitOf(std::size_t size) {
  std::size_t split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

Leaves Part(const Leaves& leaves, std::size_t from, std::size_t to) {
  return {leaves.begin() + static_cast<std::ptrdiff_t>(from),
          leaves.begin() + static_cast<std::ptrdiff_t>(to)};
}

Leaves LeavesAround(const std::string& body, std::size_t others) {
  Leaves leaves;
  for (std::size_t i = 0; i < others; ++i) leaves.push_back(util::StrCat("entry before: ", i));
  leaves.push_back(body);
  for (std::size_t i = 0; i < kOthersBehind; ++i) {
    leaves.push_back(util::StrCat("entry behind: ", i));
  }
  return leaves;
}

// The signed entry timestamp: JCS of four members.
Bytes PromiseOf(const Plan& plan, const LogInstance& log, const LogEntry& entry) {
  Seconds integrated = entry.integrated;
  std::uint64_t index = entry.index;
  std::string body = entry.body;
  if (plan.Has(Fault::kPromiseOtherTime)) integrated -= 1;
  if (plan.Has(Fault::kPromiseOtherIndex)) index += 1;
  if (plan.Has(Fault::kPromiseOfOtherEntry)) body = "another entry";
  const std::string message = util::StrCat(
      R"({"body":")", util::Base64Encode(util::AsBytes(body)), R"(","integratedTime":)", integrated,
      R"(,"logID":")", util::HexEncode(entry.log_id), R"(","logIndex":)", index, "}");
  const bool other = plan.Has(Fault::kPromiseOtherKey);
  const Key key = other ? Key::Of(KeyType::kP256, "evil promise") : log.key;
  Bytes promise = key.Sign(util::AsBytes(message));
  if (plan.Has(Fault::kPromiseFlipped)) promise.back() ^= 1;
  return promise;
}

// The three lines that the log signs.
std::string CheckpointText(const Plan& plan, const LogInstance& log, const Leaves& leaves,
                           const Bytes& root) {
  std::string origin = log.origin();
  if (plan.Has(Fault::kCheckpointOtherOrigin)) {
    origin = Replaced(origin, log.host, "other.rekor.example");
  }
  if (plan.Has(Fault::kCheckpointV1OnV2)) origin = util::StrCat(log.host, " - 12345");
  if (plan.Has(Fault::kCheckpointV2OnV1)) origin = log.host;
  std::string size = util::StrCat(leaves.size());
  if (plan.Has(Fault::kCheckpointLeadingZero)) size.insert(0, "0");
  std::string text;
  if (!plan.Has(Fault::kCheckpointNoOrigin)) text += util::StrCat(origin, "\n");
  if (!plan.Has(Fault::kCheckpointNoSize)) text += util::StrCat(size, "\n");
  if (!plan.Has(Fault::kCheckpointNoRoot)) {
    text += util::StrCat(util::Base64Encode(root), "\n");
  }
  return text;
}

Bytes KeyHintOf(const LogInstance& log, const Key& key) {
  LogInstance named = log;
  named.key = key;
  Bytes hint = named.id();
  hint.resize(4);
  return hint;
}

std::string SignatureLine(std::string_view name, const Bytes& hint, const Bytes& signature) {
  return util::StrCat("\xE2\x80\x94 ", name, " ", util::Base64Encode(Join({hint, signature})),
                      "\n");
}

// A line of somebody who saw the checkpoint (C2SP tlog-cosignature).
std::string WitnessLine(int number, std::string_view text) {
  const std::string name = util::StrCat("witness", number, ".example");
  const Key key = Key::Of(KeyType::kEd25519, name);
  Bytes hint = NoteKeyId(name, 0x04, key.raw());
  hint.resize(4);
  const std::string message = util::StrCat("cosignature/v1\ntime ", kSigned, "\n", text);
  Bytes time(8);
  for (std::size_t i = 0; i < 8; ++i) {
    time[i] = static_cast<std::uint8_t>((kSigned >> (56 - 8 * i)) & 0xff);
  }
  return SignatureLine(name, Join({hint, time}), key.Sign(util::AsBytes(message)));
}

std::string LogLine(const Plan& plan, const LogInstance& log, const std::string& text) {
  const bool other = plan.Has(Fault::kCheckpointOtherKey);
  const Key key = other ? Key::Of(log.key.type(), "evil checkpoint") : log.key;
  std::string message = text;
  if (plan.Has(Fault::kCheckpointSignedWithBlankLine)) message += "\n";
  Bytes signature = key.Sign(util::AsBytes(message));
  if (plan.Has(Fault::kCheckpointFlipped)) signature.back() ^= 1;
  Bytes hint = KeyHintOf(log, key);
  if (plan.Has(Fault::kCheckpointOtherHint)) hint[0] ^= 1;
  const bool other_name = plan.Has(Fault::kCheckpointOtherName);
  return SignatureLine(other_name ? "rekor.evil.example" : log.host, hint, signature);
}

// A line in the name of the log with a key that nobody knows.
std::string RetiredLine(const LogInstance& log, std::string_view text) {
  const Key key = Key::Of(log.key.type(), "retired checkpoint");
  return SignatureLine(log.host, KeyHintOf(log, key), key.Sign(util::AsBytes(text)));
}

void SpoilPath(const Plan& plan, std::vector<Bytes>& hashes) {
  if (plan.Has(Fault::kProofHashFlipped)) hashes.at(0)[0] ^= 1;
  if (plan.Has(Fault::kProofHashMissing)) hashes.pop_back();
  if (plan.Has(Fault::kProofHashTooMany)) hashes.push_back(Sha256({}));
  if (plan.Has(Fault::kProofHashShort)) hashes.at(0).pop_back();
}

void SpoilProof(const Plan& plan, const LogInstance& log, const std::string& body,
                InclusionProof& proof, const Leaves& leaves) {
  SpoilPath(plan, proof.hashes);
  if (plan.Has(Fault::kProofIndexOther)) proof.index -= 1;
  if (plan.Has(Fault::kProofIndexBeyond)) proof.index = proof.size;
  if (plan.Has(Fault::kProofSizeOther)) proof.size += 1;
  const bool unsigned_root = plan.Has(Fault::kProofWithoutSignedRoot);
  if (plan.Has(Fault::kProofOfOwnTree) || unsigned_root) {
    const Bytes honest_root = proof.root;
    proof = {.index = 0,
             .size = 1,
             .root = TreeHash({body}),
             .hashes = {},
             .checkpoint = proof.checkpoint};
    if (unsigned_root) {
      *proof.checkpoint = Replaced(
          *proof.checkpoint, util::StrCat(leaves.size(), "\n", util::Base64Encode(honest_root)),
          util::StrCat("1\n", util::Base64Encode(proof.root)));
    }
  }
  if (plan.Has(Fault::kCheckpointMissing)) proof.checkpoint.reset();
  if (plan.Has(Fault::kCheckpointOlderTree)) {
    proof.checkpoint = CheckpointOf(plan, log, Part(leaves, 0, leaves.size() - 1));
  }
}

Seconds IntegratedOf(const Plan& plan) {
  if (plan.Has(Fault::kIntegratedAfterLeaf)) return kLeafEnd + 1;
  if (plan.Has(Fault::kIntegratedBeforeLeaf)) return kSigned - 1;
  return kIntegrated;
}

}  // namespace

std::string CheckpointOf(const Plan& plan, const LogInstance& log, const Leaves& leaves) {
  const std::string text = CheckpointText(plan, log, leaves, TreeHash(leaves));
  std::string note = util::StrCat(text, "\n");
  if (plan.Has(Fault::kCheckpointUnsigned)) return note;
  const bool witnessed = plan.witnesses == Witnesses::kThree;
  // The log's own line need not be the first.
  if (witnessed) note += WitnessLine(1, text);
  note += LogLine(plan, log, text);
  if (witnessed) note += WitnessLine(2, text) + WitnessLine(3, text) + RetiredLine(log, text);
  if (plan.Has(Fault::kCheckpointManyLines)) {
    for (int i = 0; i < 101; ++i) note += WitnessLine(1, text);
  }
  return note;
}

Bytes TreeHash(const std::vector<std::string>& leaves) {
  if (leaves.size() == 1) return Sha256(Join({Bytes{0}, Copy(leaves[0])}));
  const std::size_t split = SplitOf(leaves.size());
  return Sha256(Join(
      {Bytes{1}, TreeHash(Part(leaves, 0, split)), TreeHash(Part(leaves, split, leaves.size()))}));
}

std::vector<Bytes> TreePath(std::size_t index, const std::vector<std::string>& leaves) {
  if (leaves.size() == 1) return {};
  const std::size_t split = SplitOf(leaves.size());
  const Leaves left = Part(leaves, 0, split);
  const Leaves right = Part(leaves, split, leaves.size());
  std::vector<Bytes> path = index < split ? TreePath(index, left) : TreePath(index - split, right);
  path.push_back(TreeHash(index < split ? right : left));
  return path;
}

LogEntry LogBody(const Plan& plan, const LogInstance& log, LogEntry entry, std::size_t others) {
  const Leaves leaves = LeavesAround(entry.body, others);
  entry.log_id = log.id();
  entry.index = log.kind == LogKind::kV1 ? kEarlierShards + others : others;
  if (log.kind == LogKind::kV1 && plan.promise == Promise::kIncluded) {
    entry.integrated = IntegratedOf(plan);
    entry.promise = PromiseOf(plan, log, entry);
  }
  if (plan.Has(Fault::kPromiseMissing)) entry.promise.reset();
  if (plan.Has(Fault::kPromiseMissingInV01)) {
    entry.promise.reset();
    entry.integrated = 0;
  }
  if (plan.proof == Proof::kIncluded && !plan.Has(Fault::kProofMissing)) {
    entry.proof = InclusionProof{.index = others,
                                 .size = leaves.size(),
                                 .root = TreeHash(leaves),
                                 .hashes = TreePath(others, leaves),
                                 .checkpoint = CheckpointOf(plan, log, leaves)};
    SpoilProof(plan, log, entry.body, *entry.proof, leaves);
    // Version 2 has one index alone, which stands in both places.
    if (log.kind == LogKind::kV2) entry.index = entry.proof->index;
  }
  return entry;
}

LogEntry LogContent(const Plan& plan, const LogInstance& log, const SignedContent& content,
                    std::size_t others) {
  return LogBody(plan, log, BodyOf(plan, log, content), others);
}

}  // namespace ociship::deployment
