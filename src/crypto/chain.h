// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_CHAIN_H_
#define OCISHIP_CRYPTO_CHAIN_H_

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

#include "crypto/certificate.h"
#include "ociship/core.h"

namespace ociship::crypto {

// What a leaf is to be used for: id-kp-codeSigning or id-kp-timeStamping (RFC 5280 section
// 4.2.1.12).
enum class Purpose { kCodeSigning, kTimestamping };

// Certificates between leaf and anchor that are looked at.
inline constexpr std::size_t kMaxIntermediates = 8;

// Reasons of errors, see Error::reason().
inline constexpr std::string_view kCertificateExpired = "certificate-expired";
inline constexpr std::string_view kCertificateChain = "certificate-chain";
inline constexpr std::string_view kCertificateUsage = "certificate-usage";

// Proof that a leaf was issued by an anchor and valid at a time: only VerifyChain makes one.
class VerifiedChain {
 public:
  const Certificate& leaf() const { return leaf_; }
  // Whose key signed the leaf: an intermediate or the anchor.
  const Certificate& issuer() const { return issuer_; }
  std::chrono::sys_seconds at() const { return at_; }

 private:
  friend Result<VerifiedChain> VerifyChain(const Certificate&, std::span<const Certificate>,
                                           const Certificate&, Purpose, std::chrono::sys_seconds);
  VerifiedChain(Certificate leaf, Certificate issuer, std::chrono::sys_seconds at)
      : leaf_(std::move(leaf)), issuer_(std::move(issuer)), at_(at) {}
  Certificate leaf_;
  Certificate issuer_;
  std::chrono::sys_seconds at_;
};

// Verifies the path from `leaf` over some of `intermediates`, in any order, to `anchor` (RFC 5280
// section 6.1). The anchor is trusted as it is and need not be self-signed; nothing else is
// trusted. Every certificate of the path, the anchor too, is valid at `at`, is issued with at least
// 80 bits of security and, but for the leaf, is a CA. The leaf is not the anchor and not a CA, and
// has the purpose by name; what issued it has the purpose or anyExtendedKeyUsage, or no
// extendedKeyUsage at all. Code signing: the leaf has keyUsage digitalSignature. Timestamping
// (RFC 3161 section 2.3): its extendedKeyUsage is critical and has timeStamping alone.
//
// kNoMatch with one of the reasons above otherwise. `intermediates` come from trusted material: a
// caller that passes some out of a bundle lets the signer choose the path.
Result<VerifiedChain> VerifyChain(const Certificate& leaf,
                                  std::span<const Certificate> intermediates,
                                  const Certificate& anchor, Purpose purpose,
                                  std::chrono::sys_seconds at);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_CHAIN_H_
