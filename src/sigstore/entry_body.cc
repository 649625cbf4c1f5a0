// SPDX-License-Identifier: Apache-2.0
// The bodies of log entries of all kinds (Rekor, pkg/types; Rekor v2, rekor-v2-spec.md section 6).
// Covered by tests/sigstore/entry_body_test.cc.
#include "sigstore/entry_body.h"

#include <array>

#include "crypto/pem.h"
#include "sigstore/hash_name.h"
#include "sigstore/proto_json.h"
#include "sigstore/reason.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

using crypto::HashAlgorithm;

Error Bad(std::string message) {
  return Malformed(Reason::kEntryMalformed, std::move(message)).While("body of the log entry");
}

constexpr std::size_t kMaxBodyValues = 10'000;

// The digest must be as long as one of its algorithm is.
Status TakeHash(std::string_view name, const std::optional<HashAlgorithm>& algorithm,
                EntryClaims& claims) {
  if (!algorithm || claims.digest.size() != crypto::HashSize(*algorithm)) {
    return Bad(
        util::StrCat("no hash ", util::Quoted(name), " of ", claims.digest.size(), " bytes"));
  }
  claims.algorithm = *algorithm;
  return Ok();
}

// {"algorithm":"sha256","value":HEX}
Status ReadHexHash(const util::Json& hash, EntryClaims& claims) {
  const std::string name = TRY(hash.String("algorithm"));
  const std::string value = TRY(hash.String("value"));
  claims.digest = TRY(util::HexDecode(value));
  return TakeHash(name, HashOfPlainName(name), claims);
}

// {"algorithm":"SHA2_256","digest":BASE64}
Status ReadProtoHash(const util::Json& hash, EntryClaims& claims) {
  const std::string name = TRY(hash.String("algorithm"));
  claims.digest = TRY(BytesField(hash, "digest"));
  return TakeHash(name, HashOfProtoName(name), claims);
}

// Base64 of PEM, of a certificate or of a public key.
Status ReadPemSigner(const util::Json& message, std::string_view field, EntryClaims& claims) {
  const util::Bytes pem = TRY(BytesField(message, field));
  const crypto::PemBlock block = TRY(crypto::ParsePem(util::AsText(pem)));
  claims.signer = block.content;
  if (block.label == "CERTIFICATE") {
    claims.signer_form = EntryClaims::SignerForm::kCertificate;
    return Ok();
  }
  if (block.label != "PUBLIC KEY") return Bad("the verifier is no certificate and no public key");
  claims.signer_form = EntryClaims::SignerForm::kKey;
  return Ok();
}

// {"keyDetails":...,"x509Certificate":{"rawBytes":BASE64}} or "publicKey".
Status ReadProtoVerifier(const util::Json& verifier, EntryClaims& claims) {
  claims.key_details = TRY(verifier.String("keyDetails"));
  const util::Json* certificate = verifier.FindNonNull("x509Certificate");
  const util::Json* key = verifier.FindNonNull("publicKey");
  if ((certificate != nullptr) == (key != nullptr)) {
    return Bad("the verifier is not one certificate or key");
  }
  claims.signer_form = certificate != nullptr ? EntryClaims::SignerForm::kCertificate
                                              : EntryClaims::SignerForm::kKey;
  const util::Json& message = certificate != nullptr ? *certificate : *key;
  claims.signer = TRY(BytesField(message, "rawBytes"));
  return Ok();
}

// The only element of an array: an entry of several signatures could vouch for another one.
Result<const util::Json*> OnlyElement(const util::Json& message, std::string_view field) {
  const util::Json* list = TRY(message.Array(field));
  if (list->elements().size() != 1) {
    return Bad(util::StrCat(util::Quoted(field), " has not exactly one element"));
  }
  return &list->elements().front();
}

// Rekor, pkg/types/hashedrekord/v0.0.1.
Result<EntryClaims> ReadHashedRekord1(const util::Json& spec) {
  EntryClaims claims{};
  claims.generation = LogGeneration::kRekor1;
  claims.about = EntryClaims::About::kMessage;
  const util::Json* data = TRY(spec.Object("data"));
  const util::Json* hash = TRY(data->Object("hash"));
  TRY(ReadHexHash(*hash, claims));
  const util::Json* signature = TRY(spec.Object("signature"));
  claims.signature = TRY(BytesField(*signature, "content"));
  const util::Json* key = TRY(signature->Object("publicKey"));
  TRY(ReadPemSigner(*key, "content", claims));
  return claims;
}

// Rekor, pkg/types/dsse/v0.0.1. Its envelopeHash is of a JSON text that no bundle keeps: signature
// and payloadHash bind as much.
Result<EntryClaims> ReadDsse1(const util::Json& spec) {
  EntryClaims claims{};
  claims.generation = LogGeneration::kRekor1;
  claims.about = EntryClaims::About::kPayload;
  const util::Json* hash = TRY(spec.Object("payloadHash"));
  TRY(ReadHexHash(*hash, claims));
  const util::Json* signature = TRY(OnlyElement(spec, "signatures"));
  claims.signature = TRY(BytesField(*signature, "signature"));
  TRY(ReadPemSigner(*signature, "verifier", claims));
  return claims;
}

