// SPDX-License-Identifier: Apache-2.0
// Certificates for keys that live as long as the program (Fulcio, fulcio.proto). Tested by
// fulcio_test.cc.
#include "services/fulcio.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/sign.h"
#include "services/failure.h"
#include "sigstore/detached_sct.h"
#include "sigstore/identity.h"
#include "sigstore/reason.h"
#include "sigstore/signer.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/time.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using sigstore::Reason;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using util::Json;
using util::StrCat;

constexpr std::string_view kPath = "/api/v2/signingCert";
// Of a certificate with those that issued it.
constexpr std::size_t kMaxChain = 10;

std::string NameOf(const sigstore::Service& fulcio) {
  return StrCat("Fulcio ", util::Printable(fulcio.url));
}

// fulcio.proto, PublicKeyAlgorithm; the signature of an RSA key is PKCS#1 v1.5 all the same.
std::string_view AlgorithmOf(crypto::KeyType type) {
  switch (type) {
    case crypto::KeyType::kEcdsaP256:
    case crypto::KeyType::kEcdsaP384:
    case crypto::KeyType::kEcdsaP521:
      return "ECDSA";
    case crypto::KeyType::kRsa:
      return "RSA_PSS";
    case crypto::KeyType::kEd25519:
      return "ED25519";
  }
  return {};
}

// fulcio.proto, CreateSigningCertificateRequest: who signs the token's subject has the key.
Result<std::string> FormatRequest(const IdentityToken& token, const crypto::PrivateKey& key) {
  const util::Bytes proof = TRY(crypto::Sign(key, util::AsBytes(token.subject())));
  const crypto::PublicKey half = key.public_key();
  util::JsonWriter json;
  json.BeginObject().Key("publicKeyRequest").BeginObject();
  json.Key("publicKey").BeginObject();
  json.Key("algorithm").String(AlgorithmOf(half.type())).Key("content").String(half.Pem());
  json.EndObject();
  json.Key("proofOfPossession").String(util::Base64Encode(proof));
  json.EndObject().EndObject();
  return json.text();
}

// Of the chain the first alone counts: the others are known from the trusted root, or not at all.
Result<crypto::Certificate> ReadLeaf(const Json& answer) {
  const Json* chain = TRY(answer.Object("chain"));
  const Json* list = TRY(chain->Array("certificates"));
  if (list->elements().empty() || list->elements().size() > kMaxChain) {
    return Error(Code::kBadInput, StrCat("it has ", list->elements().size(), " certificates"));
  }
  const std::string pem = TRY(list->elements().front().AsString("certificates"));
  std::vector<crypto::Certificate> certificates = TRY(crypto::Certificate::ListFromPem(pem));
  if (certificates.size() == 1) return std::move(certificates).front();
  return Error(Code::kBadInput, "its first certificate is several");
}

// base64 of what the certificate log answered (fulcio.proto, signed_certificate_timestamp).
Result<crypto::Sct> ReadDetachedSct(const Json& answer) {
  const std::string text = TRY(answer.String("signedCertificateTimestamp"));
  const util::Bytes json = TRY(util::Base64Decode(text));
  return sigstore::ParseDetachedSct(util::AsText(json));
}

// fulcio.proto, SigningCertificate.
Result<FulcioAnswer> ReadAnswer(std::string_view body) {
  const Json json = TRY(Json::Parse(body, {.bytes = kMaxAnswerBytes}));
  const Json* embedded = json.FindNonNull("signedCertificateEmbeddedSct");
  const Json* detached = json.FindNonNull("signedCertificateDetachedSct");
  if ((embedded == nullptr) == (detached == nullptr)) {
    return Error(Code::kBadInput, "it has not one certificate");
  }
  const Json& certificate = embedded != nullptr ? *embedded : *detached;
  crypto::Certificate leaf = TRY(ReadLeaf(certificate));
  FulcioAnswer answer{.leaf = std::move(leaf)};
  if (detached != nullptr) answer.detached_sct = TRY(ReadDetachedSct(*detached));
  return answer;
}

bool RefusesToken(int status) { return status >= 400 && status <= 403; }

