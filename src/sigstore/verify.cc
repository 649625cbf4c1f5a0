// SPDX-License-Identifier: Apache-2.0
// Verification of image signatures in bundles with a key: DSSE v1.0.2 protocol.md, in-toto
// statement v1, cosign's COSIGN_PREDICATE_SPEC.md. Covered by tests/sigstore/verify_test.cc.
#include "sigstore/verify.h"

#include <algorithm>
#include <variant>

#include "sigstore/bundle.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

bool HasDigest(const Subject& subject, const Digest& digest) {
  const auto found = subject.digests.find(std::string(digest.algorithm()));
  return found != subject.digests.end() && found->second == digest.hex();
}

// Where the signature belongs, for the one who moved it here or copied the wrong digest.
Error OtherImage(const Statement& statement) {
  const auto& [algorithm, hex] = *statement.subjects.front().digests.begin();
  return Error(Code::kNoMatch, util::StrCat("the signature belongs to another image, ",
                                            util::Printable(util::StrCat(algorithm, ":", hex))));
}

}  // namespace

Result<crypto::VerifiedSignature> VerifyMessage(const crypto::PublicKey& key, ByteView message,
                                                ByteView signature) {
  const crypto::KeyType type = key.type();
  Result<crypto::VerifiedSignature> verified =
      crypto::Verify(key, message, signature, crypto::DefaultHash(type));
  if (verified.ok()) return verified;
  if (type == crypto::KeyType::kEcdsaP384 || type == crypto::KeyType::kEcdsaP521) {
    return crypto::Verify(key, message, signature, crypto::HashAlgorithm::kSha256);
  }
  if (type == crypto::KeyType::kEd25519) {
    return Error(Code::kNoMatch,
                 "the signature does not match this key and content, or is prehashed Ed25519 as "
                 "cosign makes it, which is not supported");
  }
  return verified;
}

Status MatchAnnotations(const std::map<std::string, std::string>& wanted,
                        const std::map<std::string, std::string>& found) {
  for (const auto& [key, value] : wanted) {
    const auto there = found.find(key);
    if (there == found.end()) {
      return Error(Code::kNoMatch,
                   util::StrCat("the signature has no annotation ", util::Quoted(key)));
    }
    if (there->second != value) {
      return Error(Code::kNoMatch, util::StrCat("the signature has ", util::Quoted(there->second),
                                                " as annotation ", util::Quoted(key), ", not ",
                                                util::Quoted(value)));
    }
  }
  return Ok();
}

Result<VerifiedEnvelope> VerifyEnvelope(const Envelope& envelope, const crypto::PublicKey& key) {
  if (envelope.payload_type != kInTotoPayloadType) {
    return Error(Code::kNoMatch,
                 util::StrCat("the envelope holds ", util::Quoted(envelope.payload_type), ", not ",
                              util::Quoted(kInTotoPayloadType)));
  }
  // The signature covers the decoded payload, whose bytes are used from here on and never made
  // anew.
  const std::string message = PreAuthEncoding(envelope.payload_type, envelope.payload);
  crypto::VerifiedSignature signature =
      TRY(VerifyMessage(key, util::AsBytes(message), envelope.signature));
  return VerifiedEnvelope(envelope.payload, std::move(signature));
}

Result<MatchedSubject> MatchSubject(VerifiedEnvelope envelope, const SubjectPolicy& policy) {
  Statement statement = TRY(ParseStatement(envelope.payload()));
  // Without this an attestation about the image, a scan report say, would do for a signature.
  if (statement.predicate_type != policy.predicate_type) {
    return Error(Code::kNoMatch, util::StrCat("the statement is an attestation of type ",
                                              util::Quoted(statement.predicate_type), ", not ",
                                              util::Quoted(policy.predicate_type)));
  }
  std::optional<Error> mismatch;
  for (Subject& subject : statement.subjects) {
    if (!HasDigest(subject, policy.digest)) continue;
    // The annotations must be on the very subject that has the digest.
    const Status annotations = MatchAnnotations(policy.annotations, subject.annotations);
    if (annotations.ok()) {
      return MatchedSubject(std::move(envelope), policy.digest, std::move(statement.predicate_type),
                            std::move(subject.annotations));
    }
    mismatch = annotations.error();
  }
  if (mismatch.has_value()) return *std::move(mismatch);
  return OtherImage(statement);
}

Result<VerifiedBundle> VerifyBundleWithKey(std::string_view bundle, const Digest& image,
                                           const KeyPolicy& policy) {
  if (policy.log == LogPolicy::kUnsaid) {
    return Error(Code::kUsage, "the policy does not say whether a log entry is needed");
  }
  Bundle parsed = TRY(Bundle::Parse(bundle));
  if (!std::holds_alternative<KeyHint>(parsed.signer())) {
    return Error(Code::kNoMatch, "expected key signature, not certificate");
  }
  const Envelope* envelope = std::get_if<Envelope>(&parsed.content());
  if (envelope == nullptr) {
    return Error(Code::kNoMatch, "the bundle signs a file, not an image");
  }
  VerifiedEnvelope verified = TRY(VerifyEnvelope(*envelope, policy.key));
  MatchedSubject subject =
      TRY(MatchSubject(std::move(verified), {.predicate_type = kImageSignaturePredicate,
                                             .digest = image,
                                             .annotations = policy.annotations}));
  return VerifiedBundle(std::move(subject), parsed.log_entries().size());
}

}  // namespace ociship::sigstore
