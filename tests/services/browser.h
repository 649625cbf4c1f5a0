// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SERVICES_BROWSER_H_
#define OCISHIP_TESTS_SERVICES_BROWSER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "services/oidc_issuer.h"
#include "services/oidc_login.h"
#include "tiny_server.h"
#include "util/text.h"
#include "util/url.h"

namespace ociship::testing {

using Fields = std::map<std::string, std::string>;

inline Fields ReadFields(const std::string& form) {
  const auto fields = services::ParseForm(form).value();
  return {fields.begin(), fields.end()};
}

// Sends a request line, with a header, to a port of this machine; gives the whole answer.
inline std::string Visit(int port, const std::string& request_line) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  TinyConnection connection(fd);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return "refused";
  connection.Send(request_line + "\r\nHost: localhost\r\nCookie: x\r\n\r\n");
  return connection.ReadUntil("never in an answer");
}

// A person with a browser which comes back at once, with a query that is made of the one that it
// was sent with.
class Browser : public services::Person {
 public:
  using ComeBack = std::function<std::string(const Fields& sent)>;
  explicit Browser(ComeBack come_back) : come_back_(std::move(come_back)) {}
  ~Browser() override { Join(); }

  Reach reach() const override { return Reach::kBrowser; }
  void Say(std::string_view line) override { said.append(line).append("\n"); }
  Opened Open(const std::string& url) override {
    page = util::Url::Parse(url).value();
    sent = ReadFields(page.query);
    const util::Url redirect = util::Url::Parse(sent.at("redirect_uri")).value();
    const std::string query = come_back_(sent);
    if (query.empty()) return Opened::kYes;  // and never comes back
    const int port = std::stoi(redirect.port);
    thread_ = std::thread([this, port, target = redirect.path + "?" + query] {
      answer_ = Visit(port, "GET " + target + " HTTP/1.1");
    });
    return Opened::kYes;
  }
  void Hide(std::string_view) override {}
  // What the person sees in the end.
  std::string Answer() {
    Join();
    return answer_;
  }

  std::string said;
  util::Url page;
  Fields sent;

 private:
  void Join() {
    if (thread_.joinable()) thread_.join();
  }
  const ComeBack come_back_;
  std::thread thread_;
  std::string answer_;
};

// As an issuer wants it that agrees.
inline std::string Agree(const Fields& sent) { return "code=the%20code&state=" + sent.at("state"); }

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SERVICES_BROWSER_H_
