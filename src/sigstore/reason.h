// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_REASON_H_
#define OCISHIP_SIGSTORE_REASON_H_

#include <string>
#include <string_view>

#include "ociship/core.h"

namespace ociship::sigstore {

// Which check of a verification refused. The list is closed; each has one word (Word) that
// Error::reason() gives, beside those of crypto for certificates, timestamps and SCTs:
//   certificate-malformed certificate-expired certificate-chain certificate-usage
//   timestamp-malformed timestamp-imprint timestamp-signature timestamp-signer timestamp-chain
//   timestamp-usage sct-malformed sct-signature
enum class Reason {
  kPolicySilent,          // the policy leaves something open that it must say
  kTrustRootMalformed,    // the trusted root can not be used
  kBundleMalformed,       // the bundle is none: JSON, base64, fields, counts
  kBundleVersion,         // an unknown media type
  kSignerKind,            // a certificate where a key is expected, or the reverse
  kContentKind,           // a message where an envelope is expected, or the reverse
  kLogEntryMalformed,     // a log entry lacks a field, or has one that can not be
  kLogEntryDuplicate,     // two entries of the same log with the same index
  kLogPromiseMissing,     // an entry of a version 0.1 bundle without promise
  kLogProofMissing,       // an entry without inclusion proof or checkpoint
  kLogPromise,            // the log did not sign the promise (signed entry timestamp)
  kLogTime,               // the log was not trusted at the time that it names
  kLogProof,              // the entry is not in the tree of the checkpoint
  kLogThreshold,          // too few known logs vouch
  kCheckpointMalformed,   // the checkpoint is no signed note of three lines
  kCheckpointOrigin,      // the checkpoint is of another log
  kCheckpointSignature,   // the log did not sign the checkpoint
  kCheckpointRoot,        // the proof speaks of another tree than the checkpoint
  kEntryKind,             // the kind of the entry is unknown, or not the one the bundle names
  kEntryMalformed,        // the body of the entry can not be read
  kEntryDigest,           // the entry is about other content
  kEntrySignature,        // the entry is about another signature
  kEntryKey,              // the entry is about another certificate or key
  kTimestampDuplicate,    // the same timestamp twice
  kTimestampWindow,       // the trusted root does not trust the authority at that time
  kTimestampThreshold,    // too few known authorities vouch for a time
  kTimeMissing,           // no trusted time says when the signature was made
  kTimeOutsideSigner,     // a trusted time lies outside what the certificate or key allows
  kCertificateAuthority,  // no authority of the trusted root issued the certificate
  kSctMissing,            // the certificate carries no timestamp of a certificate log
  kSctThreshold,          // too few known certificate logs vouch
  kSctWindow,             // the certificate log was not trusted at the time that it names
  kIdentityMalformed,     // the certificate does not say clearly whose it is
  kIdentityMismatch,      // the certificate is somebody else's
  kIssuerMismatch,        // another identity provider
  kExtensionMismatch,     // another workflow, repository and so on
  kSignature,             // the signature does not verify
  kSignatureAlgorithm,    // the signature needs what is not supported
  kDigestMismatch,        // the bundle is of other content
  kPayloadType,           // the envelope holds no in-toto statement
  kStatementMalformed,    // the statement can not be read
  kPredicateType,         // an attestation of another type
  kSubjectMismatch,       // the statement speaks of other artifacts
  kAnnotationMismatch,    // an annotation is missing or different
  kLast = kAnnotationMismatch,
};

// The word, lower-case with dashes: "checkpoint-signature".
std::string_view Word(Reason reason);

// The refusal of a check: kNoMatch with the word.
Error Refuse(Reason reason, std::string message);
// The same for bytes that can not be read: kBadInput.
Error Malformed(Reason reason, std::string message);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_REASON_H_
