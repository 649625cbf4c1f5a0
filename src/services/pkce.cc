// SPDX-License-Identifier: Apache-2.0
// Proof that who has the code of a login is who began it (RFC 7636). Tested by oidc_login_test.cc.
#include "services/pkce.h"

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "util/bytes.h"
#include "util/encoding.h"

namespace ociship::services {
namespace {

constexpr std::size_t kRandomBytes = 32;

// RFC 7515 appendix C.
std::string Base64UrlEncode(ByteView bytes) {
  std::string text = util::Base64Encode(bytes);
  std::erase(text, '=');
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

}  // namespace

std::string RandomText() { return Base64UrlEncode(crypto::RandomBytes(kRandomBytes)); }

std::string CodeChallenge(std::string_view verifier) {
  return Base64UrlEncode(
      crypto::HashBytes(crypto::HashAlgorithm::kSha256, util::AsBytes(verifier)));
}

}  // namespace ociship::services
