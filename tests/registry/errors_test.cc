// SPDX-License-Identifier: Apache-2.0
#include "registry/errors.h"

#include <doctest/doctest.h>

#include <string>

#include "fixture.h"

using ociship::Code;
using ociship::Error;
using ociship::http::Response;
using ociship::registry::ErrorsJson;
using ociship::registry::HasCode;
using ociship::registry::ParseErrors;
using ociship::registry::SaysOtherDigest;
using ociship::registry::SaysTagIsImmutable;

namespace {

Response Answer(int status, std::string body, std::string_view type = "application/json") {
  Response response{.status = status, .body = std::move(body)};
  response.headers.Add("Content-Type", type);
  return response;
}

Error Refuse(const Response& response) {
  return ociship::registry::Refusal("registry.example", "GET manifest 1.0 of acme/app", response);
}

}  // namespace

TEST_CASE("ParseErrors: all entries of the specification's document") {
  const auto errors = ParseErrors(Answer(
      404, R"({"errors":[{"code":"A","message":"one","detail":{"x":1}},{"code":"B"},{},7]})"));
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].code == "A");
  CHECK(errors[0].message == "one");
  CHECK(errors[1].code == "B");
}

TEST_CASE("ParseErrors: the documents of other servers") {
  const auto message = ParseErrors(Answer(403, R"({"message":"no"})"));
  REQUIRE(message.size() == 1);
  CHECK(message[0].message == "no");
  const auto aws = ParseErrors(Answer(400, R"({"__type":"TagExists","message":"no"})"));
  REQUIRE(aws.size() == 1);
  CHECK(aws[0].code == "TagExists");
}

TEST_CASE("ParseErrors: plain text is one message") {
  const auto errors = ParseErrors(Answer(429, "slow down\n", "text/plain; charset=utf-8"));
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].message == "slow down");
}

TEST_CASE("ParseErrors: anything else gives nothing") {
  CHECK(ParseErrors(Answer(502, "<html>Bad Gateway</html>", "text/html")).empty());
  CHECK(ParseErrors(Answer(502, "")).empty());
  CHECK(ParseErrors(Answer(502, "[1,2]")).empty());
  CHECK(ParseErrors(Answer(502, R"({"errors":"x"})")).empty());
  CHECK(ParseErrors(Answer(502, R"({"errors":[{"code":5,"message":null}]})")).empty());
  CHECK(ParseErrors(Answer(502, std::string(100, '['))).empty());
}

TEST_CASE("ParseErrors: only the first twenty entries are kept") {
  std::string body = R"({"errors":[)";
  for (int i = 0; i < 30; ++i) body.append(R"({"code":"A"},)");
  body.append("{}]}");
  CHECK(ParseErrors(Answer(400, body)).size() == 20);
}

TEST_CASE("HasCode: a code is compared whole, or by its beginning with a star") {
  const Response response = Answer(400, ErrorsJson("BLOB_UPLOAD_INVALID", "x"));
  CHECK(HasCode(response, "BLOB_UPLOAD_INVALID"));
  CHECK(HasCode(response, "BLOB_UPLOAD_*"));
  CHECK_FALSE(HasCode(response, "BLOB_UPLOAD"));
  CHECK_FALSE(HasCode(response, "DIGEST_*"));
}

TEST_CASE("SaysOtherDigest: the code of the specification, and the general one with the word") {
  CHECK(SaysOtherDigest(Answer(400, ErrorsJson("DIGEST_INVALID", "no"))));
  // ECR Public and olareg
  CHECK(SaysOtherDigest(
      Answer(400, ErrorsJson("BLOB_UPLOAD_INVALID", "None of the provided layer digests match"))));
  CHECK(SaysOtherDigest(Answer(400, R"({"errors":[{"code":"BLOB_UPLOAD_INVALID","message":)"
                                    R"("blob upload invalid","detail":"Invalid digest"}]})")));
}

TEST_CASE("SaysOtherDigest: a session that is invalid, or another status, is something else") {
  CHECK_FALSE(SaysOtherDigest(Answer(400, ErrorsJson("BLOB_UPLOAD_INVALID", "bad state"))));
  CHECK_FALSE(SaysOtherDigest(Answer(400, ErrorsJson("BLOB_UNKNOWN", "digest"))));
  CHECK_FALSE(SaysOtherDigest(Answer(500, ErrorsJson("DIGEST_INVALID", "no"))));
  CHECK_FALSE(SaysOtherDigest(Answer(400, "")));
}

