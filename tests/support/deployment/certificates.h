// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_CERTIFICATES_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_CERTIFICATES_H_

#include <string>
#include <string_view>
#include <vector>

#include "deployment/der.h"
#include "deployment/keys.h"

// Certificates (RFC 5280), made of whatever parts they are given.
namespace ociship::deployment {

inline constexpr std::string_view kCodeSigning = "1.3.6.1.5.5.7.3.3";
inline constexpr std::string_view kTimeStamping = "1.3.6.1.5.5.7.3.8";
inline constexpr std::string_view kServerAuth = "1.3.6.1.5.5.7.3.1";
inline constexpr std::string_view kAnyUsage = "2.5.29.37.0";

enum class Critical { kNo, kYes };
enum class IsCa { kNo, kYes };

// A Name of an organisation and a common name; the empty Name for an empty common name.
Bytes NameOf(std::string_view common_name);

Bytes Extension(std::string_view oid, Critical critical, ByteView value);
Bytes BasicConstraints(IsCa is_ca, int path_length = -1);
Bytes KeyUsage(std::uint8_t bits, std::uint8_t unused_bits);
Bytes DigitalSignatureUsage();
Bytes CertificateSignUsage();
Bytes ExtendedKeyUsage(const std::vector<std::string_view>& oids, Critical critical);
Bytes SubjectKeyId(const Key& key);
Bytes AuthorityKeyId(const Key& key);

struct CertificateParts {
  Bytes issuer;   // Name
  Bytes subject;  // Name
  std::uint64_t serial = 1;
  Seconds from = 0;
  Seconds until = 0;
  Bytes spki;
  std::vector<Bytes> extensions;
};

Bytes TbsOf(const CertificateParts& parts, const Key& issuer);
Bytes Signed(ByteView tbs, const Key& issuer);

// Who issues certificates, with the certificate that says so.
struct Authority {
  Key key;
  Bytes name;
  Bytes der;
  std::uint64_t serial;
};

struct AuthorityParts {
  std::string_view name;
  Key key;
  Seconds from = 0;
  Seconds until = 0;
  IsCa is_ca = IsCa::kYes;
  int path_length = -1;
  std::vector<std::string_view> usages;
};

// A certificate that signs itself, and one that `issuer` signs.
Authority MintRoot(const AuthorityParts& parts);
Authority MintBelow(const AuthorityParts& parts, const Authority& issuer);

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_CERTIFICATES_H_
