// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_CERTIFICATE_H_
#define OCISHIP_CRYPTO_CERTIFICATE_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/key.h"
#include "ociship/core.h"
#include "util/bytes.h"

namespace ociship::crypto {

inline constexpr std::size_t kMaxCertificateBytes = 64 * 1024;
// Of one PEM text.
inline constexpr std::size_t kMaxPemCertificates = 10;

// Why a certificate was refused that is none, for callers who say so with Error::Because.
inline constexpr std::string_view kCertificateMalformed = "certificate-malformed";

// One of the names in a subjectAltName (RFC 5280 section 4.2.1.6). The bytes are those of the
// certificate, NULs included: compare whole strings.
struct AltName {
  // kOther is every kind that is not listed, and an otherName whose value is no UTF8String.
  enum class Kind { kUri, kEmail, kDns, kIp, kOtherName, kOther } kind;
  std::string value;  // the text; of kIp and kOther the content octets
  std::string oid;    // the type of an otherName, dotted; empty for the other kinds
};

// An X.509 v3 certificate (RFC 5280), read strictly. Nothing in it is verified: that is what
// VerifyChain is for. Immutable; cheap to copy; safe to share between threads.
class Certificate {
 public:
  // One certificate in DER. kBadInput for everything else: bytes behind it, another encoding, over
  // 64 KiB, another version than 3, an extension that comes twice, a known extension that cannot be
  // read, a key that PublicKey::FromDer refuses.
  static Result<Certificate> FromDer(ByteView der);
  // One to 10 "CERTIFICATE" blocks (RFC 7468 section 5) in their order, each as above. kBadInput
  // for other blocks beside them.
  static Result<std::vector<Certificate>> ListFromPem(std::string_view pem);

  const util::Bytes& der() const;
  std::string Pem() const;
  const PublicKey& public_key() const;
  // The first and the last second of its validity (section 4.1.2.5), both within it.
  std::chrono::sys_seconds not_before() const;
  std::chrono::sys_seconds not_after() const;
  // Whether basicConstraints says CA:TRUE (section 4.2.1.9).
  bool is_ca() const;
  // The names in DER, with their tag and length.
  const util::Bytes& subject() const;
  const util::Bytes& issuer() const;
  // The content octets of the INTEGER.
  const util::Bytes& serial() const;
  // In their order; empty without a subjectAltName.
  const std::vector<AltName>& alt_names() const;
  // Dotted object identifiers, all of them, also unknown ones; empty without the extension
  // (section 4.2.1.12).
  const std::vector<std::string>& extended_key_usages() const;
  bool extended_key_usage_critical() const;
  // Whether there is a keyUsage and it has digitalSignature (section 4.2.1.3).
  bool allows_digital_signature() const;
  // What is inside the OCTET STRING of the extension with this dotted identifier; nullopt when the
  // certificate does not have it.
  std::optional<util::Bytes> Extension(std::string_view oid) const;
  // The DER of the TBSCertificate without this extension, spliced from the original bytes: what
  // RFC 6962 section 3.2 calls tbs_certificate. kBadInput when the certificate does not have it.
  Result<util::Bytes> TbsWithoutExtension(std::string_view oid) const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit Certificate(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// The text of exactly one DER UTF8String (X.690 section 8.23) of valid UTF-8, with nothing behind
// it. kBadInput otherwise.
Result<std::string> DecodeUtf8String(ByteView der);
// What is inside exactly one DER OCTET STRING (X.690 section 8.7), with nothing behind it.
// kBadInput otherwise.
Result<util::Bytes> DecodeOctetString(ByteView der);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_CERTIFICATE_H_
