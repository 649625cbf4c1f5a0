// SPDX-License-Identifier: Apache-2.0
#include "services/workload_api.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "http/message.h"
#include "tokens.h"

namespace ociship::services {
namespace {

using namespace std::string_literals;

// A field of protobuf with text of less than 128 bytes in it.
std::string Text(char number, std::string_view text) {
  REQUIRE(text.size() < 128);
  std::string field = {static_cast<char>(number << 3 | 2), static_cast<char>(text.size())};
  return field.append(text);
}

std::string Frame(std::string_view message) {
  REQUIRE(message.size() < 256);
  return ("\0\0\0\0"s + static_cast<char>(message.size())).append(message);
}

std::string Svid(std::string_view jwt) {
  return Text(1, Text(1, "spiffe://a.example/b") + Text(2, jwt));
}

TEST_CASE("the request is one message with the audience in it") {
  CHECK(FormatJwtSvidRequest("sigstore") == "\0\0\0\0\x0a\x0a\x08sigstore"s);
  const std::string longer(300, 'x');
  CHECK(FormatJwtSvidRequest(longer) == "\0\0\0\x01\x2f\x0a\xac\x02"s + longer);
}

TEST_CASE("of several tokens the first is taken, and what is not known is passed over") {
  CHECK(ParseJwtSvidResponse(Frame(Svid("one"))).value() == "one");
  CHECK(ParseJwtSvidResponse(Frame(Svid("one") + Svid("two"))).value() == "one");
  const std::string unknown =
      "\x18\xff\x01"s + "\x21" + "12345678" + "\x2d" + "1234" + Text(9, "x");
  CHECK(ParseJwtSvidResponse(Frame(unknown + Svid("one") + unknown)).value() == "one");
  CHECK(ParseJwtSvidResponse(Frame(Text(1, Text(2, "one") + Text(3, "hint")))).value() == "one");
}

TEST_CASE("an answer without a token says so") {
  for (const std::string& message :
       {""s, Text(1, ""), Text(1, Text(1, "spiffe://a.example/b")), Svid(""), Text(2, "x")}) {
    const auto answer = ParseJwtSvidResponse(Frame(message));
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code() == Code::kUnauthorized);
  }
}

TEST_CASE("an answer that is not one whole message is refused") {
  const std::string good = Frame(Svid("one"));
  REQUIRE(ParseJwtSvidResponse(good).ok());
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK(ParseJwtSvidResponse(good.substr(0, size)).error().code() == Code::kUnavailable);
  }
  CHECK_FALSE(ParseJwtSvidResponse(good + "x").ok());
  CHECK_FALSE(ParseJwtSvidResponse(good + good).ok());
  std::string compressed = good;
  compressed[0] = 1;
  CHECK_FALSE(ParseJwtSvidResponse(compressed).ok());
  CHECK_FALSE(ParseJwtSvidResponse("\0\xff\xff\xff\xff"s + good.substr(5)).ok());
}

TEST_CASE("protobuf that does not hold together is refused") {
  for (const std::string& message : {
           "\x0a"s,                                          // a length is missing
           "\x0a\x05x"s,                                     // too long
           "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,  // 2^64 - 1
           "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"s,  // more than 64 bits
           "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s,  // never ends
           "\x08\x01"s,                                      // a number for field 1
           "\x02\x00"s,                                      // field 0
           "\x0b\x0c"s,                                      // a group
           "\x0e"s,                                          // wire type 6
           "\x19"
           "1234567"s,            // 7 of 8 bytes
           Text(1, "\x12\x05x"),  // too long inside
           Text(1, "\x10\x01"),   // a number for the token
           Svid("one") + "\x0a",  // good before, bad behind
       }) {
    const auto answer = ParseJwtSvidResponse(Frame(message));
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code() == Code::kUnavailable);
  }
}

