// SPDX-License-Identifier: Apache-2.0
// Sigstore bundles in protobuf JSON (protobuf-specs, sigstore_bundle.proto), read strictly.
// Covered by tests/sigstore/bundle_test.cc.
#include "sigstore/bundle.h"

#include <array>

#include "crypto/hash.h"
#include "sigstore/hash_name.h"
#include "sigstore/proto_json.h"
#include "sigstore/reason.h"
#include "util/encoding.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

// Deep enough for the inclusion proof of a log entry, and no deeper.
constexpr std::size_t kMaxBundleDepth = 12;

struct NamedVersion {
  std::string_view media_type;
  BundleVersion version;
};
constexpr std::array<NamedVersion, 4> kVersions = {{
    {"application/vnd.dev.sigstore.bundle+json;version=0.1", BundleVersion::kV01},
    {"application/vnd.dev.sigstore.bundle+json;version=0.2", BundleVersion::kV02},
    {"application/vnd.dev.sigstore.bundle+json;version=0.3", BundleVersion::kV03},
    {kBundleMediaType, BundleVersion::kV03},
}};

Result<BundleVersion> ParseVersion(const util::Json& bundle) {
  std::string media_type = TRY(bundle.String("mediaType"));
  for (const NamedVersion& known : kVersions) {
    if (known.media_type == media_type) return known.version;
  }
  return Malformed(Reason::kBundleVersion,
                   util::StrCat("media type ", util::Quoted(media_type),
                                " is none of a bundle of version 0.1 to 0.3"));
}

Result<util::Bytes> ParseCertificate(const util::Json& json) {
  TRY(CheckMessage(json, "a certificate", {"rawBytes"}));
  return BytesField(json, "rawBytes");
}

Result<SignerMaterial> ParseChain(const util::Json& json, BundleVersion version) {
  // Version 0.3 carries the leaf alone (sigstore_bundle.proto, VerificationMaterial).
  if (version == BundleVersion::kV03) {
    return Error(Code::kBadInput, "a bundle of version 0.3 must not have \"x509CertificateChain\"");
  }
  TRY(CheckMessage(json, "\"x509CertificateChain\"", {"certificates"}));
  const std::vector<util::Json>* certificates =
      TRY(RepeatedField(json, "certificates", kMaxChainCertificates));
  if (certificates->empty()) return Error(Code::kBadInput, "\"certificates\" is empty");
  CertificateChain chain;
  for (const util::Json& certificate : *certificates) {
    util::Bytes der = TRY(ParseCertificate(certificate));
    chain.ders.push_back(std::move(der));
  }
  return SignerMaterial(std::move(chain));
}

Result<SignerMaterial> ParseSigner(const util::Json& material, BundleVersion version) {
  const util::Json* key = material.FindNonNull("publicKey");
  const util::Json* leaf = material.FindNonNull("certificate");
  const util::Json* chain = material.FindNonNull("x509CertificateChain");
  if ((key != nullptr) + (leaf != nullptr) + (chain != nullptr) != 1) {
    return Error(Code::kBadInput,
                 "the bundle must have exactly one of \"publicKey\", \"certificate\" and "
                 "\"x509CertificateChain\"");
  }
  if (leaf != nullptr) {
    util::Bytes der = TRY(ParseCertificate(*leaf));
    return SignerMaterial(LeafCertificate{std::move(der)});
  }
  if (chain != nullptr) return ParseChain(*chain, version);
  TRY(CheckMessage(*key, "\"publicKey\"", {"hint"}));
  std::optional<std::string> hint = TRY(key->OptionalString("hint"));
  return SignerMaterial(KeyHint{std::move(hint).value_or("")});
}

Result<std::vector<util::Bytes>> ParseTimestamps(const util::Json& material) {
  std::vector<util::Bytes> timestamps;
  const util::Json* data = material.FindNonNull("timestampVerificationData");
  if (data == nullptr) return timestamps;
  TRY(CheckMessage(*data, "\"timestampVerificationData\"", {"rfc3161Timestamps"}));
  const std::vector<util::Json>* list =
      TRY(RepeatedField(*data, "rfc3161Timestamps", kMaxTimestamps));
  for (const util::Json& element : *list) {
    TRY(CheckMessage(element, "a timestamp", {"signedTimestamp"}));
    util::Bytes der = TRY(BytesField(element, "signedTimestamp"));
    timestamps.push_back(std::move(der));
  }
  return timestamps;
}

// "Bundles of version 0.1 MUST have an inclusion promise, those of later versions an inclusion
// proof" (sigstore_rekor.proto): asked of every entry, not of any one.
Status CheckPromiseOrProof(const LogEntry& entry, BundleVersion version) {
  if (version == BundleVersion::kV01 && !entry.promise) {
    return Malformed(Reason::kLogPromiseMissing,
                     "a log entry of a bundle of version 0.1 has no promise");
  }
  if (version != BundleVersion::kV01 && !entry.proof) {
    return Malformed(Reason::kLogProofMissing, "a log entry has no inclusion proof");
  }
  return Ok();
}

