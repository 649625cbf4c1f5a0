// SPDX-License-Identifier: Apache-2.0
// The annotations of legacy signatures (cosign, pkg/oci/static, pkg/cosign/bundle). Covered by
// tests/cosign/keyless_test.cc.
#include "cosign/legacy_material.h"

#include <utility>

#include "cosign/signature_image.h"
#include "crypto/certificate.h"
#include "crypto/pem.h"
#include "crypto/timestamp.h"
#include "sigstore/content.h"
#include "sigstore/log_entry.h"
#include "sigstore/reason.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/time.h"
#include "util/try.h"

namespace ociship::cosign {
namespace {

constexpr util::JsonLimits kAnnotationLimits = {.bytes = 1 << 20, .values = 10'000};
constexpr std::size_t kLogIdBytes = 32;

Error Bad(std::string_view annotation, std::string_view why) {
  return Error(Code::kBadInput, util::StrCat("the annotation for the ", annotation, ": ", why));
}

Result<util::Bytes> Base64Field(const util::Json& json, std::string_view key) {
  const std::string text = TRY(json.String(key));
  return util::Base64Decode(text);
}

// {"SignedEntryTimestamp":BASE64,"Payload":{"body":BASE64,"integratedTime":1,"logIndex":1,
// "logID":HEX}}. The kind of the entry is what its body says.
Result<sigstore::LogEntry> ReadLogEntry(std::string_view annotation) {
  const util::Json json = TRY(util::Json::Parse(annotation, kAnnotationLimits));
  sigstore::LogEntry entry{};
  entry.promise = TRY(Base64Field(json, "SignedEntryTimestamp"));
  const util::Json* payload = TRY(json.Object("Payload"));
  entry.index = TRY(payload->Unsigned("logIndex"));
  const std::string log_id = TRY(payload->String("logID"));
  entry.log_id = TRY(util::HexDecode(log_id));
  if (entry.log_id.size() != kLogIdBytes) return Error(Code::kBadInput, "\"logID\" is no SHA-256");
  const std::int64_t time = TRY(payload->Integer("integratedTime"));
  if (time <= 0 || time > util::kLastSecond)
    return Error(Code::kBadInput, "\"integratedTime\" is none");
  entry.integrated_time = std::chrono::sys_seconds(std::chrono::seconds(time));
  const util::Bytes body = TRY(Base64Field(*payload, "body"));
  entry.body = util::AsText(body);
  const util::Json read = TRY(util::Json::Parse(entry.body, kAnnotationLimits));
  entry.kind = TRY(read.String("kind"));
  entry.version = TRY(read.String("apiVersion"));
  return entry;
}

// {"SignedRFC3161Timestamp":BASE64}
Result<util::Bytes> ReadTimestamp(std::string_view annotation) {
  const util::Json json = TRY(util::Json::Parse(annotation, kAnnotationLimits));
  return Base64Field(json, "SignedRFC3161Timestamp");
}

// {"SignedEntryTimestamp":BASE64,"Payload":{...}} as cosign writes it.
std::string FormatLogEntry(const sigstore::LogEntry& entry) {
  util::JsonWriter json;
  json.BeginObject().Key("SignedEntryTimestamp");
  json.String(util::Base64Encode(entry.promise.value_or(util::Bytes())));
  json.Key("Payload").BeginObject();
  json.Key("body").String(util::Base64Encode(util::AsBytes(entry.body)));
  json.Key("integratedTime")
      .Integer(
          entry.integrated_time.value_or(std::chrono::sys_seconds()).time_since_epoch().count());
  json.Key("logIndex").Unsigned(entry.index);
  json.Key("logID").String(util::HexEncode(entry.log_id)).EndObject().EndObject();
  return json.text();
}

std::string FormatTimestamp(const util::Bytes& timestamp) {
  util::JsonWriter json;
  json.BeginObject().Key("SignedRFC3161Timestamp").String(util::Base64Encode(timestamp));
  json.EndObject();
  return json.text();
}

std::string FormatCertificate(const util::Bytes& der) {
  return crypto::FormatPem("CERTIFICATE", der);
}

// The certificate, and the chain behind it.
void AnnotateSigner(const sigstore::SignerMaterial& signer,
                    std::map<std::string, std::string>& annotations) {
  if (const auto* leaf = std::get_if<sigstore::LeafCertificate>(&signer)) {
    annotations.emplace(kCertificateAnnotation, FormatCertificate(leaf->der));
  }
  const auto* chain = std::get_if<sigstore::CertificateChain>(&signer);
  if (chain == nullptr || chain->ders.empty()) return;
  annotations.emplace(kCertificateAnnotation, FormatCertificate(chain->ders.front()));
  std::string issuers;
  for (std::size_t i = 1; i < chain->ders.size(); ++i) issuers += FormatCertificate(chain->ders[i]);
  if (!issuers.empty()) annotations.emplace(kChainAnnotation, std::move(issuers));
}

Result<sigstore::SignerMaterial> ReadSigner(const LegacyCandidate& candidate, WantedSigner wanted) {
  if (wanted == WantedSigner::kKey || !candidate.certificate) {
    return sigstore::SignerMaterial(sigstore::KeyHint{});
  }
  Result<crypto::PemBlock> block = crypto::ParsePem(*candidate.certificate);
  if (!block.ok() || block.value().label != "CERTIFICATE") {
    return Bad("certificate", "it is none").Because(crypto::kCertificateMalformed);
  }
  return sigstore::SignerMaterial(sigstore::LeafCertificate{std::move(block).value().content});
}

}  // namespace

Result<sigstore::Material> ReadLegacyMaterial(const LegacyCandidate& candidate,
                                              WantedSigner wanted) {
  Result<util::Bytes> signature = util::Base64Decode(candidate.signature);
  if (!signature.ok()) return Error(Code::kBadInput, "the signature annotation is not base64");
  sigstore::SignerMaterial signer = TRY(ReadSigner(candidate, wanted));
  sigstore::Material material{
      .signer = std::move(signer),
      .content = sigstore::MessageSignature{.signature = std::move(signature).value()},
      .log_entries = {},
      .timestamps = {}};
  if (candidate.log_entry) {
    Result<sigstore::LogEntry> entry = ReadLogEntry(*candidate.log_entry);
    if (!entry.ok()) {
      return Bad("log entry", entry.error().message())
          .Because(Word(sigstore::Reason::kLogEntryMalformed));
    }
    material.log_entries.push_back(std::move(entry).value());
  }
  if (candidate.timestamp) {
    Result<util::Bytes> token = ReadTimestamp(*candidate.timestamp);
    if (!token.ok()) {
      return Bad("timestamp", token.error().message()).Because(crypto::kTimestampMalformed);
    }
    material.timestamps.push_back(std::move(token).value());
  }
  return material;
}

std::map<std::string, std::string> LegacyAnnotations(const sigstore::Material& material) {
  std::map<std::string, std::string> annotations;
  annotations.emplace(kSignatureAnnotation,
                      util::Base64Encode(sigstore::SignatureOf(material.content)));
  AnnotateSigner(material.signer, annotations);
  if (!material.log_entries.empty()) {
    annotations.emplace(kLogEntryAnnotation, FormatLogEntry(material.log_entries.front()));
  }
  if (!material.timestamps.empty()) {
    annotations.emplace(kTimestampAnnotation, FormatTimestamp(material.timestamps.front()));
  }
  return annotations;
}

}  // namespace ociship::cosign
