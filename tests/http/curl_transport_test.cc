// SPDX-License-Identifier: Apache-2.0
#include "http/curl_transport.h"

#include <doctest/doctest.h>
#include <sys/un.h>
#include <temp_folder.h>
#include <tiny_server.h>
#include <tls_server.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>

#include "util/bytes.h"
#include "util/io.h"

using ociship::ByteView;
using ociship::Code;
using ociship::Error;
using ociship::Result;
using ociship::http::Method;
using ociship::http::Request;
using ociship::http::Response;
using ociship::testing::TinyConnection;
using ociship::testing::TinyServer;
using ociship::testing::TlsServer;
using ociship::util::AddressKind;
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

// A producer that makes its reader wait before every piece.
class SlowReader : public ociship::util::Reader {
 public:
  SlowReader(int pieces, std::chrono::milliseconds wait) : pieces_(pieces), wait_(wait) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
    if (pieces_-- == 0) return std::size_t{0};
    std::this_thread::sleep_for(wait_);
    buffer[0] = 'x';
    return std::size_t{1};
  }

 private:
  int pieces_;
  const std::chrono::milliseconds wait_;
};

// A proxy setting of the environment, for as long as this lives.
class Proxy {
 public:
  Proxy(const char* name, int port) : name_(name) {
    setenv(name, ("http://127.0.0.1:" + std::to_string(port)).c_str(), 1);
  }
  ~Proxy() { unsetenv(name_); }
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

 private:
  const char* const name_;
};

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

TEST_CASE("CurlTransport: it tells where the connection led") {
  TinyServer server({Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")});
  Client client;
  CHECK(client.Send(To(server, Method::kGet)).value().peer == AddressKind::kLoopback);
}

TEST_CASE("CurlTransport: who is outside may not lead inside, by name or by number") {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  for (const char* host : {"localhost", "127.0.0.1", "127.1"}) {
    CAPTURE(host);
    TinyServer server({Answer(answer), Answer(answer)});
    Client client;
    Request request = To(server, Method::kGet);
    request.url.host = host;
    for (const AddressKind asker : {AddressKind::kNameOrPublic, AddressKind::kPrivate}) {
      request.asker = asker;
      const Result<Response> refused = client.Send(request);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error().code() == Code::kFailure);
      CHECK(Has(refused.error().message(), " has an address inside the own network"));
      CHECK_FALSE(Has(refused.error().message(), "secret"));
    }
    CHECK(server.connections() == 0);
    // The same without anybody who asks, and for somebody who is there.
    request.asker.reset();
    CHECK(client.Send(request).ok());
    request.asker = AddressKind::kLoopback;
    CHECK(client.Send(request).ok());
  }
}

TEST_CASE("CurlTransport: a producer that is slower than a stall is none") {
  TinyServer server({[](TinyConnection& connection) {
    connection.ReadHeader();
    connection.ReadChunked();
    connection.Send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  }});
  Client client;
  SlowReader reader(2, std::chrono::milliseconds(1300));
  Request request = To(server, Method::kPatch);
  request.body = {&reader, std::nullopt};
  const Result<Response> response = client.Send(request);
  REQUIRE_MESSAGE(response.ok(), response.error().message());
  CHECK(response.value().status == 202);
}

TEST_CASE("CurlTransport: a consumer that is slower than a stall is none") {
  class SlowSink : public ociship::ByteSink {
   public:
    ociship::Status Write(ByteView bytes) override {
      std::this_thread::sleep_for(std::chrono::milliseconds(1300));
      taken += bytes.size();
      return ociship::Ok();
    }
    std::size_t taken = 0;
  } sink;
  TinyServer server({[](TinyConnection& connection) {
    connection.ReadHeader();
    connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    connection.Send("b");
  }});
  Client client;
  CHECK(client.Send(To(server, Method::kGet), {.sink = &sink}).ok());
  CHECK(sink.taken == 2);
}

TEST_CASE("CurlTransport: a server that sends a byte now and then is a stall") {
  TinyServer server({[](TinyConnection& connection) {
    connection.ReadHeader();
    connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 12; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
      connection.Send("x");
    }
  }});
  Client client;
  const Result<Response> response = client.Send(To(server, Method::kGet));
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kUnavailable);
  CHECK(response.error().message().starts_with("timeout: only "));
}

