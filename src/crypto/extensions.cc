// SPDX-License-Identifier: Apache-2.0
// What the extensions of a certificate say (RFC 5280 section 4.2.1). Tested by certificate_test.cc.
#include <array>
#include <optional>
#include <utility>

#include "crypto/certificate_fields.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::crypto {
namespace {

Error BadExtension(std::string_view why) {
  return Error(Code::kBadInput, util::StrCat("certificate: ", why));
}

// Section 4.2.1.3: KeyUsage ::= BIT STRING { digitalSignature (0), ... }.
Status ReadKeyUsage(const CertificateExtension& extension, CertificateFields& fields) {
  const der::Element bits = TRY(der::Only(extension.value, der::kBitString));
  // The first octet says how many bits of the last are unused; bit 0 is the highest one.
  if (bits.content.size() < 2) return BadExtension("a keyUsage that allows nothing");
  fields.digital_signature = (bits.content[1] & 0x80) != 0;
  return Ok();
}

// Section 4.2.1.9: SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }.
Status ReadBasicConstraints(const CertificateExtension& extension, CertificateFields& fields) {
  const der::Element sequence = TRY(der::Only(extension.value, der::kSequence));
  der::Reader reader(sequence.content);
  const auto ca = TRY(reader.NextIf(der::kBoolean));
  const auto path_length = TRY(reader.NextIf(der::kInteger));
  TRY(reader.End());
  if (ca.has_value()) {
    const der::Truth truth = TRY(der::Boolean(ca->content));
    if (truth == der::Truth::kFalse) return BadExtension("a default value that is written");
    fields.is_ca = true;
  }
  if (path_length.has_value()) TRY(der::SmallInteger(path_length->content));
  return Ok();
}

// Section 4.2.1.12: SEQUENCE SIZE (1..MAX) OF OBJECT IDENTIFIER.
Status ReadExtendedKeyUsage(const CertificateExtension& extension, CertificateFields& fields) {
  const der::Element sequence = TRY(der::Only(extension.value, der::kSequence));
  der::Reader reader(sequence.content);
  do {
    const der::Element oid = TRY(reader.Next(der::kOid));
    std::string text = TRY(der::OidText(oid.content));
    if (fields.extended_key_usages.size() == kMaxKeyUsages) {
      return BadExtension("too many extended key usages");
    }
    fields.extended_key_usages.push_back(std::move(text));
  } while (!reader.done());
  fields.extended_key_usage_critical = extension.critical;
  return Ok();
}

// Section 4.2.1.6: OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY },
// with the tag of the SEQUENCE replaced.
Result<AltName> ReadOtherName(const der::Element& name) {
  der::Reader reader(name.content);
  const der::Element type = TRY(reader.Next(der::kOid));
  const der::Element value = TRY(reader.Next(der::Inside(0)));
  TRY(reader.End());
  std::string oid = TRY(der::OidText(type.content));
  if (!value.content.empty() && value.content[0] == der::kUtf8String) {
    std::string text = TRY(DecodeUtf8String(value.content));
    return AltName{AltName::Kind::kOtherName, std::move(text), std::move(oid)};
  }
  return AltName{AltName::Kind::kOther, std::string(util::AsText(value.content)), std::move(oid)};
}

Result<AltName> ReadAltName(const der::Element& name) {
  if (name.tag == der::Inside(0)) return ReadOtherName(name);
  std::optional<AltName::Kind> kind;
  if (name.tag == der::Plain(1)) kind = AltName::Kind::kEmail;
  if (name.tag == der::Plain(2)) kind = AltName::Kind::kDns;
  if (name.tag == der::Plain(6)) kind = AltName::Kind::kUri;
  if (name.tag == der::Plain(7)) kind = AltName::Kind::kIp;
  // x400Address, directoryName, ediPartyName and registeredID.
  for (const std::uint8_t tag : {der::Inside(3), der::Inside(4), der::Inside(5), der::Plain(8)}) {
    if (name.tag == tag) kind = AltName::Kind::kOther;
  }
  if (!kind.has_value()) return BadExtension("a subjectAltName of a kind that does not exist");
  return AltName{*kind, std::string(util::AsText(name.content)), {}};
}

// GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName.
Status ReadAltNames(const CertificateExtension& extension, CertificateFields& fields) {
  const der::Element sequence = TRY(der::Only(extension.value, der::kSequence));
  der::Reader reader(sequence.content);
  do {
    const der::Element element = TRY(reader.Next());
    AltName name = TRY(ReadAltName(element));
    if (fields.alt_names.size() == kMaxAltNames) return BadExtension("too many subjectAltNames");
    fields.alt_names.push_back(std::move(name));
  } while (!reader.done());
  return Ok();
}

using Read = Status (*)(const CertificateExtension&, CertificateFields&);
constexpr std::array<std::pair<std::string_view, Read>, 4> kKnown = {{
    {"2.5.29.15", ReadKeyUsage},
    {"2.5.29.17", ReadAltNames},
    {"2.5.29.19", ReadBasicConstraints},
    {"2.5.29.37", ReadExtendedKeyUsage},
}};

}  // namespace

Status ReadKnownExtensions(CertificateFields& fields) {
  for (const CertificateExtension& extension : fields.extensions) {
    for (const auto& [oid, read] : kKnown) {
      if (extension.oid != oid) continue;
      TRY(der::CheckDer(extension.value));
      TRY(read(extension, fields));
    }
  }
  return Ok();
}

}  // namespace ociship::crypto
