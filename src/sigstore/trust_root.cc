// SPDX-License-Identifier: Apache-2.0
// Trusted roots (sigstore_trustroot.proto, versions 0.1 and 0.2). Covered by
// tests/sigstore/trust_root_test.cc.
#include "sigstore/trust_root.h"

#include <algorithm>
#include <array>

#include "crypto/hash.h"
#include "sigstore/proto_json.h"
#include "sigstore/reason.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

constexpr std::size_t kLogIdBytes = 32;
constexpr std::size_t kMaxAuthorityCertificates = 10;

constexpr std::array<std::string_view, 4> kMediaTypes = {
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
};

Error Bad(std::string message) {
  return Error(Code::kTrustMaterial, std::move(message)).Because(Word(Reason::kTrustRootMalformed));
}

// A field that may be missing, as the empty string then.
Result<std::string> TextField(const util::Json& message, std::string_view key) {
  std::optional<std::string> text = TRY(message.OptionalString(key));
  return std::move(text).value_or("");
}

Result<std::optional<util::Micros>> TimeField(const util::Json& range, std::string_view key) {
  std::optional<std::string> text = TRY(range.OptionalString(key));
  if (!text) return std::optional<util::Micros>();
  util::Micros time = TRY(util::ParseRfc3339Micros(*text));
  return std::optional<util::Micros>(time);
}

Result<Validity> ParseValidity(const util::Json& message) {
  Validity validity;
  const util::Json* range = message.FindNonNull("validFor");
  if (range == nullptr) return validity;
  if (!range->is_object()) return Bad("\"validFor\" is not an object");
  validity.start = TRY(TimeField(*range, "start"));
  validity.end = TRY(TimeField(*range, "end"));
  return validity;
}

// What the names of sigstore_common.proto, PublicKeyDetails, say of a key.
struct KeyDetails {
  std::string_view name;
  crypto::KeyType type;
  enum class Encoding { kPkix, kPkcs1 } encoding;
};
constexpr std::array<KeyDetails, 12> kKeyDetails = {{
    {"PKIX_ECDSA_P256_SHA_256", crypto::KeyType::kEcdsaP256, KeyDetails::Encoding::kPkix},
    {"PKIX_ECDSA_P384_SHA_384", crypto::KeyType::kEcdsaP384, KeyDetails::Encoding::kPkix},
    {"PKIX_ECDSA_P521_SHA_512", crypto::KeyType::kEcdsaP521, KeyDetails::Encoding::kPkix},
    {"PKIX_ECDSA_P384_SHA_256", crypto::KeyType::kEcdsaP384, KeyDetails::Encoding::kPkix},
    {"PKIX_ECDSA_P521_SHA_256", crypto::KeyType::kEcdsaP521, KeyDetails::Encoding::kPkix},
    {"PKIX_ED25519", crypto::KeyType::kEd25519, KeyDetails::Encoding::kPkix},
    {"PKIX_ED25519_PH", crypto::KeyType::kEd25519, KeyDetails::Encoding::kPkix},
    {"PKIX_RSA_PKCS1V15_2048_SHA256", crypto::KeyType::kRsa, KeyDetails::Encoding::kPkix},
    {"PKIX_RSA_PKCS1V15_3072_SHA256", crypto::KeyType::kRsa, KeyDetails::Encoding::kPkix},
    {"PKIX_RSA_PKCS1V15_4096_SHA256", crypto::KeyType::kRsa, KeyDetails::Encoding::kPkix},
    {"PKIX_RSA_PKCS1V5", crypto::KeyType::kRsa, KeyDetails::Encoding::kPkix},
    {"PKCS1_RSA_PKCS1V5", crypto::KeyType::kRsa, KeyDetails::Encoding::kPkcs1},
}};

// nullopt for a key of an algorithm that is not known here.
Result<std::optional<crypto::PublicKey>> ParseKey(const util::Json& message) {
  const std::string details = TRY(message.String("keyDetails"));
  const auto known = std::find_if(kKeyDetails.begin(), kKeyDetails.end(),
                                  [&](const KeyDetails& entry) { return entry.name == details; });
  if (known == kKeyDetails.end()) return std::optional<crypto::PublicKey>();
  const util::Bytes der = TRY(BytesField(message, "rawBytes"));
  crypto::PublicKey key =
      TRY(known->encoding == KeyDetails::Encoding::kPkcs1 ? crypto::PublicKey::FromPkcs1Der(der)
                                                          : crypto::PublicKey::FromDer(der));
  if (key.type() != known->type) {
    return Bad(util::StrCat("a key is not of the kind ", details, " that it is said to be"));
  }
  return std::optional<crypto::PublicKey>(std::move(key));
}