Result<std::vector<LogEntry>> ParseLogEntries(const util::Json& material, BundleVersion version) {
  const std::vector<util::Json>* list = TRY(RepeatedField(material, "tlogEntries", kMaxLogEntries));
  std::vector<LogEntry> entries;
  for (const util::Json& element : *list) {
    LogEntry entry = TRY(ParseLogEntry(element));
    TRY(CheckPromiseOrProof(entry, version));
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<Envelope> ParseEnvelope(const util::Json& json) {
  TRY(CheckMessage(json, "\"dsseEnvelope\"", {"payload", "payloadType", "signatures"}));
  const util::Json* signatures = TRY(json.Array("signatures"));
  // "Exactly one": a verifier that looked at one of several could be shown another than was meant.
  if (signatures->elements().size() != 1) {
    return Error(Code::kBadInput, util::StrCat("the envelope has ", signatures->elements().size(),
                                               " signatures, exactly one is allowed"));
  }
  const util::Json& signature = signatures->elements().front();
  TRY(CheckMessage(signature, "an envelope signature", {"sig", "keyid"}));
  std::optional<std::string> key_id = TRY(signature.OptionalString("keyid"));
  util::Bytes payload = TRY(BytesField(json, "payload"));
  Envelope envelope;
  envelope.payload_type = TRY(json.String("payloadType"));
  envelope.payload = util::AsText(payload);
  envelope.signature = TRY(BytesField(signature, "sig"));
  envelope.key_id = std::move(key_id).value_or("");
  return envelope;
}

Result<MessageSignature> ParseMessageSignature(const util::Json& json) {
  TRY(CheckMessage(json, "\"messageSignature\"", {"messageDigest", "signature"}));
  MessageSignature message;
  message.signature = TRY(BytesField(json, "signature"));
  const util::Json* digest = TRY(json.Object("messageDigest"));
  TRY(CheckMessage(*digest, "\"messageDigest\"", {"algorithm", "digest"}));
  message.digest_algorithm = TRY(digest->String("algorithm"));
  message.digest = TRY(BytesField(*digest, "digest"));
  if (message.digest_algorithm.empty()) {
    return Error(Code::kBadInput, "\"messageDigest\" names no algorithm");
  }
  // Algorithms that are not known here are refused where the digest is used.
  const auto algorithm = HashOfProtoName(message.digest_algorithm);
  if (algorithm && message.digest.size() != crypto::HashSize(*algorithm)) {
    return Error(Code::kBadInput,
                 util::StrCat("\"messageDigest\" has ", message.digest.size(), " bytes, ",
                              message.digest_algorithm, " has ", crypto::HashSize(*algorithm)));
  }
  return message;
}

Result<SignedContent> ParseContent(const util::Json& bundle) {
  const util::Json* envelope = bundle.FindNonNull("dsseEnvelope");
  const util::Json* message = bundle.FindNonNull("messageSignature");
  if ((envelope != nullptr) == (message != nullptr)) {
    return Error(Code::kBadInput,
                 "the bundle must have exactly one of \"dsseEnvelope\" and \"messageSignature\"");
  }
  if (envelope != nullptr) {
    Envelope content = TRY(ParseEnvelope(*envelope));
    return SignedContent(std::move(content));
  }
  MessageSignature content = TRY(ParseMessageSignature(*message));
  return SignedContent(std::move(content));
}

// "keyid ... MUST be the same as the hint of the public key" (sigstore_bundle.proto); writers leave
// one or both empty.
Status CheckKeyId(const SignedContent& content, const SignerMaterial& signer) {
  const auto* envelope = std::get_if<Envelope>(&content);
  const auto* key = std::get_if<KeyHint>(&signer);
  if (envelope == nullptr || key == nullptr) return Ok();
  if (envelope->key_id.empty() || key->hint.empty() || envelope->key_id == key->hint) return Ok();
  return Error(Code::kBadInput, "the envelope names another key than the bundle");
}

struct Parsed {
  BundleVersion version;
  Material material;
};

Result<Parsed> ParseBundle(std::string_view text) {
  const util::Json json = TRY(util::Json::Parse(
      text, {.bytes = kMaxBundleBytes, .depth = kMaxBundleDepth, .values = kMaxBundleValues}));
  TRY(CheckMessage(json, "the bundle",
                   {"mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope"}));
  const BundleVersion version = TRY(ParseVersion(json));
  const util::Json* material = TRY(json.Object("verificationMaterial"));
  TRY(CheckMessage(*material, "\"verificationMaterial\"",
                   {"publicKey", "certificate", "x509CertificateChain", "tlogEntries",
                    "timestampVerificationData"}));
  SignerMaterial signer = TRY(ParseSigner(*material, version));
  SignedContent content = TRY(ParseContent(json));
  TRY(CheckKeyId(content, signer));
  std::vector<LogEntry> log_entries = TRY(ParseLogEntries(*material, version));
  std::vector<util::Bytes> timestamps = TRY(ParseTimestamps(*material));
  return Parsed{version, Material{.signer = std::move(signer),
                                  .content = std::move(content),
                                  .log_entries = std::move(log_entries),
                                  .timestamps = std::move(timestamps)}};
}

}  // namespace

Result<Bundle> Bundle::Parse(std::string_view text) {
  Result<Parsed> parsed = ParseBundle(text);
  if (parsed.ok()) {
    Parsed read = std::move(parsed).value();
    return Bundle(read.version, std::move(read.material));
  }
  if (!parsed.error().reason().empty()) return std::move(parsed).error();
  return std::move(parsed).error().Because(Word(Reason::kBundleMalformed));
}

}  // namespace ociship::sigstore