TEST_CASE("the endpoint is a socket with an absolute path") {
  CHECK(ParseEndpointSocket("unix:///run/api.sock").value() == "/run/api.sock");
  CHECK(ParseEndpointSocket("unix:/run/api.sock").value() == "/run/api.sock");
  const std::string longest = "/" + std::string(kMaxSocketPathBytes - 1, 'x');
  CHECK(ParseEndpointSocket("unix://" + longest).value() == longest);
  for (const std::string& bad : {""s, "/run/api.sock"s, "unix:api.sock"s, "unix://host/api.sock"s,
                                 "unix://"s, "unix:"s, "tcp://127.0.0.1:8000"s, "unix:///a?b"s,
                                 "unix:////a"s, "unix://" + longest + "x", "unix:///a\0b"s}) {
    CAPTURE(bad);
    const auto path = ParseEndpointSocket(bad);
    REQUIRE_FALSE(path.ok());
    CHECK(path.error().code() == Code::kUsage);
  }
}

// Answers always the same, and remembers what was asked.
class Agent : public http::Transport {
 public:
  Result<http::Response> Send(const http::Request& request, const http::Receive&,
                              const util::Cancel&) override {
    ++asked;
    seen = request;
    if (answers.empty()) return answer;
    http::Response first = answers.front();
    answers.erase(answers.begin());
    return first;
  }
  http::Response answer{.status = 200};
  std::vector<http::Response> answers = {};
  http::Request seen = {};
  int asked = 0;
};

struct Fixture : testing::TokenEffects {
  Fixture() {
    agent.answer.body = Frame(Svid("one"));
    agent.answer.trailers.Add("grpc-status", "0");
  }
  Result<std::string> Fetch() { return FetchJwtSvid("/run/api.sock", "sigstore", agent, effects); }
  // An answer without a message.
  static http::Response Status(std::string_view status, std::string_view message) {
    http::Response response{.status = 200};
    response.headers.Add("grpc-status", status);
    response.headers.Add("grpc-message", message);
    return response;
  }
  Agent agent;
};

TEST_CASE_FIXTURE(Fixture, "the agent is asked as the specification says") {
  CHECK(Fetch().value() == "one");
  CHECK(agent.seen.method == http::Method::kPost);
  CHECK(agent.seen.url.text() == "http://localhost/SpiffeWorkloadAPI/FetchJWTSVID");
  CHECK(agent.seen.headers.Get("workload.spiffe.io") == "true");
  CHECK(agent.seen.headers.Get("te") == "trailers");
  CHECK(agent.seen.headers.Get("content-type") == "application/grpc");
  CHECK(agent.seen.protocol == http::Protocol::kHttp2PriorKnowledge);
  CHECK(agent.seen.unix_socket == "/run/api.sock");
}

TEST_CASE_FIXTURE(Fixture, "an answer without a good status is none, whatever is in it") {
  agent.answer.trailers = {};
  CHECK(Fetch().error().code() == Code::kUnavailable);
  agent.answer.trailers.Add("grpc-status", "zero");
  CHECK(Fetch().error().code() == Code::kUnavailable);
  agent.answer.trailers = {};
  agent.answer.trailers.Add("grpc-status", "7");
  CHECK(Fetch().error().code() == Code::kUnauthorized);
  agent.answer.trailers = {};
  agent.answer.trailers.Add("grpc-status", "0");
  agent.answer.status = 404;
  CHECK(Fetch().error().code() == Code::kUnavailable);
}

TEST_CASE_FIXTURE(Fixture, "a refusal says what the agent said, without tokens") {
  agent.answer = Status("7", "no identity issued%0A for eyJhbG.eyJx.c2ln%");
  const Error error = Fetch().error();
  CHECK(error.code() == Code::kUnauthorized);
  CHECK(error.message() ==
        "the SPIFFE Workload API gave no token: gRPC status 7: no identity issued\\x0a for "
        "(secret)%: register this workload with the SPIFFE agent");
  agent.answer = Status("16", "");
  CHECK(Fetch().error().code() == Code::kUnauthorized);
  agent.answer = Status("13", "broken");
  CHECK(Fetch().error().code() == Code::kUnavailable);
}

TEST_CASE_FIXTURE(Fixture, "an agent that is not ready yet is asked again, but not for ever") {
  agent.answers = {Status("14", "starting"), Status("14", "starting")};
  CHECK(Fetch().value() == "one");
  CHECK(agent.asked == 3);
  agent.answer = Status("14", "starting");
  CHECK(Fetch().error().code() == Code::kUnavailable);
  CHECK(agent.asked == 6);
}

}  // namespace
}  // namespace ociship::services
