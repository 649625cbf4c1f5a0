// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_TIMESTAMP_PARTS_H_
#define OCISHIP_CRYPTO_TIMESTAMP_PARTS_H_

#include <optional>
#include <string_view>
#include <vector>

#include "crypto/hash.h"
#include "crypto/timestamp.h"
#include "ociship/core.h"
#include "util/bytes.h"

// Inside crypto only: what stands in a timestamp.
namespace ociship::crypto {

// id-ct-TSTInfo (RFC 3161 section 2.4.2).
inline constexpr std::string_view kTstInfoOid = "1.2.840.113549.1.9.16.1.4";

// RFC 3161 section 2.4.2: TSTInfo.
struct TstInfo {
  HashAlgorithm imprint_algorithm = HashAlgorithm::kSha256;
  util::Bytes imprint;
  util::Bytes serial;
  util::Micros time;
  std::optional<util::Bytes> nonce;
};

// A certificate that signed attributes name by its hash: ESSCertID, with SHA-1, or ESSCertIDv2 (RFC
// 5035 sections 5 and 4).
struct NamedCertificate {
  std::optional<HashAlgorithm> algorithm;  // nullopt is SHA-1
  util::Bytes hash;
};

// RFC 5652 section 5.3: SignerInfo.
struct SignerInfo {
  util::Bytes issuer;  // the name in DER
  util::Bytes serial;
  std::vector<NamedCertificate> named;  // the first of each attribute: the signer's own
};

// RFC 5652 section 5.1: SignedData.
struct SignedData {
  util::Bytes content;                    // TSTInfo in DER: inside the OCTET STRING
  std::vector<util::Bytes> certificates;  // in DER
  SignerInfo signer;
};

struct TimestampToken::Impl {
  util::Bytes token;  // the ContentInfo
  SignedData signed_data;
  TstInfo info;
};

// SHA-256, SHA-384 or SHA-512 of an AlgorithmIdentifier, given its content octets.
Result<HashAlgorithm> ReadHashAlgorithm(ByteView content);
// A ContentInfo with a SignedData over a TSTInfo, all in DER.
Result<SignedData> ReadSignedData(ByteView content_info);
Result<TstInfo> ReadTstInfo(ByteView der);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_TIMESTAMP_PARTS_H_
