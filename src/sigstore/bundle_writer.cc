// SPDX-License-Identifier: Apache-2.0
// Sigstore bundles in protobuf JSON (protobuf-specs, sigstore_bundle.proto), written as cosign 3
// does. Covered by tests/sigstore/bundle_writer_test.cc.
#include "sigstore/bundle_writer.h"

#include <cstdint>
#include <string_view>

#include "crypto/hash.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"

namespace ociship::sigstore {
namespace {

void WriteBytes(util::JsonWriter& json, std::string_view key, ByteView bytes) {
  json.Key(key).String(util::Base64Encode(bytes));
}

// "int64, fixed64, uint64 values are printed as a decimal string" (ProtoJSON Format).
void WriteNumber(util::JsonWriter& json, std::string_view key, std::uint64_t number) {
  json.Key(key).String(util::StrCat(number));
}

void WriteCertificate(util::JsonWriter& json, const util::Bytes& der) {
  json.Key("certificate").BeginObject();
  WriteBytes(json, "rawBytes", der);
  json.EndObject();
}

void WriteSigner(util::JsonWriter& json, const SignerMaterial& signer) {
  if (const auto* key = std::get_if<KeyHint>(&signer)) {
    json.Key("publicKey").BeginObject().Key("hint").String(key->hint).EndObject();
  } else if (const auto* leaf = std::get_if<LeafCertificate>(&signer)) {
    WriteCertificate(json, leaf->der);
  } else {
    WriteCertificate(json, std::get<CertificateChain>(signer).ders.front());
  }
}

void WriteProof(util::JsonWriter& json, const InclusionProof& proof) {
  json.Key("inclusionProof").BeginObject();
  WriteNumber(json, "logIndex", proof.index);
  WriteBytes(json, "rootHash", proof.root);
  WriteNumber(json, "treeSize", proof.tree_size);
  json.Key("hashes").BeginArray();
  for (const util::Bytes& hash : proof.hashes) json.String(util::Base64Encode(hash));
  json.EndArray();
  json.Key("checkpoint").BeginObject().Key("envelope").String(proof.checkpoint).EndObject();
  json.EndObject();
}

void WriteLogEntry(util::JsonWriter& json, const LogEntry& entry) {
  json.BeginObject();
  WriteNumber(json, "logIndex", entry.index);
  json.Key("logId").BeginObject();
  WriteBytes(json, "keyId", entry.log_id);
  json.EndObject();
  json.Key("kindVersion").BeginObject();
  json.Key("kind").String(entry.kind).Key("version").String(entry.version).EndObject();
  if (entry.integrated_time) {
    json.Key("integratedTime")
        .String(util::StrCat(entry.integrated_time->time_since_epoch().count()));
  }
  if (entry.promise) {
    json.Key("inclusionPromise").BeginObject();
    WriteBytes(json, "signedEntryTimestamp", *entry.promise);
    json.EndObject();
  }
  if (entry.proof) WriteProof(json, *entry.proof);
  WriteBytes(json, "canonicalizedBody", util::AsBytes(entry.body));
  json.EndObject();
}

void WriteTimestamps(util::JsonWriter& json, const std::vector<util::Bytes>& timestamps) {
  json.Key("timestampVerificationData").BeginObject().Key("rfc3161Timestamps").BeginArray();
  for (const util::Bytes& timestamp : timestamps) {
    json.BeginObject();
    WriteBytes(json, "signedTimestamp", timestamp);
    json.EndObject();
  }
  json.EndArray().EndObject();
}

void WriteContent(util::JsonWriter& json, const SignedContent& content) {
  if (const auto* envelope = std::get_if<Envelope>(&content)) {
    json.Key("dsseEnvelope").BeginObject();
    WriteBytes(json, "payload", util::AsBytes(envelope->payload));
    json.Key("payloadType").String(envelope->payload_type);
    json.Key("signatures").BeginArray().BeginObject();
    WriteBytes(json, "sig", envelope->signature);
    json.EndObject().EndArray().EndObject();
    return;
  }
  const auto& message = std::get<MessageSignature>(content);
  json.Key("messageSignature").BeginObject();
  json.Key("messageDigest").BeginObject().Key("algorithm").String(message.digest_algorithm);
  WriteBytes(json, "digest", message.digest);
  json.EndObject();
  WriteBytes(json, "signature", message.signature);
  json.EndObject();
}

}  // namespace

KeyHint HintOf(const crypto::PublicKey& key) {
  return {util::Base64Encode(crypto::HashBytes(crypto::HashAlgorithm::kSha256, key.der()))};
}

std::string FormatBundle(const Material& material) {
  util::JsonWriter json;
  json.BeginObject().Key("mediaType").String(kBundleMediaType);
  json.Key("verificationMaterial").BeginObject();
  WriteSigner(json, material.signer);
  if (!material.log_entries.empty()) {
    json.Key("tlogEntries").BeginArray();
    for (const LogEntry& entry : material.log_entries) WriteLogEntry(json, entry);
    json.EndArray();
  }
  if (!material.timestamps.empty()) WriteTimestamps(json, material.timestamps);
  json.EndObject();
  WriteContent(json, material.content);
  json.EndObject();
  return json.text();
}

}  // namespace ociship::sigstore
