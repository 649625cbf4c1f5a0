// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_FAKE_TRANSPORT_H_
#define OCISHIP_TESTS_SUPPORT_FAKE_TRANSPORT_H_

#include <algorithm>
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "http/transport.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::testing {

// How a scripted request ends.
struct Reply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  // Instead of an answer, after `read`, or after `body` where there is one and a sink for it.
  std::optional<Error> error = {};
  // So much of the request's body is read before the end; nullopt: all of it.
  std::optional<std::size_t> read = {};
  // Never answers: only a cancel ends it.
  bool stall = false;
  util::AddressKind peer = util::AddressKind::kNameOrPublic;
};

// The error of a connection that broke.
inline Error Lost() { return Error(Code::kUnavailable, "connection lost to registry.example"); }

// What a request was.
struct Seen {
  std::string line;  // "GET manifests/1.0"
  http::Headers headers;
  std::string body;                   // as far as it was read
  std::optional<std::uint64_t> size;  // as announced
  std::optional<util::AddressKind> asker = {};
};

// A Transport that follows a script: each request must be the next one of it, and gets the reply
// that stands there. A request that is not expected gets an error and is remembered like all
// others, so compare lines() with what should have been asked. Requests are written as METHOD and
// URL; the beginning `base` is left out.
class FakeTransport : public http::Transport {
 public:
  explicit FakeTransport(std::string base) : base_(std::move(base)) {}

  FakeTransport& On(std::string line, Reply reply) {
    const std::lock_guard lock(mutex_);
    script_.emplace_back(std::move(line), std::move(reply));
    return *this;
  }

  Result<http::Response> Send(const http::Request& request, const http::Receive& receive,
                              const util::Cancel& cancel) override {
    const auto [number, reply] = Begin(request);
    TRY(ReadBody(request.body, reply, number));
    while (reply.stall && !cancel.requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    TRY(cancel.Check());
    if (reply.error) {
      if (receive.sink != nullptr) TRY(receive.sink->Write(util::AsBytes(reply.body)));
      return *reply.error;
    }
    http::Response response{.status = reply.status, .headers = {}, .body = {}, .peer = reply.peer};
    for (const auto& [name, value] : reply.headers) response.headers.Add(name, value);
    if (request.method == http::Method::kHead) return response;
    if (reply.status < 200 || reply.status >= 300) {
      response.body = reply.body.substr(0, receive.keep);
    } else if (receive.sink != nullptr) {
      // In two pieces, as connections do.
      const ByteView bytes = util::AsBytes(reply.body);
      const std::size_t half = bytes.size() / 2;
      if (half > 0) TRY(receive.sink->Write(bytes.first(half)));
      if (bytes.size() > half) TRY(receive.sink->Write(bytes.subspan(half)));
    } else {
      response.body = reply.body;
    }
    return response;
  }

  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> lines;
    for (const Seen& seen : seen_) lines.push_back(seen.line);
    return lines;
  }
  Seen seen(std::size_t number) const {
    const std::lock_guard lock(mutex_);
    return seen_.at(number);
  }
  // Whether all of the script, and nothing else, was asked for.
  bool done() const {
    const std::lock_guard lock(mutex_);
    return script_.empty() && !surprised_;
  }

 private:
  std::pair<std::size_t, Reply> Begin(const http::Request& request) {
    std::string url = request.url.text();
    if (url.starts_with(base_)) url.erase(0, base_.size());
    Seen seen{.line = util::StrCat(http::Name(request.method), " ", url),
              .headers = request.headers,
              .body = {},
              .size = request.body.size,
              .asker = request.asker};
    const std::lock_guard lock(mutex_);
    seen_.push_back(seen);
    if (script_.empty() || script_.front().first != seen.line) {
      surprised_ = true;
      return {seen_.size() - 1,
              Reply{.error = Error(Code::kFailure, "unexpected request: " + seen.line), .read = 0}};
    }
    Reply reply = std::move(script_.front().second);
    script_.pop_front();
    return {seen_.size() - 1, std::move(reply)};
  }

  Status ReadBody(const http::Body& body, const Reply& reply, std::size_t number) {
    if (body.reader == nullptr) return Ok();
    std::uint64_t left = body.size.value_or(UINT64_MAX);
    if (reply.read) left = std::min<std::uint64_t>(left, *reply.read);
    util::Bytes buffer(64 * 1024);
    while (left > 0) {
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
      const std::size_t got = TRY(body.reader->Read(std::span(buffer).first(want)));
      if (got == 0) break;
      left -= got;
      const std::lock_guard lock(mutex_);
      seen_[number].body.append(util::AsText(ByteView(buffer).first(got)));
    }
    return Ok();
  }

  const std::string base_;
  mutable std::mutex mutex_;
  std::deque<std::pair<std::string, Reply>> script_;
  std::vector<Seen> seen_;
  bool surprised_ = false;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_FAKE_TRANSPORT_H_
