// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_TLS_SERVER_H_
#define OCISHIP_TESTS_SUPPORT_TLS_SERVER_H_

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <temp_folder.h>
#include <tiny_server.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ociship::testing {

// "openssl s_server" on a free loopback port, with a certificate of its own for registry.example
// and 127.0.0.1. It answers every GET with a page that says what it knows of the connection, also
// whether there was a client certificate.
class TlsServer {
 public:
  TlsServer() {
    Make("server", "/CN=registry.example", "subjectAltName=DNS:registry.example,IP:127.0.0.1");
    Make("client", "/CN=bob", "subjectAltName=DNS:bob");
    Start({"openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate(), "-key",
           folder_ / "server.key", "-verify", "1", "-www"});
    for (std::string line; port_ == 0;) {
      char c = 0;
      if (read(output_, &c, 1) != 1) std::abort();
      if (c == '\n') line.clear();
      if (c != '\n') line.push_back(c);
      if (c == '\n' || !line.starts_with("ACCEPT 127.0.0.1:")) continue;
      while (read(output_, &c, 1) == 1 && c != '\n') line.push_back(c);
      port_ = std::atoi(line.c_str() + std::string_view("ACCEPT 127.0.0.1:").size());
    }
  }
  ~TlsServer() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    close(output_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  int port() const { return port_; }
  std::string certificate() const { return folder_ / "server.crt"; }
  std::string client_certificate() const { return folder_ / "client.crt"; }
  std::string client_key() const { return folder_ / "client.key"; }

  // Connects this connection, a request for a tunnel that was answered, with the server.
  void Tunnel(const TinyConnection& connection) const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
    const std::vector<std::pair<int, int>> ways = {{connection.fd(), fd}, {fd, connection.fd()}};
    for (bool open = true; open;) {
      pollfd ends[] = {{connection.fd(), POLLIN, 0}, {fd, POLLIN, 0}};
      open = poll(ends, 2, 20'000) > 0;
      for (std::size_t i = 0; i < 2 && open; ++i) {
        char buffer[16384];
        if (ends[i].revents == 0) continue;
        const ssize_t got = recv(ways[i].first, buffer, sizeof buffer, 0);
        open = got > 0 &&
               send(ways[i].second, buffer, static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
      }
    }
    close(fd);
  }

 private:
  void Make(const std::string& name, const std::string& subject, const std::string& extension) {
    Start({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
           "-nodes", "-days", "2", "-subj", subject, "-addext", extension, "-keyout",
           folder_ / (name + ".key"), "-out", folder_ / (name + ".crt")});
    int status = 0;
    if (waitpid(process_, &status, 0) != process_ || status != 0) std::abort();
    close(output_);
  }
  void Start(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    process_ = fork();
    if (process_ == 0) {
      dup2(open("/dev/null", O_RDWR), 0);
      dup2(0, 2);
      dup2(ends[1], 1);
      execvp(arguments[0], arguments.data());
      _exit(127);
    }
    close(ends[1]);
    output_ = ends[0];
  }

  TempFolder folder_;
  pid_t process_ = -1;
  int output_ = -1;
  int port_ = 0;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_TLS_SERVER_H_
