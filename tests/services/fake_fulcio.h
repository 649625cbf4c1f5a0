// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SERVICES_FAKE_FULCIO_H_
#define OCISHIP_TESTS_SERVICES_FAKE_FULCIO_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/key.h"
#include "crypto/sign.h"
#include "deployment/authorities.h"
#include "deployment/leaf.h"
#include "fake_transport.h"
#include "services/identity_token.h"
#include "sigstore/trust_root.h"
#include "tokens.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"

namespace ociship::testing {

// A token with these claims behind "aud" and "exp".
inline std::string JwtOf(std::string_view claims) {
  return Jwt(
      util::StrCat("{\"aud\":\"sigstore\",\"exp\":", deployment::kLeafEnd, ",", claims, "}"));
}

// Whom the plan's certificates are for.
inline std::string HonestClaims(const deployment::Plan& plan) {
  const std::string issuer = util::StrCat("\"iss\":\"", deployment::IssuerOf(plan), "\"");
  if (plan.san == deployment::San::kEmail) {
    return util::StrCat(issuer, ",\"sub\":\"1\",\"email\":\"", deployment::IdentityOf(plan),
                        "\",\"email_verified\":true");
  }
  return util::StrCat(issuer, ",\"sub\":\"repo:acme/app:ref:refs/heads/a@b\"");
}

// A Fulcio that issues certificates of a minted deployment, as its plan says, for the keys that are
// posted to it.
struct FakeFulcio {
  deployment::Plan plan;
  // Where the proof of the certificate log is.
  enum class Sct { kEmbedded, kDetached } sct = Sct::kEmbedded;
  // For another key than was posted.
  std::optional<deployment::Key> other_key = {};
  // The last request.
  std::string posted_key = {};
  std::string proof = {};

  // Of those who issue as it does, right or wrong.
  sigstore::TrustRoot Root() const {
    return sigstore::TrustRoot::Parse(FormatTrustRoot(plan, MintAuthorities(plan))).value();
  }

  Reply Issue(const Seen& seen) {
    const util::Json json = util::Json::Parse(seen.body).value();
    const util::Json* request = json.Find("publicKeyRequest");
    if (request == nullptr || request->Find("publicKey") == nullptr) return {.status = 400};
    posted_key = request->Find("publicKey")->TextOf("content");
    proof = request->TextOf("proofOfPossession");
    const auto key = crypto::PublicKey::FromPem(posted_key);
    if (!key.ok()) return {.status = 400};
    const deployment::Key subject =
        other_key ? *other_key : deployment::Key::OfPublicP256(key.value().der());
    const deployment::Leaf leaf = MintLeaf(plan, MintAuthorities(plan), subject);
    return {.body = sct == Sct::kEmbedded ? Embedded(leaf) : Detached(leaf)};
  }
  // Whether the request's proof was made by its key over `text`.
  bool Proves(std::string_view text) const {
    const crypto::PublicKey key = crypto::PublicKey::FromPem(posted_key).value();
    return crypto::Verify(key, util::AsBytes(text), util::Base64Decode(proof).value(),
                          crypto::HashAlgorithm::kSha256)
        .ok();
  }

 private:
  static void WriteChain(util::JsonWriter& json, const deployment::Leaf& leaf) {
    json.Key("chain").BeginObject().Key("certificates").BeginArray();
    json.String(deployment::Pem("CERTIFICATE", leaf.der));
    for (const util::Bytes& der : leaf.chain) json.String(deployment::Pem("CERTIFICATE", der));
    json.EndArray().EndObject();
  }
  static std::string Embedded(const deployment::Leaf& leaf) {
    util::JsonWriter json;
    json.BeginObject().Key("signedCertificateEmbeddedSct").BeginObject();
    WriteChain(json, leaf);
    return json.EndObject().EndObject().text();
  }
  // RFC 6962 section 4.1, in base64.
  static std::string Detached(const deployment::Leaf& leaf) {
    const ByteView sct = leaf.detached_sct;
    std::uint64_t time = 0;
    for (const std::uint8_t byte : sct.subspan(33, 8)) time = time << 8 | byte;
    const std::size_t extensions = std::size_t{sct[41]} << 8 | sct[42];
    util::JsonWriter answer;
    answer.BeginObject().Key("sct_version").Integer(0);
    answer.Key("id").String(util::Base64Encode(sct.subspan(1, 32)));
    answer.Key("timestamp").Unsigned(time);
    answer.Key("extensions").String(util::Base64Encode(sct.subspan(43, extensions)));
    answer.Key("signature").String(util::Base64Encode(sct.subspan(43 + extensions))).EndObject();
    util::JsonWriter json;
    json.BeginObject().Key("signedCertificateDetachedSct").BeginObject();
    WriteChain(json, leaf);
    json.Key("signedCertificateTimestamp").String(util::Base64Encode(util::AsBytes(answer.text())));
    return json.EndObject().EndObject().text();
  }
};

// Gives the token with these claims, and counts how often it was asked.
class FakeTokens : public services::TokenSource {
 public:
  explicit FakeTokens(std::string claims) : claims_(std::move(claims)) {}
  Result<services::IdentityToken> Get() override {
    ++asked;
    if (error) return *error;
    return services::IdentityToken::Parse(JwtOf(claims_));
  }
  int asked = 0;
  std::optional<Error> error;

 private:
  std::string claims_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SERVICES_FAKE_FULCIO_H_
