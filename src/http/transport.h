// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_HTTP_TRANSPORT_H_
#define OCISHIP_HTTP_TRANSPORT_H_

#include <cstddef>

#include "http/message.h"
#include "ociship/core.h"
#include "ociship/store.h"
#include "util/cancel.h"

namespace ociship::http {

// Where the body of an answer goes.
struct Receive {
  // A body of an answer with status 200 to 299 is pushed here as it comes; nullptr: it is kept in
  // Response::body like all others.
  ByteSink* sink = nullptr;
  // The most that Response::body may hold. More of a success is kUnavailable, more of a failure is
  // cut off.
  std::size_t keep = 64 * 1024;
};

// One HTTP exchange. Redirects are answers like any other, nothing is retried, no content is
// decoded. Safe to use from several threads at once.
class Transport {
 public:
  virtual ~Transport() = default;

  // The answer, whatever its status. An error means that there is none: kUnavailable (no
  // connection, TLS, timeout, connection lost, garbage), kInterrupted, or what the body's reader or
  // the sink returned.
  virtual Result<Response> Send(const Request& request, const Receive& receive,
                                const util::Cancel& cancel) = 0;
};

}  // namespace ociship::http

#endif  // OCISHIP_HTTP_TRANSPORT_H_
