// SPDX-License-Identifier: Apache-2.0
// Identities in Fulcio's certificates (Fulcio, docs/oid-info.md and certificate-specification.md)
// and what a policy accepts. Covered by tests/sigstore/identity_test.cc.
#include "sigstore/identity.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "sigstore/reason.h"
#include "util/text.h"
#include "util/try.h"
#include "util/utf8.h"

namespace ociship::sigstore {
namespace {

constexpr std::string_view kFulcioOid = "1.3.6.1.4.1.57264.1.";
constexpr int kUserNameExtension = 7;  // stands in the subject alternative name
constexpr std::size_t kMaxPatternBytes = 4096;
constexpr std::size_t kMaxIdentityBytes = 16 << 10;

constexpr std::array<std::string_view, kMaxExtension + 1> kNames = {
    "",
    "Issuer",
    "GitHub Workflow Trigger",
    "GitHub Workflow SHA",
    "GitHub Workflow Name",
    "GitHub Workflow Repository",
    "GitHub Workflow Ref",
    "User Name",
    "Issuer",
    "Build Signer URI",
    "Build Signer Digest",
    "Runner Environment",
    "Source Repository URI",
    "Source Repository Digest",
    "Source Repository Ref",
    "Source Repository Identifier",
    "Source Repository Owner URI",
    "Source Repository Owner Identifier",
    "Build Config URI",
    "Build Config Digest",
    "Build Trigger",
    "Run Invocation URI",
    "Source Repository Visibility At Signing",
    "Deployment Environment",
    "Token Subject",
};

Error Bad(std::string message) {
  return Refuse(Reason::kIdentityMalformed, std::move(message)).While("certificate");
}

Error Silent(std::string message) {
  return Error(Code::kUsage, std::move(message)).Because(Word(Reason::kPolicySilent));
}

// A name that holds a NUL, or is no text, would be shown or compared as another one.
Status CheckText(std::string_view text, std::string_view what) {
  if (text.empty() || text.size() > kMaxIdentityBytes || !util::IsUtf8(text) ||
      text.find('\0') != std::string_view::npos) {
    return Bad(util::StrCat("its ", what, " is empty, too long, or no text"));
  }
  return Ok();
}

// "Exactly one SAN" (certificate-specification.md): with two, what is compared could be another one
// than what somebody looked at.
Result<std::string> ReadSubject(const crypto::Certificate& certificate) {
  if (certificate.alt_names().size() != 1) {
    return Bad(util::StrCat("it has ", certificate.alt_names().size(),
                            " subject alternative names, exactly one is expected"));
  }
  const crypto::AltName& name = certificate.alt_names().front();
  using Kind = crypto::AltName::Kind;
  const bool user_name =
      name.kind == Kind::kOtherName && name.oid == util::StrCat(kFulcioOid, kUserNameExtension);
  if (name.kind != Kind::kUri && name.kind != Kind::kEmail && !user_name) {
    return Bad("its subject alternative name is no URI, e-mail address or user name");
  }
  TRY(CheckText(name.value, "subject alternative name"));
  // URIs and e-mail addresses are IA5Strings (RFC 5280 section 4.2.1.6), and what is shown to
  // people has no control characters.
  const bool printable = std::all_of(name.value.begin(), name.value.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f && (user_name || byte < 0x80);
  });
  if (!printable) return Bad("its subject alternative name has characters that it can not have");
  return name.value;
}

// Extensions 1 to 6 hold the text itself, those from 8 on a DER UTF8String (oid-info.md).
Result<std::optional<std::string>> ReadExtension(const crypto::Certificate& certificate,
                                                 int extension) {
  const std::optional<util::Bytes> value =
      certificate.Extension(util::StrCat(kFulcioOid, extension));
  if (!value) return std::optional<std::string>();
  if (extension < kUserNameExtension) {
    const std::string text(util::AsText(*value));
    return std::optional<std::string>(text);
  }
  Result<std::string> text = crypto::DecodeUtf8String(*value);
  if (!text.ok()) {
    return Bad(util::StrCat("its extension ", ExtensionName(extension), " is no UTF8String"));
  }
  return std::optional<std::string>(std::move(text).value());
}

Result<std::string> IssuerOf(const std::map<int, std::string>& extensions) {
  const auto older = extensions.find(kIssuerExtension);
  const auto newer = extensions.find(kIssuerV2Extension);
  if (older == extensions.end() && newer == extensions.end()) return Bad("it names no issuer");
  if (older == extensions.end()) return newer->second;
  // Both are written with one value; a certificate with two could be read either way.
  if (newer != extensions.end() && newer->second != older->second) {
    return Bad("its two extensions for the issuer differ");
  }
  return older->second;
}

TextPattern::Answer LookAtAll(const std::vector<TextPattern>& patterns, std::string_view text) {
  if (patterns.empty()) return TextPattern::Answer::kDiffers;
  for (const TextPattern& pattern : patterns) {
    if (pattern.Look(text) != TextPattern::Answer::kMatches) return TextPattern::Answer::kDiffers;
  }
  return TextPattern::Answer::kMatches;
}

Status MatchRule(const CertificateIdentity& identity, const IdentityRule& rule) {
  if (LookAtAll(rule.subject, identity.subject) != TextPattern::Answer::kMatches) {
    return Refuse(Reason::kIdentityMismatch,
                  util::StrCat("the certificate is of ", util::Quoted(identity.subject)));
  }
  if (LookAtAll(rule.issuer, identity.issuer) != TextPattern::Answer::kMatches) {
    return Refuse(Reason::kIssuerMismatch,
                  util::StrCat("the identity of the certificate was given by ",
                               util::Quoted(identity.issuer)));
  }
  for (const auto& [extension, wanted] : rule.extensions) {
    const auto found = identity.extensions.find(extension);
    if (found != identity.extensions.end() &&
        wanted.Look(found->second) == TextPattern::Answer::kMatches) {
      continue;
    }
    const std::string is = found == identity.extensions.end()
                               ? std::string("is missing")
                               : util::StrCat("is ", util::Quoted(found->second));
    return Refuse(Reason::kExtensionMismatch,
                  util::StrCat("the certificate's ", ExtensionName(extension), " ", is, ", not ",
                               util::Quoted(wanted.text())));
  }
  return Ok();
}

// How far a rule came, so that the message speaks of the rule that was nearly met.
int Progress(const Error& error) {
  if (error.reason() == Word(Reason::kExtensionMismatch)) return 2;
  return error.reason() == Word(Reason::kIssuerMismatch) ? 1 : 0;
}

bool IsGitHubName(std::string_view text) {
  return !text.empty() && text != "." && text != ".." &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
             "-_.") == std::string_view::npos;
}

}  // namespace