// One '@' in a text that is no URI and none of the subjects that CI systems write, in which a
// branch may have an '@' of its own.
enum class SubjectKind { kEmail, kOther };
SubjectKind KindOf(std::string_view subject) {
  const std::size_t at = subject.find('@');
  const bool email = at != std::string_view::npos && at > 0 && at + 1 < subject.size() &&
                     subject.find('@', at + 1) == std::string_view::npos &&
                     subject.find_first_of(":/ ") == std::string_view::npos;
  return email ? SubjectKind::kEmail : SubjectKind::kOther;
}

// "https://HOST/WORKFLOW", or without the host where the workflow begins with one, as GitLab's
// does.
bool IsOfWorkflow(std::string_view name, std::string_view workflow) {
  constexpr std::string_view kScheme = "https://";
  if (!name.starts_with(kScheme)) return false;
  name.remove_prefix(kScheme.size());
  if (name == workflow) return true;
  const std::size_t slash = name.find('/');
  return slash != std::string_view::npos && name.substr(slash + 1) == workflow;
}

// Whether a certificate may have this name for a token. Of an email it must be that; of a workflow
// it ends in what the token says, or is the subject; other names are made as Fulcio is configured.
enum class Naming { kRight, kWrong };
Naming NamingOf(const sigstore::CertificateIdentity& identity, const crypto::Certificate& leaf,
                const IdentityToken& token) {
  if (identity.subject == token.subject()) return Naming::kRight;
  const bool email = KindOf(token.subject()) == SubjectKind::kEmail ||
                     leaf.alt_names().front().kind == crypto::AltName::Kind::kEmail;
  if (email) return Naming::kWrong;
  if (token.workflow().empty()) {
    // A name that is a URI already is taken as it is: SPIFFE IDs, and those of Kubernetes.
    const bool uri = token.subject().find("://") != std::string::npos;
    return uri ? Naming::kWrong : Naming::kRight;
  }
  return IsOfWorkflow(identity.subject, token.workflow()) ? Naming::kRight : Naming::kWrong;
}

Status CheckIdentity(const crypto::Certificate& leaf, const IdentityToken& token) {
  const sigstore::CertificateIdentity identity = TRY(sigstore::ReadIdentity(leaf));
  if (NamingOf(identity, leaf, token) == Naming::kWrong) {
    const std::string& wanted = token.workflow().empty() ? token.subject() : token.workflow();
    return sigstore::Refuse(Reason::kIdentityMismatch,
                            StrCat("it is of ", util::Quoted(identity.subject), ", the token of ",
                                   util::Quoted(wanted)));
  }
  if (identity.issuer == token.issuer()) return Ok();
  if (!token.connector().empty() && identity.issuer == token.connector()) return Ok();
  return sigstore::Refuse(Reason::kIssuerMismatch,
                          StrCat("its identity was given by ", util::Quoted(identity.issuer),
                                 ", that of the token by ", util::Quoted(token.issuer())));
}

// When a certificate that was just issued is judged: now, or at its begin where our clock is a
// little behind.
Result<sys_seconds> TimeToJudge(const crypto::Certificate& leaf, sys_seconds now) {
  if (now >= leaf.not_before() && now <= leaf.not_after()) return now;
  if (now < leaf.not_before() && now + kClockSlack >= leaf.not_before()) return leaf.not_before();
  return sigstore::Refuse(
      Reason::kTimeOutsideSigner,
      StrCat("it is valid from ", util::FormatRfc3339(leaf.not_before()), " to ",
             util::FormatRfc3339(leaf.not_after()), ", our clock says ", util::FormatRfc3339(now),
             ": set the clock of this machine if it is wrong"));
}

// "Leave it out" is the policy's word alone: a bundle has no place for an SCT of its own, so that
// nobody could verify what was signed with such a certificate.
Status CheckCarried(const std::optional<crypto::Sct>& detached,
                    const sigstore::Threshold& certificate_logs) {
  if (!detached || certificate_logs.ignored()) return Ok();
  return Error(Code::kSigningService,
               "the proof of the certificate log lies beside it, where a bundle can not carry it: "
               "a Fulcio that embeds it is needed")
      .Because(Word(Reason::kSctMissing));
}

