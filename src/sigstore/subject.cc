// SPDX-License-Identifier: Apache-2.0
// What a signed statement speaks of: in-toto attestation v1, statement.md and validation.md;
// cosign's COSIGN_PREDICATE_SPEC.md. Covered by tests/sigstore/verify_test.cc.
#include "sigstore/subject.h"

#include "sigstore/hash_name.h"
#include "sigstore/reason.h"
#include "sigstore/statement.h"
#include "util/encoding.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

enum class Comparison { kEqual, kDifferent, kUnknown };

// "Verifiers MUST compare digests of the same algorithm" (in-toto, digest_set.md); lower-case
// hexadecimal digits are the only form.
Comparison Compare(const Subject& subject, const Artifact& artifact) {
  Comparison result = Comparison::kUnknown;
  for (const HashName& hash : kHashNames) {
    const auto stated = subject.digests.find(std::string(hash.plain));
    const std::optional<util::Bytes>& known = artifact.Hash(hash.algorithm);
    if (stated == subject.digests.end() || !known) continue;
    if (stated->second != util::HexEncode(*known)) return Comparison::kDifferent;
    result = Comparison::kEqual;
  }
  return result;
}

// Where the signature belongs, for the one who moved it here or copied the wrong digest.
Error OtherArtifact(const Statement& statement) {
  const auto& [algorithm, hex] = *statement.subjects.front().digests.begin();
  return Refuse(Reason::kSubjectMismatch,
                util::StrCat("the signature belongs to other content, ",
                             util::Printable(util::StrCat(algorithm, ":", hex))));
}

}  // namespace

Status MatchAnnotations(const std::map<std::string, std::string>& wanted,
                        const std::map<std::string, std::string>& found) {
  for (const auto& [key, value] : wanted) {
    const auto there = found.find(key);
    if (there == found.end()) {
      return Refuse(Reason::kAnnotationMismatch,
                    util::StrCat("the signature has no annotation ", util::Quoted(key)));
    }
    if (there->second != value) {
      return Refuse(
          Reason::kAnnotationMismatch,
          util::StrCat("the signature has ", util::Quoted(there->second), " as annotation ",
                       util::Quoted(key), ", not ", util::Quoted(value)));
    }
  }
  return Ok();
}

Result<MatchedSubject> MatchSubject(VerifiedEnvelope envelope, const SubjectPolicy& policy) {
  Result<Statement> parsed = ParseStatement(envelope.payload());
  if (!parsed.ok()) {
    return std::move(parsed).error().Because(Word(Reason::kStatementMalformed));
  }
  Statement statement = std::move(parsed).value();
  // Without this an attestation about the image, a scan report say, would do for a signature.
  if (policy.predicate_type && statement.predicate_type != *policy.predicate_type) {
    return Refuse(Reason::kPredicateType,
                  util::StrCat("the statement is an attestation of type ",
                               util::Quoted(statement.predicate_type), ", not ",
                               util::Quoted(*policy.predicate_type)));
  }
  std::optional<Error> mismatch;
  for (Subject& subject : statement.subjects) {
    if (Compare(subject, policy.artifact) != Comparison::kEqual) continue;
    // The annotations must be on the very subject that has the digest.
    const Status annotations = MatchAnnotations(policy.annotations, subject.annotations);
    if (annotations.ok()) {
      return MatchedSubject(std::move(envelope), std::move(statement.predicate_type),
                            std::move(subject.annotations));
    }
    mismatch = annotations.error();
  }
  if (mismatch.has_value()) return *std::move(mismatch);
  return OtherArtifact(statement);
}

}  // namespace ociship::sigstore
