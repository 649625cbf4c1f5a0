// SPDX-License-Identifier: Apache-2.0
#include "sigstore/identity.h"

#include <doctest/doctest.h>

#include "util/text.h"

namespace ociship::sigstore {
namespace {

using Answer = TextPattern::Answer;

CertificateIdentity Workflow(std::string_view repository, std::string_view workflow,
                             std::string_view ref) {
  const std::string url = util::StrCat("https://github.com/", repository);
  return {.subject = util::StrCat(url, "/.github/workflows/", workflow, "@", ref),
          .issuer = std::string(kGitHubIssuer),
          .extensions = {{kSourceRepositoryExtension, url},
                         {kSourceRepositoryRefExtension, std::string(ref)}}};
}

std::string_view Verdict(const CertificateIdentity& identity, const IdentityRule& rule) {
  Result<MatchedIdentity> matched = MatchIdentity(identity, {rule});
  return matched.ok() ? "matches" : matched.error().reason();
}

std::string_view GitHubVerdict(std::string_view rule, const CertificateIdentity& identity) {
  Result<IdentityRule> parsed = ParseGitHubIdentity(rule);
  REQUIRE(parsed.ok());
  return Verdict(identity, parsed.value());
}

TEST_CASE("TextPattern: an exact text matches itself alone") {
  const TextPattern pattern = TextPattern::Exact("a.c").value();
  CHECK(pattern.Look("a.c") == Answer::kMatches);
  CHECK(pattern.Look("abc") == Answer::kDiffers);
  CHECK(pattern.Look("a.c ") == Answer::kDiffers);
  CHECK(pattern.Look(std::string_view("a.c\0x", 5)) == Answer::kDiffers);
  CHECK(pattern.Look("") == Answer::kDiffers);
}

TEST_CASE("TextPattern: an expression must match the whole") {
  const TextPattern pattern = TextPattern::Regexp("https://example\\.com/[a-z]+").value();
  CHECK(pattern.Look("https://example.com/abc") == Answer::kMatches);
  CHECK(pattern.Look("https://example.com/abc/evil") == Answer::kDiffers);
  CHECK(pattern.Look("evil https://example.com/abc") == Answer::kDiffers);
  CHECK(pattern.Look("https://example.com/abc\nevil") == Answer::kDiffers);
  // An alternative is anchored too, where ^ and $ around it would bind to its ends alone.
  CHECK(TextPattern::Regexp("a|b").value().Look("ab") == Answer::kDiffers);
}

TEST_CASE("TextPattern: what is empty or no expression is refused") {
  CHECK(TextPattern::Exact("").error().code() == Code::kUsage);
  CHECK(TextPattern::Regexp("").error().code() == Code::kUsage);
  CHECK(TextPattern::Regexp("(").error().code() == Code::kUsage);
  CHECK(TextPattern::Regexp(std::string(5000, 'a')).error().code() == Code::kUsage);
}

TEST_CASE("MatchIdentity: subject, issuer and every extension must match") {
  const CertificateIdentity identity{
      .subject = "a@example.com", .issuer = "https://issuer", .extensions = {{5, "acme/app"}}};
  const auto rule = [](std::string_view subject, std::string_view issuer,
                       const std::map<int, std::string>& extensions = {}) {
    IdentityRule made{.subject = {TextPattern::Exact(subject).value()},
                      .issuer = {TextPattern::Exact(issuer).value()}};
    for (const auto& [number, value] : extensions) {
      made.extensions.emplace(number, TextPattern::Exact(value).value());
    }
    return made;
  };
  CHECK(Verdict(identity, rule("a@example.com", "https://issuer")) == "matches");
  CHECK(Verdict(identity, rule("b@example.com", "https://issuer")) == "identity-mismatch");
  CHECK(Verdict(identity, rule("a@example.com", "https://issuer/")) == "issuer-mismatch");
  CHECK(Verdict(identity, rule("a@example.com", "https://issuer", {{5, "acme/app"}})) == "matches");
  CHECK(Verdict(identity, rule("a@example.com", "https://issuer", {{5, "acme/lib"}})) ==
        "extension-mismatch");
  CHECK(Verdict(identity, rule("a@example.com", "https://issuer", {{6, "refs/heads/main"}})) ==
        "extension-mismatch");
}

TEST_CASE("MatchIdentity: one of several rules is enough, and none is not") {
  const CertificateIdentity identity{.subject = "a", .issuer = "i", .extensions = {}};
  const auto rule = [](std::string_view subject, std::string_view issuer) {
    return IdentityRule{.subject = {TextPattern::Exact(subject).value()},
                        .issuer = {TextPattern::Exact(issuer).value()}};
  };
  CHECK(MatchIdentity(identity, {rule("b", "i"), rule("a", "i")}).ok());
  // The subject of one and the issuer of the other do not make a rule.
  const Result<MatchedIdentity> mixed = MatchIdentity(identity, {rule("a", "j"), rule("b", "i")});
  REQUIRE(!mixed.ok());
  CHECK(mixed.error().reason() == "issuer-mismatch");
  CHECK(!MatchIdentity(identity, {}).ok());
  CHECK(!MatchIdentity(identity, {IdentityRule{}}).ok());
}

TEST_CASE("ParseGitHubIdentity: a repository is that repository alone") {
  const CertificateIdentity main = Workflow("acme/app", "release.yml", "refs/heads/main");
  CHECK(GitHubVerdict("acme/app", main) == "matches");
  CHECK(GitHubVerdict("acme/ap", main) == "identity-mismatch");
  CHECK(GitHubVerdict("acme/app2", main) == "identity-mismatch");
  CHECK(GitHubVerdict("acme/a.p", main) == "identity-mismatch");
  CHECK(GitHubVerdict("Acme/app", main) == "identity-mismatch");
  CertificateIdentity other_issuer = main;
  other_issuer.issuer = "https://token.actions.githubusercontent.com.evil.example";
  CHECK(GitHubVerdict("acme/app", other_issuer) == "issuer-mismatch");
  // A workflow of acme/app that another repository runs acts for that one.
  CertificateIdentity used_elsewhere = main;
  used_elsewhere.extensions[kSourceRepositoryExtension] = "https://github.com/evil/app";
  CHECK(GitHubVerdict("acme/app", used_elsewhere) == "extension-mismatch");
}

TEST_CASE("ParseGitHubIdentity: workflow and ref narrow it down") {
  const CertificateIdentity main = Workflow("acme/app", "release.yml", "refs/heads/main");
  CHECK(GitHubVerdict("acme/app/release.yml", main) == "matches");
  CHECK(GitHubVerdict("acme/app/release.yaml", main) == "identity-mismatch");
  CHECK(GitHubVerdict("acme/app/releaseXyml", main) == "identity-mismatch");
  CHECK(GitHubVerdict("acme/app/release.yml@main", main) == "matches");
  CHECK(GitHubVerdict("acme/app@main", main) == "matches");
  CHECK(GitHubVerdict("acme/app@refs/heads/main", main) == "matches");
  CHECK(GitHubVerdict("acme/app@refs/tags/main", main) == "identity-mismatch");
  CHECK(GitHubVerdict("acme/app@mai", main) == "identity-mismatch");
  const CertificateIdentity tag = Workflow("acme/app", "release.yml", "refs/tags/v1.2");
  CHECK(GitHubVerdict("acme/app@v1.2", tag) == "matches");
  CHECK(GitHubVerdict("acme/app@v1x2", Workflow("acme/app", "r.yml", "refs/tags/v1.2")) ==
        "identity-mismatch");
  const CertificateIdentity pull = Workflow("acme/app", "release.yml", "refs/pull/7/merge");
  CHECK(GitHubVerdict("acme/app@main", pull) == "identity-mismatch");
  CHECK(GitHubVerdict("acme/app", pull) == "identity-mismatch");
  CHECK(GitHubVerdict("acme/app@refs/pull/7/merge", pull) == "matches");
}

TEST_CASE("ParseGitHubIdentity: a job on another branch may call the workflow of this one") {
  CertificateIdentity called = Workflow("acme/app", "release.yml", "refs/heads/main");
  called.extensions[kSourceRepositoryRefExtension] = "refs/heads/feature";
  CHECK(GitHubVerdict("acme/app@main", called) == "extension-mismatch");
  CHECK(GitHubVerdict("acme/app", called) == "matches");
  called.extensions[kSourceRepositoryRefExtension] = "refs/pull/7/merge";
  CHECK(GitHubVerdict("acme/app", called) == "extension-mismatch");
  called.extensions.erase(kSourceRepositoryRefExtension);
  CHECK(GitHubVerdict("acme/app@main", called) == "extension-mismatch");
}

TEST_CASE("ParseGitHubIdentity: other forms are refused") {
  for (const char* text : {"", "acme", "acme/", "/app", "acme/app/", "acme/app@", "a/b/c/d",
                           "acme/app/.*", "acme/..", "https://github.com/acme/app", "acme /app"}) {
    CAPTURE(text);
    const Result<IdentityRule> rule = ParseGitHubIdentity(text);
    REQUIRE(!rule.ok());
    CHECK(rule.error().code() == Code::kUsage);
  }
}

}  // namespace
}  // namespace ociship::sigstore
