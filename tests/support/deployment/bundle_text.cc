// SPDX-License-Identifier: Apache-2.0
// Bundles as text, and what can be wrong with a text.
// Tested by tests/sigstore/deployment_test.cc.
#include "deployment/bundle_text.h"

#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"

namespace ociship::deployment {
namespace {

using util::Base64Encode;
using util::JsonWriter;

std::string_view NameOf(MediaType type) {
  switch (type) {
    case MediaType::kV01:
      return "application/vnd.dev.sigstore.bundle+json;version=0.1";
    case MediaType::kV02:
      return "application/vnd.dev.sigstore.bundle+json;version=0.2";
    case MediaType::kV03Old:
      return "application/vnd.dev.sigstore.bundle+json;version=0.3";
    case MediaType::kV03:
      return "application/vnd.dev.sigstore.bundle.v0.3+json";
  }
  return "";
}

void WriteRaw(JsonWriter& json, ByteView bytes) {
  json.BeginObject().Key("rawBytes").String(Base64Encode(bytes)).EndObject();
}

void WriteChain(JsonWriter& json, const std::vector<Bytes>& certificates) {
  json.Key("x509CertificateChain").BeginObject().Key("certificates").BeginArray();
  for (const Bytes& der : certificates) WriteRaw(json, der);
  json.EndArray().EndObject();
}

// cosign names a key by its hash.
void WriteKeyHint(JsonWriter& json, const SignedContent& content) {
  json.Key("publicKey").BeginObject();
  json.Key("hint").String(Base64Encode(Sha256(content.spki))).EndObject();
}

void WriteSigner(JsonWriter& json, const Plan& plan, const BundleParts& parts) {
  const Bytes& leaf = parts.content.certificate;
  if (plan.Has(Fault::kNoSigner)) return;
  if (leaf.empty()) {
    WriteKeyHint(json, parts.content);
    return;
  }
  std::vector<Bytes> all{leaf};
  all.insert(all.end(), parts.chain.begin(), parts.chain.end());
  if (plan.Has(Fault::kChainTooLong)) all.resize(200, leaf);
  if (plan.Has(Fault::kChainEmpty)) all.clear();
  const bool new_form = plan.media_type == MediaType::kV03 || plan.media_type == MediaType::kV03Old;
  if (!new_form || plan.Has(Fault::kChainInV03)) {
    WriteChain(json, all);
  } else {
    json.Key("certificate");
    WriteRaw(json, leaf);
  }
  if (plan.Has(Fault::kTwoSigners)) WriteKeyHint(json, parts.content);
}

void WriteProof(JsonWriter& json, const InclusionProof& proof) {
  json.Key("inclusionProof").BeginObject();
  json.Key("logIndex").String(util::StrCat(proof.index));
  json.Key("rootHash").String(Base64Encode(proof.root));
  json.Key("treeSize").String(util::StrCat(proof.size)).Key("hashes").BeginArray();
  for (const Bytes& hash : proof.hashes) json.String(Base64Encode(hash));
  json.EndArray();
  if (proof.checkpoint.has_value()) {
    json.Key("checkpoint").BeginObject().Key("envelope").String(*proof.checkpoint).EndObject();
  }
  json.EndObject();
}

void WriteEntry(JsonWriter& json, const Plan& plan, const LogEntry& entry) {
  json.BeginObject().Key("logIndex").String(util::StrCat(entry.index));
  if (!plan.Has(Fault::kLogIdMissing)) {
    json.Key("logId").BeginObject().Key("keyId").String(Base64Encode(entry.log_id)).EndObject();
  }
  json.Key("kindVersion").BeginObject().Key("kind").String(entry.kind);
  json.Key("version").String(entry.version).EndObject();
  if (entry.integrated != 0) json.Key("integratedTime").String(util::StrCat(entry.integrated));
  if (entry.promise.has_value()) {
    json.Key("inclusionPromise").BeginObject();
    json.Key("signedEntryTimestamp").String(Base64Encode(*entry.promise)).EndObject();
  }
  if (entry.proof.has_value()) WriteProof(json, *entry.proof);
  if (!plan.Has(Fault::kBodyMissing)) {
    json.Key("canonicalizedBody").String(Base64Encode(util::AsBytes(entry.body)));
  }
  json.EndObject();
}

void WriteStamps(JsonWriter& json, const std::vector<Bytes>& stamps) {
  json.Key("timestampVerificationData").BeginObject().Key("rfc3161Timestamps").BeginArray();
  for (const Bytes& stamp : stamps) {
    json.BeginObject().Key("signedTimestamp").String(Base64Encode(stamp)).EndObject();
  }
  json.EndArray().EndObject();
}

void WriteMessage(JsonWriter& json, const Plan& plan, const SignedContent& content) {
  const HashType type = content.key_type == KeyType::kP384 ? HashType::kSha384 : HashType::kSha256;
  Bytes digest = Hash(type, util::AsBytes(content.artifact));
  if (plan.Has(Fault::kDigestOther)) digest = Hash(type, util::AsBytes("another artifact"));
  const bool other = plan.Has(Fault::kDigestAlgorithmOther);
  json.Key("messageSignature").BeginObject().Key("messageDigest").BeginObject();
  json.Key("algorithm").String(other ? "SHA2_512" : ProtoName(type));
  json.Key("digest").String(Base64Encode(digest)).EndObject();
  json.Key("signature").String(Base64Encode(content.signature)).EndObject();
}

void WriteEnvelope(JsonWriter& json, const Plan& plan, const SignedContent& content) {
  std::string payload = content.payload;
  if (plan.Has(Fault::kPayloadChanged)) payload = Replaced(payload, "\"app\"", "\"apq\"");
  json.Key("dsseEnvelope").BeginObject();
  json.Key("payload").String(Base64Encode(util::AsBytes(payload)));
  json.Key("payloadType").String(content.payload_type).Key("signatures").BeginArray();
  const int count = plan.Has(Fault::kEnvelopeTwoSignatures)      ? 2
                    : plan.Has(Fault::kEnvelopeWithoutSignature) ? 0
                                                                 : 1;
  for (int i = 0; i < count; ++i) {
    json.BeginObject().Key("sig").String(Base64Encode(content.signature));
    json.EndObject();
  }
  json.EndArray().EndObject();
}

void WriteContent(JsonWriter& json, const Plan& plan, const SignedContent& content) {
  if (plan.Has(Fault::kNoContent)) return;
  const bool both = plan.Has(Fault::kTwoContents);
  if (content.content == Content::kMessage || both) WriteMessage(json, plan, content);
  if (content.content == Content::kDsse || both) WriteEnvelope(json, plan, content);
}

// What is wrong with numbers and strings.
std::string SpoiledValues(const Plan& plan, std::string text) {
  const std::string index = "\"logIndex\":\"";
  if (plan.Has(Fault::kIndexNegative)) return Replaced(text, index, index + "-");
  if (plan.Has(Fault::kIndexHuge)) return Replaced(text, index, index + "99999999999999999999");
  if (plan.Has(Fault::kIndexFraction)) {
    text = Replaced(text, index, "\"logIndex\":1.");
    const std::size_t quote = text.find('"', text.find("\"logIndex\":1.") + 13);
    return text.erase(quote, 1);
  }
  if (plan.Has(Fault::kBase64Broken)) {
    return Replaced(text, "\"rawBytes\":\"", "\"rawBytes\":\"*");
  }
  if (plan.Has(Fault::kMediaTypeUnknown)) return Replaced(text, "0.3", "0.9");
  if (plan.Has(Fault::kMediaTypeMissing)) return Replaced(text, "mediaType", "mediaTypo");
  return text;
}

std::string Spoiled(const Plan& plan, std::string text) {
  text = SpoiledValues(plan, std::move(text));
  if (plan.Has(Fault::kJsonTruncated)) text.pop_back();
  if (plan.Has(Fault::kJsonTrailingText)) text += "{}";
  if (plan.Has(Fault::kJsonDuplicateKey)) {
    return Replaced(text, "\"tlogEntries\":", "\"tlogEntries\":[],\"tlogEntries\":");
  }
  if (plan.Has(Fault::kJsonUnknownField)) return Replaced(text, "{", "{\"extra\":1,");
  if (plan.Has(Fault::kJsonNotUtf8)) return Replaced(text, "{", "{\"\xff\":1,");
  if (plan.Has(Fault::kJsonDeep)) {
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    return Replaced(text, "{", "{\"extra\":" + deep + ",");
  }
  return text;
}

}  // namespace

std::string FormatBundle(const Plan& plan, const BundleParts& parts) {
  JsonWriter json;
  json.BeginObject().Key("mediaType").String(NameOf(plan.media_type));
  json.Key("verificationMaterial").BeginObject();
  WriteSigner(json, plan, parts);
  json.Key("tlogEntries").BeginArray();
  for (const LogEntry& entry : parts.entries) WriteEntry(json, plan, entry);
  json.EndArray();
  if (!parts.stamps.empty()) WriteStamps(json, parts.stamps);
  json.EndObject();
  WriteContent(json, plan, parts.content);
  json.EndObject();
  return Spoiled(plan, json.text());
}

}  // namespace ociship::deployment
