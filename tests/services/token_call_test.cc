// SPDX-License-Identifier: Apache-2.0
#include "services/token_call.h"

#include <doctest/doctest.h>

#include <string>

#include "fake_transport.h"
#include "tokens.h"

namespace ociship::services {
namespace {

using testing::FakeTransport;
using testing::Lost;
using testing::Reply;

struct Fixture : testing::TokenEffects {
  TokenCall Call(std::string_view url = "https://host.example/token") {
    TokenCall call{.provider = "the issuer", .secrets = {"top secret", ""}};
    call.request.url = util::Url::Parse(url).value();
    return call;
  }
  Result<http::Response> Ask(const TokenCall& call) {
    return AskForToken(call, transport, effects);
  }
  FakeTransport transport{"https://host.example/"};
};

TEST_CASE_FIXTURE(Fixture, "what may pass is tried again, and then given up") {
  transport.On("GET token", {.status = 503, .headers = {{"Retry-After", "7"}}})
      .On("GET token", {.error = Lost()})
      .On("GET token", {.body = "{}"});
  CHECK(Ask(Call()).value().status == 200);
  CHECK(clock.sleeps().front() >= std::chrono::seconds(7));
  for (int i = 0; i < 3; ++i) transport.On("GET token", {.status = 500});
  CHECK(Ask(Call()).value().status == 500);
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "what counts once is asked for once") {
  TokenCall call = Call();
  call.again = TokenCall::Again::kNever;
  transport.On("GET token", {.status = 503});
  CHECK(Ask(call).value().status == 503);
  transport.On("GET token", {.error = Lost()});
  CHECK(Ask(call).error().code() == Code::kUnavailable);
  CHECK(transport.done());
  CHECK(clock.sleeps().empty());
}

TEST_CASE_FIXTURE(Fixture, "http is spoken to this machine alone, and to the metadata server") {
  transport.On("GET http://127.0.0.1:1/", {}).On("GET http://localhost:1/", {});
  CHECK(Ask(Call("http://127.0.0.1:1/")).ok());
  CHECK(Ask(Call("http://localhost:1/")).ok());
  for (const char* url : {"http://host.example/", "http://metadata.google.internal/",
                          "http://169.254.169.254/", "http://localhost.example/"}) {
    CAPTURE(url);
    CHECK(Ask(Call(url)).error().code() == Code::kUsage);
  }
  TokenCall call = Call("http://metadata.google.internal/");
  call.plain = TokenCall::Plain::kLoopbackAndMetadata;
  transport.On("GET http://metadata.google.internal/", {});
  CHECK(Ask(call).ok());
  call.request.url.host = "metadata.google.internal.example";
  CHECK(Ask(call).error().code() == Code::kUsage);
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "an answer of the size that is allowed is read, and no larger one") {
  transport.On("GET token", {.body = std::string(kMaxTokenAnswerBytes, ' ')});
  CHECK(Ask(Call()).ok());
  for (int i = 0; i < 3; ++i) {
    transport.On("GET token", {.body = std::string(kMaxTokenAnswerBytes + 1, ' ')});
  }
  CHECK(Ask(Call()).error().code() == Code::kUnavailable);
}

TEST_CASE_FIXTURE(Fixture, "a cancel ends it, also while nothing comes") {
  transport.On("GET token", {.stall = true});
  std::thread person([this] { cancel.Request(); });
  CHECK(Ask(Call()).error().code() == Code::kInterrupted);
  person.join();
}

TEST_CASE_FIXTURE(Fixture, "a refusal says what the server said, and no secret") {
  const auto refusal = [this](int status, std::string body) {
    return Refused(Call(), {.status = status, .headers = {}, .body = std::move(body)});
  };
  const Error error = refusal(401, R"({"error":"invalid_client","error_description":"not top secret
"})");
  CHECK(error.code() == Code::kUnauthorized);
  CHECK(error.message() ==
        R"(the issuer gave no token: host.example says 401: {"error":"invalid_client",)"
        R"("error_description":"not (secret)\x0a"})");
  CHECK(refusal(400, R"({"error":"invalid_grant","error_description":"too old"})").message() ==
        "the issuer gave no token: host.example says 400: invalid_grant: too old");
  CHECK(refusal(403, R"({"error":{"code":403,"message":"no: eyJhbGciOi.eyJpc3MiOi.c2ln."}})")
            .message() == "the issuer gave no token: host.example says 403: no: (secret)");
  CHECK(refusal(429, "").code() == Code::kRateLimited);
  CHECK(refusal(500, "").code() == Code::kUnavailable);
  CHECK(refusal(302, "").code() == Code::kUnavailable);
  CHECK(refusal(302, "").message().find("not followed") != std::string::npos);
  CHECK(refusal(400, std::string(100'000, 'x')).message().size() < 500);
}

TEST_CASE_FIXTURE(Fixture, "only a success that is a JSON object is an answer") {
  const auto read = [this](int status, std::string body) {
    return ReadTokenAnswer(Call(), {.status = status, .headers = {}, .body = std::move(body)});
  };
  CHECK(read(200, R"({"token":"x"})").value().TextOf("token") == "x");
  CHECK(read(201, "{}").ok());
  CHECK(read(400, "{}").error().code() == Code::kUnauthorized);
  for (const char* body : {"", "[]", "eyJhbGciOi", R"({"a":1,"a":2})"}) {
    CAPTURE(body);
    const auto answer = read(200, body);
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code() == Code::kUnavailable);
    CHECK(answer.error().message().find("eyJ") == std::string::npos);
  }
}

TEST_CASE("secrets are blotted out wherever they stand") {
  CHECK(WithoutSecrets("a key, another key", {"key"}) == "a (secret), another (secret)");
  CHECK(WithoutSecrets("a lock", {"key", ""}) == "a lock");
  CHECK(WithoutSecrets("x eyJhbG.eyJ_-.c2ln= y", {}) == "x (secret) y");
  CHECK(WithoutSecrets("eyJ", {}) == "(secret)");
  CHECK(WithoutSecrets("", {"key"}).empty());
}

}  // namespace
}  // namespace ociship::services
