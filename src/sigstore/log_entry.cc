// SPDX-License-Identifier: Apache-2.0
// Log entries in protobuf JSON (sigstore_rekor.proto). Covered by tests/sigstore/bundle_test.cc.
#include "sigstore/log_entry.h"

#include <utility>

#include "sigstore/proto_json.h"
#include "sigstore/reason.h"
#include "util/text.h"
#include "util/time.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

constexpr std::size_t kHashBytes = 32;  // of SHA-256, which both kinds of log use

Error Bad(std::string message) {
  return Malformed(Reason::kLogEntryMalformed, std::move(message)).While("log entry");
}

Result<util::Bytes> HashField(const util::Json& message, std::string_view key) {
  util::Bytes hash = TRY(BytesField(message, key));
  if (hash.size() != kHashBytes) return Bad(util::StrCat(util::Quoted(key), " has not 32 bytes"));
  return hash;
}

Result<std::string> ParseCheckpoint(const util::Json& proof) {
  const util::Json* message = proof.FindNonNull("checkpoint");
  // "The inclusion proof MUST contain a checkpoint" (sigstore_rekor.proto): without one the root
  // would be the word of whoever made the bundle.
  if (message == nullptr) {
    return Malformed(Reason::kLogProofMissing, "the inclusion proof has no checkpoint");
  }
  TRY(CheckMessage(*message, "\"checkpoint\"", {"envelope"}));
  std::string envelope = TRY(message->String("envelope"));
  if (envelope.empty()) {
    return Malformed(Reason::kLogProofMissing, "the inclusion proof has an empty checkpoint");
  }
  if (envelope.size() > kMaxCheckpointBytes) return Bad("the checkpoint is too long");
  return envelope;
}

Result<InclusionProof> ParseProof(const util::Json& json) {
  TRY(CheckMessage(json, "\"inclusionProof\"",
                   {"logIndex", "rootHash", "treeSize", "hashes", "checkpoint"}));
  InclusionProof proof;
  proof.index = TRY(UnsignedField(json, "logIndex"));
  proof.tree_size = TRY(UnsignedField(json, "treeSize"));
  proof.checkpoint = TRY(ParseCheckpoint(json));
  proof.root = TRY(HashField(json, "rootHash"));
  const std::vector<util::Json>* hashes = TRY(RepeatedField(json, "hashes", kMaxProofHashes));
  for (const util::Json& element : *hashes) {
    const std::string text = TRY(element.AsString("hashes"));
    util::Bytes hash = TRY(DecodeBytes(text, "hashes"));
    if (hash.size() != kHashBytes) return Bad("a hash of the inclusion proof has not 32 bytes");
    proof.hashes.push_back(std::move(hash));
  }
  return proof;
}

Result<std::optional<util::Bytes>> ParsePromise(const util::Json& entry) {
  const util::Json* promise = entry.FindNonNull("inclusionPromise");
  if (promise == nullptr) return std::optional<util::Bytes>();
  TRY(CheckMessage(*promise, "\"inclusionPromise\"", {"signedEntryTimestamp"}));
  util::Bytes signature = TRY(BytesField(*promise, "signedEntryTimestamp"));
  return std::optional<util::Bytes>(std::move(signature));
}

Result<LogEntry> ParseFields(const util::Json& json) {
  TRY(CheckMessage(json, "it",
                   {"logIndex", "logId", "kindVersion", "integratedTime", "inclusionPromise",
                    "inclusionProof", "canonicalizedBody"}));
  LogEntry entry;
  entry.index = TRY(UnsignedField(json, "logIndex"));
  const util::Json* id = TRY(json.Object("logId"));
  TRY(CheckMessage(*id, "\"logId\"", {"keyId"}));
  entry.log_id = TRY(HashField(*id, "keyId"));
  const util::Json* kind = TRY(json.Object("kindVersion"));
  TRY(CheckMessage(*kind, "\"kindVersion\"", {"kind", "version"}));
  entry.kind = TRY(kind->String("kind"));
  entry.version = TRY(kind->String("version"));
  const std::uint64_t time = TRY(UnsignedField(json, "integratedTime"));
  if (std::cmp_greater(time, util::kLastSecond))
    return Bad("\"integratedTime\" is after the year 9999");
  if (time != 0) entry.integrated_time = std::chrono::sys_seconds(std::chrono::seconds(time));
  entry.promise = TRY(ParsePromise(json));
  const util::Json* proof = json.FindNonNull("inclusionProof");
  if (proof != nullptr) entry.proof = TRY(ParseProof(*proof));
  const util::Bytes body = TRY(BytesField(json, "canonicalizedBody"));
  if (body.size() > kMaxEntryBodyBytes) return Bad("the body is too long");
  entry.body = util::AsText(body);
  return entry;
}

}  // namespace

Result<LogEntry> ParseLogEntry(const util::Json& json) {
  Result<LogEntry> entry = ParseFields(json);
  if (entry.ok() || !entry.error().reason().empty()) return entry;
  return Bad(entry.error().message());
}

}  // namespace ociship::sigstore
