// SPDX-License-Identifier: Apache-2.0
// SCTs that come beside a certificate (RFC 6962 section 4.1). Covered by
// tests/sigstore/detached_sct_test.cc.
#include "sigstore/detached_sct.h"

#include <algorithm>

#include "sigstore/proto_json.h"
#include "util/json.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

constexpr std::size_t kMaxSctBytes = 64 << 10;
constexpr std::size_t kSignatureHead = 4;  // two algorithms and a length of two bytes

// "digitally-signed struct": hash and signature algorithm, length, signature (RFC 5246
// section 4.7).
Status ReadSignature(const util::Bytes& blob, crypto::Sct& sct) {
  const bool whole = blob.size() > kSignatureHead &&
                     blob.size() - kSignatureHead == (std::size_t{blob[2]} << 8 | blob[3]);
  if (!whole) return Error(Code::kBadInput, "\"signature\" is no signature");
  sct.hash_algorithm = blob[0];
  sct.signature_algorithm = blob[1];
  sct.signature.assign(blob.begin() + kSignatureHead, blob.end());
  return Ok();
}

Result<crypto::Sct> Read(std::string_view text) {
  const util::Json json = TRY(util::Json::Parse(text, {.bytes = kMaxSctBytes}));
  if (!json.is_object()) return Error(Code::kBadInput, "it is not an object");
  const std::int64_t version = TRY(json.Integer("sct_version"));
  if (version != 0) return Error(Code::kBadInput, "its version is not 1");
  crypto::Sct sct{};
  const util::Bytes id = TRY(BytesField(json, "id"));
  if (id.size() != sct.log_id.size()) return Error(Code::kBadInput, "\"id\" has not 32 bytes");
  std::copy(id.begin(), id.end(), sct.log_id.begin());
  sct.timestamp_ms = TRY(json.Unsigned("timestamp"));
  if (sct.timestamp_ms > crypto::kMaxSctTimestampMs) {
    return Error(Code::kBadInput, "\"timestamp\" is after the year 9999");
  }
  const std::optional<std::string> extensions = TRY(json.OptionalString("extensions"));
  sct.extensions = TRY(DecodeBytes(extensions.value_or(""), "extensions"));
  const util::Bytes signature = TRY(BytesField(json, "signature"));
  TRY(ReadSignature(signature, sct));
  return sct;
}

}  // namespace

Result<crypto::Sct> ParseDetachedSct(std::string_view json) {
  Result<crypto::Sct> sct = Read(json);
  if (sct.ok()) return sct;
  return std::move(sct).error().While("detached SCT").Because(crypto::kSctMalformed);
}

}  // namespace ociship::sigstore