std::string_view ExtensionName(int extension) {
  if (extension < 1 || extension > kMaxExtension) return "unknown";
  return kNames[static_cast<std::size_t>(extension)];
}

Result<CertificateIdentity> ReadIdentity(const crypto::Certificate& certificate) {
  CertificateIdentity identity;
  identity.subject = TRY(ReadSubject(certificate));
  for (int extension = 1; extension <= kMaxExtension; ++extension) {
    std::optional<std::string> text = TRY(ReadExtension(certificate, extension));
    if (!text) continue;
    TRY(CheckText(*text, ExtensionName(extension)));
    identity.extensions.emplace(extension, *std::move(text));
  }
  identity.issuer = TRY(IssuerOf(identity.extensions));
  return identity;
}

Result<TextPattern> TextPattern::Exact(std::string_view text) {
  if (text.empty()) return Silent("an identity to match is empty");
  TextPattern pattern;
  pattern.text_ = text;
  return pattern;
}

Result<TextPattern> TextPattern::Regexp(std::string_view text) {
  if (text.empty()) return Silent("a regular expression to match is empty");
  if (text.size() > kMaxPatternBytes) {
    return Error(Code::kUsage, "a regular expression is too long");
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto regexp = std::make_shared<const re2::RE2>(std::string(text), options);
  if (!regexp->ok()) {
    return Error(Code::kUsage, util::StrCat(util::Quoted(text), " is no regular expression: ",
                                            util::Printable(regexp->error())));
  }
  TextPattern pattern;
  pattern.kind_ = Kind::kRegexp;
  pattern.text_ = text;
  pattern.regexp_ = std::move(regexp);
  return pattern;
}

TextPattern TextPattern::UnsafeAny() {
  TextPattern pattern;
  pattern.kind_ = Kind::kAny;
  pattern.text_ = "anything";
  return pattern;
}

TextPattern::Answer TextPattern::Look(std::string_view text) const {
  switch (kind_) {
    case Kind::kAny:
      return Answer::kMatches;
    case Kind::kExact:
      return text == text_ ? Answer::kMatches : Answer::kDiffers;
    case Kind::kRegexp:
      return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *regexp_)
                 ? Answer::kMatches
                 : Answer::kDiffers;
  }
  return Answer::kDiffers;
}

