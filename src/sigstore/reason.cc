// SPDX-License-Identifier: Apache-2.0
// The words of refusals. Covered by every test that names one, tests/sigstore/deployment_test.cc
// above all.
#include "sigstore/reason.h"

#include <cstdlib>
#include <utility>

namespace ociship::sigstore {

std::string_view Word(Reason reason) {
  switch (reason) {
    case Reason::kPolicySilent:
      return "policy-silent";
    case Reason::kTrustRootMalformed:
      return "trust-root-malformed";
    case Reason::kBundleMalformed:
      return "bundle-malformed";
    case Reason::kBundleVersion:
      return "bundle-version";
    case Reason::kSignerKind:
      return "signer-kind";
    case Reason::kContentKind:
      return "content-kind";
    case Reason::kLogEntryMalformed:
      return "log-entry-malformed";
    case Reason::kLogEntryDuplicate:
      return "log-entry-duplicate";
    case Reason::kLogPromiseMissing:
      return "log-promise-missing";
    case Reason::kLogProofMissing:
      return "log-proof-missing";
    case Reason::kLogPromise:
      return "log-promise";
    case Reason::kLogTime:
      return "log-time";
    case Reason::kLogProof:
      return "log-proof";
    case Reason::kLogThreshold:
      return "log-threshold";
    case Reason::kCheckpointMalformed:
      return "checkpoint-malformed";
    case Reason::kCheckpointOrigin:
      return "checkpoint-origin";
    case Reason::kCheckpointSignature:
      return "checkpoint-signature";
    case Reason::kCheckpointRoot:
      return "checkpoint-root";
    case Reason::kEntryKind:
      return "entry-kind";
    case Reason::kEntryMalformed:
      return "entry-malformed";
    case Reason::kEntryDigest:
      return "entry-digest";
    case Reason::kEntrySignature:
      return "entry-signature";
    case Reason::kEntryKey:
      return "entry-key";
    case Reason::kTimestampDuplicate:
      return "timestamp-duplicate";
    case Reason::kTimestampWindow:
      return "timestamp-window";
    case Reason::kTimestampThreshold:
      return "timestamp-threshold";
    case Reason::kTimeMissing:
      return "time-missing";
    case Reason::kTimeOutsideSigner:
      return "time-outside-signer";
    case Reason::kCertificateAuthority:
      return "certificate-authority";
    case Reason::kSctMissing:
      return "sct-missing";
    case Reason::kSctThreshold:
      return "sct-threshold";
    case Reason::kSctWindow:
      return "sct-window";
    case Reason::kIdentityMalformed:
      return "identity-malformed";
    case Reason::kIdentityMismatch:
      return "identity-mismatch";
    case Reason::kIssuerMismatch:
      return "issuer-mismatch";
    case Reason::kExtensionMismatch:
      return "extension-mismatch";
    case Reason::kSignature:
      return "signature";
    case Reason::kSignatureAlgorithm:
      return "signature-algorithm";
    case Reason::kDigestMismatch:
      return "digest-mismatch";
    case Reason::kPayloadType:
      return "payload-type";
    case Reason::kStatementMalformed:
      return "statement-malformed";
    case Reason::kPredicateType:
      return "predicate-type";
    case Reason::kSubjectMismatch:
      return "subject-mismatch";
    case Reason::kAnnotationMismatch:
      return "annotation-mismatch";
  }
  std::abort();
}

Error Refuse(Reason reason, std::string message) {
  return Error(Code::kNoMatch, std::move(message)).Because(Word(reason));
}

Error Malformed(Reason reason, std::string message) {
  return Error(Code::kBadInput, std::move(message)).Because(Word(reason));
}

}  // namespace ociship::sigstore
