// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_CRYPTO_MINT_H_
#define OCISHIP_TESTS_CRYPTO_MINT_H_

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"
#include "crypto/key.h"
#include "util/bytes.h"

// Certificates and timestamps, written byte by byte so that anything in them can be wrong.
namespace ociship::crypto::mint {

using util::Bytes;

std::chrono::sys_seconds At(std::string_view rfc3339);
PrivateKey NewKey();
// The bytes of a file in fixtures/certificates.
Bytes Fixture(std::string_view name);
std::vector<Certificate> FixtureList(std::string_view name);

Bytes Join(std::initializer_list<ByteView> pieces);
Bytes Sequence(std::initializer_list<ByteView> pieces);
Bytes Oid(std::string_view dotted);
Bytes Integer(std::uint8_t value);
Bytes Octets(ByteView content);
Bytes Utf8(std::string_view text);
// A name with this commonName.
Bytes Name(std::string_view common_name);

// Extensions.
Bytes Extension(std::string_view oid, bool critical, ByteView value);
Bytes Ca();
Bytes KeyUsage(std::uint8_t bits);
Bytes Usages(bool critical, std::initializer_list<std::string_view> oids);
Bytes AltNames(std::initializer_list<ByteView> names);

inline constexpr std::uint8_t kDigitalSignature = 0x80;
inline constexpr std::uint8_t kCertSign = 0x04;
inline constexpr std::string_view kCodeSigning = "1.3.6.1.5.5.7.3.3";
inline constexpr std::string_view kTimeStamping = "1.3.6.1.5.5.7.3.8";

struct Spec {
  std::string subject = "leaf";
  std::string issuer = "root";
  Bytes serial = {0x07};
  std::uint8_t version = 2;
  std::string not_before = "260101000000Z";
  std::string not_after = "260101001000Z";
  std::vector<Bytes> extensions;
  Bytes after_extensions;  // behind the last field
};
// The specs of a usual root, code signing leaf and timestamp leaf.
Spec RootSpec();
Spec SigningSpec();
Spec StampingSpec();

// SEQUENCE { tbs, algorithm, signature } in DER.
Bytes Tbs(const Spec& spec, ByteView spki);
Bytes Sealed(ByteView tbs, const PrivateKey& issuer);
Certificate Mint(const Spec& spec, const PublicKey& key, const PrivateKey& issuer);

// A TimeStampResp. What is empty is made from the rest.
struct Stamp {
  const PrivateKey& key;
  const Certificate& signer;  // whom the SignerInfo names
  Bytes imprint_of = {'h', 'i'};
  std::string time = "20260101000500Z";
  Bytes nonce;  // an INTEGER
  Bytes behind_nonce;
  Bytes tst_info;
  std::vector<Bytes> attributes;  // instead of contentType and messageDigest
  std::vector<Bytes> more_attributes;
  std::vector<Bytes> certificates;
  int signers = 1;
  bool signed_attributes = true;
  std::string hash = "2.16.840.1.101.3.4.2.1";
  Bytes status = {0x02, 0x01, 0x00};
};
Bytes TstInfo(const Stamp& stamp);
Bytes Attribute(std::string_view oid, ByteView value);
Bytes Response(const Stamp& stamp);

}  // namespace ociship::crypto::mint

#endif  // OCISHIP_TESTS_CRYPTO_MINT_H_