Result<IdentityRule> ParseGitHubIdentity(std::string_view text) {
  const std::size_t at = text.find('@');
  const std::vector<std::string_view> path = util::Split(text.substr(0, at), '/');
  const std::string_view ref = at == std::string_view::npos ? "" : text.substr(at + 1);
  const bool names =
      path.size() >= 2 && path.size() <= 3 && std::all_of(path.begin(), path.end(), IsGitHubName);
  if (!names || (at != std::string_view::npos && ref.empty())) {
    return Error(Code::kUsage,
                 util::StrCat(util::Quoted(text), " is not OWNER/REPO[/WORKFLOW][@REF]"));
  }
  const std::string repository = util::StrCat("https://github.com/", path[0], "/", path[1]);
  const std::string workflow =
      path.size() == 3 ? re2::RE2::QuoteMeta(std::string(path[2])) : std::string("[^@]+");
  // What a pull request runs is not what the repository stands for, unless it is asked for.
  std::string quoted_ref = ref.empty() ? "[^@]+" : re2::RE2::QuoteMeta(std::string(ref));
  if (!ref.starts_with("refs/")) quoted_ref.insert(0, "refs/(?:heads|tags)/");
  TextPattern subject = TRY(TextPattern::Regexp(util::StrCat(
      re2::RE2::QuoteMeta(repository), "/\\.github/workflows/", workflow, "@", quoted_ref)));
  TextPattern issuer = TRY(TextPattern::Exact(kGitHubIssuer));
  TextPattern source = TRY(TextPattern::Exact(repository));
  // The subject has the ref of the workflow's file, which a job on any branch may call.
  TextPattern source_ref = TRY(TextPattern::Regexp(quoted_ref));
  return IdentityRule{.subject = {std::move(subject)},
                      .issuer = {std::move(issuer)},
                      .extensions = {{kSourceRepositoryExtension, std::move(source)},
                                     {kSourceRepositoryRefExtension, std::move(source_ref)}}};
}

Result<MatchedIdentity> MatchIdentity(CertificateIdentity identity,
                                      const std::vector<IdentityRule>& any_of) {
  std::optional<Error> nearest;
  for (const IdentityRule& rule : any_of) {
    Status matched = MatchRule(identity, rule);
    if (matched.ok()) return MatchedIdentity(std::move(identity));
    if (!nearest || Progress(matched.error()) > Progress(*nearest)) nearest = matched.error();
  }
  if (nearest) return *std::move(nearest);
  return Refuse(Reason::kIdentityMismatch, "the policy names no identity");
}

}  // namespace ociship::sigstore
