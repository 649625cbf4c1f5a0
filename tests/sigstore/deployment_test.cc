// SPDX-License-Identifier: Apache-2.0
// A deployment that makes one mistake at a time: each must be refused for exactly that mistake, and
// what it signs without the mistake must be accepted.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "deployment/judge.h"
#include "sigstore/bundle.h"
#include "util/encoding.h"
#include "util/json.h"

namespace ociship::deployment {
namespace {

using sigstore::VerifiedBundle;

struct Refusal {
  Fault fault;
  std::string_view reason;
};

// What speaks against each fault: a word of sigstore/reason.h or of crypto.
constexpr Refusal kRefusals[] = {
    {Fault::kLeafIsCa, "certificate-usage"},
    {Fault::kLeafOtherUsage, "certificate-usage"},
    {Fault::kLeafWithoutUsage, "certificate-usage"},
    {Fault::kLeafAnyUsage, "certificate-usage"},
    {Fault::kLeafWithoutDigitalSignature, "certificate-usage"},
    {Fault::kLeafUnknownCriticalExtension, "certificate-chain"},
    {Fault::kLeafSignatureFlipped, "certificate-chain"},
    {Fault::kLeafWeakKey, "certificate-malformed"},
    {Fault::kLeafExpired, "time-outside-signer"},
    {Fault::kLeafNotYetValid, "time-outside-signer"},
    {Fault::kLeafOtherAuthority, "certificate-chain"},
    {Fault::kLeafOtherAuthorityOfSameName, "certificate-chain"},
    {Fault::kLeafFromLeaf, "certificate-chain"},
    {Fault::kLeafOfOtherKey, "signature"},
    {Fault::kLeafTrailingBytes, "certificate-malformed"},
    {Fault::kIntermediateExpired, "certificate-expired"},
    {Fault::kIntermediateNotYetValid, "certificate-expired"},
    {Fault::kIntermediateNotCa, "certificate-chain"},
    {Fault::kIntermediateOtherUsage, "certificate-usage"},
    {Fault::kIntermediateSmuggled, "certificate-chain"},
    {Fault::kRootExpired, "certificate-expired"},
    {Fault::kRootPathTooLong, "certificate-chain"},
    {Fault::kAuthorityWindowOver, "certificate-authority"},
    {Fault::kAuthorityWindowAhead, "certificate-authority"},
    {Fault::kSanTwice, "identity-malformed"},
    {Fault::kSanMissing, "identity-malformed"},
    {Fault::kSanWithNul, "identity-malformed"},
    {Fault::kSanLonger, "identity-mismatch"},
    {Fault::kSanWithPrefix, "identity-mismatch"},
    {Fault::kSanOther, "identity-mismatch"},
    {Fault::kSanOtherKind, "identity-malformed"},
    {Fault::kIssuerOther, "issuer-mismatch"},
    {Fault::kIssuerMissing, "identity-malformed"},
    {Fault::kIssuersDiffer, "identity-malformed"},
    {Fault::kIssuerTrailingBytes, "identity-malformed"},
    {Fault::kIssuerOtherString, "identity-malformed"},
    {Fault::kSourceRepositoryOther, "extension-mismatch"},
    {Fault::kIdentityEmpty, "policy-silent"},
    {Fault::kSctMissing, "sct-missing"},
    {Fault::kSctOfWholeCertificate, "sct-signature"},
    {Fault::kSctListEmpty, "sct-malformed"},
    {Fault::kSctUnknownLog, "sct-threshold"},
    {Fault::kSctFlipped, "sct-signature"},
    {Fault::kSctOtherCertificate, "sct-signature"},
    {Fault::kSctOtherIssuer, "sct-signature"},
    {Fault::kSctExtensionsChanged, "sct-signature"},
    {Fault::kSctVersion, "sct-malformed"},
    {Fault::kSctTrailingBytes, "sct-malformed"},
    {Fault::kSctBeforeWindow, "sct-window"},
    {Fault::kSctAfterWindow, "sct-window"},
    {Fault::kPromiseMissing, "time-missing"},
    {Fault::kPromiseMissingInV01, "log-promise-missing"},
    {Fault::kPromiseFlipped, "log-promise"},
    {Fault::kPromiseOtherKey, "log-promise"},
    {Fault::kPromiseOtherTime, "log-promise"},
    {Fault::kPromiseOtherIndex, "log-promise"},
    {Fault::kPromiseOfOtherEntry, "log-promise"},
    {Fault::kIntegratedAfterLeaf, "time-outside-signer"},
    {Fault::kIntegratedBeforeLeaf, "time-outside-signer"},
    {Fault::kLogUnknown, "log-threshold"},
    {Fault::kLogWindowOver, "log-time"},
    {Fault::kLogWindowAhead, "log-time"},
    {Fault::kProofMissing, "log-proof-missing"},
    {Fault::kProofHashFlipped, "log-proof"},
    {Fault::kProofHashMissing, "log-proof"},
    {Fault::kProofHashTooMany, "log-proof"},
    {Fault::kProofHashShort, "log-entry-malformed"},
    {Fault::kProofIndexOther, "log-proof"},
    {Fault::kProofIndexBeyond, "log-proof"},
    {Fault::kProofSizeOther, "checkpoint-root"},
    {Fault::kProofOfOwnTree, "checkpoint-root"},
    {Fault::kProofWithoutSignedRoot, "checkpoint-signature"},
    {Fault::kCheckpointMissing, "log-proof-missing"},
    {Fault::kCheckpointUnsigned, "checkpoint-malformed"},
    {Fault::kCheckpointFlipped, "checkpoint-signature"},
    {Fault::kCheckpointOtherKey, "checkpoint-signature"},
    {Fault::kCheckpointOtherName, "checkpoint-signature"},
    {Fault::kCheckpointOtherHint, "checkpoint-signature"},
    {Fault::kCheckpointOtherOrigin, "checkpoint-origin"},
    {Fault::kCheckpointNoOrigin, "checkpoint-malformed"},
    {Fault::kCheckpointNoSize, "checkpoint-malformed"},
    {Fault::kCheckpointNoRoot, "checkpoint-malformed"},
    {Fault::kCheckpointLeadingZero, "checkpoint-malformed"},
    {Fault::kCheckpointSignedWithBlankLine, "checkpoint-signature"},
    {Fault::kCheckpointManyLines, "checkpoint-malformed"},
    {Fault::kCheckpointV1OnV2, "checkpoint-origin"},
    {Fault::kCheckpointV2OnV1, "checkpoint-origin"},
    {Fault::kCheckpointOlderTree, "checkpoint-root"},
    {Fault::kEntryOfOtherArtifact, "entry-digest"},
    {Fault::kEntryOfOtherSignature, "entry-signature"},
    {Fault::kEntryOfOtherSigner, "entry-signature"},
    {Fault::kEntryOtherPayload, "entry-digest"},
    {Fault::kEntryKindVersionOther, "entry-kind"},
    {Fault::kEntryVersionNewer, "entry-kind"},
    {Fault::kEntryKindUnknown, "entry-kind"},
    {Fault::kEntryIntoto001OfOtherEnvelope, "entry-signature"},
    {Fault::kEntryIntotoOnceEncoded, "entry-malformed"},
    {Fault::kEntryMessageForEnvelope, "entry-digest"},
    {Fault::kEntryTwoSignatures, "entry-malformed"},
    {Fault::kEntryDsse002OtherPayload, "entry-digest"},
    {Fault::kEntryKeyDetailsOther, "entry-key"},
    {Fault::kEntryDuplicateKey, "entry-malformed"},
    {Fault::kEntryDuplicate, "log-entry-duplicate"},
    {Fault::kEntryTwiceForTwo, "log-threshold"},
    {Fault::kLogsOfOneOperator, "log-threshold"},
    {Fault::kStampMissing, "timestamp-threshold"},
    {Fault::kStampOtherBytes, "timestamp-imprint"},
    {Fault::kStampUntrusted, "timestamp-signer"},
    {Fault::kStampUntrustedWithTrustedLeaf, "timestamp-signer"},
    {Fault::kStampUntrustedNamingTrustedLeaf, "timestamp-signature"},
    {Fault::kStampRejected, "timestamp-malformed"},
    {Fault::kStampTrailingBytes, "timestamp-malformed"},
    {Fault::kStampSha1, "timestamp-malformed"},
    {Fault::kStampShortImprint, "timestamp-malformed"},
    {Fault::kStampOtherAttribute, "timestamp-signature"},
    {Fault::kStampContentTypeOther, "timestamp-malformed"},
    {Fault::kStampFlipped, "timestamp-signature"},
    {Fault::kStampTwoSigners, "timestamp-malformed"},
    {Fault::kStampNoSigner, "timestamp-malformed"},
    {Fault::kStampPlainData, "timestamp-malformed"},
    {Fault::kStampBeforeWindow, "timestamp-window"},
    {Fault::kStampAfterWindow, "timestamp-window"},
    {Fault::kStampAfterLeaf, "time-outside-signer"},
    {Fault::kStampBeforeLeaf, "time-outside-signer"},
    {Fault::kStampSignerExpired, "certificate-expired"},
    {Fault::kStampRootExpired, "certificate-expired"},
    {Fault::kStampWithoutUsage, "timestamp-usage"},
    {Fault::kStampUsageNotCritical, "timestamp-usage"},
    {Fault::kStampUsageExtra, "timestamp-usage"},
    {Fault::kStampSignerIsCa, "timestamp-usage"},
    {Fault::kSignatureFlipped, "signature"},
    {Fault::kSignatureTrailingBytes, "signature"},
    {Fault::kArtifactOther, "digest-mismatch"},
    {Fault::kDigestOther, "digest-mismatch"},
    {Fault::kDigestAlgorithmOther, "bundle-malformed"},
    {Fault::kPayloadChanged, "entry-digest"},
    {Fault::kPayloadTypeOther, "payload-type"},
    {Fault::kPayloadTypeCountedInLetters, "payload-type"},
    {Fault::kEnvelopeTwoSignatures, "bundle-malformed"},
    {Fault::kEnvelopeWithoutSignature, "bundle-malformed"},
    {Fault::kSubjectOther, "subject-mismatch"},
    {Fault::kSubjectOnlyWrongSha512, "subject-mismatch"},
    {Fault::kSubjectNone, "statement-malformed"},
    {Fault::kSubjectTooMany, "statement-malformed"},
    {Fault::kStatementNoJson, "statement-malformed"},
    {Fault::kStatementOtherType, "statement-malformed"},
    {Fault::kStatementDuplicateKey, "statement-malformed"},
    {Fault::kStatementWithoutPredicateType, "statement-malformed"},
    {Fault::kPredicateTypeOther, "predicate-type"},
    {Fault::kKeyForIdentity, "signer-kind"},
    {Fault::kCertificateForKey, "signer-kind"},
    {Fault::kKeyOther, "entry-key"},
    {Fault::kKeyNotThatOfEntry, "entry-key"},
    {Fault::kKeyWindowOver, "time-outside-signer"},
    {Fault::kKeyWindowAhead, "time-outside-signer"},
    {Fault::kJsonTruncated, "bundle-malformed"},
    {Fault::kJsonTrailingText, "bundle-malformed"},
    {Fault::kJsonDuplicateKey, "bundle-malformed"},
    {Fault::kJsonDeep, "bundle-malformed"},
    {Fault::kJsonUnknownField, "bundle-malformed"},
    {Fault::kJsonNotUtf8, "bundle-malformed"},
    {Fault::kMediaTypeUnknown, "bundle-version"},
    {Fault::kMediaTypeMissing, "bundle-malformed"},
    {Fault::kIndexNegative, "log-entry-malformed"},
    {Fault::kIndexHuge, "log-entry-malformed"},
    {Fault::kIndexFraction, "log-entry-malformed"},
    {Fault::kBase64Broken, "bundle-malformed"},
    {Fault::kEntries33, "bundle-malformed"},
    {Fault::kStamps33, "bundle-malformed"},
    {Fault::kTwoContents, "bundle-malformed"},
    {Fault::kNoContent, "bundle-malformed"},
    {Fault::kTwoSigners, "bundle-malformed"},
    {Fault::kNoSigner, "bundle-malformed"},
    {Fault::kChainEmpty, "bundle-malformed"},
    {Fault::kChainInV03, "bundle-malformed"},
    {Fault::kChainTooLong, "bundle-malformed"},
    {Fault::kLogIdMissing, "log-entry-malformed"},
    {Fault::kBodyMissing, "log-entry-malformed"},
    {Fault::kRootLogWithoutStart, "trust-root-malformed"},
    {Fault::kRootMediaTypeUnknown, "trust-root-malformed"},
    {Fault::kRootDuplicateKey, "trust-root-malformed"},
    {Fault::kRootTruncated, "trust-root-malformed"},
    {Fault::kRootBase64Broken, "trust-root-malformed"},
};

std::string_view ReasonOf(Fault fault) {
  const auto* const refusal =
      std::find_if(std::begin(kRefusals), std::end(kRefusals),
                   [&](const Refusal& candidate) { return candidate.fault == fault; });
  REQUIRE(refusal != std::end(kRefusals));
  return refusal->reason;
}

Plan WithFault(const FaultCase& fault_case) {
  Plan plan = fault_case.plan;
  plan.fault = fault_case.fault;
  return plan;
}

void CheckAccepted(const Result<VerifiedBundle>& result) {
  INFO((result.ok() ? std::string() : result.error().message()));
  CHECK(result.ok());
}

void CheckRefused(const Result<VerifiedBundle>& result, std::string_view reason) {
  REQUIRE(!result.ok());
  INFO(result.error().message());
  CHECK(result.error().reason() == reason);
}

// Signature and log entry of a P-384 key are over SHA-384, of which the SHA-256 of a file says
// nothing.
bool CanBeKnownByDigest(const Plan& plan) {
  return plan.content == Content::kDsse || plan.key_type != KeyType::kP384;
}

void CheckHonest(const Plan& plan) {
  const Minted minted = Mint(plan);
  CheckAccepted(VerifyMinted(minted, Matching::kExact, Known::kBytes));
  CheckAccepted(VerifyMinted(minted, Matching::kRegexp, Known::kBytes));
  if (CanBeKnownByDigest(plan)) {
    CheckAccepted(VerifyMinted(minted, Matching::kExact, Known::kDigest));
  } else {
    CheckRefused(VerifyMinted(minted, Matching::kExact, Known::kDigest), "signature-algorithm");
  }
  if (plan.content == Content::kDsse) {
    CheckAccepted(VerifyMintedImage(minted));
  } else {
    CheckRefused(VerifyMintedImage(minted), "content-kind");
  }
}

TEST_CASE("deployment: every fault is listed once and has a reason") {
  std::map<Fault, int> listed;
  for (const FaultCase& fault_case : AllFaults()) ++listed[fault_case.fault];
  for (const auto& [fault, times] : listed) CHECK(times == 1);
  CHECK(listed.size() == std::size(kRefusals));
  CHECK(listed.size() == static_cast<std::size_t>(Fault::kRootBase64Broken) + 1);
}

TEST_CASE("deployment: each fault is refused for its own reason, and accepted without it") {
  std::vector<Plan> accepted;
  for (const FaultCase& fault_case : AllFaults()) {
    INFO(fault_case.name);
    const std::string_view reason = ReasonOf(fault_case.fault);
    const Minted minted = Mint(WithFault(fault_case));
    CheckRefused(VerifyMinted(minted, Matching::kExact, Known::kBytes), reason);
    CheckRefused(VerifyMinted(minted, Matching::kExact, Known::kDigest), reason);
    if (std::find(accepted.begin(), accepted.end(), fault_case.plan) != accepted.end()) continue;
    accepted.push_back(fault_case.plan);
    CheckAccepted(VerifyMinted(Mint(fault_case.plan), Matching::kExact, Known::kBytes));
  }
}

TEST_CASE("deployment: a regular expression must match the whole of a name") {
  for (const Fault fault : {Fault::kSanLonger, Fault::kSanWithPrefix, Fault::kSanOther}) {
    const Minted minted = Mint({.fault = fault});
    CheckRefused(VerifyMinted(minted, Matching::kRegexp, Known::kBytes), "identity-mismatch");
  }
  const Minted minted = Mint({.fault = Fault::kSanWithNul});
  CheckRefused(VerifyMinted(minted, Matching::kRegexp, Known::kBytes), "identity-malformed");
}

TEST_CASE("deployment: faults of an envelope are refused when it signs an image too") {
  for (const FaultCase& fault_case : AllFaults()) {
    if (fault_case.plan.content != Content::kDsse) continue;
    INFO(fault_case.name);
    CheckRefused(VerifyMintedImage(Mint(WithFault(fault_case))), ReasonOf(fault_case.fault));
  }
}

TEST_CASE("deployment: bundles of all versions are accepted") {
  for (const MediaType type :
       {MediaType::kV01, MediaType::kV02, MediaType::kV03Old, MediaType::kV03}) {
    for (const Content content : {Content::kMessage, Content::kDsse}) {
      for (const Signer signer : {Signer::kCertificate, Signer::kKey}) {
        CheckHonest({.content = content, .signer = signer, .media_type = type});
      }
    }
  }
}

TEST_CASE("deployment: a version 0.1 bundle needs no inclusion proof, later ones do") {
  CheckHonest({.media_type = MediaType::kV01, .proof = Proof::kLeftOut});
  const Minted minted = Mint({.media_type = MediaType::kV02, .proof = Proof::kLeftOut});
  CheckRefused(VerifyMinted(minted, Matching::kExact, Known::kBytes), "log-proof-missing");
}

TEST_CASE("deployment: entries of all kinds in logs of both versions are accepted") {
  for (const Signer signer : {Signer::kCertificate, Signer::kKey}) {
    for (const EntryKind entry :
         {EntryKind::kUsual, EntryKind::kIntoto002, EntryKind::kIntoto001}) {
      CheckHonest({.content = Content::kDsse, .signer = signer, .entry = entry});
    }
    for (const KeyType log_key : {KeyType::kEd25519, KeyType::kP256}) {
      for (const Witnesses witnesses : {Witnesses::kNone, Witnesses::kThree}) {
        Plan plan{.signer = signer,
                  .log = LogKind::kV2,
                  .log_key = log_key,
                  .witnesses = witnesses,
                  .stamps = Stamps::kBare};
        CheckHonest(plan);
        plan.content = Content::kDsse;
        CheckHonest(plan);
        plan.entry = EntryKind::kDsse002;
        CheckHonest(plan);
      }
    }
  }
}

TEST_CASE("deployment: keys of all types are accepted") {
  for (const Signer signer : {Signer::kCertificate, Signer::kKey}) {
    for (const Content content : {Content::kMessage, Content::kDsse}) {
      for (const KeyType type : {KeyType::kP256, KeyType::kP384, KeyType::kRsa2048}) {
        CheckHonest({.content = content, .signer = signer, .key_type = type});
        CheckHonest({.content = content,
                     .signer = signer,
                     .key_type = type,
                     .log = LogKind::kV2,
                     .stamps = Stamps::kBare});
      }
    }
    CheckHonest({.content = Content::kDsse, .signer = signer, .key_type = KeyType::kEd25519});
  }
}

TEST_CASE("deployment: names of all kinds, timestamps and SCTs of all forms are accepted") {
  for (const San san : {San::kUri, San::kEmail, San::kOtherName}) {
    for (const Stamps stamps : {Stamps::kNone, Stamps::kBare, Stamps::kEmbedded}) {
      for (const Scts scts : {Scts::kPlain, Scts::kWithExtensions}) {
        CheckHonest({.san = san, .stamps = stamps, .scts = scts});
      }
    }
  }
}

TEST_CASE("deployment: a timestamp stands for the promise of a log, and for the log") {
  CheckHonest({.promise = Promise::kLeftOut, .stamps = Stamps::kBare});
  CheckHonest({.log = LogKind::kNone, .stamps = Stamps::kBare});
  CheckHonest({.signer = Signer::kKey, .log = LogKind::kNone});
  const Minted minted = Mint({.promise = Promise::kLeftOut});
  CheckRefused(VerifyMinted(minted, Matching::kExact, Known::kBytes), "time-missing");
}

TEST_CASE("deployment: both ends of every window belong to it") {
  for (const Windows windows : {Windows::kEndNow, Windows::kStartNow}) {
    CheckHonest({.windows = windows});
    CheckHonest({.stamps = Stamps::kBare, .windows = windows});
    CheckHonest({.log = LogKind::kV2, .stamps = Stamps::kEmbedded, .windows = windows});
    CheckHonest({.second_log = SecondLog::kOtherOperator, .windows = windows});
  }
}

TEST_CASE("deployment: material of one signature is not accepted for another key or policy") {
  const Minted minted = Mint({});
  Minted stranger = minted;
  stranger.identity += "x";
  CheckRefused(VerifyMinted(stranger, Matching::kExact, Known::kBytes), "identity-mismatch");
  stranger = minted;
  stranger.issuer += "x";
  CheckRefused(VerifyMinted(stranger, Matching::kExact, Known::kBytes), "issuer-mismatch");
  stranger = minted;
  stranger.stamp_threshold = 1;
  CheckRefused(VerifyMinted(stranger, Matching::kExact, Known::kBytes), "timestamp-threshold");
  stranger = minted;
  stranger.log_threshold = 2;
  CheckRefused(VerifyMinted(stranger, Matching::kExact, Known::kBytes), "log-threshold");
  // Policies that demand nothing of logs and times leave the certificate to the verifier's clock.
  stranger = minted;
  stranger.log_threshold = 0;
  CheckRefused(VerifyMinted(stranger, Matching::kExact, Known::kBytes), "time-outside-signer");
}

TEST_CASE("deployment: the same plan gives the same bytes") {
  const Plan plan{.content = Content::kDsse, .key_type = KeyType::kRsa2048};
  CHECK(Mint(plan).bundle == Mint(plan).bundle);
  CHECK(Mint(plan).trust_root == Mint(plan).trust_root);
}

// What cosign kept in annotations, as the material that it is.
Result<sigstore::Material> MaterialOf(const MintedLegacy& legacy) {
  const util::Json annotation = TRY(util::Json::Parse(legacy.bundle));
  const util::Json* payload = TRY(annotation.Object("Payload"));
  sigstore::LogEntry entry{};
  entry.index = TRY(payload->Unsigned("logIndex"));
  entry.log_id = TRY(util::HexDecode(payload->TextOf("logID")));
  entry.kind = "hashedrekord";
  entry.version = "0.0.1";
  const std::int64_t integrated = TRY(payload->Integer("integratedTime"));
  entry.integrated_time = std::chrono::sys_seconds(std::chrono::seconds(integrated));
  entry.promise = TRY(util::Base64Decode(annotation.TextOf("SignedEntryTimestamp")));
  const util::Bytes body = TRY(util::Base64Decode(payload->TextOf("body")));
  entry.body = std::string(util::AsText(body));
  const std::vector<crypto::Certificate> leaf =
      TRY(crypto::Certificate::ListFromPem(legacy.certificate));
  sigstore::MessageSignature signature{};
  signature.signature = TRY(util::Base64Decode(legacy.signature));
  return sigstore::Material{.signer = sigstore::LeafCertificate{leaf.front().der()},
                            .content = signature,
                            .log_entries = {entry}};
}

Result<sigstore::VerifiedMaterial> VerifyLegacy(const Plan& plan) {
  const MintedLegacy legacy = MintLegacy(plan);
  const sigstore::Material material = TRY(MaterialOf(legacy));
  const Judge judge = TRY(Judge::Of(legacy.verify));
  return sigstore::VerifyMaterial(material,
                                  sigstore::Artifact::OfBytes(util::AsBytes(legacy.payload)),
                                  judge.policy, judge.circumstances);
}

TEST_CASE("deployment: the pieces of a legacy signature verify as material") {
  CHECK(VerifyLegacy({}).ok());
  for (const Fault fault :
       {Fault::kPromiseFlipped, Fault::kPromiseOtherTime, Fault::kEntryOfOtherArtifact,
        Fault::kEntryOfOtherSignature, Fault::kLeafOtherAuthority, Fault::kSctMissing,
        Fault::kSanOther, Fault::kIssuersDiffer, Fault::kIntegratedAfterLeaf}) {
    const Result<sigstore::VerifiedMaterial> refused = VerifyLegacy({.fault = fault});
    REQUIRE(!refused.ok());
    CHECK(refused.error().reason() == ReasonOf(fault));
  }
}

}  // namespace
}  // namespace ociship::deployment
