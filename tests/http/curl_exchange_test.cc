// SPDX-License-Identifier: Apache-2.0
#include "http/curl_exchange.h"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <string>

#include "util/bytes.h"

using ociship::Code;
using ociship::http::CurlExchange;
using ociship::util::AsBytes;

namespace {

struct Fixture {
  explicit Fixture(std::string_view text = {}) : reader(AsBytes(text)) {}

  ociship::http::CurlHandle handle;
  ociship::util::Cancel cancel;
  ociship::util::MemoryReader reader;
  ociship::http::Request request{
      .url = {.scheme = "http", .host = "registry.example", .path = "/"}};
  ociship::http::Receive receive;
  CurlExchange exchange{request, receive, cancel, handle, std::chrono::seconds(60)};

  std::string Pull(std::size_t size) {
    std::string buffer(size, '?');
    const std::size_t got =
        exchange.PullBody({reinterpret_cast<std::uint8_t*>(buffer.data()), size});
    REQUIRE(got <= size);
    return buffer.substr(0, got);
  }
  void Header(std::initializer_list<const char*> lines) {
    for (const char* line : lines) REQUIRE(exchange.TakeHeaderLine(line));
  }
};

}  // namespace

TEST_CASE("CurlExchange: no body gives the end at once") {
  Fixture fixture;
  CHECK(fixture.Pull(10).empty());
}

TEST_CASE("CurlExchange: a body is pulled to its announced size and not beyond") {
  Fixture fixture("abcdef");
  fixture.request.body = {&fixture.reader, 4};
  CHECK(fixture.Pull(3) == "abc");
  CHECK(fixture.Pull(3) == "d");
  CHECK(fixture.Pull(3).empty());
  CHECK_FALSE(fixture.exchange.failure().has_value());
}

TEST_CASE("CurlExchange: a body that ends before its announced size is an error") {
  Fixture fixture("abc");
  fixture.request.body = {&fixture.reader, 4};
  CHECK(fixture.Pull(10) == "abc");
  std::array<std::uint8_t, 8> buffer{};
  CHECK(fixture.exchange.PullBody(buffer) == CurlExchange::kAbort);
  REQUIRE(fixture.exchange.failure().has_value());
  CHECK(fixture.exchange.failure()->message() == "a request body of 4 bytes ended after 3");
}

TEST_CASE("CurlExchange: a body of unknown size is pulled to its end") {
  Fixture fixture("abc");
  fixture.request.body = {&fixture.reader, std::nullopt};
  CHECK(fixture.Pull(10) == "abc");
  CHECK(fixture.Pull(10).empty());
  CHECK_FALSE(fixture.exchange.failure().has_value());
}

TEST_CASE("CurlExchange: after a cancel nothing is pulled, taken or continued") {
  Fixture fixture("abc");
  fixture.request.body = {&fixture.reader, std::nullopt};
  fixture.cancel.Request();
  std::array<std::uint8_t, 8> buffer{};
  CHECK(fixture.exchange.PullBody(buffer) == CurlExchange::kAbort);
  CHECK_FALSE(fixture.exchange.TakeContent(AsBytes("x")));
  CHECK_FALSE(fixture.exchange.Watch(0));
  REQUIRE(fixture.exchange.failure().has_value());
  CHECK(fixture.exchange.failure()->code() == Code::kInterrupted);
}

TEST_CASE("CurlExchange: status and fields of the last answer count, interim ones do not") {
  Fixture fixture;
  fixture.Header({"HTTP/1.1 100 Continue\r\n", "Location: /interim\r\n", "\r\n"});
  CHECK_FALSE(fixture.exchange.HasAnswer());
  fixture.Header({"HTTP/1.1 202 Accepted\r\n", "location:\t /next \r\n", "Empty:\r\n", "\r\n"});
  CHECK(fixture.exchange.HasAnswer());
  CHECK_FALSE(fixture.exchange.HasRefusal());
  const auto response = fixture.exchange.TakeResponse();
  CHECK(response.status == 202);
  CHECK(response.headers.Get("Location") == "/next");
  CHECK(response.headers.Get("Empty") == "");
}

TEST_CASE("CurlExchange: bare line ends, lines without a colon and folded lines do no harm") {
  Fixture fixture;
  fixture.Header({"HTTP/1.1 429 Too Many Requests\n", "Retry-After: 3\n", " Location: /folded\n",
                  "nonsense\n", "\n"});
  CHECK(fixture.exchange.HasRefusal());
  const auto response = fixture.exchange.TakeResponse();
  CHECK(response.headers.Get("Retry-After") == "3");
  CHECK(response.headers.fields().size() == 1);
}

