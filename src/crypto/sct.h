// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_SCT_H_
#define OCISHIP_CRYPTO_SCT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"
#include "crypto/chain.h"
#include "crypto/key.h"
#include "ociship/core.h"
#include "util/bytes.h"
#include "util/time.h"

namespace ociship::crypto {

inline constexpr std::string_view kSctListOid = "1.3.6.1.4.1.11129.2.4.2";
inline constexpr std::size_t kMaxScts = 64;
inline constexpr std::uint64_t kMaxSctTimestampMs = util::kLastSecond * 1000 + 999;

// Reasons of errors, see Error::reason().
inline constexpr std::string_view kSctMalformed = "sct-malformed";
inline constexpr std::string_view kSctSignature = "sct-signature";

// A promise of a certificate log to include a certificate (RFC 6962 section 3.2), version 1, as it
// was read: nothing in it is verified.
struct Sct {
  std::array<std::uint8_t, 32> log_id;  // SHA-256 of the log's key
  std::uint64_t timestamp_ms;           // since 1970
  util::Bytes extensions;               // CtExtensions without their length
  std::uint8_t hash_algorithm;          // RFC 5246 section 7.4.1.4.1: 4 is SHA-256
  std::uint8_t signature_algorithm;     // the same: 1 is RSA, 3 is ECDSA
  util::Bytes signature;
};

// A SignedCertificateTimestampList (section 3.3) of 1 to 64 SCTs of version 1, with nothing behind
// it or behind any of them. kBadInput with kSctMalformed otherwise.
Result<std::vector<Sct>> ParseSctList(ByteView list);

// The SCTs in the extension kSctListOid of a certificate; empty when it has none. kBadInput with
// kSctMalformed when it cannot be read.
Result<std::vector<Sct>> EmbeddedScts(const Certificate& leaf);

// Proof that a log saw a certificate: only the two functions below make one.
class VerifiedSct {
 public:
  // When, by the clock of the log.
  util::Micros time() const { return time_; }
  const std::array<std::uint8_t, 32>& log_id() const { return log_id_; }

 private:
  friend Result<VerifiedSct> VerifyEmbeddedSct(const Sct&, const VerifiedChain&, const PublicKey&);
  friend Result<VerifiedSct> VerifyDetachedSct(const Sct&, const VerifiedChain&, const PublicKey&);
  explicit VerifiedSct(const Sct& sct);
  util::Micros time_;
  std::array<std::uint8_t, 32> log_id_;
};

// Verifies an SCT from inside the leaf of `chain` (section 3.2, precert_entry): over the leaf
// without its list of SCTs and the key that issued it. `log_key` is the key of the log with
// sct.log_id, which is for the caller to look up and to hold against the log's time of service.
// kNoMatch with kSctSignature otherwise.
Result<VerifiedSct> VerifyEmbeddedSct(const Sct& sct, const VerifiedChain& chain,
                                      const PublicKey& log_key);

// The same for an SCT that came beside the certificate (x509_entry): over the whole leaf.
Result<VerifiedSct> VerifyDetachedSct(const Sct& sct, const VerifiedChain& chain,
                                      const PublicKey& log_key);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_SCT_H_
