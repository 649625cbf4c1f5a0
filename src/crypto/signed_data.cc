// SPDX-License-Identifier: Apache-2.0
// What stands in the SignedData (RFC 5652 section 5) of a timestamp; the signature itself is
// verified in timestamp.cc. Tested by timestamp_test.cc.
#include <algorithm>
#include <string>
#include <utility>

#include "crypto/der.h"
#include "crypto/timestamp_parts.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::crypto {
namespace {

constexpr std::size_t kMaxAttributes = 32;
constexpr std::size_t kMaxDigestAlgorithms = 4;

constexpr std::string_view kSignedDataOid = "1.2.840.113549.1.7.2";
// RFC 5652 sections 11.1 and 11.2.
constexpr std::string_view kContentTypeOid = "1.2.840.113549.1.9.3";
constexpr std::string_view kMessageDigestOid = "1.2.840.113549.1.9.4";
// RFC 5035 sections 5 and 3: id-aa-signingCertificate and its successor.
constexpr std::string_view kSigningCertificateOid = "1.2.840.113549.1.9.16.2.12";
constexpr std::string_view kSigningCertificateV2Oid = "1.2.840.113549.1.9.16.2.47";

Error BadData(std::string_view why) {
  return Error(Code::kBadInput, util::StrCat("signed data: ", why));
}

util::Bytes Copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

// An object identifier that must be this one.
Status ExpectOid(der::Reader& reader, std::string_view expected) {
  const der::Element element = TRY(reader.Next(der::kOid));
  const std::string oid = TRY(der::OidText(element.content));
  if (oid != expected) return BadData(util::StrCat("type ", oid, ", not ", expected));
  return Ok();
}

// EncapsulatedContentInfo ::= SEQUENCE { eContentType, eContent [0] EXPLICIT OCTET STRING }.
Result<util::Bytes> ReadContent(ByteView content) {
  der::Reader reader(content);
  TRY(ExpectOid(reader, kTstInfoOid));
  const der::Element wrapper = TRY(reader.Next(der::Inside(0)));
  TRY(reader.End());
  const der::Element octets = TRY(der::Only(wrapper.content, der::kOctetString));
  return Copy(octets.content);
}

// DigestAlgorithmIdentifiers: what the content may have been hashed with.
Status CheckDigestAlgorithms(ByteView content) {
  der::Reader reader(content);
  std::size_t count = 0;
  while (!reader.done()) {
    const der::Element algorithm = TRY(reader.Next(der::kSequence));
    TRY(ReadHashAlgorithm(algorithm.content));
    if (++count > kMaxDigestAlgorithms) return BadData("too many digest algorithms");
  }
  return Ok();
}

// CertificateSet, of X.509 certificates alone.
Result<std::vector<util::Bytes>> ReadCertificates(ByteView content) {
  std::vector<util::Bytes> certificates;
  der::Reader reader(content);
  while (!reader.done()) {
    const der::Element certificate = TRY(reader.Next(der::kSequence));
    if (certificates.size() == kMaxTimestampCertificates) return BadData("too many certificates");
    certificates.push_back(Copy(certificate.whole));
  }
  return certificates;
}

enum class Ess { kV1, kV2 };

// SigningCertificate and SigningCertificateV2: SEQUENCE { certs SEQUENCE OF ESSCertID(v2), ... },
// where "the first certificate identified in the sequence [...] MUST be the certificate used to
// verify the signature".
Result<NamedCertificate> ReadEss(ByteView value, Ess version) {
  const der::Element whole = TRY(der::Only(value, der::kSequence));
  der::Reader outer(whole.content);
  const der::Element list = TRY(outer.Next(der::kSequence));
  der::Reader certificates(list.content);
  const der::Element first = TRY(certificates.Next(der::kSequence));
  der::Reader reader(first.content);
  NamedCertificate named;
  if (version == Ess::kV2) {
    named.algorithm = HashAlgorithm::kSha256;  // the default
    const auto algorithm = TRY(reader.NextIf(der::kSequence));
    if (algorithm.has_value()) named.algorithm = TRY(ReadHashAlgorithm(algorithm->content));
  }
  const der::Element hash = TRY(reader.Next(der::kOctetString));
  named.hash = Copy(hash.content);
  return named;
}

struct Attribute {
  std::string oid;
  ByteView value;  // the only one in its SET
};

// Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }.
Result<Attribute> ReadAttribute(ByteView content) {
  der::Reader reader(content);
  const der::Element type = TRY(reader.Next(der::kOid));
  const der::Element values = TRY(reader.Next(der::kSet));
  TRY(reader.End());
  std::string oid = TRY(der::OidText(type.content));
  return Attribute{std::move(oid), values.content};
}

Status ReadNamed(const Attribute& attribute, SignerInfo& signer) {
  const bool first = attribute.oid == kSigningCertificateOid;
  NamedCertificate named = TRY(ReadEss(attribute.value, first ? Ess::kV1 : Ess::kV2));
  signer.named.push_back(std::move(named));
  return Ok();
}

// What is known of the attributes has one value of its type.
Status ReadAttributeValue(const Attribute& attribute, SignerInfo& signer) {
  if (attribute.oid == kContentTypeOid) {
    der::Reader value(attribute.value);
    TRY(ExpectOid(value, kTstInfoOid));
    return value.End();
  }
  if (attribute.oid == kMessageDigestOid) {
    TRY(der::Only(attribute.value, der::kOctetString));
    return Ok();
  }
  if (attribute.oid == kSigningCertificateOid || attribute.oid == kSigningCertificateV2Oid) {
    return ReadNamed(attribute, signer);
  }
  return Ok();
}

bool Contains(const std::vector<std::string>& oids, std::string_view oid) {
  return std::ranges::find(oids, oid) != oids.end();
}

// The attributes that the signature is over (RFC 5652 section 5.3). OpenSSL compares the
// messageDigest with the content; that there is one, and a contentType, is seen to here.
Status ReadSignedAttributes(ByteView content, SignerInfo& signer) {
  der::Reader reader(content);
  std::vector<std::string> seen;
  while (!reader.done()) {
    const der::Element element = TRY(reader.Next(der::kSequence));
    const Attribute attribute = TRY(ReadAttribute(element.content));
    // Section 11: "MUST NOT include multiple instances" of either; no kind comes twice here.
    if (Contains(seen, attribute.oid)) return BadData("a signed attribute comes twice");
    if (seen.size() == kMaxAttributes) return BadData("too many signed attributes");
    TRY(ReadAttributeValue(attribute, signer));
    seen.push_back(attribute.oid);
  }
  if (!Contains(seen, kContentTypeOid) || !Contains(seen, kMessageDigestOid)) {
    return BadData("a signed attribute is missing");
  }
  return Ok();
}

Status ReadSignerName(ByteView content, SignerInfo& signer) {
  der::Reader reader(content);
  const der::Element issuer = TRY(reader.Next(der::kSequence));
  const der::Element serial = TRY(reader.Next(der::kInteger));
  TRY(reader.End());
  signer.issuer = Copy(issuer.whole);
  signer.serial = Copy(serial.content);
  return Ok();
}

// SignerInfo ::= SEQUENCE { version, sid, digestAlgorithm, signedAttrs [0], signatureAlgorithm,
// signature, unsignedAttrs [1] OPTIONAL }.
Result<SignerInfo> ReadSignerInfo(ByteView content) {
  SignerInfo signer;
  der::Reader reader(content);
  TRY(reader.Next(der::kInteger));
  const der::Element name = TRY(reader.Next(der::kSequence));  // [0] would be a key identifier
  TRY(ReadSignerName(name.content, signer));
  const der::Element hash = TRY(reader.Next(der::kSequence));
  TRY(ReadHashAlgorithm(hash.content));
  // Section 5.3: "MUST be present if the content type of the EncapsulatedContentInfo [...] is not
  // id-data".
  const der::Element attributes = TRY(reader.Next(der::Inside(0)));
  TRY(ReadSignedAttributes(attributes.content, signer));
  TRY(reader.Next(der::kSequence));
  TRY(reader.Next(der::kOctetString));
  TRY(reader.NextIf(der::Inside(1)));
  TRY(reader.End());
  return signer;
}

}  // namespace

