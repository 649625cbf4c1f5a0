// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_SUBJECT_H_
#define OCISHIP_SIGSTORE_SUBJECT_H_

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "ociship/core.h"
#include "sigstore/content.h"

namespace ociship::sigstore {

// kNoMatch (annotation-mismatch) with one sentence unless each of `wanted` is in `found` with the
// same value.
Status MatchAnnotations(const std::map<std::string, std::string>& wanted,
                        const std::map<std::string, std::string>& found);

// What the statement of an envelope must say.
struct SubjectPolicy {
  // nullopt: any type will do.
  std::optional<std::string> predicate_type;
  Artifact artifact;
  std::map<std::string, std::string> annotations = {};
};

// Proof that a signed statement of the demanded type has a subject that is the artifact, with the
// demanded annotations.
class MatchedSubject {
 public:
  const VerifiedEnvelope& envelope() const { return envelope_; }
  const std::string& predicate_type() const { return predicate_type_; }
  // All annotations of that subject whose values are strings.
  const std::map<std::string, std::string>& annotations() const { return annotations_; }

 private:
  friend Result<MatchedSubject> MatchSubject(VerifiedEnvelope, const SubjectPolicy&);
  MatchedSubject(VerifiedEnvelope envelope, std::string predicate_type,
                 std::map<std::string, std::string> annotations)
      : envelope_(std::move(envelope)),
        predicate_type_(std::move(predicate_type)),
        annotations_(std::move(annotations)) {}

  VerifiedEnvelope envelope_;
  std::string predicate_type_;
  std::map<std::string, std::string> annotations_;
};

// A subject is the artifact when it has one of its hashes, and none that differs. kNoMatch that
// names the other artifact when there is no such subject (subject-mismatch), predicate-type,
// annotation-mismatch; kBadInput (statement-malformed).
Result<MatchedSubject> MatchSubject(VerifiedEnvelope envelope, const SubjectPolicy& policy);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_SUBJECT_H_
