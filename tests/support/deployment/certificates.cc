// SPDX-License-Identifier: Apache-2.0
// Certificates and their extensions, value by value.
// Tested by everything that reads them: tests/sigstore/deployment_test.cc.
#include "deployment/certificates.h"

#include "util/text.h"

namespace ociship::deployment {
namespace {

Bytes Attribute(std::string_view oid, std::string_view value) {
  return Tlv(0x31, Sequence({ObjectId(oid), Utf8String(value)}));
}

// Different for each certificate, the same in each run.
std::uint64_t SerialOf(const AuthorityParts& parts) {
  const Bytes hash = Sha256(Join({Copy(parts.name), parts.key.spki()}));
  std::uint64_t serial = 1;
  for (std::size_t i = 0; i < 6; ++i) serial = (serial << 8) | hash[i];
  return serial;
}

Authority Mint(const AuthorityParts& parts, const Bytes& issuer_name, const Key& issuer_key) {
  CertificateParts certificate{.issuer = issuer_name,
                               .subject = NameOf(parts.name),
                               .serial = SerialOf(parts),
                               .from = parts.from,
                               .until = parts.until,
                               .spki = parts.key.spki()};
  certificate.extensions.push_back(parts.is_ca == IsCa::kYes ? CertificateSignUsage()
                                                             : DigitalSignatureUsage());
  if (!parts.usages.empty()) {
    certificate.extensions.push_back(ExtendedKeyUsage(parts.usages, Critical::kNo));
  }
  certificate.extensions.push_back(BasicConstraints(parts.is_ca, parts.path_length));
  certificate.extensions.push_back(SubjectKeyId(parts.key));
  certificate.extensions.push_back(AuthorityKeyId(issuer_key));
  return {.key = parts.key,
          .name = certificate.subject,
          .der = Signed(TbsOf(certificate, issuer_key), issuer_key),
          .serial = certificate.serial};
}

}  // namespace

Bytes NameOf(std::string_view common_name) {
  if (common_name.empty()) return Sequence({});
  return Sequence({Attribute("2.5.4.10", "ociship test"), Attribute("2.5.4.3", common_name)});
}

Bytes Extension(std::string_view oid, Critical critical, ByteView value) {
  std::vector<Bytes> parts{ObjectId(oid)};
  if (critical == Critical::kYes) parts.push_back(Boolean());
  parts.push_back(OctetString(value));
  return Sequence(parts);
}

Bytes BasicConstraints(IsCa is_ca, int path_length) {
  std::vector<Bytes> parts;
  if (is_ca == IsCa::kYes) parts.push_back(Boolean());
  if (path_length >= 0) parts.push_back(Integer(static_cast<std::uint64_t>(path_length)));
  return Extension("2.5.29.19", Critical::kYes, Sequence(parts));
}

Bytes KeyUsage(std::uint8_t bits, std::uint8_t unused_bits) {
  return Extension("2.5.29.15", Critical::kYes, BitString(Bytes{bits}, unused_bits));
}

Bytes DigitalSignatureUsage() { return KeyUsage(0x80, 7); }
Bytes CertificateSignUsage() { return KeyUsage(0x06, 1); }

Bytes ExtendedKeyUsage(const std::vector<std::string_view>& oids, Critical critical) {
  std::vector<Bytes> parts;
  for (const std::string_view oid : oids) parts.push_back(ObjectId(oid));
  return Extension("2.5.29.37", critical, Sequence(parts));
}

Bytes SubjectKeyId(const Key& key) {
  return Extension("2.5.29.14", Critical::kNo, OctetString(Hash(HashType::kSha1, key.raw())));
}

Bytes AuthorityKeyId(const Key& key) {
  return Extension("2.5.29.35", Critical::kNo,
                   Sequence({Implicit(0, Hash(HashType::kSha1, key.raw()))}));
}

Bytes TbsOf(const CertificateParts& parts, const Key& issuer) {
  return Sequence({Tagged(0, Integer(2)), Integer(parts.serial), issuer.SignatureAlgorithm(),
                   parts.issuer, Sequence({UtcTime(parts.from), UtcTime(parts.until)}),
                   parts.subject, parts.spki, Tagged(3, Sequence(parts.extensions))});
}

Bytes Signed(ByteView tbs, const Key& issuer) {
  return Sequence({Copy(tbs), issuer.SignatureAlgorithm(), BitString(issuer.Sign(tbs))});
}

Authority MintRoot(const AuthorityParts& parts) {
  return Mint(parts, NameOf(parts.name), parts.key);
}

Authority MintBelow(const AuthorityParts& parts, const Authority& issuer) {
  return Mint(parts, issuer.name, issuer.key);
}

}  // namespace ociship::deployment