TEST_CASE("CurlExchange: trailer fields are not taken for header fields") {
  Fixture fixture;
  fixture.Header({"HTTP/1.1 200 OK\r\n", "\r\n", "Location: /trailer\r\n"});
  CHECK(fixture.exchange.TakeResponse().headers.fields().empty());
}

TEST_CASE("CurlExchange: a header of more than the cap is refused") {
  Fixture fixture;
  fixture.Header({"HTTP/1.1 200 OK\r\n"});
  const std::string line = "X: " + std::string(50'000, 'x') + "\r\n";
  std::size_t taken = 0;
  while (taken < 10 && fixture.exchange.TakeHeaderLine(line)) ++taken;
  CHECK(taken == 5);
  REQUIRE(fixture.exchange.failure().has_value());
  CHECK(fixture.exchange.failure()->message() ==
        "the answer of registry.example has a header of more than 256 KiB");
}

TEST_CASE("CurlExchange: an answer without a status is refused") {
  Fixture fixture;
  CHECK_FALSE(fixture.exchange.TakeHeaderLine("HTTP/1.1\r\n"));
  CHECK(fixture.exchange.failure()->code() == Code::kUnavailable);
}

TEST_CASE("CurlExchange: the content of a success goes to the sink, that of a failure is kept") {
  ociship::util::StringSink sink(100);
  Fixture success;
  success.receive.sink = &sink;
  success.Header({"HTTP/1.1 200 OK\r\n", "\r\n"});
  CHECK(success.exchange.TakeContent(AsBytes("layer")));
  CHECK(sink.text() == "layer");
  CHECK(success.exchange.TakeResponse().body.empty());

  Fixture failure;
  failure.receive.sink = &sink;
  failure.Header({"HTTP/1.1 404 Not Found\r\n", "\r\n"});
  CHECK(failure.exchange.TakeContent(AsBytes("reason")));
  CHECK(sink.text() == "layer");
  CHECK(failure.exchange.TakeResponse().body == "reason");
}

TEST_CASE("CurlExchange: the error of a sink ends the exchange and is its error") {
  ociship::util::StringSink sink(2);
  Fixture fixture;
  fixture.receive.sink = &sink;
  fixture.Header({"HTTP/1.1 200 OK\r\n", "\r\n"});
  CHECK_FALSE(fixture.exchange.TakeContent(AsBytes("abc")));
  REQUIRE(fixture.exchange.failure().has_value());
  CHECK(fixture.exchange.failure()->code() == Code::kBadInput);
}

TEST_CASE("CurlExchange: a kept success may be as large as the cap and not larger") {
  Fixture fixture;
  fixture.receive.keep = 4;
  fixture.Header({"HTTP/1.1 200 OK\r\n", "\r\n"});
  CHECK(fixture.exchange.TakeContent(AsBytes("abcd")));
  CHECK_FALSE(fixture.exchange.TakeContent(AsBytes("e")));
  REQUIRE(fixture.exchange.failure().has_value());
  CHECK(fixture.exchange.failure()->message() ==
        "the answer of registry.example is larger than 4 B");
}

TEST_CASE("CurlExchange: a kept failure is cut at the cap and stands") {
  Fixture fixture;
  fixture.receive.keep = 4;
  fixture.Header({"HTTP/1.1 500 Internal Server Error\r\n", "\r\n"});
  CHECK_FALSE(fixture.exchange.TakeContent(AsBytes("abcdef")));
  CHECK_FALSE(fixture.exchange.failure().has_value());
  CHECK(fixture.exchange.HasRefusal());
  CHECK(fixture.exchange.TakeResponse().body == "abcd");
}

TEST_CASE("CurlExchange: what does not move for the time of a stall is ended") {
  Fixture fixture;
  CurlExchange exchange(fixture.request, fixture.receive, fixture.cancel, fixture.handle,
                        std::chrono::seconds(0));
  CHECK_FALSE(exchange.Watch(0));
  REQUIRE(exchange.failure().has_value());
  CHECK(exchange.failure()->message() ==
        "timeout: not one byte to or from registry.example in 0 s");
  CHECK(exchange.failure()->code() == Code::kUnavailable);
}

TEST_CASE("CurlExchange: less than the least that counts is a stall, with or without some bytes") {
  Fixture fixture;
  CurlExchange exchange(fixture.request, fixture.receive, fixture.cancel, fixture.handle,
                        std::chrono::seconds(0));
  CHECK_FALSE(exchange.Watch(255));
  CHECK(exchange.failure()->message() ==
        "timeout: only 255 bytes to or from registry.example in 0 s");
  CHECK(fixture.exchange.Watch(255));
  CHECK(fixture.exchange.Watch(0));  // counted anew after a connection that was reused in vain
}
