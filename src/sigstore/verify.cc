// SPDX-License-Identifier: Apache-2.0
// The order of the steps (client-spec.md section 4). Covered by tests/sigstore/verify_test.cc,
// deployment_test.cc and conformance_test.cc.
#include "sigstore/verify.h"

#include "sigstore/reason.h"
#include "sigstore/statement.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

Result<std::optional<MatchedIdentity>> MatchSigner(const VerifiedSigner& signer,
                                                   const Policy& policy) {
  const auto* wanted = std::get_if<CertificateSigner>(&policy.signer);
  if (wanted == nullptr) return std::optional<MatchedIdentity>();
  CertificateIdentity identity = TRY(ReadIdentity(*signer.claimed().certificate));
  MatchedIdentity matched = TRY(MatchIdentity(std::move(identity), wanted->any_of));
  return std::optional<MatchedIdentity>(std::move(matched));
}

Result<VerifiedMaterial::Content> VerifyContent(const SignedContent& content,
                                                const Artifact& artifact,
                                                const VerifiedSigner& signer) {
  const crypto::PublicKey& key = signer.claimed().key;
  if (const auto* envelope = std::get_if<Envelope>(&content)) {
    VerifiedEnvelope verified = TRY(VerifyEnvelope(*envelope, key));
    return VerifiedMaterial::Content(std::move(verified));
  }
  VerifiedMessage verified =
      TRY(VerifyMessageSignature(std::get<MessageSignature>(content), artifact, key));
  return VerifiedMaterial::Content(std::move(verified));
}

// What a bundle says of itself, before anything is verified: the plainest reason comes first.
Status CheckHints(const SignedContent& content, const Artifact& artifact) {
  const auto* message = std::get_if<MessageSignature>(&content);
  return message == nullptr ? Ok() : CheckDigestHint(*message, artifact);
}

}  // namespace

Result<VerifiedMaterial> VerifyMaterial(const Material& material, const Artifact& artifact,
                                        const Policy& policy, const Circumstances& circumstances) {
  TRY(CheckPolicy(policy));
  ClaimedSigner claimed = TRY(ClaimSigner(material.signer, policy));
  TRY(CheckHints(material.content, artifact));
  VerifiedLogEntries entries =
      TRY(VerifyLogEntries(material, artifact, claimed, policy, circumstances.root));
  TrustedTimes times = TRY(CollectTimes(material.timestamps, SignatureOf(material.content), entries,
                                        policy, circumstances.root, circumstances.now));
  VerifiedSigner signer = TRY(VerifySigner(std::move(claimed), policy, circumstances.detached_sct,
                                           circumstances.root, times));
  VerifiedMaterial::Content content = TRY(VerifyContent(material.content, artifact, signer));
  std::optional<MatchedIdentity> identity = TRY(MatchSigner(signer, policy));
  return VerifiedMaterial(std::move(signer), std::move(identity), std::move(entries),
                          std::move(times), std::move(content));
}

Result<VerifiedBundle> VerifyImageBundle(std::string_view bundle, const Digest& image,
                                         const Policy& policy, const Circumstances& circumstances) {
  TRY(CheckPolicy(policy));
  const Bundle parsed = TRY(Bundle::Parse(bundle));
  const Artifact artifact = Artifact::OfDigest(image);
  // A message signature over a manifest's bytes is no image signature: nobody said that it is one.
  if (!std::holds_alternative<Envelope>(parsed.material().content)) {
    return Refuse(Reason::kContentKind, "the bundle signs a file, not an image");
  }
  VerifiedMaterial material =
      TRY(VerifyMaterial(parsed.material(), artifact, policy, circumstances));
  MatchedSubject subject =
      TRY(MatchSubject(std::get<VerifiedEnvelope>(material.content()),
                       {std::string(kImageSignaturePredicate), artifact, policy.annotations}));
  return VerifiedBundle(std::move(material), std::move(subject));
}

Result<VerifiedBundle> VerifyBlobBundle(std::string_view bundle, const Artifact& artifact,
                                        const Policy& policy, const BlobContent& content,
                                        const Circumstances& circumstances) {
  TRY(CheckPolicy(policy));
  const Bundle parsed = TRY(Bundle::Parse(bundle));
  const bool attestation = std::holds_alternative<Envelope>(parsed.material().content);
  if (attestation && content.attestation == BlobContent::Attestation::kRefused) {
    return Refuse(Reason::kContentKind,
                  "the bundle is an attestation about a file, not the signature of one");
  }
  if (!attestation && content.attestation == BlobContent::Attestation::kOfType) {
    return Refuse(Reason::kContentKind, "the bundle is the signature of a file, no attestation");
  }
  VerifiedMaterial material =
      TRY(VerifyMaterial(parsed.material(), artifact, policy, circumstances));
  if (!attestation) {
    // A message carries no annotations, so that one which is demanded is missing.
    TRY(MatchAnnotations(policy.annotations, {}));
    return VerifiedBundle(std::move(material), std::nullopt);
  }
  SubjectPolicy demanded{
      .predicate_type = std::nullopt, .artifact = artifact, .annotations = policy.annotations};
  if (content.attestation == BlobContent::Attestation::kOfType) {
    demanded.predicate_type = content.type;
  }
  MatchedSubject subject =
      TRY(MatchSubject(std::get<VerifiedEnvelope>(material.content()), demanded));
  return VerifiedBundle(std::move(material), std::move(subject));
}

}  // namespace ociship::sigstore
