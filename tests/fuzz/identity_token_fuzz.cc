// SPDX-License-Identifier: Apache-2.0
// Identity tokens, the answers of SPIFFE agents and the queries that browsers bring: read or
// refused, and no token in a message. Run by scripts/fuzz.
#include "services/identity_token.h"

#include <string>

#include "fuzz.h"
#include "services/oidc_issuer.h"
#include "services/token_call.h"
#include "services/workload_api.h"
#include "util/encoding.h"
#include "util/text.h"

namespace ociship::fuzz {
namespace {

constexpr std::size_t kLeastSecret = 24;

void CheckToken(std::string_view jwt) {
  const auto token = services::IdentityToken::Parse(jwt);
  if (!token.ok()) {
    Require(token.error().code() == Code::kUnauthorized);
    RequirePrintable(token.error().message());
    const std::string_view text = util::Trim(jwt);
    // Words of the message itself have spaces between them.
    Require(text.size() < kLeastSecret || text.find(' ') != std::string_view::npos ||
            token.error().message().find(text) == std::string::npos);
    return;
  }
  Require(token.value().jwt() == util::Trim(jwt));
  Require(!token.value().issuer().empty() && !token.value().subject().empty());
  Require(token.value().expires().time_since_epoch().count() >= 0);
  // Where nothing is changed the same is read again.
  Require(services::IdentityToken::Parse(token.value().jwt()).ok());
  Require(services::WithoutSecrets(token.value().jwt(), {token.value().jwt()}) == "(secret)");
}

// The bytes as the claims of a token, where the text of one would hide them from the fuzzer.
void CheckClaims(ByteView claims) {
  std::string payload = util::Base64Encode(claims);
  std::erase(payload, '=');
  std::ranges::replace(payload, '+', '-');
  std::ranges::replace(payload, '/', '_');
  CheckToken(util::StrCat("eyJhbGciOiJSUzI1NiJ9.", payload, ".c2lnbmF0dXJl"));
}

void CheckAgent(std::string_view frame) {
  const auto jwt = services::ParseJwtSvidResponse(frame);
  if (jwt.ok()) {
    Require(!jwt.value().empty() && frame.find(jwt.value()) != std::string_view::npos);
    return;
  }
  Require(jwt.error().code() == Code::kUnauthorized || jwt.error().code() == Code::kUnavailable);
  RequirePrintable(jwt.error().message());
}

void CheckTexts(std::string_view text) {
  RequireBadInput(services::ParseForm(text));
  RequireUsage(services::ParseEndpointSocket(text));
  Require(services::WithoutSecrets(text, {}).find("eyJ") == std::string::npos);
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship::fuzz;
  CheckToken(TextOf(data, size));
  CheckClaims({data, size});
  CheckAgent(TextOf(data, size));
  CheckTexts(TextOf(data, size));
  return 0;
}