TEST_CASE("CurlTransport: header lines now and then do not put off a stall") {
  TinyServer server({[](TinyConnection& connection) {
    connection.ReadHeader();
    for (int i = 0; i < 12; ++i) {
      connection.Send("HTTP/1.1 102 Processing\r\n\r\n");
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
    }
  }});
  Client client;
  const Result<Response> response = client.Send(To(server, Method::kGet));
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code() == Code::kUnavailable);
}

TEST_CASE("CurlTransport: a credential with a line end is refused without being shown") {
  TinyServer server({});
  Client client;
  Request request = To(server, Method::kGet);
  request.headers.Add("Authorization", "Bearer hunter2\n");
  const Result<Response> response = client.Send(request);
  REQUIRE_FALSE(response.ok());
  CHECK_FALSE(Has(response.error().message(), "hunter2"));
}

TEST_CASE("CurlTransport: what a proxy says to CONNECT is not the answer of the server") {
  for (const char* status : {"401 Unauthorized", "407 Auth", "307 Elsewhere", "503 Busy"}) {
    CAPTURE(status);
    TinyServer proxy({Answer(std::string("HTTP/1.1 ") + status +
                             "\r\nWWW-Authenticate: Bearer realm=\"https://evil.example/\"\r\n"
                             "Location: https://evil.example/\r\nContent-Length: 2\r\n\r\nno")});
    const Proxy setting("https_proxy", proxy.port());
    Client client;
    const Result<Response> response =
        client.Send({.url = ociship::util::Url::Parse("https://registry.example/?q=x").value()});
    REQUIRE_FALSE(response.ok());
    CHECK(response.error().code() == Code::kUnavailable);
    CHECK(response.error().message() ==
          std::string("the proxy for registry.example refused: status ").append(status, 3));
  }
}

TEST_CASE("CurlTransport: behind a proxy the server answers, and nothing is known of its place") {
  const TlsServer server;
  std::string asked;
  TinyServer proxy({[&](TinyConnection& connection) {
    asked = connection.ReadHeader();
    connection.Send("HTTP/1.1 200 Connection established\r\nX-Proxy: 1\r\n\r\n");
    server.Tunnel(connection);
  }});
  const Proxy setting("https_proxy", proxy.port());
  Client client;
  client.transport = ociship::http::NewCurlTransport({.tls = {.roots_file = server.certificate()}});
  Request request{.url = ociship::util::Url::Parse("https://registry.example/").value()};
  // The person chose the proxy: it is no matter that it is nearer than who asks.
  request.asker = AddressKind::kNameOrPublic;
  request.headers.Add("Authorization", "Bearer t");
  const Result<Response> response = client.Send(request);
  REQUIRE_MESSAGE(response.ok(), response.error().message());
  CHECK(asked.starts_with("CONNECT registry.example:443 "));
  CHECK_FALSE(Has(asked, "Bearer"));
  CHECK(response.value().status == 200);
  CHECK_FALSE(response.value().headers.Get("X-Proxy").has_value());
  CHECK(response.value().headers.Get("Content-type") == "text/html");
  CHECK(response.value().peer == AddressKind::kNameOrPublic);
}

TEST_CASE("CurlTransport: TLS is verified, unless the person does not want it") {
  const TlsServer server;
  const auto get = [&](const ociship::http::TlsConfig& tls, std::string_view host) {
    Client client;
    client.transport = ociship::http::NewCurlTransport({.tls = tls});
    const std::string url =
        std::string("https://").append(host) + ":" + std::to_string(server.port()) + "/";
    return client.Send({.url = ociship::util::Url::Parse(url).value()});
  };
  CHECK(get({.roots_file = server.certificate()}, "127.0.0.1").ok());
  CHECK(get({.extra_roots_file = server.certificate()}, "127.0.0.1").ok());
  CHECK_FALSE(get({}, "127.0.0.1").ok());
  CHECK_FALSE(get({.roots_file = server.client_certificate()}, "127.0.0.1").ok());
  CHECK_FALSE(get({.roots_file = server.certificate()}, "localhost").ok());
  CHECK(get({.verify = ociship::http::TlsSettings::Verify::kNo}, "localhost").ok());
}

