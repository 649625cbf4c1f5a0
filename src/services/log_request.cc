// SPDX-License-Identifier: Apache-2.0
// What requests to both generations of Rekor are made of. Tested by rekor_test.cc.
#include "services/log_request.h"

#include <optional>
#include <utility>
#include <variant>

#include "crypto/pem.h"
#include "crypto/sign.h"
#include "services/failure.h"
#include "sigstore/dsse.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

constexpr std::size_t kMaxAnswerValues = 10'000;
constexpr std::string_view kJsonType = "application/json";

}  // namespace

std::string NameOfLog(const sigstore::Service& log) {
  return util::StrCat("Rekor ", util::Printable(log.url));
}

ServiceCall JsonCall(const std::string& service, util::Url url, std::string body) {
  ServiceCall call{.service = service, .url = std::move(url), .accept = std::string(kJsonType)};
  call.method = body.empty() ? http::Method::kGet : http::Method::kPost;
  if (!body.empty()) call.content_type = kJsonType;
  call.body = std::move(body);
  return call;
}

Result<util::Json> ReadAnswer(const std::string& service, std::string_view body) {
  Result<util::Json> json =
      util::Json::Parse(body, {.bytes = kMaxAnswerBytes, .values = kMaxAnswerValues});
  if (!json.ok()) return Unusable(service, json.error());
  return json;
}

Error Unusable(std::string_view service, const Error& why) {
  return BadAnswer(service, "an answer that can not be used", why,
                   sigstore::Reason::kLogEntryMalformed);
}

Ed25519Form FormOf(const Loggable& loggable) {
  const sigstore::SignedContent& content = loggable.material.content;
  std::string encoding;
  std::optional<ByteView> message = loggable.artifact.bytes();
  if (const auto* envelope = std::get_if<sigstore::Envelope>(&content)) {
    encoding = sigstore::PreAuthEncoding(envelope->payload_type, envelope->payload);
    message = util::AsBytes(encoding);
  }
  if (!message) return Ed25519Form::kUnknown;
  const util::Bytes& signature = sigstore::SignatureOf(content);
  const crypto::PublicKey& key = loggable.signer.key;
  if (crypto::VerifyEd25519ph(key, *message, signature).ok()) return Ed25519Form::kPrehashed;
  const bool pure = crypto::Verify(key, *message, signature, crypto::HashAlgorithm::kSha512).ok();
  return pure ? Ed25519Form::kPure : Ed25519Form::kUnknown;
}

Result<util::Bytes> LoggedHash(const Loggable& loggable, crypto::HashAlgorithm algorithm) {
  std::optional<util::Bytes> hash =
      sigstore::HashOfSignedBytes(loggable.material.content, loggable.artifact, algorithm);
  if (hash) return *std::move(hash);
  return Error(Code::kUsage,
               "a log keeps another hash of what is signed than the one that was given: give the "
               "content itself");
}

std::string VerifierPem(const Loggable& loggable) {
  const sigstore::ClaimedSigner& signer = loggable.signer;
  if (!signer.certificate) return signer.key.Pem();
  return crypto::FormatPem("CERTIFICATE", signer.certificate->der());
}

}  // namespace ociship::services
