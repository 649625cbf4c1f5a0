// SPDX-License-Identifier: Apache-2.0
// Digests as text (OCI image-spec, descriptor.md, "Digests"). Tested by digest_test.cc.
#include "ociship/digest.h"

#include <algorithm>

#include "util/encoding.h"
#include "util/text.h"

namespace ociship {
namespace {

bool IsLowerHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

Error BadDigest(std::string_view text, std::string_view why) {
  return Error(Code::kBadInput, util::StrCat("digest ", util::Quoted(text), ": ", why));
}

}  // namespace

Result<Digest> Digest::Parse(std::string_view text) {
  std::size_t digits = 0;
  if (text.starts_with("sha256:")) digits = 64;
  if (text.starts_with("sha512:")) digits = 128;
  if (digits == 0) return BadDigest(text, "does not begin with sha256: or sha512:");
  const std::string_view hex = text.substr(7);
  if (hex.size() != digits) {
    return BadDigest(text, util::StrCat(digits, " digits are expected, not ", hex.size()));
  }
  // "the encoded portion MUST match /[a-f0-9]{64}/", and {128} for sha512.
  if (!std::all_of(hex.begin(), hex.end(), IsLowerHex)) {
    return BadDigest(text, "the digits are not all of 0-9 and a-f");
  }
  return Digest(std::string(text));
}

Digest Digest::OfSha256(const std::array<std::uint8_t, 32>& hash) {
  return Digest("sha256:" + util::HexEncode(hash));
}

Digest Digest::OfSha512(const std::array<std::uint8_t, 64>& hash) {
  return Digest("sha512:" + util::HexEncode(hash));
}

}  // namespace ociship
