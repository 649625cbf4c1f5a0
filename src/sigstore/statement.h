// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_STATEMENT_H_
#define OCISHIP_SIGSTORE_STATEMENT_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "ociship/digest.h"

namespace ociship::sigstore {

// The predicate type of an image signature of cosign (cosign, COSIGN_PREDICATE_SPEC.md).
inline constexpr std::string_view kImageSignaturePredicate = "https://sigstore.dev/cosign/sign/v1";

// Caps on statements from outside.
inline constexpr std::size_t kMaxSubjects = 1024;
inline constexpr std::size_t kMaxDigestsPerSubject = 32;
inline constexpr std::size_t kMaxStatementBytes = 4 << 20;
inline constexpr std::size_t kMaxStatementValues = 200'000;

// One artifact that a statement speaks of (in-toto attestation v1, resource_descriptor.md).
struct Subject {
  std::string name;                            // of no weight: never compare it
  std::map<std::string, std::string> digests;  // "sha256" to hexadecimal digits
  // Those annotations whose value is a string; one of another kind can equal nothing expected.
  std::map<std::string, std::string> annotations;
};

// The header of an in-toto statement; the predicate is not read.
struct Statement {
  std::vector<Subject> subjects;  // at least one
  std::string predicate_type;
};

// Reads a statement of type https://in-toto.io/Statement/v1 or /v0.1 (in-toto attestation v1,
// statement.md). Unknown fields are ignored, as that specification demands; duplicate keys are
// refused. kBadInput otherwise, with the field's name.
Result<Statement> ParseStatement(std::string_view text);

// The statement by which cosign 3 signs an image: v1, one subject without a name, the annotations
// on the subject (an empty object when there are none), an empty predicate. cosign's own spacing
// and escaping differ between its builds; the values do not.
std::string FormatImageStatement(const Digest& image,
                                 const std::map<std::string, std::string>& annotations);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_STATEMENT_H_
