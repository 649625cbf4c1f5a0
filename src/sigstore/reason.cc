// SPDX-License-Identifier: Apache-2.0
// The words of refusals. Covered by every test that names one, tests/sigstore/deployment_test.cc
// above all.
#include "sigstore/reason.h"

#include <array>
#include <cstddef>
#include <utility>

namespace ociship::sigstore {
namespace {

struct NamedReason {
  Reason reason;
  std::string_view word;
};
constexpr auto kWords = std::to_array<NamedReason>({
    {Reason::kPolicySilent, "policy-silent"},
    {Reason::kTrustRootMalformed, "trust-root-malformed"},
    {Reason::kBundleMalformed, "bundle-malformed"},
    {Reason::kBundleVersion, "bundle-version"},
    {Reason::kSignerKind, "signer-kind"},
    {Reason::kContentKind, "content-kind"},
    {Reason::kLogEntryMalformed, "log-entry-malformed"},
    {Reason::kLogEntryDuplicate, "log-entry-duplicate"},
    {Reason::kLogPromiseMissing, "log-promise-missing"},
    {Reason::kLogProofMissing, "log-proof-missing"},
    {Reason::kLogPromise, "log-promise"},
    {Reason::kLogTime, "log-time"},
    {Reason::kLogProof, "log-proof"},
    {Reason::kLogThreshold, "log-threshold"},
    {Reason::kCheckpointMalformed, "checkpoint-malformed"},
    {Reason::kCheckpointOrigin, "checkpoint-origin"},
    {Reason::kCheckpointSignature, "checkpoint-signature"},
    {Reason::kCheckpointRoot, "checkpoint-root"},
    {Reason::kEntryKind, "entry-kind"},
    {Reason::kEntryMalformed, "entry-malformed"},
    {Reason::kEntryDigest, "entry-digest"},
    {Reason::kEntrySignature, "entry-signature"},
    {Reason::kEntryKey, "entry-key"},
    {Reason::kTimestampDuplicate, "timestamp-duplicate"},
    {Reason::kTimestampWindow, "timestamp-window"},
    {Reason::kTimestampThreshold, "timestamp-threshold"},
    {Reason::kTimeMissing, "time-missing"},
    {Reason::kTimeOutsideSigner, "time-outside-signer"},
    {Reason::kCertificateAuthority, "certificate-authority"},
    {Reason::kSctMissing, "sct-missing"},
    {Reason::kSctThreshold, "sct-threshold"},
    {Reason::kSctWindow, "sct-window"},
    {Reason::kIdentityMalformed, "identity-malformed"},
    {Reason::kIdentityMismatch, "identity-mismatch"},
    {Reason::kIssuerMismatch, "issuer-mismatch"},
    {Reason::kExtensionMismatch, "extension-mismatch"},
    {Reason::kSignature, "signature"},
    {Reason::kSignatureAlgorithm, "signature-algorithm"},
    {Reason::kDigestMismatch, "digest-mismatch"},
    {Reason::kPayloadType, "payload-type"},
    {Reason::kStatementMalformed, "statement-malformed"},
    {Reason::kPredicateType, "predicate-type"},
    {Reason::kSubjectMismatch, "subject-mismatch"},
    {Reason::kAnnotationMismatch, "annotation-mismatch"},
});

// Each reason stands at its own place, so that looking one up is an index.
constexpr bool IsInOrder() {
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (static_cast<std::size_t>(kWords[i].reason) != i) return false;
  }
  return kWords.size() == static_cast<std::size_t>(Reason::kLast) + 1;
}
static_assert(IsInOrder());

}  // namespace

std::string_view Word(Reason reason) { return kWords[static_cast<std::size_t>(reason)].word; }

Error Refuse(Reason reason, std::string message) {
  return Error(Code::kNoMatch, std::move(message)).Because(Word(reason));
}

Error Malformed(Reason reason, std::string message) {
  return Error(Code::kBadInput, std::move(message)).Because(Word(reason));
}

}  // namespace ociship::sigstore
