// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_CERTIFICATE_FIELDS_H_
#define OCISHIP_CRYPTO_CERTIFICATE_FIELDS_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "crypto/certificate.h"
#include "crypto/der.h"
#include "ociship/core.h"
#include "util/bytes.h"

// Inside crypto only: what stands in a certificate.
namespace ociship::crypto {

inline constexpr std::size_t kMaxExtensions = 64;
inline constexpr std::size_t kMaxAltNames = 64;
inline constexpr std::size_t kMaxKeyUsages = 32;

// RFC 5280 section 4.1: Extension.
struct CertificateExtension {
  std::string oid;
  bool critical = false;
  util::Bytes value;  // inside the OCTET STRING
};

struct CertificateFields {
  util::Bytes serial;
  util::Bytes issuer;
  util::Bytes subject;
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds not_after;
  util::Bytes key;  // SubjectPublicKeyInfo
  std::vector<CertificateExtension> extensions;

  // What the extensions say.
  bool is_ca = false;
  bool digital_signature = false;
  std::vector<std::string> extended_key_usages;
  bool extended_key_usage_critical = false;
  std::vector<AltName> alt_names;
};

// Reads a certificate that CheckDer found to be DER. kBadInput where it is none of version 3.
Result<CertificateFields> ReadCertificate(ByteView der);

// The Extension elements of a TBSCertificate, which this reads to its end, and what stands before
// them. Empty lists where it has none.
struct TbsParts {
  std::vector<der::Element> fields;      // up to the key
  std::vector<der::Element> extensions;  // inside the SEQUENCE inside [3]
};
Result<TbsParts> ReadTbs(ByteView content);

// One Extension.
Result<CertificateExtension> ReadExtension(const der::Element& element);

// Fills in what the known ones of fields.extensions say (RFC 5280 section 4.2.1).
Status ReadKnownExtensions(CertificateFields& fields);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_CERTIFICATE_FIELDS_H_
