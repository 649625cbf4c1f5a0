// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_TIMESTAMP_H_
#define OCISHIP_CRYPTO_TIMESTAMP_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"
#include "ociship/core.h"
#include "util/bytes.h"
#include "util/time.h"

namespace ociship::crypto {

inline constexpr std::size_t kMaxTimestampBytes = 64 * 1024;
// Inside one token.
inline constexpr std::size_t kMaxTimestampCertificates = 16;
// Of a request; RFC 3161 section 2.4.1 says "a large random number with a high probability of
// being generated only once".
inline constexpr std::size_t kMaxNonceBytes = 32;

// Reasons of errors, see Error::reason().
inline constexpr std::string_view kTimestampMalformed = "timestamp-malformed";
inline constexpr std::string_view kTimestampImprint = "timestamp-imprint";
inline constexpr std::string_view kTimestampSignature = "timestamp-signature";
inline constexpr std::string_view kTimestampSigner = "timestamp-signer";
inline constexpr std::string_view kTimestampChain = "timestamp-chain";
inline constexpr std::string_view kTimestampUsage = "timestamp-usage";

// The answer of a timestamp authority (RFC 3161 section 2.4.2), read strictly. Nothing in it is
// verified. Immutable; cheap to copy; safe to share between threads.
class TimestampToken {
 public:
  // A DER TimeStampResp that is granted, and nothing else: grantedWithMods is refused. Its token is
  // a SignedData over a TSTInfo of version 1 with one SignerInfo, which names its certificate by
  // issuer and serial number and has signed attributes; both hashes are SHA-256, SHA-384 or
  // SHA-512. kBadInput with kTimestampMalformed otherwise.
  static Result<TimestampToken> Parse(ByteView response);

  // genTime, unverified; what is finer than a microsecond is cut off.
  util::Micros time() const;
  // Content octets of the INTEGERs.
  const util::Bytes& serial() const;
  const std::optional<util::Bytes>& nonce() const;
  // Whether the token has this nonce, as it was given to FormatTimestampRequest.
  bool HasNonce(ByteView nonce) const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit TimestampToken(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// What a trusted root says of one timestamp authority.
struct TimestampAuthorityChain {
  // Who signs. Without it the certificate is the one inside the token that the signer is named by,
  // which must then have been issued below `root`.
  std::optional<Certificate> leaf;
  std::vector<Certificate> intermediates;
  Certificate root;
};

// Proof of a time: only VerifyTimestamp makes one.
class VerifiedTimestamp {
 public:
  // When the signed bytes existed.
  util::Micros time() const { return time_; }
  const Certificate& signer() const { return signer_; }

 private:
  friend Result<VerifiedTimestamp> VerifyTimestamp(const TimestampToken&, ByteView,
                                                   const TimestampAuthorityChain&);
  VerifiedTimestamp(util::Micros time, Certificate signer)
      : time_(time), signer_(std::move(signer)) {}
  util::Micros time_;
  Certificate signer_;
};

// Verifies that the token is over `signed_bytes` (RFC 3161 section 2.4.2, messageImprint), was
// signed (RFC 5652 section 5.4) by the authority's leaf, that signed attributes which name a
// certificate name that one (RFC 5816), and that the leaf was valid for timestamps when the token
// was made (VerifyChain). Certificates inside the token are never trusted. kNoMatch with one of the
// reasons above otherwise; a chain that was not valid at that time has kCertificateExpired.
Result<VerifiedTimestamp> VerifyTimestamp(const TimestampToken& token, ByteView signed_bytes,
                                          const TimestampAuthorityChain& authority);

// A DER TimeStampReq (RFC 3161 section 2.4.1) over the SHA-256 of `signed_bytes`, which asks for no
// certificates. `nonce` is a number, most significant byte first. kUsage when it is zero or has
// more than 32 bytes.
Result<util::Bytes> FormatTimestampRequest(ByteView signed_bytes, ByteView nonce);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_TIMESTAMP_H_
