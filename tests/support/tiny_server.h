// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_TINY_SERVER_H_
#define OCISHIP_TESTS_SUPPORT_TINY_SERVER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace ociship::testing {

// One accepted connection. Reading gives up after some seconds, so that a test that goes wrong
// fails instead of hanging.
class TinyConnection {
 public:
  explicit TinyConnection(int fd) : fd_(fd) {
    const timeval patience{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~TinyConnection() {
    if (fd_ >= 0) close(fd_);
  }
  TinyConnection(const TinyConnection&) = delete;
  TinyConnection& operator=(const TinyConnection&) = delete;

  // Everything up to and with `end`; what was there when the connection ended otherwise.
  std::string ReadUntil(std::string_view end) {
    std::size_t at = 0;
    while ((at = pending_.find(end)) == std::string::npos) {
      if (!Fill()) return std::exchange(pending_, {});
    }
    return Take(at + end.size());
  }
  std::string ReadHeader() { return ReadUntil("\r\n\r\n"); }
  // `size` bytes, or as many as come before the end.
  std::string Read(std::size_t size) {
    while (pending_.size() < size && Fill()) {
    }
    return Take(std::min(size, pending_.size()));
  }
  // A body in chunked transfer coding (RFC 9112 section 7.1), decoded; stops at a break.
  std::string ReadChunked() {
    std::string body;
    for (;;) {
      const std::string line = ReadUntil("\r\n");
      const std::size_t size = std::strtoul(line.c_str(), nullptr, 16);
      const std::string chunk = Read(size + 2);
      if (size == 0 || chunk.size() < size + 2) return body;
      body.append(chunk, 0, size);
    }
  }

  void Send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // For bytes that are passed on without a look at them.
  int fd() const { return fd_; }
  // Ends the connection with a RST instead of a FIN.
  void Reset() {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(std::exchange(fd_, -1));
  }

 private:
  bool Fill() {
    char buffer[16384];
    const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    pending_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }
  std::string Take(std::size_t size) {
    std::string text = pending_.substr(0, size);
    pending_.erase(0, size);
    return text;
  }

  int fd_;
  std::string pending_;
};

// A server on a free loopback port. The first connection is given to the first handler, and so on,
// one after the other; a connection beyond the last handler is closed at once.
class TinyServer {
 public:
  using Handler = std::function<void(TinyConnection&)>;

  explicit TinyServer(std::vector<Handler> handlers) : handlers_(std::move(handlers)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || bind(listener_, generic, size) != 0 || listen(listener_, 16) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~TinyServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  TinyServer(const TinyServer&) = delete;
  TinyServer& operator=(const TinyServer&) = delete;

  int port() const { return port_; }
  std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string Url(std::string_view path) const { return "http://" + authority().append(path); }
  // How many connections were accepted.
  int connections() const { return connections_; }

 private:
  void Serve() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      TinyConnection connection(fd);
      const auto number = static_cast<std::size_t>(connections_++);
      if (number < handlers_.size()) handlers_[number](connection);
    }
  }

  const std::vector<Handler> handlers_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_TINY_SERVER_H_
