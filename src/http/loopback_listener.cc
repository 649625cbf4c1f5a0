// SPDX-License-Identifier: Apache-2.0
// The redirect of a login, as a browser brings it (RFC 8252 section 7.3, RFC 9112 section 3).
// Tested by loopback_listener_test.cc.
#include "http/loopback_listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "util/clock.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::http {
namespace {

using util::StrCat;

// How long a request to cancel may go unseen.
constexpr int kSliceMs = 50;
constexpr int kBacklog = 16;

Error CannotListen(int port) {
  const int number = errno;
  return Error(Code::kUnavailable,
               StrCat("cannot listen on 127.0.0.1 port ", port,
                      " for the end of the login: ", std::generic_category().message(number)));
}

void Send(const util::Fd& connection, std::string_view status, std::string_view text) {
  const std::string body = StrCat(text, "\n");
  const std::string answer =
      StrCat("HTTP/1.1 ", status,
             "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ", body.size(),
             "\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n",
             "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n", body);
  // It is short enough for the buffer of any socket.
  static_cast<void>(send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL));
  static_cast<void>(shutdown(connection.get(), SHUT_WR));
}

// "/auth/callback?code=..." of "GET /auth/callback?code=... HTTP/1.1"; nullopt for other methods
// and versions.
std::optional<std::string_view> TargetOf(std::string_view text) {
  const std::string_view line = util::Trim(text.substr(0, text.find('\n')));
  const std::vector<std::string_view> words = util::Split(line, ' ');
  if (words.size() != 3 || words[0] != "GET" || !words[2].starts_with("HTTP/1.")) {
    return std::nullopt;
  }
  return words[1];
}

bool IsWhole(std::string_view text) {
  return text.find("\r\n\r\n") != std::string_view::npos ||
         text.find("\n\n") != std::string_view::npos;
}

}  // namespace

void Visit::Answer(std::string_view text) { Send(connection_, "200 OK", text); }

Result<std::unique_ptr<LoopbackListener>> LoopbackListener::Open(int port) {
  util::Fd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  // The last login may have ended a moment ago on the same port.
  const int reuse = 1;
  if (listener.get() < 0 ||
      setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) != 0 ||
      bind(listener.get(), generic, size) != 0 || listen(listener.get(), kBacklog) != 0 ||
      getsockname(listener.get(), generic, &size) != 0) {
    return CannotListen(port);
  }
  return std::unique_ptr<LoopbackListener>(
      new LoopbackListener(std::move(listener), ntohs(address.sin_port)));
}

Status LoopbackListener::Wait() {
  std::vector<pollfd> entries = {{listener_.get(), POLLIN, 0}};
  for (const Guest& guest : guests_) entries.push_back({guest.connection.get(), POLLIN, 0});
  if (poll(entries.data(), entries.size(), kSliceMs) >= 0 || errno == EINTR) return Ok();
  return Error(Code::kFailure,
               StrCat("cannot wait for the browser: ", std::generic_category().message(errno)));
}

// Of too many the one goes that has waited longest.
void LoopbackListener::Admit() {
  for (;;) {
    util::Fd connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (connection.get() < 0) return;
    if (guests_.size() >= kMaxVisits) guests_.erase(guests_.begin());
    guests_.push_back({.connection = std::move(connection)});
  }
}

// All of the header is read, since a connection that is closed before looks broken to a browser.
LoopbackListener::Reading LoopbackListener::Read(Guest& guest) {
  char buffer[4096];
  for (;;) {
    const ssize_t got = recv(guest.connection.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Reading::kMore;
    if (got <= 0) return Reading::kGone;
    guest.text.append(buffer, static_cast<std::size_t>(got));
    if (IsWhole(guest.text)) return Reading::kWhole;
    if (guest.text.size() > kMaxVisitBytes) return Reading::kGone;
  }
}

// Answers those who have asked; gives the one who asked for `path`.
std::optional<Visit> LoopbackListener::Receive(std::string_view path) {
  std::vector<Guest> guests = std::exchange(guests_, {});
  std::optional<Visit> visit;
  for (Guest& guest : guests) {
    const Reading reading = visit ? Reading::kMore : Read(guest);
    if (reading == Reading::kMore) {
      guests_.push_back(std::move(guest));
      continue;
    }
    if (reading == Reading::kGone) continue;
    const std::string_view target = TargetOf(guest.text).value_or("");
    const std::size_t mark = std::min(target.find('?'), target.size());
    if (target.substr(0, mark) == path) {
      visit.emplace(std::move(guest.connection),
                    std::string(target.substr(std::min(mark + 1, target.size()))));
    } else {
      Send(guest.connection, "404 Not Found", "There is nothing here");
    }
  }
  return visit;
}

Result<Visit> LoopbackListener::Await(std::string_view path, std::chrono::milliseconds limit,
                                      const Cancel& cancel) {
  const util::SteadyTime end = util::SteadyNow() + limit;
  while (util::SteadyNow() < end) {
    TRY(cancel.Check());
    TRY(Wait());
    Admit();
    if (std::optional<Visit> visit = Receive(path)) return std::move(*visit);
  }
  return Error(Code::kUnauthorized,
               StrCat("nobody came back from the login in ",
                      std::chrono::duration_cast<std::chrono::seconds>(limit).count(), " s"));
}

}  // namespace ociship::http
