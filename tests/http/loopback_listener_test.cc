// SPDX-License-Identifier: Apache-2.0
#include "http/loopback_listener.h"

#include <doctest/doctest.h>
#include <tiny_server.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

using ociship::Cancel;
using ociship::Code;
using ociship::Result;
using ociship::http::kMaxVisitBytes;
using ociship::http::kMaxVisits;
using ociship::http::LoopbackListener;
using ociship::http::Visit;
using ociship::testing::TinyConnection;

namespace {

constexpr std::chrono::seconds kEnough{20};

int ConnectTo(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
  return fd;
}

struct Fixture {
  std::unique_ptr<LoopbackListener> listener = LoopbackListener::Open(0).value();
  Cancel cancel;

  std::unique_ptr<TinyConnection> Connect() {
    return std::make_unique<TinyConnection>(ConnectTo(listener->port()));
  }
  // Sends these one after the other, each on a connection of its own, and the good one at last:
  // gives what each was answered.
  std::vector<std::string> Answers(const std::vector<std::string>& requests) {
    std::vector<std::unique_ptr<TinyConnection>> connections;
    for (const std::string& request : requests) {
      connections.push_back(Connect());
      connections.back()->Send(request);
    }
    const auto last = Connect();
    last->Send("GET /auth/callback?code=good HTTP/1.1\r\n\r\n");
    Visit visit = listener->Await("/auth/callback", kEnough, cancel).value();
    CHECK(visit.query() == "code=good");
    std::vector<std::string> answers;
    for (const auto& connection : connections) answers.push_back(connection->ReadUntil("never"));
    return answers;
  }
};

TEST_CASE_FIXTURE(Fixture, "the query of the one path is given, and the browser sees the page") {
  const auto browser = Connect();
  browser->Send("GET /auth/callback?code=a%20b&state=c HTTP/1.1\r\nHost: localhost\r\n\r\n");
  Visit visit = listener->Await("/auth/callback", kEnough, cancel).value();
  CHECK(visit.query() == "code=a%20b&state=c");
  visit.Answer("You are logged in");
  const std::string answer = browser->ReadUntil("logged in\n");
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.find("Content-Length: 18\r\n") != std::string::npos);
  CHECK(answer.find("Cache-Control: no-store\r\n") != std::string::npos);
  CHECK(answer.ends_with("You are logged in\n"));
}

TEST_CASE_FIXTURE(Fixture, "what asks for something else is told that there is nothing") {
  const auto answers =
      Answers({"GET /favicon.ico HTTP/1.1\r\n\r\n", "POST /auth/callback?code=x HTTP/1.1\r\n\r\n",
               "GET /auth/callback/?code=x HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\n\n",
               "GET /auth/callback?code=x SPDY/3\r\n\r\n", "nonsense\r\n\r\n",
               "GET /auth/callback ?code=x HTTP/1.1\r\n\r\n"});
  for (const std::string& answer : answers) {
    CHECK(answer.starts_with("HTTP/1.1 404 "));
  }
}

TEST_CASE_FIXTURE(Fixture, "a path without a query is a visit too") {
  const auto browser = Connect();
  browser->Send("GET /auth/callback HTTP/1.1\r\n\r\n");
  CHECK(listener->Await("/auth/callback", kEnough, cancel).value().query().empty());
}

TEST_CASE_FIXTURE(Fixture, "a connection that says nothing, or half, or goes, holds nobody up") {
  const auto silent = Connect();
  const auto half = Connect();
  half->Send("GET /auth/callback?code=half HTTP/1.1\r\nHost:");
  Connect()->Reset();
  const auto browser = Connect();
  browser->Send("GET /auth/callback?code=good HTTP/1.1\r\n\r\n");
  CHECK(listener->Await("/auth/callback", kEnough, cancel).value().query() == "code=good");
  half->Send(" localhost\r\n\r\n");
  CHECK(listener->Await("/auth/callback", kEnough, cancel).value().query() == "code=half");
}

TEST_CASE_FIXTURE(Fixture, "more connections than a browser opens push the oldest out") {
  std::vector<std::unique_ptr<TinyConnection>> silent;
  for (std::size_t i = 0; i < kMaxVisits + 4; ++i) {
    silent.push_back(Connect());
    // Lets it in before the next comes.
    CHECK_FALSE(listener->Await("/auth/callback", std::chrono::milliseconds(1), cancel).ok());
  }
  const auto browser = Connect();
  browser->Send("GET /auth/callback?code=good HTTP/1.1\r\n\r\n");
  CHECK(listener->Await("/auth/callback", kEnough, cancel).value().query() == "code=good");
  CHECK(silent.front()->ReadUntil("x").empty());  // closed
}

TEST_CASE_FIXTURE(Fixture, "a header without an end is given up") {
  const auto flood = Connect();
  flood->Send("GET /auth/callback?code=" + std::string(kMaxVisitBytes + 1, 'x'));
  const auto browser = Connect();
  browser->Send("GET /auth/callback?code=good HTTP/1.1\r\n\r\n");
  CHECK(listener->Await("/auth/callback", kEnough, cancel).value().query() == "code=good");
  CHECK(listener->Await("/auth/callback", std::chrono::milliseconds(300), cancel).error().code() ==
        Code::kUnauthorized);
}

TEST_CASE_FIXTURE(Fixture, "a time that passes, and a cancel, end it") {
  const auto late = listener->Await("/auth/callback", std::chrono::milliseconds(1), cancel);
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().code() == Code::kUnauthorized);
  auto visit = std::async(std::launch::async,
                          [this] { return listener->Await("/auth/callback", kEnough, cancel); });
  cancel.Request();
  CHECK(visit.get().error().code() == Code::kInterrupted);
}

TEST_CASE_FIXTURE(Fixture, "a port that is taken is an error, and one that is free is had") {
  const auto again = LoopbackListener::Open(listener->port());
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().code() == Code::kUnavailable);
  const int port = listener->port();
  listener.reset();
  CHECK(LoopbackListener::Open(port).value()->port() == port);
}

}  // namespace
