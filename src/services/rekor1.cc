// SPDX-License-Identifier: Apache-2.0
// Entries of Rekor v1: openapi.yaml, createLogEntry and getLogEntryByUUID. Tested by rekor_test.cc.
#include "services/rekor1.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "crypto/sign.h"
#include "services/log_request.h"
#include "sigstore/dsse.h"
#include "sigstore/hash_name.h"
#include "sigstore/reason.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/time.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using sigstore::Malformed;
using sigstore::Reason;
using util::StrCat;

constexpr std::string_view kEntriesPath = "/api/v1/log/entries";
constexpr int kConflict = 409;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kMaxBodyValues = 10'000;
// "EntryID = TreeID (8 bytes) + UUID (32 bytes)", of which the first part may be missing
// (Rekor, pkg/sharding).
constexpr std::size_t kUuidDigits = 64;
constexpr std::size_t kEntryIdDigits = 80;

std::string Base64Of(std::string_view text) { return util::Base64Encode(util::AsBytes(text)); }

Status CheckEd25519(const Loggable& loggable, Ed25519Form refused, std::string_view advice) {
  const bool ed25519 = loggable.signer.key.type() == crypto::KeyType::kEd25519;
  if (!ed25519 || FormOf(loggable) != refused) return Ok();
  return Error(Code::kUsage, std::string(advice));
}

Result<std::string> FormatHashedRekord(const Loggable& loggable) {
  TRY(CheckEd25519(loggable, Ed25519Form::kPure,
                   "Rekor v1 takes the signature of a file with an Ed25519 key only as Ed25519ph, "
                   "this one is pure Ed25519: sign with an ECDSA key, or without a log"));
  const crypto::HashAlgorithm algorithm = crypto::DefaultHash(loggable.signer.key.type());
  const util::Bytes hash = TRY(LoggedHash(loggable, algorithm));
  util::JsonWriter json;
  json.BeginObject().Key("apiVersion").String("0.0.1").Key("kind").String("hashedrekord");
  json.Key("spec").BeginObject().Key("data").BeginObject().Key("hash").BeginObject();
  json.Key("algorithm")
      .String(sigstore::NamesOf(algorithm).plain)
      .Key("value")
      .String(util::HexEncode(hash));
  json.EndObject().EndObject().Key("signature").BeginObject().Key("content");
  json.String(util::Base64Encode(sigstore::SignatureOf(loggable.material.content)));
  json.Key("publicKey").BeginObject().Key("content").String(Base64Of(VerifierPem(loggable)));
  json.EndObject().EndObject().EndObject().EndObject();
  return json.text();
}

// The envelope as the bundle will have it: the log keeps the hash of this text.
std::string EnvelopeText(const sigstore::Envelope& envelope) {
  util::JsonWriter json;
  json.BeginObject().Key("payload").String(Base64Of(envelope.payload));
  json.Key("payloadType").String(envelope.payload_type);
  json.Key("signatures").BeginArray().BeginObject();
  json.Key("sig").String(util::Base64Encode(envelope.signature));
  json.EndObject().EndArray().EndObject();
  return json.text();
}

// Rekor v1 verifies envelopes with SHA-256 whatever the key (pkg/types/dsse/v0.0.1,
// verifyEnvelope).
Status CheckEnvelopeHash(const Loggable& loggable, const sigstore::Envelope& envelope) {
  const crypto::PublicKey& key = loggable.signer.key;
  const bool longer = crypto::DefaultHash(key.type()) != crypto::HashAlgorithm::kSha256;
  if (key.type() == crypto::KeyType::kEd25519 || !longer) return Ok();
  const std::string encoding = sigstore::PreAuthEncoding(envelope.payload_type, envelope.payload);
  const auto verified = crypto::Verify(key, util::AsBytes(encoding), envelope.signature,
                                       crypto::HashAlgorithm::kSha256);
  if (verified.ok()) return Ok();
  return Error(Code::kUsage,
               "Rekor v1 takes the signature of an envelope only over SHA-256, which ECDSA keys of "
               "P-384 and P-521 do not use: sign with a P-256 key, or without a log");
}

Result<std::string> FormatDsse(const Loggable& loggable, const sigstore::Envelope& envelope) {
  TRY(CheckEnvelopeHash(loggable, envelope));
  TRY(CheckEd25519(loggable, Ed25519Form::kPrehashed,
                   "Rekor v1 takes the signature of an envelope with an Ed25519 key only as pure "
                   "Ed25519, this one is Ed25519ph: sign with an ECDSA key, or without a log"));
  util::JsonWriter json;
  json.BeginObject().Key("apiVersion").String("0.0.1").Key("kind").String("dsse");
  json.Key("spec").BeginObject().Key("proposedContent").BeginObject();
  json.Key("envelope").String(EnvelopeText(envelope));
  json.Key("verifiers").BeginArray().String(Base64Of(VerifierPem(loggable))).EndArray();
  json.EndObject().EndObject().EndObject();
  return json.text();
}

Result<util::Bytes> HashFrom(std::string_view hex, std::string_view what) {
  util::Bytes hash = TRY(util::HexDecode(hex));
  if (hash.size() != kHashBytes) {
    return Malformed(Reason::kLogEntryMalformed, StrCat(util::Quoted(what), " has not 32 bytes"));
  }
  return hash;
}

Result<util::Bytes> HashField(const util::Json& json, std::string_view key) {
  const std::string hex = TRY(json.String(key));
  return HashFrom(hex, key);
}

