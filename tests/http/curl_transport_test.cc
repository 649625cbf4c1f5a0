// SPDX-License-Identifier: Apache-2.0
#include "http/curl_transport.h"

#include <doctest/doctest.h>
#include <tiny_server.h>

#include <cstdlib>
#include <future>
#include <string>

#include "util/bytes.h"

using ociship::ByteView;
using ociship::Code;
using ociship::Error;
using ociship::Result;
using ociship::http::Method;
using ociship::http::Request;
using ociship::http::Response;
using ociship::testing::TinyConnection;
using ociship::testing::TinyServer;
using ociship::util::AsBytes;

namespace {

// Says what to answer at each step, without ever ending by itself.
class EndlessReader : public ociship::util::Reader {
 public:
  explicit EndlessReader(std::function<void()> before_second) : wait_(std::move(before_second)) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
    if (++reads_ == 2) wait_();
    for (std::uint8_t& byte : buffer) byte = 'x';
    return buffer.size();
  }

 private:
  std::function<void()> wait_;
  int reads_ = 0;
};

class BrokenReader : public ociship::util::Reader {
 public:
  Result<std::size_t> Read(std::span<std::uint8_t>) override {
    return Error(Code::kBadInput, "the archive is damaged");
  }
};

struct Client {
  std::unique_ptr<ociship::http::Transport> transport =
      ociship::http::NewCurlTransport({.stall_timeout_s = 1});
  ociship::util::Cancel cancel;

  Result<Response> Send(const Request& request, ociship::http::Receive receive = {}) {
    return transport->Send(request, receive, cancel);
  }
};

Request To(const TinyServer& server, Method method, std::string_view path = "/v2/?q=secret") {
  return {.method = method, .url = ociship::util::Url::Parse(server.Url(path)).value()};
}

// Reads one request without a body and answers.
TinyServer::Handler Answer(std::string text, std::string* seen = nullptr) {
  return [text = std::move(text), seen](TinyConnection& connection) {
    const std::string header = connection.ReadHeader();
    if (seen != nullptr) *seen = header;
    connection.Send(text);
  };
}

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("CurlTransport: a GET gives status, fields and body") {
  std::string seen;
  TinyServer server(
      {Answer("HTTP/1.1 404 Not Found\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nnope", &seen)});
  Client client;
  Request request = To(server, Method::kGet, "/v2/a/../b%2F?x=1");
  request.headers.Add("Accept", "text/plain");
  const Result<Response> response = client.Send(request);
  REQUIRE(response.ok());
  CHECK(response.value().status == 404);
  CHECK(response.value().headers.Get("x-one") == "1");
  CHECK(response.value().body == "nope");
  CHECK(seen.starts_with("GET /v2/b%2F?x=1 HTTP/1.1\r\n"));
  CHECK(Has(seen, "Host: " + server.authority() + "\r\n"));
  CHECK(Has(seen, "Accept: text/plain\r\n"));
  CHECK(Has(seen, "User-Agent: ociship\r\n"));
  CHECK_FALSE(Has(seen, "Accept-Encoding"));
}

TEST_CASE("CurlTransport: a HEAD gives the fields although no body follows") {
  std::string seen;
  TinyServer server({Answer("HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n", &seen)});
  Client client;
  const Result<Response> response = client.Send(To(server, Method::kHead));
  REQUIRE(response.ok());
  CHECK(response.value().headers.Get("Content-Length") == "400");
  CHECK(seen.starts_with("HEAD "));
}

TEST_CASE("CurlTransport: a redirect is an answer and is not followed") {
  TinyServer server(
      {Answer("HTTP/1.1 307 Temporary Redirect\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")});
  Client client;
  const Result<Response> response = client.Send(To(server, Method::kGet));
  REQUIRE(response.ok());
  CHECK(response.value().status == 307);
  CHECK(server.connections() == 1);
}