TEST_CASE("CurlTransport: a client certificate is shown to the own server alone") {
  const TlsServer server;
  const std::string own = "https://127.0.0.1:" + std::to_string(server.port());
  ociship::http::TlsConfig tls{.roots_file = server.certificate(),
                               .own_origin = own,
                               .certificate_file = server.client_certificate(),
                               .key_file = server.client_key()};
  const auto page = [&] {
    Client client;
    client.transport = ociship::http::NewCurlTransport({.tls = tls});
    const Result<Response> response =
        client.Send({.url = ociship::util::Url::Parse(own + "/").value()});
    REQUIRE_MESSAGE(response.ok(), response.error().message());
    return response.value().body;
  };
  CHECK(Has(page(), "Client certificate"));
  tls.own_origin = "https://127.0.0.1:1";
  CHECK(Has(page(), "no client certificate"));
}

TEST_CASE("CurlTransport: fields behind a body are trailers, and no headers") {
  TinyServer server(
      {Answer("HTTP/1.1 200 OK\r\nX-Before: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
              "2\r\nab\r\n0\r\nX-Behind: 2\r\n\r\n")});
  Client client;
  const Response response = client.Send(To(server, Method::kGet)).value();
  CHECK(response.body == "ab");
  CHECK(response.trailers.Get("x-behind") == "2");
  CHECK_FALSE(response.trailers.Get("x-before").has_value());
  CHECK(response.headers.Get("x-before") == "1");
  CHECK_FALSE(response.headers.Get("x-behind").has_value());
}

TEST_CASE("CurlTransport: a request to a socket of this machine goes there and nowhere else") {
  const ociship::testing::TempFolder folder;
  const std::string path = folder / "api.sock";
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(listener, 4) == 0);
  std::string asked;
  std::thread server([&] {
    TinyConnection connection(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    asked = connection.ReadHeader();
    connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  const Proxy setting("http_proxy", 1);
  Client client;
  Request request{.url = ociship::util::Url::Parse("http://name.example/path").value()};
  request.unix_socket = path;
  const Result<Response> response = client.Send(request);
  server.join();
  close(listener);
  REQUIRE_MESSAGE(response.ok(), response.error().message());
  CHECK(response.value().body == "ok");
  CHECK(asked.starts_with("GET /path HTTP/1.1\r\nHost: name.example\r\n"));
  request.unix_socket = folder / "none.sock";
  CHECK(client.Send(request).error().code() == Code::kUnavailable);
}

TEST_CASE("CurlTransport: a direct request goes past the proxy, and another does not") {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  TinyServer server({Answer(answer)});
  const Proxy setting("http_proxy", 1);
  Client client;
  Request request = To(server, Method::kGet);
  request.url.host = "127.1";  // not known for this machine by its text
  CHECK_FALSE(client.Send(request).ok());
  CHECK(server.connections() == 0);
  request.route = ociship::http::Route::kDirect;
  CHECK(client.Send(request).ok());
}

TEST_CASE("CurlTransport: HTTP/2 is spoken at once where that is wanted, with trailers") {
  using namespace std::string_literals;
  std::string preface;
  const auto answer = [&](TinyConnection& connection) {
    preface = connection.Read(24);
    connection.ReadUntil("question");
    // RFC 9113 section 4.1: length, type, flags, stream. SETTINGS; HEADERS with :status 200 (RFC
    // 7541 appendix A); DATA; HEADERS, the last frame, with one field in full.
    connection.Send("\0\0\0\x04\0\0\0\0\0"s);
    connection.Send("\0\0\x01\x01\x04\0\0\0\x01\x88"s);
    connection.Send("\0\0\x02\0\0\0\0\0\x01ok"s);
    connection.Send("\0\0\x0f\x01\x05\0\0\0\x01\0\x0bgrpc-status\x01"s + "0");
    connection.ReadUntil("never");
  };
  TinyServer server({answer, answer});
  Client client;
  const std::string text = "question";
  Request request = To(server, Method::kPost);
  request.protocol = ociship::http::Protocol::kHttp2PriorKnowledge;
  for (int i = 0; i < 2; ++i) {
    ociship::util::MemoryReader body(AsBytes(text));
    request.body = {.reader = &body, .size = text.size()};
    const Result<Response> response = client.Send(request);
    REQUIRE_MESSAGE(response.ok(), response.error().message());
    CHECK(response.value().status == 200);
    CHECK(response.value().body == "ok");
    CHECK(response.value().trailers.Get("grpc-status") == "0");
    CHECK_FALSE(response.value().headers.Get("grpc-status").has_value());
  }
  CHECK(preface == "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}
