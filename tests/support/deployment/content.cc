// SPDX-License-Identifier: Apache-2.0
// What is signed: files, and envelopes of in-toto statements.
// Tested by tests/sigstore/deployment_test.cc.
#include "deployment/content.h"

#include "util/encoding.h"
#include "util/text.h"

namespace ociship::deployment {
namespace {

// 16 bytes of UTF-8 in fewer letters: whoever counts letters gets another encoding.
constexpr std::string_view kLettersType = "application/vnd.in-toto+json;\xC3\xA9\xC3\xA9";

std::string DigestSet(std::string_view artifact, std::string_view name, HashType type) {
  return util::StrCat("{\"", name, "\":\"", util::HexEncode(Hash(type, util::AsBytes(artifact))),
                      "\"}");
}

std::string SubjectsOf(const Plan& plan, std::string_view artifact) {
  const std::string other = "another artifact";
  if (plan.Has(Fault::kSubjectNone)) return "";
  std::string digests = DigestSet(artifact, "sha256", HashType::kSha256);
  if (plan.Has(Fault::kSubjectOther)) digests = DigestSet(other, "sha256", HashType::kSha256);
  if (plan.Has(Fault::kSubjectOnlyWrongSha512)) {
    digests = DigestSet(other, "sha512", HashType::kSha512);
  }
  std::string subjects = util::StrCat(R"({"name":"app","digest":)", digests, "}");
  if (plan.Has(Fault::kSubjectTooMany)) {
    const std::string one = subjects;
    for (int i = 0; i < 1024; ++i) subjects += util::StrCat(",", one);
  }
  return subjects;
}

// The type that the bundle names when the signature was made over the encoding of somebody who
// counts letters instead of bytes.
std::string EncodingInLetters(std::string_view payload) {
  return util::StrCat("DSSEv1 ", kLettersType.size() - 2, " ", kLettersType, " ", payload.size(),
                      " ", payload);
}

}  // namespace

std::string SignedContent::VerifierPem() const {
  return certificate.empty() ? Pem("PUBLIC KEY", spki) : Pem("CERTIFICATE", certificate);
}

std::string_view ProtoName(HashType type) {
  switch (type) {
    case HashType::kSha1:
      return "SHA1";
    case HashType::kSha256:
      return "SHA2_256";
    case HashType::kSha384:
      return "SHA2_384";
    case HashType::kSha512:
      return "SHA2_512";
  }
  return "";
}

std::string_view RekorName(HashType type) {
  switch (type) {
    case HashType::kSha1:
      return "sha1";
    case HashType::kSha256:
      return "sha256";
    case HashType::kSha384:
      return "sha384";
    case HashType::kSha512:
      return "sha512";
  }
  return "";
}

std::string_view KeyDetails(KeyType type) {
  switch (type) {
    case KeyType::kP256:
      return "PKIX_ECDSA_P256_SHA_256";
    case KeyType::kP384:
      return "PKIX_ECDSA_P384_SHA_384";
    case KeyType::kRsa2048:
      return "PKIX_RSA_PKCS1V15_2048_SHA256";
    case KeyType::kRsa1024:
      return "PKIX_RSA_PKCS1V5";
    case KeyType::kEd25519:
      return "PKIX_ED25519";
  }
  return "";
}

std::string PreAuthEncoding(std::string_view type, std::string_view payload) {
  return util::StrCat("DSSEv1 ", type.size(), " ", type, " ", payload.size(), " ", payload);
}

std::string StatementAbout(const Plan& plan, std::string_view artifact) {
  if (plan.Has(Fault::kStatementNoJson)) return "no statement at all";
  std::string_view type = "https://in-toto.io/Statement/v1";
  if (plan.Has(Fault::kStatementOtherType)) type = "https://in-toto.io/Statement/v9";
  std::string_view predicate_type = kPredicateType;
  if (plan.Has(Fault::kPredicateTypeOther)) predicate_type = "https://slsa.dev/provenance/v1";
  std::string text =
      util::StrCat(R"({"_type":")", type, R"(","subject":[)", SubjectsOf(plan, artifact), "]");
  if (!plan.Has(Fault::kStatementWithoutPredicateType)) {
    text += util::StrCat(R"(,"predicateType":")", predicate_type, "\"");
  }
  if (plan.Has(Fault::kStatementDuplicateKey)) text += R"(,"predicate":{})";
  return text + R"(,"predicate":{}})";
}

SignedContent SignContent(const Plan& plan, const Key& key, const Bytes& certificate,
                          std::string_view artifact, std::string_view salt) {
  SignedContent content{.content = plan.content,
                        .key_type = key.type(),
                        .artifact = std::string(artifact),
                        .spki = key.spki(),
                        .certificate = certificate};
  std::string message = content.artifact;
  if (plan.content == Content::kDsse) {
    content.payload_type = kStatementType;
    if (plan.Has(Fault::kPayloadTypeOther)) content.payload_type = "application/json";
    content.payload = StatementAbout(plan, artifact);
    message = PreAuthEncoding(content.payload_type, content.payload);
    if (plan.Has(Fault::kPayloadTypeCountedInLetters)) {
      content.payload_type = kLettersType;
      message = EncodingInLetters(content.payload);
    }
  }
  content.digest = Hash(key.hash(), util::AsBytes(message));
  content.signature = key.Sign(util::AsBytes(message), salt);
  if (plan.Has(Fault::kSignatureFlipped)) content.signature.back() ^= 1;
  if (plan.Has(Fault::kSignatureTrailingBytes)) content.signature.push_back(0);
  return content;
}

}  // namespace ociship::deployment
