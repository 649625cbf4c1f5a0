// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SERVICES_ANSWERING_TRANSPORT_H_
#define OCISHIP_TESTS_SERVICES_ANSWERING_TRANSPORT_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fake_transport.h"
#include "http/transport.h"
#include "util/io.h"
#include "util/try.h"

namespace ociship::testing {

// A Transport behind which somebody reads the request before he answers. For one thread.
class AnsweringTransport : public http::Transport {
 public:
  using Answer = std::function<Reply(const Seen&)>;
  explicit AnsweringTransport(Answer answer) : answer_(std::move(answer)) {}

  Result<http::Response> Send(const http::Request& request, const http::Receive& receive,
                              const util::Cancel& cancel) override {
    TRY(cancel.Check());
    Seen seen{.line = util::StrCat(http::Name(request.method), " ", request.url.text()),
              .headers = request.headers,
              .body = {},
              .size = request.body.size};
    if (request.body.reader != nullptr) {
      seen.body = TRY(util::ReadAll(*request.body.reader, std::size_t{1} << 20, "request"));
    }
    seen_.push_back(seen);
    const Reply reply = answer_(seen);
    if (reply.error) return *reply.error;
    http::Response response{.status = reply.status, .headers = {}, .body = {}, .peer = reply.peer};
    for (const auto& [name, value] : reply.headers) response.headers.Add(name, value);
    if (reply.status < 300 && receive.sink != nullptr) {
      TRY(receive.sink->Write(util::AsBytes(reply.body)));
    } else {
      response.body = reply.body.substr(0, receive.keep);
    }
    return response;
  }

  const std::vector<Seen>& seen() const { return seen_; }
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const Seen& seen : seen_) lines.push_back(seen.line);
    return lines;
  }

 private:
  Answer answer_;
  std::vector<Seen> seen_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SERVICES_ANSWERING_TRANSPORT_H_
