// SPDX-License-Identifier: Apache-2.0
// Timestamps over signatures (RFC 3161 section 3.4, over HTTP). Tested by
// timestamp_authority_test.cc.
#include "services/timestamp_authority.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "crypto/random.h"
#include "crypto/timestamp.h"
#include "services/failure.h"
#include "sigstore/reason.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using util::StrCat;

constexpr std::size_t kNonceBytes = 8;

Status CheckBy(const sigstore::TimestampAuthority& authority, const crypto::TimestampToken& token,
               const util::Bytes& signature) {
  const crypto::VerifiedTimestamp verified =
      TRY(crypto::VerifyTimestamp(token, signature, authority.chain));
  if (authority.validity.Contains(verified.time())) return Ok();
  return sigstore::Refuse(sigstore::Reason::kTimestampWindow,
                          StrCat("the trusted root does not trust the authority at ",
                                 util::FormatRfc3339(verified.time())));
}

// That one of the authorities vouches, as those who verify the signature will ask.
Status CheckTrusted(const crypto::TimestampToken& token, const util::Bytes& signature,
                    const sigstore::TrustRoot& root) {
  std::optional<Error> nearest;
  for (const sigstore::TimestampAuthority& authority : root.timestamp_authorities()) {
    Status checked = CheckBy(authority, token, signature);
    if (checked.ok()) return checked;
    // That it is not another one's says less than what is wrong with its own.
    if (!nearest || nearest->reason() == crypto::kTimestampSigner) {
      nearest = std::move(checked).error();
    }
  }
  return *nearest;
}

Status CheckResponse(const http::Response& response, const util::Bytes& nonce,
                     const util::Bytes& signature, const sigstore::TrustRoot& root) {
  const crypto::TimestampToken token =
      TRY(crypto::TimestampToken::Parse(util::AsBytes(response.body)));
  // An older answer would date the signature before it existed.
  if (!token.HasNonce(nonce)) {
    return Error(Code::kNoMatch, "it answers another request: its nonce is not ours")
        .Because(crypto::kTimestampMalformed);
  }
  return CheckTrusted(token, signature, root);
}

// That its first byte is not zero keeps it a number that every authority takes.
util::Bytes NewNonce() {
  util::Bytes nonce = crypto::RandomBytes(kNonceBytes);
  nonce[0] |= 1;
  return nonce;
}

}  // namespace

Result<util::Bytes> RequestTimestamp(ServiceCaller& caller, const sigstore::Service& authority,
                                     const util::Bytes& signature,
                                     const sigstore::TrustRoot& root) {
  const std::string name = StrCat("timestamp authority ", util::Printable(authority.url));
  if (root.timestamp_authorities().empty()) {
    return Error(Code::kSigningService,
                 StrCat(name, " is not asked: the trusted root knows no timestamp authority"));
  }
  const util::Bytes nonce = NewNonce();
  const util::Bytes request = TRY(crypto::FormatTimestampRequest(signature, nonce));
  const ServiceCall call {
    .service = name, .url = TRY(Endpoint(authority.url, ""))
    , .content_type = "application/timestamp-query", .accept = "application/timestamp-reply",
      .body = std::string(util::AsText(request))
  };
  const http::Response response = TRY(caller.Send(call));
  const Status checked = CheckResponse(response, nonce, signature, root);
  if (checked.ok()) return util::Bytes(response.body.begin(), response.body.end());
  return BadAnswer(name, "a timestamp that does not do", checked.error(),
                   sigstore::Reason::kTimestampThreshold);
}

}  // namespace ociship::services