Status CheckAnswer(const FulcioAnswer& answer, const IdentityToken& token,
                   const crypto::PublicKey& key, const sigstore::Threshold& certificate_logs,
                   const sigstore::TrustRoot& root, sys_seconds now) {
  if (answer.leaf.public_key().der() != key.der()) {
    return sigstore::Refuse(Reason::kIdentityMismatch, "it is of another key than ours");
  }
  const sys_seconds time = TRY(TimeToJudge(answer.leaf, now));
  TRY(sigstore::VerifyIssued(answer.leaf, certificate_logs, answer.detached_sct, root, time));
  TRY(CheckIdentity(answer.leaf, token));
  return CheckCarried(answer.detached_sct, certificate_logs);
}

enum class Life { kEnough, kNearlyOver };
Life LifeOf(const crypto::Certificate& leaf, sys_seconds now) {
  const seconds whole = leaf.not_after() - leaf.not_before();
  const seconds least = std::min(kLeastLife, whole / 3);
  return leaf.not_after() - now < least ? Life::kNearlyOver : Life::kEnough;
}

}  // namespace

Result<FulcioAnswer> RequestCertificate(ServiceCaller& caller, const sigstore::Service& fulcio,
                                        const IdentityToken& token, const crypto::PrivateKey& key) {
  ServiceCall call{.service = NameOf(fulcio),
                   .content_type = "application/json",
                   .accept = "application/json",
                   .bearer_token = token.jwt()};
  call.url = TRY(Endpoint(fulcio.url, kPath));
  call.body = TRY(FormatRequest(token, key));
  const http::Response response = TRY(caller.Send(call, {400, 401, 402, 403}));
  if (RefusesToken(response.status)) {
    return Error(Code::kUnauthorized,
                 StrCat(Refusal(call, response).message(),
                        ", the identity token may have expired, be for another audience than this "
                        "Fulcio expects, or its issuer ",
                        util::Quoted(token.issuer()), " not be known there"));
  }
  Result<FulcioAnswer> answer = ReadAnswer(response.body);
  if (answer.ok()) return answer;
  Error why = std::move(answer).error();
  if (why.reason().empty()) why = std::move(why).Because(crypto::kCertificateMalformed);
  return BadAnswer(call.service, "an answer that can not be read", why,
                   Reason::kCertificateAuthority);
}

Result<SigningCertificate> CertificateSource::Get() {
  if (!current_ || LifeOf(current_->leaf(), clock_.Now()) == Life::kNearlyOver) {
    current_ = TRY(Renew());
  }
  return *current_;
}

Result<SigningCertificate> CertificateSource::Ask(const sigstore::Service& fulcio,
                                                  const IdentityToken& token,
                                                  const crypto::PrivateKey& key) {
  const FulcioAnswer answer = TRY(RequestCertificate(caller_, fulcio, token, key));
  const Status checked =
      CheckAnswer(answer, token, key.public_key(), certificate_logs_, root_, clock_.Now());
  if (checked.ok()) return SigningCertificate(key, answer.leaf);
  if (checked.error().code() == Code::kUsage) return checked.error();
  return BadAnswer(NameOf(fulcio), "a certificate that does not do", checked.error(),
                   Reason::kCertificateAuthority);
}

Result<SigningCertificate> CertificateSource::Renew() {
  const IdentityToken token = TRY(tokens_.Get());
  const crypto::PrivateKey key = TRY(crypto::PrivateKey::Generate());
  std::optional<Error> last;
  for (const sigstore::Service& fulcio : caller_.ReachableFirst(fulcio_.candidates)) {
    Result<SigningCertificate> certificate = Ask(fulcio, token, key);
    if (certificate.ok()) return certificate;
    // Who lies is not passed over in silence.
    if (FailureOf(certificate.error()) != Failure::kOutage) return certificate;
    last = std::move(certificate).error();
  }
  if (last) return *std::move(last);
  return Error(Code::kUsage, "no Fulcio is known that could issue a certificate");
}

}  // namespace ociship::services
