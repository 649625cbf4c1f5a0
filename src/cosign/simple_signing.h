// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_COSIGN_SIMPLE_SIGNING_H_
#define OCISHIP_COSIGN_SIMPLE_SIGNING_H_

#include <map>
#include <string>
#include <string_view>

#include "ociship/core.h"
#include "ociship/digest.h"

// The payload of the legacy format: what is signed is a small document that names the image
// (containers/image, "Simple signing"; sigstore, payload.go).
namespace ociship::cosign {

inline constexpr std::string_view kSimpleSigningType = "cosign container image signature";
inline constexpr std::size_t kMaxPayloadBytes = 1 << 20;
inline constexpr std::size_t kMaxPayloadValues = 20'000;

struct SimpleSigning {
  std::string identity;  // the docker-reference: a claim of the signer, not checked by anybody
  Digest image;
  // The members of "optional" whose values are strings; others can equal nothing expected.
  std::map<std::string, std::string> annotations;
};

// The exact bytes that cosign signs, without a line end behind them.
std::string FormatSimpleSigning(const SimpleSigning& payload);

// Reads a payload. kBadInput when it is none of cosign's: another "type", no well-formed digest,
// duplicate keys, more than kMaxPayloadBytes. Members that cosign does not write are ignored.
Result<SimpleSigning> ParseSimpleSigning(std::string_view payload);

}  // namespace ociship::cosign

#endif  // OCISHIP_COSIGN_SIMPLE_SIGNING_H_
