// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_HTTP_LOOPBACK_LISTENER_H_
#define OCISHIP_HTTP_LOOPBACK_LISTENER_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ociship/core.h"
#include "util/file.h"

namespace ociship::http {

// The most that a browser may send before it is answered, and how many connections it may have
// open: some are opened in advance and never used.
inline constexpr std::size_t kMaxVisitBytes = 32 << 10;
inline constexpr std::size_t kMaxVisits = 16;

// A browser that waits for its page.
class Visit {
 public:
  Visit(util::Fd connection, std::string query)
      : connection_(std::move(connection)), query_(std::move(query)) {}

  // What stands behind the '?', as it was sent.
  const std::string& query() const { return query_; }
  // Shows one line of text and ends the connection. Nobody is left to be told of a failure.
  void Answer(std::string_view text);

 private:
  util::Fd connection_;
  std::string query_;
};

// Waits for the one request with which a browser comes back from a login (RFC 8252 section 7.3).
// Listens on 127.0.0.1 alone. Used by one thread.
class LoopbackListener {
 public:
  // 0: any port that is free. kUnavailable when the port is taken.
  static Result<std::unique_ptr<LoopbackListener>> Open(int port);

  int port() const { return port_; }

  // The first GET of `path`; what asks for something else is told that there is nothing. Several
  // connections are read at once, so that one which says nothing holds nobody up. kUnauthorized
  // when `limit` has passed, kInterrupted.
  Result<Visit> Await(std::string_view path, std::chrono::milliseconds limit, const Cancel& cancel);

 private:
  struct Guest {
    util::Fd connection;
    std::string text = {};
  };

  LoopbackListener(util::Fd listener, int port) : listener_(std::move(listener)), port_(port) {}

  // Waits a moment for somebody to say something.
  Status Wait();
  void Admit();
  std::optional<Visit> Receive(std::string_view path);
  enum class Reading { kMore, kWhole, kGone };
  static Reading Read(Guest& guest);

  util::Fd listener_;
  int port_;
  std::vector<Guest> guests_ = {};
};

}  // namespace ociship::http

#endif  // OCISHIP_HTTP_LOOPBACK_LISTENER_H_
