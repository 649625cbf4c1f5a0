// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_PLAN_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_PLAN_H_

#include <optional>
#include <span>
#include <string_view>

#include "deployment/der.h"
#include "deployment/keys.h"

namespace ociship::deployment {

// When the signature is made (2026-01-15T12:00:00Z), and what follows from it.
inline constexpr Seconds kSigned = 1'768'478'400;
inline constexpr Seconds kLeafEnd = kSigned + 600;
inline constexpr Seconds kIntegrated = kSigned + 5;
inline constexpr Seconds kStamped = kSigned + 7;
inline constexpr Seconds kDay = 86'400;
inline constexpr Seconds kYear = 365 * kDay;

enum class Content { kMessage, kDsse };
enum class Signer { kCertificate, kKey };
// The four media types in use; the last is written "bundle.v0.3+json".
enum class MediaType { kV01, kV02, kV03Old, kV03 };
enum class San { kUri, kEmail, kOtherName };
enum class LogKind { kNone, kV1, kV2 };
// kUsual: hashedrekord for messages; for envelopes dsse 0.0.1 in version 1 and hashedrekord 0.0.2
// in version 2.
enum class EntryKind { kUsual, kIntoto002, kIntoto001, kDsse002 };
enum class Promise { kIncluded, kLeftOut };
enum class Proof { kIncluded, kLeftOut };
// Lines of a checkpoint that nobody asks: of three witnesses, and one in the log's own name with
// another key.
enum class Witnesses { kNone, kThree };
enum class Stamps { kNone, kBare, kEmbedded };
enum class Scts { kPlain, kWithExtensions };
// A second log of version 1 that has the entry too; two must vouch then.
enum class SecondLog { kNone, kOtherOperator };
// How the authorities' time windows lie about the times of the signature: the ends of windows
// belong to them.
enum class Windows { kWide, kEndNow, kStartNow };

// What is to be done wrong. Each is one thing alone; everything else stays as valid as it can, so
// that one check alone stands between the bundle and acceptance.
enum class Fault {
  // The certificate and its authority.
  kLeafIsCa,
  kLeafOtherUsage,
  kLeafWithoutUsage,
  kLeafAnyUsage,
  kLeafWithoutDigitalSignature,
  kLeafUnknownCriticalExtension,
  kLeafSignatureFlipped,
  kLeafWeakKey,
  kLeafExpired,
  kLeafNotYetValid,
  kLeafOtherAuthority,
  kLeafOtherAuthorityOfSameName,
  kLeafFromLeaf,
  kLeafOfOtherKey,
  kLeafTrailingBytes,
  kIntermediateExpired,
  kIntermediateNotYetValid,
  kIntermediateNotCa,
  kIntermediateOtherUsage,
  kIntermediateSmuggled,
  kRootExpired,
  kRootPathTooLong,
  kAuthorityWindowOver,
  kAuthorityWindowAhead,
  // Whose certificate it is.
  kSanTwice,
  kSanMissing,
  kSanWithNul,
  kSanLonger,
  kSanWithPrefix,
  kSanOther,
  kSanOtherKind,
  kIssuerOther,
  kIssuerMissing,
  kIssuersDiffer,
  kIssuerTrailingBytes,
  kIssuerOtherString,
  kSourceRepositoryOther,
  kIdentityEmpty,
  // Certificate logs.
  kSctMissing,
  kSctOfWholeCertificate,
  kSctListEmpty,
  kSctUnknownLog,
  kSctFlipped,
  kSctOtherCertificate,
  kSctOtherIssuer,
  kSctExtensionsChanged,
  kSctVersion,
  kSctTrailingBytes,
  kSctBeforeWindow,
  kSctAfterWindow,
  // Promises (Rekor version 1).
  kPromiseMissing,
  kPromiseMissingInV01,
  kPromiseFlipped,
  kPromiseOtherKey,
  kPromiseOtherTime,
  kPromiseOtherIndex,
  kPromiseOfOtherEntry,
  kIntegratedAfterLeaf,
  kIntegratedBeforeLeaf,
  kLogUnknown,
  kLogWindowOver,
  kLogWindowAhead,
  // Proofs and checkpoints.
  kProofMissing,
  kProofHashFlipped,
  kProofHashMissing,
  kProofHashTooMany,
  kProofHashShort,
  kProofIndexOther,
  kProofIndexBeyond,
  kProofSizeOther,
  kProofOfOwnTree,
  kProofWithoutSignedRoot,
  kCheckpointMissing,
  kCheckpointUnsigned,
  kCheckpointFlipped,
  kCheckpointOtherKey,
  kCheckpointOtherName,
  kCheckpointOtherHint,
  kCheckpointOtherOrigin,
  kCheckpointNoOrigin,
  kCheckpointNoSize,
  kCheckpointNoRoot,
  kCheckpointLeadingZero,
  kCheckpointSignedWithBlankLine,
  kCheckpointManyLines,
  kCheckpointV1OnV2,
  kCheckpointV2OnV1,
  kCheckpointOlderTree,
  // Entries and what they are about.
  kEntryOfOtherArtifact,
  kEntryOfOtherSignature,
  kEntryOfOtherSigner,
  kEntryOtherPayload,
  kEntryKindVersionOther,
  kEntryVersionNewer,
  kEntryKindUnknown,
  kEntryIntoto001OfOtherEnvelope,
  kEntryIntotoOnceEncoded,
  kEntryMessageForEnvelope,
  kEntryTwoSignatures,
  kEntryDsse002OtherPayload,
  kEntryKeyDetailsOther,
  kEntryDuplicateKey,
  kEntryDuplicate,
  kEntryTwiceForTwo,
  kLogsOfOneOperator,
  // Timestamps.
  kStampMissing,
  kStampOtherBytes,
  kStampUntrusted,
  kStampUntrustedWithTrustedLeaf,
  kStampUntrustedNamingTrustedLeaf,
  kStampRejected,
  kStampTrailingBytes,
  kStampSha1,
  kStampShortImprint,
  kStampOtherAttribute,
  kStampContentTypeOther,
  kStampFlipped,
  kStampTwoSigners,
  kStampNoSigner,
  kStampPlainData,
  kStampBeforeWindow,
  kStampAfterWindow,
  kStampAfterLeaf,
  kStampBeforeLeaf,
  kStampSignerExpired,
  kStampRootExpired,
  kStampWithoutUsage,
  kStampUsageNotCritical,
  kStampUsageExtra,
  kStampSignerIsCa,
  // The signature and what it covers.
  kSignatureFlipped,
  kSignatureTrailingBytes,
  kArtifactOther,
  kDigestOther,
  kDigestAlgorithmOther,
  kPayloadChanged,
  kPayloadTypeOther,
  kPayloadTypeCountedInLetters,
  kEnvelopeTwoSignatures,
  kEnvelopeWithoutSignature,
  kSubjectOther,
  kSubjectOnlyWrongSha512,
  kSubjectNone,
  kSubjectTooMany,
  kStatementNoJson,
  kStatementOtherType,
  kStatementDuplicateKey,
  kStatementWithoutPredicateType,
  kPredicateTypeOther,
  // Keys instead of certificates.
  kKeyForIdentity,
  kCertificateForKey,
  kKeyOther,
  kKeyNotThatOfEntry,
  kKeyWindowOver,
  kKeyWindowAhead,
  // The text of the bundle.
  kJsonTruncated,
  kJsonTrailingText,
  kJsonDuplicateKey,
  kJsonDeep,
  kJsonUnknownField,
  kJsonNotUtf8,
  kMediaTypeUnknown,
  kMediaTypeMissing,
  kIndexNegative,
  kIndexHuge,
  kIndexFraction,
  kBase64Broken,
  kEntries33,
  kStamps33,
  kTwoContents,
  kNoContent,
  kTwoSigners,
  kNoSigner,
  kChainEmpty,
  kChainInV03,
  kChainTooLong,
  kLogIdMissing,
  kBodyMissing,
  // The trusted root.
  kRootLogWithoutStart,
  kRootMediaTypeUnknown,
  kRootDuplicateKey,
  kRootTruncated,
  kRootBase64Broken,
};

// What to mint. As it stands: a file, signed with a certificate of GitHub's kind, logged in Rekor
// version 1, in a bundle of version 0.3.
struct Plan {
  Content content = Content::kMessage;
  Signer signer = Signer::kCertificate;
  KeyType key_type = KeyType::kP256;
  MediaType media_type = MediaType::kV03;
  San san = San::kUri;
  LogKind log = LogKind::kV1;
  // Of a log of version 2: P-256 or Ed25519.
  KeyType log_key = KeyType::kEd25519;
  EntryKind entry = EntryKind::kUsual;
  Promise promise = Promise::kIncluded;
  Proof proof = Proof::kIncluded;
  Witnesses witnesses = Witnesses::kNone;
  Stamps stamps = Stamps::kNone;
  Scts scts = Scts::kPlain;
  SecondLog second_log = SecondLog::kNone;
  Windows windows = Windows::kWide;
  std::optional<Fault> fault = std::nullopt;

  bool Has(Fault which) const { return fault == which; }
  bool operator==(const Plan&) const = default;
};

// A fault, its name, and the plan it is to be found in.
struct FaultCase {
  Fault fault;
  std::string_view name;
  Plan plan;  // without the fault
};

// Every fault, once.
std::span<const FaultCase> AllFaults();

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_PLAN_H_