// The host of a URL, without port and brackets, or of a text that leaves out the scheme.
std::string HostOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
  return std::string(url.substr(0, url.find(':')));
}

// nullopt, with a note, for a log whose key is of an unknown algorithm.
Result<std::optional<Log>> ParseLog(const util::Json& json, TrustRoot::Parts& parts) {
  if (!json.is_object()) return Bad("a log is not an object");
  const std::string url = TRY(TextField(json, "baseUrl"));
  const std::string hash = TRY(json.String("hashAlgorithm"));
  if (hash != "SHA2_256") return Bad(util::StrCat("a log hashes with ", util::Quoted(hash)));
  const util::Json* key_message = TRY(json.Object("publicKey"));
  const util::Json* id_message = TRY(json.Object("logId"));
  const util::Bytes id = TRY(BytesField(*id_message, "keyId"));
  if (id.size() != kLogIdBytes) return Bad("the ID of a log has not 32 bytes");
  const Validity validity = TRY(ParseValidity(*key_message));
  // "validFor.start" of a log's key "MUST be set" (sigstore_trustroot.proto).
  if (!validity.start) return Bad(util::StrCat("the log ", util::Quoted(url), " has no start"));
  const std::string operated_by = TRY(TextField(json, "operator"));
  const std::optional<crypto::PublicKey> key = TRY(ParseKey(*key_message));
  if (!key) {
    parts.notes.push_back(util::StrCat("the log ", util::Quoted(url),
                                       " is left out: its key is of a kind that is not supported"));
    return std::optional<Log>();
  }
  return std::optional<Log>(Log{.base_url = url,
                                .name = HostOf(url),
                                .key = *key,
                                .id = id,
                                .validity = validity,
                                .operated_by = operated_by});
}

Result<std::vector<Log>> ParseLogs(const util::Json& root, std::string_view field,
                                   TrustRoot::Parts& parts) {
  std::vector<Log> logs;
  const std::vector<util::Json>* list = TRY(RepeatedField(root, field, kMaxTrustInstances));
  for (const util::Json& element : *list) {
    std::optional<Log> log = TRY(ParseLog(element, parts));
    if (!log) continue;
    // Of two logs with one ID it would be chance which of them is asked.
    for (const Log& other : logs) {
      if (other.id == log->id && other.key.der() != log->key.der()) {
        return Bad("two logs have one ID and different keys");
      }
    }
    logs.push_back(*std::move(log));
  }
  return logs;
}

Result<std::vector<crypto::Certificate>> ParseCertChain(const util::Json& message) {
  const util::Json* chain = TRY(message.Object("certChain"));
  const std::vector<util::Json>* list =
      TRY(RepeatedField(*chain, "certificates", kMaxAuthorityCertificates));
  if (list->empty()) return Bad("an authority has no certificates");
  std::vector<crypto::Certificate> certificates;
  for (const util::Json& element : *list) {
    if (!element.is_object()) return Bad("a certificate is not an object");
    const util::Bytes der = TRY(BytesField(element, "rawBytes"));
    crypto::Certificate certificate = TRY(crypto::Certificate::FromDer(der));
    certificates.push_back(std::move(certificate));
  }
  return certificates;
}

Result<CertificateAuthority> ParseCertificateAuthority(const util::Json& json) {
  if (!json.is_object()) return Bad("a certificate authority is not an object");
  std::vector<crypto::Certificate> chain = TRY(ParseCertChain(json));
  // "The last certificate is the trust anchor" (sigstore_trustroot.proto, CertificateAuthority).
  const crypto::Certificate anchor = chain.back();
  chain.pop_back();
  const Validity validity = TRY(ParseValidity(json));
  const std::string uri = TRY(TextField(json, "uri"));
  const std::string operated_by = TRY(TextField(json, "operator"));
  return CertificateAuthority{.intermediates = std::move(chain),
                              .anchor = anchor,
                              .validity = validity,
                              .uri = uri,
                              .operated_by = operated_by};
}