// Rekor, pkg/types/intoto/v0.0.2: the signature is base64 of the envelope's base64.
Result<EntryClaims> ReadIntoto2(const util::Json& spec) {
  EntryClaims claims{};
  claims.generation = LogGeneration::kRekor1;
  claims.about = EntryClaims::About::kPayload;
  const util::Json* content = TRY(spec.Object("content"));
  const util::Json* hash = TRY(content->Object("payloadHash"));
  TRY(ReadHexHash(*hash, claims));
  const util::Json* envelope = TRY(content->Object("envelope"));
  const util::Json* signature = TRY(OnlyElement(*envelope, "signatures"));
  const util::Bytes outer = TRY(BytesField(*signature, "sig"));
  claims.signature = TRY(DecodeBytes(util::AsText(outer), "sig"));
  TRY(ReadPemSigner(*signature, "publicKey", claims));
  return claims;
}

// Rekor, pkg/types/intoto/v0.0.1: no signature, but the hash of the envelope that holds it.
Result<EntryClaims> ReadIntoto1(const util::Json& spec) {
  EntryClaims claims{};
  claims.generation = LogGeneration::kRekor1;
  claims.about = EntryClaims::About::kPayload;
  const util::Json* content = TRY(spec.Object("content"));
  const util::Json* envelope = TRY(content->Object("hash"));
  TRY(ReadHexHash(*envelope, claims));
  if (claims.algorithm != HashAlgorithm::kSha256) return Bad("the envelope's hash is no sha256");
  claims.envelope_digest = std::move(claims.digest);
  const util::Json* payload = TRY(content->Object("payloadHash"));
  TRY(ReadHexHash(*payload, claims));
  TRY(ReadPemSigner(spec, "publicKey", claims));
  return claims;
}

// rekor-v2-spec.md section 6.1: HashedRekordLogEntryV002.
Result<EntryClaims> ReadHashedRekord2(const util::Json& spec) {
  EntryClaims claims{};
  claims.generation = LogGeneration::kRekor2;
  claims.about = EntryClaims::About::kSignedBytes;
  const util::Json* entry = TRY(spec.Object("hashedRekordV002"));
  const util::Json* data = TRY(entry->Object("data"));
  TRY(ReadProtoHash(*data, claims));
  const util::Json* signature = TRY(entry->Object("signature"));
  claims.signature = TRY(BytesField(*signature, "content"));
  const util::Json* verifier = TRY(signature->Object("verifier"));
  TRY(ReadProtoVerifier(*verifier, claims));
  return claims;
}

// rekor-v2-spec.md section 6.2: DSSELogEntryV002.
Result<EntryClaims> ReadDsse2(const util::Json& spec) {
  EntryClaims claims{};
  claims.generation = LogGeneration::kRekor2;
  claims.about = EntryClaims::About::kPayload;
  const util::Json* entry = TRY(spec.Object("dsseV002"));
  const util::Json* hash = TRY(entry->Object("payloadHash"));
  TRY(ReadProtoHash(*hash, claims));
  const util::Json* signature = TRY(OnlyElement(*entry, "signatures"));
  claims.signature = TRY(BytesField(*signature, "content"));
  const util::Json* verifier = TRY(signature->Object("verifier"));
  TRY(ReadProtoVerifier(*verifier, claims));
  return claims;
}

struct Reader {
  std::string_view kind;
  std::string_view version;
  Result<EntryClaims> (*read)(const util::Json& spec);
};
constexpr std::array<Reader, 6> kReaders = {{
    {"hashedrekord", "0.0.1", ReadHashedRekord1},
    {"dsse", "0.0.1", ReadDsse1},
    {"intoto", "0.0.1", ReadIntoto1},
    {"intoto", "0.0.2", ReadIntoto2},
    {"hashedrekord", "0.0.2", ReadHashedRekord2},
    {"dsse", "0.0.2", ReadDsse2},
}};

Result<EntryClaims> ReadBody(const LogEntry& entry) {
  const util::Json body =
      TRY(util::Json::Parse(entry.body, {.bytes = kMaxEntryBodyBytes, .values = kMaxBodyValues}));
  const std::string kind = TRY(body.String("kind"));
  const std::string version = TRY(body.String("apiVersion"));
  // "Verify that the kindVersion matches the body" (client-spec.md section 4.4): else a body could
  // be read as what it is not.
  if (kind != entry.kind || version != entry.version) {
    return Refuse(Reason::kEntryKind,
                  util::StrCat("the log entry is said to be ", util::Printable(entry.kind), " ",
                               util::Printable(entry.version), ", its body is ",
                               util::Printable(kind), " ", util::Printable(version)));
  }
  const util::Json* spec = TRY(body.Object("spec"));
  for (const Reader& reader : kReaders) {
    if (reader.kind == kind && reader.version == version) return reader.read(*spec);
  }
  return Refuse(Reason::kEntryKind, util::StrCat("log entries of kind ", util::Quoted(kind), " ",
                                                 util::Quoted(version), " are not supported"));
}

}  // namespace

Result<EntryClaims> ParseEntryBody(const LogEntry& entry) {
  Result<EntryClaims> claims = ReadBody(entry);
  if (claims.ok() || !claims.error().reason().empty()) return claims;
  return Bad(claims.error().message());
}

}  // namespace ociship::sigstore
