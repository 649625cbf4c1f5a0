// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_DSSE_H_
#define OCISHIP_SIGSTORE_DSSE_H_

#include <string>
#include <string_view>

#include "util/bytes.h"

namespace ociship::sigstore {

// The payload type of in-toto statements.
inline constexpr std::string_view kInTotoPayloadType = "application/vnd.in-toto+json";

// An envelope with its one signature (DSSE v1.0.2, envelope.md; a Sigstore bundle allows exactly
// one). Nothing in it is verified.
struct Envelope {
  std::string payload_type;
  std::string payload;      // decoded; the exact bytes that were signed
  util::Bytes signature;    // decoded
  std::string key_id = {};  // a hint, of no weight
};

// The message that the signature covers: "DSSEv1", the length of the type, the type, the length of
// the payload and the payload, with one space between them and lengths in decimal bytes (DSSE
// v1.0.2, protocol.md, "Signature Definition": PAE).
std::string PreAuthEncoding(std::string_view payload_type, std::string_view payload);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_DSSE_H_