Result<TimestampAuthority> ParseTimestampAuthority(const util::Json& json) {
  if (!json.is_object()) return Bad("a timestamp authority is not an object");
  std::vector<crypto::Certificate> chain = TRY(ParseCertChain(json));
  const Validity validity = TRY(ParseValidity(json));
  const std::string uri = TRY(TextField(json, "uri"));
  const std::string operated_by = TRY(TextField(json, "operator"));
  return TimestampAuthority{.chain = SplitTimestampChain(std::move(chain)),
                            .validity = validity,
                            .uri = uri,
                            .operated_by = operated_by};
}

// Unknown names are passed over, so that one in the other spelling of protobuf, "valid_for", would
// be taken for missing and a window for open.
Status CheckSpelling(const util::Json& json) {
  for (const auto& [name, value] : json.members()) {
    if (name.find('_') != std::string::npos) {
      return Bad(util::StrCat("the name ", util::Quoted(name), " is not in lowerCamelCase"));
    }
    TRY(CheckSpelling(value));
  }
  for (const util::Json& element : json.elements()) TRY(CheckSpelling(element));
  return Ok();
}

Result<TrustRoot::Parts> ParseParts(std::string_view text) {
  const util::Json json = TRY(util::Json::Parse(text, {.bytes = kMaxTrustRootBytes}));
  if (!json.is_object()) return Bad("it is not an object");
  const std::string media_type = TRY(json.String("mediaType"));
  if (std::find(kMediaTypes.begin(), kMediaTypes.end(), media_type) == kMediaTypes.end()) {
    return Bad(util::StrCat("media type ", util::Quoted(media_type), " is none of a trusted root"));
  }
  TRY(CheckSpelling(json));
  TrustRoot::Parts parts;
  parts.logs = TRY(ParseLogs(json, "tlogs", parts));
  parts.certificate_logs = TRY(ParseLogs(json, "ctlogs", parts));
  const std::vector<util::Json>* authorities =
      TRY(RepeatedField(json, "certificateAuthorities", kMaxTrustInstances));
  for (const util::Json& element : *authorities) {
    CertificateAuthority authority = TRY(ParseCertificateAuthority(element));
    parts.certificate_authorities.push_back(std::move(authority));
  }
  const std::vector<util::Json>* timestamps =
      TRY(RepeatedField(json, "timestampAuthorities", kMaxTrustInstances));
  for (const util::Json& element : *timestamps) {
    TimestampAuthority authority = TRY(ParseTimestampAuthority(element));
    parts.timestamp_authorities.push_back(std::move(authority));
  }
  return parts;
}

}  // namespace

Result<TrustRoot> TrustRoot::Parse(std::string_view json) {
  Result<Parts> parts = ParseParts(json);
  if (!parts.ok()) {
    return Bad(parts.error().message()).While("trusted root");
  }
  return TrustRoot(std::move(parts).value());
}

std::string VoucherOf(const Log& log) {
  if (!log.operated_by.empty()) return util::StrCat("operator ", log.operated_by);
  return std::string(util::AsText(log.key.der()));
}

std::string VoucherOf(const TimestampAuthority& authority) {
  if (!authority.operated_by.empty()) return util::StrCat("operator ", authority.operated_by);
  if (!authority.uri.empty()) return util::StrCat("at ", authority.uri);
  return std::string(util::AsText(authority.chain.root.der()));
}

const Log* FindLog(const std::vector<Log>& logs, ByteView id) {
  const auto found =
      std::ranges::find_if(logs, [id](const Log& log) { return std::ranges::equal(log.id, id); });
  return found == logs.end() ? nullptr : &*found;
}

Trust TrustInLog(const std::vector<Log>& logs, ByteView id, util::Micros time) {
  const bool trusted = std::ranges::any_of(logs, [&](const Log& log) {
    return std::ranges::equal(log.id, id) && log.validity.Contains(time);
  });
  return trusted ? Trust::kTrusted : Trust::kNotTrusted;
}

crypto::TimestampAuthorityChain SplitTimestampChain(std::vector<crypto::Certificate> chain) {
  crypto::TimestampAuthorityChain split{
      .leaf = std::nullopt, .intermediates = {}, .root = chain.back()};
  chain.pop_back();
  if (!chain.empty() && !chain.front().is_ca()) {
    split.leaf = chain.front();
    chain.erase(chain.begin());
  }
  split.intermediates = std::move(chain);
  return split;
}

util::Bytes LogIdOf(const crypto::PublicKey& key) {
  return crypto::HashBytes(crypto::HashAlgorithm::kSha256, key.der());
}

}  // namespace ociship::sigstore
