// SPDX-License-Identifier: Apache-2.0
#include "sigstore/statement.h"

#include <doctest/doctest.h>

#include "cosign_fixtures.h"
#include "util/text.h"

namespace ociship::sigstore {
namespace {

using ociship::testing::Changed;

const std::string kHex(64, 'a');

std::string Example() {
  return util::StrCat(R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x",)",
                      R"("digest":{"sha256":")", kHex, R"("},"annotations":{"env":"prod"}}],)",
                      R"("predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}})");
}

void CheckRefused(const std::string& text) {
  INFO(text.substr(0, 400));
  Result<Statement> statement = ParseStatement(text);
  REQUIRE(!statement.ok());
  CHECK(statement.error().code() == Code::kBadInput);
}

TEST_CASE("ParseStatement: a v1 statement gives its subjects and predicate type") {
  Result<Statement> statement = ParseStatement(Example());
  REQUIRE(statement.ok());
  CHECK(statement.value().predicate_type == kImageSignaturePredicate);
  REQUIRE(statement.value().subjects.size() == 1);
  const Subject& subject = statement.value().subjects.front();
  CHECK(subject.name == "x");
  CHECK(subject.digests == std::map<std::string, std::string>{{"sha256", kHex}});
  CHECK(subject.annotations == std::map<std::string, std::string>{{"env", "prod"}});
}

TEST_CASE("ParseStatement: v0.1, no predicate, null annotations and unknown fields are read") {
  CHECK(ParseStatement(Changed(Example(), "Statement/v1", "Statement/v0.1")).ok());
  CHECK(ParseStatement(Changed(Example(), R"(,"predicate":{})", "")).ok());
  CHECK(ParseStatement(Changed(Example(), R"({"env":"prod"})", "null")).ok());
  CHECK(ParseStatement(Changed(Example(), R"("_type")", R"("new":1,"_type")")).ok());
}

TEST_CASE("ParseStatement: an annotation that is no string is not taken for one") {
  Result<Statement> statement = ParseStatement(Changed(Example(), R"("prod")", "1"));
  REQUIRE(statement.ok());
  CHECK(statement.value().subjects.front().annotations.empty());
}

TEST_CASE("ParseStatement: another type is refused") {
  CheckRefused(Changed(Example(), "Statement/v1", "Statement/v2"));
  CheckRefused(Changed(Example(), R"("_type")", R"("type")"));
}

TEST_CASE("ParseStatement: duplicate keys are refused") {
  CheckRefused(Changed(Example(), R"("predicateType")", R"("predicateType":"x","predicateType")"));
  CheckRefused(Changed(Example(), R"("sha256")", R"("sha256":"bb","sha256")"));
}

TEST_CASE("ParseStatement: no predicate type, no subject and no digest are refused") {
  CheckRefused(Changed(Example(), R"("predicateType":"https://sigstore.dev/cosign/sign/v1",)", ""));
  CheckRefused(R"({"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"x"})");
  CheckRefused(R"({"_type":"https://in-toto.io/Statement/v1","predicateType":"x"})");
  CheckRefused(R"({"_type":"https://in-toto.io/Statement/v1","subject":[{}],"predicateType":"x"})");
  CheckRefused(Changed(Example(), R"("sha256")", R"("sha1":7,"sha256")"));
}

TEST_CASE("ParseStatement: what is no object, empty or followed by more is refused") {
  CheckRefused("");
  CheckRefused("[]");
  CheckRefused("null");
  CheckRefused(Example() + " {}");
}

std::string WithSubjects(std::size_t count) {
  std::string text =
      R"({"_type":"https://in-toto.io/Statement/v1","predicateType":"x","subject":[)";
  for (std::size_t i = 0; i < count; ++i) {
    text += i == 0 ? R"({"digest":{"sha256":"aa"}})" : R"(,{"digest":{"sha256":"aa"}})";
  }
  return text + "]}";
}

TEST_CASE("ParseStatement: 1024 subjects are read, one more is refused") {
  CHECK(ParseStatement(WithSubjects(kMaxSubjects)).ok());
  CheckRefused(WithSubjects(kMaxSubjects + 1));
}

std::string WithDigests(std::size_t count) {
  std::string digests;
  for (std::size_t i = 0; i < count; ++i) {
    digests += util::StrCat(i == 0 ? "" : ",", "\"a", i, "\":\"00\"");
  }
  return util::StrCat(
      R"({"_type":"https://in-toto.io/Statement/v1","predicateType":"x","subject":[{"digest":{)",
      digests, "}}]}");
}

TEST_CASE("ParseStatement: 32 digests of a subject are read, one more is refused") {
  CHECK(ParseStatement(WithDigests(kMaxDigestsPerSubject)).ok());
  CheckRefused(WithDigests(kMaxDigestsPerSubject + 1));
}

TEST_CASE("FormatImageStatement: the document has cosign's members in cosign's order") {
  Result<Digest> digest = Digest::Parse("sha256:" + kHex);
  REQUIRE(digest.ok());
  CHECK(
      FormatImageStatement(digest.value(), {}) ==
      util::StrCat(R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":")",
                   kHex, R"("},"annotations":{}}],)",
                   R"("predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}})"));
}

// cosign's own statement differs in spaces alone, which this build of it puts behind commas.
std::string WithoutSpacesBehindCommas(std::string text) {
  std::size_t at = 0;
  while ((at = text.find(", ", at)) != std::string::npos) text.erase(at + 1, 1);
  return text;
}

TEST_CASE("FormatImageStatement: equals the statement that cosign signed") {
  Result<Bundle> bundle = Bundle::Parse(ociship::testing::CosignFixture("p256.bundle.json"));
  REQUIRE(bundle.ok());
  const Envelope& envelope = std::get<Envelope>(bundle.value().material().content);
  CHECK(WithoutSpacesBehindCommas(envelope.payload) ==
        FormatImageStatement(ociship::testing::CosignImage(), {}));
}

TEST_CASE("FormatImageStatement: annotations come back as they were") {
  const std::map<std::string, std::string> annotations = {{"a", "<&>\"\\\n\xC3\xA9"}, {"", ""}};
  const std::string text = FormatImageStatement(ociship::testing::CosignImage(), annotations);
  Result<Statement> statement = ParseStatement(text);
  REQUIRE(statement.ok());
  CHECK(statement.value().subjects.front().annotations == annotations);
}

TEST_CASE("ParseStatement: a byte order mark is refused") {
  const std::string statement = FormatImageStatement(ociship::testing::CosignImage(), {});
  REQUIRE(ParseStatement(statement).ok());
  CHECK(!ParseStatement("\xEF\xBB\xBF" + statement).ok());
}

}  // namespace
}  // namespace ociship::sigstore