TEST_CASE("CurlTransport: a compressed body is not decoded") {
  TinyServer server(
      {Answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nraw")});
  Client client;
  const Result<Response> response = client.Send(To(server, Method::kGet));
  REQUIRE(response.ok());
  CHECK(response.value().body == "raw");
}

TEST_CASE("CurlTransport: POST, PUT and PATCH without a body say Content-Length: 0") {
  for (const Method method : {Method::kPost, Method::kPut, Method::kPatch}) {
    std::string seen;
    TinyServer server({Answer("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", &seen)});
    Client client;
    const Result<Response> response = client.Send(To(server, method));
    REQUIRE(response.ok());
    CHECK(seen.starts_with(std::string(Name(method)) + " "));
    CHECK(Has(seen, "Content-Length: 0\r\n"));
    CHECK_FALSE(Has(seen, "Transfer-Encoding"));
    CHECK_FALSE(Has(seen, "Expect"));
    CHECK_FALSE(Has(seen, "Content-Type"));
  }
}

TEST_CASE("CurlTransport: a DELETE has neither body nor length") {
  std::string seen;
  TinyServer server({Answer("HTTP/1.1 204 No Content\r\n\r\n", &seen)});
  Client client;
  REQUIRE(client.Send(To(server, Method::kDelete)).ok());
  CHECK(seen.starts_with("DELETE "));
  CHECK_FALSE(Has(seen, "Transfer-Encoding"));
}

TEST_CASE("CurlTransport: a body of known size is sent with its length") {
  std::string header;
  std::string body;
  TinyServer server({[&](TinyConnection& connection) {
    header = connection.ReadHeader();
    body = connection.Read(5);
    connection.Send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  }});
  Client client;
  ociship::util::MemoryReader reader(AsBytes("hello and more"));
  Request request = To(server, Method::kPut);
  request.headers.Add("Content-Type", "application/json");
  request.body = {&reader, 5};
  const Result<Response> response = client.Send(request);
  REQUIRE(response.ok());
  CHECK(response.value().status == 201);
  CHECK(Has(header, "Content-Length: 5\r\n"));
  CHECK(Has(header, "Content-Type: application/json\r\n"));
  CHECK(body == "hello");
}

TEST_CASE("CurlTransport: a body of unknown size is streamed in chunks") {
  std::string header;
  std::string body;
  TinyServer server({[&](TinyConnection& connection) {
    header = connection.ReadHeader();
    body = connection.ReadChunked();
    connection.Send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  }});
  Client client;
  const std::string content(3'000'000, 'z');
  ociship::util::MemoryReader reader(AsBytes(content));
  Request request = To(server, Method::kPatch);
  request.body = {&reader, std::nullopt};
  const Result<Response> response = client.Send(request);
  REQUIRE(response.ok());
  CHECK(response.value().status == 202);
  CHECK(header.starts_with("PATCH "));
  CHECK(Has(header, "Transfer-Encoding: chunked\r\n"));
  CHECK_FALSE(Has(header, "Content-Length"));
  CHECK_FALSE(Has(header, "Expect"));
  CHECK(body == content);
}

TEST_CASE("CurlTransport: two requests one after the other share a connection") {
  TinyServer server({[](TinyConnection& connection) {
    for (int i = 0; i < 2; ++i) {
      connection.ReadHeader();
      connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    }
  }});
  Client client;
  REQUIRE(client.Send(To(server, Method::kGet)).ok());
  REQUIRE(client.Send(To(server, Method::kHead)).ok());
  CHECK(server.connections() == 1);
}

TEST_CASE("CurlTransport: nothing of one request is left in the next") {
  std::string second;
  TinyServer server({[&](TinyConnection& connection) {
    connection.ReadHeader();
    connection.ReadChunked();
    connection.Send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    second = connection.ReadHeader();
    connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  }});
  Client client;
  ociship::util::MemoryReader reader(AsBytes("abc"));
  Request request = To(server, Method::kPatch);
  request.headers.Add("X-Secret", "1");
  request.body = {&reader, std::nullopt};
  REQUIRE(client.Send(request).ok());
  REQUIRE(client.Send(To(server, Method::kGet)).ok());
  CHECK(second.starts_with("GET "));
  CHECK_FALSE(Has(second, "X-Secret"));
  CHECK_FALSE(Has(second, "Transfer-Encoding"));
}

TEST_CASE("CurlTransport: a body of a success is pushed into the sink") {
  TinyServer server({Answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlayer")});
  Client client;
  ociship::util::StringSink sink(10);
  const Result<Response> response = client.Send(To(server, Method::kGet), {.sink = &sink});
  REQUIRE(response.ok());
  CHECK(sink.text() == "layer");
}

TEST_CASE("CurlTransport: the error of a sink is the error of Send") {
  TinyServer server({Answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlayer")});
  Client client;
  ociship::util::StringSink sink(2);
  const Result<Response> response = client.Send(To(server, Method::kGet), {.sink = &sink});
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kBadInput);
}

TEST_CASE("CurlTransport: the error of a body's reader is the error of Send") {
  TinyServer server({Answer("")});
  Client client;
  BrokenReader reader;
  Request request = To(server, Method::kPatch);
  request.body = {&reader, std::nullopt};
  const Result<Response> response = client.Send(request);
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().message() == "the archive is damaged");
}

TEST_CASE("CurlTransport: an answer that comes while the body is sent is given, not a send error") {
  std::promise<void> closed;
  TinyServer server({[&](TinyConnection& connection) {
    connection.ReadHeader();
    connection.Send(
        "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n"
        "Content-Length: 3\r\n\r\nbig");
    connection.Reset();
    closed.set_value();
  }});
  Client client;
  EndlessReader reader([&] { closed.get_future().wait(); });
  Request request = To(server, Method::kPatch);
  request.body = {&reader, std::nullopt};
  const Result<Response> response = client.Send(request);
  REQUIRE(response.ok());
  CHECK(response.value().status == 413);
  CHECK(response.value().body == "big");
}

TEST_CASE("CurlTransport: an early answer of a server that reads no further ends the sending") {
  TinyServer server({[](TinyConnection& connection) {
    connection.ReadHeader();
    connection.Send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    connection.ReadUntil("never there");  // until the client closes
  }});
  Client client;
  EndlessReader reader([] {});
  Request request = To(server, Method::kPut);
  request.body = {&reader, 1'000'000'000'000};
  const Result<Response> response = client.Send(request);
  REQUIRE(response.ok());
  CHECK(response.value().status == 401);
}

TEST_CASE("CurlTransport: after an early answer the next request has a connection of its own") {
  TinyServer server({[](TinyConnection& connection) {
                       connection.ReadHeader();
                       connection.Send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
                       connection.ReadUntil("never there");
                     },
                     Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")});
  Client client;
  EndlessReader reader([] {});
  Request request = To(server, Method::kPatch);
  request.body = {&reader, std::nullopt};
  REQUIRE(client.Send(request).ok());
  const Result<Response> next = client.Send(To(server, Method::kGet));
  REQUIRE(next.ok());
  CHECK(next.value().status == 200);
}

TEST_CASE("CurlTransport: a connection that breaks while the body is sent is an error") {
  std::promise<void> closed;
  TinyServer server({[&](TinyConnection& connection) {
    connection.ReadHeader();
    connection.Reset();
    closed.set_value();
  }});
  Client client;
  EndlessReader reader([&] { closed.get_future().wait(); });
  Request request = To(server, Method::kPatch);
  request.body = {&reader, std::nullopt};
  const Result<Response> response = client.Send(request);
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kUnavailable);
  CHECK(response.error().message() == "connection lost to " + server.authority());
}

TEST_CASE("CurlTransport: a connection that breaks inside a body of a success is an error") {
  TinyServer server({Answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nla")});
  Client client;
  ociship::util::StringSink sink(10);
  const Result<Response> response = client.Send(To(server, Method::kGet), {.sink = &sink});
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().message() == "connection lost to " + server.authority());
}

TEST_CASE("CurlTransport: a connection that breaks inside a refusal gives the refusal") {
  TinyServer server({Answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 500\r\n\r\nno")});
  Client client;
  const Result<Response> response = client.Send(To(server, Method::kGet));
  REQUIRE(response.ok());
  CHECK(response.value().status == 403);
  CHECK(response.value().body == "no");
}

TEST_CASE("CurlTransport: an answer that is no HTTP is an error") {
  TinyServer server({Answer("SSH-2.0-OpenSSH_9.2\r\n")});
  Client client;
  const Result<Response> response = client.Send(To(server, Method::kGet));
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kUnavailable);
  CHECK(response.error().message().starts_with("the answer of " + server.authority()));
}

TEST_CASE("CurlTransport: no server gives a sentence with host and port and without the query") {
  std::string authority;
  Request request;
  {
    const TinyServer gone({});
    authority = gone.authority();
    request = To(gone, Method::kGet);
  }
  Client client;
  const Result<Response> response = client.Send(request);
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kUnavailable);
  CHECK(response.error().message() == "cannot connect to " + authority + ": connection refused");
}

TEST_CASE("CurlTransport: a server that falls silent gives a timeout") {
  TinyServer server({[](TinyConnection& connection) { connection.ReadUntil("never there"); }});
  Client client;
  const Result<Response> response = client.Send(To(server, Method::kGet));
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kUnavailable);
  CHECK(response.error().message() ==
        "timeout: not one byte to or from " + server.authority() + " in 1 s");
}

TEST_CASE("CurlTransport: a cancel before the request sends nothing") {
  TinyServer server({});
  Client client;
  client.cancel.Request();
  const Result<Response> response = client.Send(To(server, Method::kGet));
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kInterrupted);
  CHECK(server.connections() == 0);
}

TEST_CASE("CurlTransport: a cancel while the answer is awaited ends the request") {
  Client client;
  client.transport = ociship::http::NewCurlTransport({});
  TinyServer server({[&](TinyConnection& connection) {
    connection.ReadHeader();
    client.cancel.Request();
    connection.ReadUntil("never there");
  }});
  const Result<Response> response = client.Send(To(server, Method::kGet));
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kInterrupted);
}

TEST_CASE("CurlTransport: a cancel while a body is sent ends the request") {
  Client client;
  TinyServer server({[&](TinyConnection& connection) {
    connection.ReadHeader();
    connection.ReadUntil("never there");
  }});
  EndlessReader reader([&] { client.cancel.Request(); });
  Request request = To(server, Method::kPatch);
  request.body = {&reader, std::nullopt};
  const Result<Response> response = client.Send(request);
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kInterrupted);
}

TEST_CASE("CurlTransport: a header value with a line end is refused") {
  TinyServer server({});
  Client client;
  Request request = To(server, Method::kGet);
  request.headers.Add("Content-Type", "text/plain\r\nAuthorization: Basic eA==");
  const Result<Response> response = client.Send(request);
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kBadInput);
  CHECK(server.connections() == 0);
}

TEST_CASE("CurlTransport: a proxy of the environment is not used for a loopback address") {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  TinyServer server({Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")});
  Client client;
  const Result<Response> response = client.Send(To(server, Method::kGet));
  unsetenv("http_proxy");
  REQUIRE(response.ok());
  CHECK(response.value().status == 200);
}
