// SPDX-License-Identifier: Apache-2.0
// The TBSCertificate (RFC 5280 section 4.1) without its extensions' meaning. Tested by
// certificate_test.cc.
#include "crypto/certificate_fields.h"

#include <algorithm>

#include "util/text.h"
#include "util/try.h"

namespace ociship::crypto {
namespace {

constexpr std::uint64_t kVersion3 = 2;  // RFC 5280 section 4.1.2.1: v3(2)

// Where the fields stand in TbsParts::fields.
enum Field : std::size_t { kVersion, kSerial, kSignature, kIssuer, kValidity, kSubject, kKey };

Error BadCertificate(std::string_view why) {
  return Error(Code::kBadInput, util::StrCat("certificate: ", why));
}

util::Bytes Copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

Status CheckVersion(const der::Element& version) {
  const der::Element number = TRY(der::Only(version.content, der::kInteger));
  const std::uint64_t value = TRY(der::SmallInteger(number.content));
  if (value != kVersion3) return BadCertificate("the version is not 3");
  return Ok();
}

Status ReadValidity(ByteView content, CertificateFields& fields) {
  der::Reader reader(content);
  const der::Element not_before = TRY(reader.Next());
  const der::Element not_after = TRY(reader.Next());
  TRY(reader.End());
  fields.not_before = TRY(der::Time(not_before));
  fields.not_after = TRY(der::Time(not_after));
  return Ok();
}

Status ReadExtensions(const TbsParts& tbs, CertificateFields& fields) {
  for (const der::Element& element : tbs.extensions) {
    CertificateExtension extension = TRY(ReadExtension(element));
    // RFC 5280 section 4.2: "MUST NOT include more than one instance of a particular extension".
    const auto same =
        std::ranges::find(fields.extensions, extension.oid, &CertificateExtension::oid);
    if (same != fields.extensions.end()) return BadCertificate("an extension comes twice");
    fields.extensions.push_back(std::move(extension));
  }
  return ReadKnownExtensions(fields);
}

}  // namespace

Result<TbsParts> ReadTbs(ByteView content) {
  TbsParts parts;
  der::Reader reader(content);
  // Without [0] the version is 1.
  for (const std::uint8_t tag : {der::Inside(0), der::kInteger, der::kSequence, der::kSequence,
                                 der::kSequence, der::kSequence, der::kSequence}) {
    const der::Element field = TRY(reader.Next(tag));
    parts.fields.push_back(field);
  }
  // Section 4.1.2.8: the unique identifiers [1] and [2] must not be there.
  const auto wrapper = TRY(reader.NextIf(der::Inside(3)));
  TRY(reader.End());
  if (!wrapper.has_value()) return parts;
  const der::Element list = TRY(der::Only(wrapper->content, der::kSequence));
  der::Reader extensions(list.content);
  if (extensions.done()) return BadCertificate("a list of extensions that is empty");
  while (!extensions.done()) {
    const der::Element extension = TRY(extensions.Next(der::kSequence));
    if (parts.extensions.size() == kMaxExtensions) return BadCertificate("too many extensions");
    parts.extensions.push_back(extension);
  }
  return parts;
}

Result<CertificateExtension> ReadExtension(const der::Element& element) {
  CertificateExtension extension;
  der::Reader reader(element.content);
  const der::Element oid = TRY(reader.Next(der::kOid));
  const auto critical = TRY(reader.NextIf(der::kBoolean));
  const der::Element value = TRY(reader.Next(der::kOctetString));
  TRY(reader.End());
  extension.oid = TRY(der::OidText(oid.content));
  extension.critical = critical.has_value();
  if (critical.has_value()) {
    const der::Truth truth = TRY(der::Boolean(critical->content));
    // X.690 section 11.5: a value that is the default "shall not" be written.
    if (truth == der::Truth::kFalse) return BadCertificate("a default value that is written");
  }
  extension.value = Copy(value.content);
  return extension;
}

Result<CertificateFields> ReadCertificate(ByteView der) {
  const der::Element certificate = TRY(der::Only(der, der::kSequence));
  der::Reader reader(certificate.content);
  const der::Element tbs = TRY(reader.Next(der::kSequence));
  const der::Element algorithm = TRY(reader.Next(der::kSequence));
  TRY(reader.Next(der::kBitString));
  TRY(reader.End());
  const TbsParts parts = TRY(ReadTbs(tbs.content));
  TRY(CheckVersion(parts.fields[kVersion]));
  // Section 4.1.1.2: "MUST contain the same algorithm identifier".
  if (!std::ranges::equal(parts.fields[kSignature].whole, algorithm.whole)) {
    return BadCertificate("two algorithms of its signature that differ");
  }
  CertificateFields fields;
  fields.serial = Copy(parts.fields[kSerial].content);
  fields.issuer = Copy(parts.fields[kIssuer].whole);
  fields.subject = Copy(parts.fields[kSubject].whole);
  fields.key = Copy(parts.fields[kKey].whole);
  TRY(ReadValidity(parts.fields[kValidity].content, fields));
  TRY(ReadExtensions(parts, fields));
  return fields;
}

}  // namespace ociship::crypto