TEST_CASE("SaysTagIsImmutable: the words of several registries") {
  CHECK(SaysTagIsImmutable(Answer(400, R"({"errors":[{"code":"TAG_INVALID","message":"The image )"
                                       R"(tag '1' already exists in the 'a' repository"}]})")));
  CHECK(SaysTagIsImmutable(Answer(400, R"({"__type":"ImageTagAlreadyExistsException"})")));
  CHECK(SaysTagIsImmutable(Answer(412, ErrorsJson("PRECONDITION", "configured as Immutable"))));
  CHECK(SaysTagIsImmutable(Answer(409, ErrorsJson("DENIED", "cannot be overwritten"))));
  CHECK(SaysTagIsImmutable(Answer(405, ErrorsJson("UNSUPPORTED", "tag is immutable"))));
}

TEST_CASE("SaysTagIsImmutable: other statuses and other words do not count") {
  CHECK_FALSE(SaysTagIsImmutable(Answer(404, ErrorsJson("A", "tag is immutable"))));
  CHECK_FALSE(SaysTagIsImmutable(Answer(500, ErrorsJson("A", "tag is immutable"))));
  CHECK_FALSE(SaysTagIsImmutable(Answer(400, ErrorsJson("MANIFEST_INVALID", "bad manifest"))));
  CHECK_FALSE(SaysTagIsImmutable(Answer(409, "")));
}

TEST_CASE("Refusal: registry, status, request, code and message in one sentence") {
  const Error error = Refuse(Answer(404, ErrorsJson("MANIFEST_UNKNOWN", "manifest unknown")));
  CHECK(error.code() == Code::kNotFound);
  CHECK(error.message() ==
        "registry.example answered 404 to GET manifest 1.0 of acme/app: MANIFEST_UNKNOWN manifest "
        "unknown");
}

TEST_CASE("Refusal: a detail that is a text follows in brackets") {
  CHECK(Refuse(Answer(400, R"({"errors":[{"code":"X","message":"m","detail":"d"}]})"))
            .message()
            .ends_with(": X m (d)"));
}

TEST_CASE("Refusal: without a readable body the sentence ends early") {
  CHECK(Refuse(Answer(502, "<html>")).message() ==
        "registry.example answered 502 to GET manifest 1.0 of acme/app");
}

TEST_CASE("Refusal: control characters of a server do not reach the terminal") {
  CHECK(Refuse(Answer(400, ErrorsJson("X", "a\\u001b[31mb\\nc"))).message() ==
        "registry.example answered 400 to GET manifest 1.0 of acme/app: X a\\x1b[31mb\\x0ac");
}

TEST_CASE("Refusal: every status has its code") {
  const auto code = [](int status) { return Refuse(Answer(status, "")).code(); };
  CHECK(code(401) == Code::kUnauthorized);
  CHECK(code(403) == Code::kUnauthorized);
  CHECK(code(404) == Code::kNotFound);
  CHECK(code(429) == Code::kRateLimited);
  CHECK(code(408) == Code::kUnavailable);
  CHECK(code(499) == Code::kUnavailable);
  CHECK(code(500) == Code::kUnavailable);
  CHECK(code(503) == Code::kUnavailable);
  CHECK(code(400) == Code::kFailure);
  CHECK(code(409) == Code::kFailure);
  CHECK(code(307) == Code::kFailure);
  CHECK(code(413) == Code::kFailure);
}

TEST_CASE("Refusal: 401, 413 and 429 say what to do") {
  CHECK(Refuse(Answer(401, ErrorsJson("UNAUTHORIZED", "no"))).message() ==
        "registry.example wants a login for GET manifest 1.0 of acme/app: UNAUTHORIZED no, "
        "try ociship login registry.example");
  CHECK(Refuse(Answer(413, ""))
            .message()
            .ends_with("the body is over a size limit of the registry or of a proxy before it"));
  Response limited = Answer(429, "");
  limited.headers.Add("Retry-After", "3600");
  CHECK(Refuse(limited).message().ends_with(", it asks to come back after \"3600\""));
}