Result<sigstore::InclusionProof> ParseProof(const util::Json& json) {
  sigstore::InclusionProof proof{};
  proof.index = TRY(json.Unsigned("logIndex"));
  proof.tree_size = TRY(json.Unsigned("treeSize"));
  proof.root = TRY(HashField(json, "rootHash"));
  proof.checkpoint = TRY(json.String("checkpoint"));
  if (proof.checkpoint.size() > sigstore::kMaxCheckpointBytes) {
    return Malformed(Reason::kLogEntryMalformed, "the checkpoint is too long");
  }
  // Go writes the empty list of a tree with one entry as null.
  const util::Json* hashes = json.FindNonNull("hashes");
  if (hashes == nullptr) return proof;
  if (!hashes->is_array() || hashes->elements().size() > sigstore::kMaxProofHashes) {
    return Malformed(Reason::kLogEntryMalformed, "\"hashes\" is no list of a proof's length");
  }
  for (const util::Json& element : hashes->elements()) {
    const std::string hex = TRY(element.AsString("hashes"));
    proof.hashes.push_back(TRY(HashFrom(hex, "hashes")));
  }
  return proof;
}

// {"inclusionProof":..., "signedEntryTimestamp":BASE64}
Status ParseVerification(const util::Json& json, sigstore::LogEntry& entry) {
  const std::string promise = json.TextOf("signedEntryTimestamp");
  if (promise.empty()) {
    return Malformed(Reason::kLogPromiseMissing, "the entry has no signed entry timestamp");
  }
  entry.promise = TRY(util::Base64Decode(promise));
  const util::Json* proof = json.FindNonNull("inclusionProof");
  if (proof == nullptr) {
    return Malformed(Reason::kLogProofMissing, "the entry has no inclusion proof");
  }
  entry.proof = TRY(ParseProof(*proof));
  return Ok();
}

// "The kind and version are those of the body" (Rekor, pkg/tle): they stand nowhere else.
Status TakeKind(sigstore::LogEntry& entry) {
  const util::Json body = TRY(util::Json::Parse(
      entry.body, {.bytes = sigstore::kMaxEntryBodyBytes, .values = kMaxBodyValues}));
  entry.kind = TRY(body.String("kind"));
  entry.version = TRY(body.String("apiVersion"));
  return Ok();
}

Result<sigstore::LogEntry> ParseEntry(const util::Json& json) {
  sigstore::LogEntry entry{};
  entry.index = TRY(json.Unsigned("logIndex"));
  entry.log_id = TRY(HashField(json, "logID"));
  const std::uint64_t seconds = TRY(json.Unsigned("integratedTime"));
  if (seconds == 0 || std::cmp_greater(seconds, util::kLastSecond)) {
    return Malformed(Reason::kLogEntryMalformed, "\"integratedTime\" is no time");
  }
  entry.integrated_time = std::chrono::sys_seconds(std::chrono::seconds(seconds));
  const std::string body = TRY(json.String("body"));
  const util::Bytes bytes = TRY(util::Base64Decode(body));
  entry.body = util::AsText(bytes);
  TRY(TakeKind(entry));
  const util::Json* verification = TRY(json.Object("verification"));
  TRY(ParseVerification(*verification, entry));
  return entry;
}

Result<sigstore::LogEntry> ReadEntry(const std::string& service, const http::Response& response) {
  Result<sigstore::LogEntry> entry = ParseRekor1Answer(response.body);
  if (!entry.ok()) return Unusable(service, entry.error());
  return entry;
}

bool IsEntryId(std::string_view text) {
  return (text.size() == kUuidDigits || text.size() == kEntryIdDigits) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "409: the entry exists, Location: /api/v1/log/entries/ENTRY_ID" (openapi.yaml). Only the ID is
// taken: a log can not send us anywhere.
Result<util::Url> PlaceOfExisting(const std::string& service, const util::Url& entries,
                                  const http::Response& conflict) {
  const std::string location = conflict.headers.Get("Location").value_or("");
  const Result<util::Url> place = entries.Resolve(location);
  const bool ours = place.ok() && place.value().Origin() == entries.Origin();
  std::string_view id = ours ? std::string_view(place.value().path) : std::string_view();
  id = id.substr(std::min(id.rfind('/') + 1, id.size()));
  if (!ours || !IsEntryId(id)) {
    return Unusable(service,
                    Error(Code::kSigningService,
                          StrCat("it has the entry already and says that it is at ",
                                 util::Quoted(location), ", which is no place in this log")));
  }
  util::Url url = entries;
  url.path.append("/").append(id);
  return url;
}

}  // namespace

Result<std::string> FormatRekor1Request(const Loggable& loggable) {
  const auto* envelope = std::get_if<sigstore::Envelope>(&loggable.material.content);
  return envelope == nullptr ? FormatHashedRekord(loggable) : FormatDsse(loggable, *envelope);
}

Result<sigstore::LogEntry> ParseRekor1Answer(std::string_view json) {
  const util::Json answer = TRY(util::Json::Parse(json, {.bytes = kMaxAnswerBytes}));
  if (answer.members().size() != 1) {
    return Malformed(Reason::kLogEntryMalformed, "it is not exactly one entry");
  }
  return ParseEntry(answer.members().front().second);
}

Result<sigstore::LogEntry> SubmitToRekor1(ServiceCaller& caller, const sigstore::Service& log,
                                          const Loggable& loggable) {
  const std::string service = NameOfLog(log);
  const util::Url url = TRY(Endpoint(log.url, kEntriesPath));
  std::string request = TRY(FormatRekor1Request(loggable));
  const http::Response response =
      TRY(caller.Send(JsonCall(service, url, std::move(request)), {kConflict}));
  if (response.status != kConflict) return ReadEntry(service, response);
  util::Url place = TRY(PlaceOfExisting(service, url, response));
  const http::Response existing = TRY(caller.Send(JsonCall(service, std::move(place))));
  return ReadEntry(service, existing);
}

}  // namespace ociship::services
