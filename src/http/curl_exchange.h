// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_HTTP_CURL_EXCHANGE_H_
#define OCISHIP_HTTP_CURL_EXCHANGE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/curl_pool.h"
#include "http/transport.h"
#include "util/bytes.h"
#include "util/clock.h"

namespace ociship::http {

// All header lines of an answer together, also those of interim answers.
inline constexpr std::size_t kMaxHeaderBytes = 256 * 1024;
// Bytes in the time of a stall that count as a move: less is a server that keeps us waiting for as
// long as it likes.
inline constexpr std::uint64_t kLeastProgress = 256;

// What happens between one request and its answer, in the words of libcurl's callbacks: pulls the
// body, collects the header, passes the content on. The callbacks give false when the exchange must
// end; Failure() says why.
class CurlExchange {
 public:
  CurlExchange(const Request& request, const Receive& receive, const util::Cancel& cancel,
               const CurlHandle& handle, std::chrono::seconds stall_timeout)
      : request_(request),
        receive_(receive),
        cancel_(cancel),
        handle_(handle),
        stall_timeout_(stall_timeout),
        last_move_(util::SteadyNow()) {}

  // Fills `buffer` from the request's body. 0 at its end, kPause when the answer should be looked
  // at before more is sent, kAbort to end the exchange.
  static constexpr std::size_t kPause = SIZE_MAX;
  static constexpr std::size_t kAbort = SIZE_MAX - 1;
  std::size_t PullBody(std::span<std::uint8_t> buffer);

  // One line of the header, with its line end.
  bool TakeHeaderLine(std::string_view line);
  // Some of the content.
  bool TakeContent(ByteView bytes);
  // Called about once a second and whenever something moved: `moved` is how many bytes of the
  // bodies did so far, in both directions. Ends what does not move for too long; the time in which
  // the body's reader or the sink made us wait does not count.
  bool Watch(std::uint64_t moved);

  // Whether the transfer has to be resumed after kPause; true once.
  bool TakePaused();

  // Why a callback ended the exchange.
  const std::optional<Error>& failure() const { return failure_; }
  // Whether there is an answer that stands even if the connection broke later: one which refuses
  // the request and whose header is complete.
  bool HasRefusal() const { return header_complete_ && response_.status >= 300; }
  // Whether the header of an answer with this status came completely.
  bool HasAnswer() const { return header_complete_; }
  Response TakeResponse() { return std::move(response_); }

 private:
  // Whether nobody wants to end it.
  bool Continue();
  bool Fail(Error error);
  bool FailAnswer(std::string_view reason);
  bool IsSuccess() const { return response_.status >= 200 && response_.status < 300; }
  bool TakeStatusLine(std::string_view line);
  Result<std::size_t> ReadBody(std::span<std::uint8_t> buffer);

  const Request& request_;
  const Receive& receive_;
  const util::Cancel& cancel_;
  const CurlHandle& handle_;
  const std::chrono::seconds stall_timeout_;
  util::SteadyTime last_move_;
  std::uint64_t moved_ = 0;  // at last_move_

  Response response_;
  std::size_t header_bytes_ = 0;
  bool header_complete_ = false;

  std::uint64_t body_bytes_ = 0;  // pulled so far
  bool paused_ = false;
  bool looked_ = false;  // the last pull gave way to the answer already
  util::Bytes held_;     // pulled but not handed out, because of a pause

  std::optional<Error> failure_;
};

}  // namespace ociship::http

#endif  // OCISHIP_HTTP_CURL_EXCHANGE_H_