Result<HashAlgorithm> ReadHashAlgorithm(ByteView content) {
  const std::string oid = TRY(der::HashOid(content));
  // RFC 5754 section 2.
  if (oid == "2.16.840.1.101.3.4.2.1") return HashAlgorithm::kSha256;
  if (oid == "2.16.840.1.101.3.4.2.2") return HashAlgorithm::kSha384;
  if (oid == "2.16.840.1.101.3.4.2.3") return HashAlgorithm::kSha512;
  return BadData(util::StrCat("the hash ", oid, " is none of SHA-256, SHA-384 and SHA-512"));
}

// ContentInfo ::= SEQUENCE { contentType, content [0] EXPLICIT SignedData }, and
// SignedData ::= SEQUENCE { version, digestAlgorithms SET, encapContentInfo, certificates [0]
// OPTIONAL, crls [1] OPTIONAL, signerInfos SET }.
Result<SignedData> ReadSignedData(ByteView content_info) {
  const der::Element info = TRY(der::Only(content_info, der::kSequence));
  der::Reader outer(info.content);
  TRY(ExpectOid(outer, kSignedDataOid));
  const der::Element wrapper = TRY(outer.Next(der::Inside(0)));
  TRY(outer.End());
  const der::Element sequence = TRY(der::Only(wrapper.content, der::kSequence));
  der::Reader reader(sequence.content);
  TRY(reader.Next(der::kInteger));
  const der::Element algorithms = TRY(reader.Next(der::kSet));
  TRY(CheckDigestAlgorithms(algorithms.content));
  SignedData data;
  const der::Element encapsulated = TRY(reader.Next(der::kSequence));
  data.content = TRY(ReadContent(encapsulated.content));
  const auto certificates = TRY(reader.NextIf(der::Inside(0)));
  if (certificates.has_value()) data.certificates = TRY(ReadCertificates(certificates->content));
  TRY(reader.NextIf(der::Inside(1)));
  const der::Element signers = TRY(reader.Next(der::kSet));
  TRY(reader.End());
  // RFC 3161 section 2.4.2: "MUST NOT contain any signatures other than the signature of the TSA".
  const der::Element signer = TRY(der::Only(signers.content, der::kSequence));
  data.signer = TRY(ReadSignerInfo(signer.content));
  return data;
}

}  // namespace ociship::crypto
