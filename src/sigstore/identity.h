// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_IDENTITY_H_
#define OCISHIP_SIGSTORE_IDENTITY_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"
#include "ociship/core.h"

namespace re2 {
class RE2;
}

namespace ociship::sigstore {

// The number of an extension below 1.3.6.1.4.1.57264.1 (Fulcio, docs/oid-info.md).
inline constexpr int kIssuerExtension = 1;
inline constexpr int kWorkflowTriggerExtension = 2;
inline constexpr int kWorkflowShaExtension = 3;
inline constexpr int kWorkflowNameExtension = 4;
inline constexpr int kWorkflowRepositoryExtension = 5;
inline constexpr int kWorkflowRefExtension = 6;
inline constexpr int kIssuerV2Extension = 8;
inline constexpr int kSourceRepositoryExtension = 12;
inline constexpr int kSourceRepositoryRefExtension = 14;
inline constexpr int kMaxExtension = 24;

inline constexpr std::string_view kGitHubIssuer = "https://token.actions.githubusercontent.com";

// What the field calls an extension: "Source Repository URI".
std::string_view ExtensionName(int extension);

// Whose certificate it is, by its own words: Fulcio's profile (docs/certificate-specification.md).
// That an authority vouches for them is shown elsewhere.
struct CertificateIdentity {
  std::string subject;  // the one subject alternative name: URI, e-mail address or user name
  std::string issuer;   // the identity provider
  std::map<int, std::string> extensions;  // all that are there, by number
};

// Reads it. kNoMatch (identity-malformed) unless there is exactly one name of these three kinds and
// an issuer, without NUL in them, and the two extensions that name the issuer agree.
Result<CertificateIdentity> ReadIdentity(const crypto::Certificate& certificate);

// A text, or a regular expression that the whole of a text must match. Immutable; thread-safe.
class TextPattern {
 public:
  // kUsage for an empty text, which nothing should ever equal.
  static Result<TextPattern> Exact(std::string_view text);
  // RE2 syntax, anchored at both ends. kUsage for one that is empty or can not be read.
  static Result<TextPattern> Regexp(std::string_view pattern);
  // Everything. Only for the one who says so in so many words.
  static TextPattern UnsafeAny();

  enum class Answer { kMatches, kDiffers };
  Answer Look(std::string_view text) const;
  // As it was given, for messages.
  const std::string& text() const { return text_; }

 private:
  TextPattern() = default;
  std::string text_;
  std::shared_ptr<const re2::RE2> regexp_;
  enum class Kind { kExact, kRegexp, kAny } kind_ = Kind::kExact;
};

// One identity that is accepted: everything in it must match.
struct IdentityRule {
  std::vector<TextPattern> subject;  // all of them; at least one
  std::vector<TextPattern> issuer;   // all of them; at least one
  std::map<int, TextPattern> extensions = {};
};

// OWNER/REPO[/WORKFLOW][@REF]: signed by a workflow of that repository on GitHub, run for it, on
// that ref. WORKFLOW is a file name below .github/workflows; REF is a branch or tag, or a full
// refs/... name; without it any branch or tag will do, but no pull request.
// kUsage for another form.
Result<IdentityRule> ParseGitHubIdentity(std::string_view text);

// Proof that a certificate names an identity which is accepted.
class MatchedIdentity {
 public:
  const CertificateIdentity& identity() const { return identity_; }

 private:
  friend Result<MatchedIdentity> MatchIdentity(CertificateIdentity,
                                               const std::vector<IdentityRule>&);
  explicit MatchedIdentity(CertificateIdentity identity) : identity_(std::move(identity)) {}
  CertificateIdentity identity_;
};

// kNoMatch with identity-mismatch, issuer-mismatch or extension-mismatch of the rule that came
// furthest.
Result<MatchedIdentity> MatchIdentity(CertificateIdentity identity,
                                      const std::vector<IdentityRule>& any_of);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_IDENTITY_H_
