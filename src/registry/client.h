// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_CLIENT_H_
#define OCISHIP_REGISTRY_CLIENT_H_

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "http/transport.h"
#include "ociship/core.h"
#include "ociship/reference.h"
#include "registry/errors.h"
#include "registry/registry_store.h"
#include "util/cancel.h"
#include "util/clock.h"
#include "util/url.h"

namespace ociship::registry {

// One request in the words of this room.
struct Call {
  http::Method method = http::Method::kGet;
  util::Url url;
  std::string what;  // what it is about, for messages: "manifest 1.0"
  http::Headers headers = {};
  std::string_view content = {};  // sent as the body, where the method has one
  // Where the body of a success goes; nullptr: into Response::body, at most `keep` bytes.
  ByteSink* sink = nullptr;
  std::size_t keep = kMaxErrorBytes;
};

// Whether a failed try is followed by another one.
enum class Next { kGiveUp, kTryAgain };

// The requests of one repository: URLs, headers that all have, redirects, repetition and errors.
// Every request to a registry goes through here, so this is where credentials belong, once there
// are any. Safe to use from several threads.
class Client {
 public:
  Client(Repository repository, http::Transport& transport, util::Clock& clock,
         const util::Cancel& cancel, RegistryOptions options);

  const Repository& repository() const { return repository_; }
  const util::Cancel& cancel() const { return cancel_; }
  const RegistryOptions& options() const { return options_; }

  // SCHEME://HOST/v2/NAME/ and `rest`.
  util::Url Url(std::string_view rest) const;
  // The URL that decides what is the registry itself.
  const util::Url& base() const { return base_; }

  // The answer to `call`, which must be idempotent: tried again after a broken connection or a
  // status that may pass, until there is another one or the tries are used up. Redirects of a GET
  // or HEAD are followed, at most five.
  Result<http::Response> Send(const Call& call);

  // One try.
  Result<http::Response> SendOnce(const Call& call) { return SendOnce(call, cancel_); }
  Result<http::Response> SendOnce(const Call& call, const util::Cancel& cancel);
  // One try with a body of any length that is pulled from `body`.
  Result<http::Response> SendStream(const Call& call, util::Reader& body,
                                    const util::Cancel& cancel);

  // Waits after try number `attempt` (from 1), which had `outcome`, when another one makes sense.
  // kGiveUp: it succeeded or was refused for good, or the tries are used up. kInterrupted.
  Result<Next> AfterTry(int attempt, const Result<http::Response>& outcome);
  // The same for somebody who knows better what the outcome means: that it was a failure.
  Result<Next> BackOff(int attempt, const Result<http::Response>& outcome);
  // The wait alone.
  Status Pause(int attempt);

  // The error of an answer that is no success.
  Error Refused(const Call& call, const http::Response& response) const;

 private:
  Result<http::Response> Exchange(const Call& call, const util::Url& url, http::Body body,
                                  const util::Cancel& cancel);
  Status Wait(std::chrono::milliseconds delay);
  double Fraction();

  const Repository repository_;
  http::Transport& transport_;
  util::Clock& clock_;
  const util::Cancel& cancel_;
  const RegistryOptions options_;
  const util::Url base_;
  std::atomic<bool> reached_{false};  // whether the registry ever answered
  std::mutex random_mutex_;
  std::minstd_rand random_;
};

// Whether an answer is a success (RFC 9110 section 15.3).
inline bool IsSuccess(const http::Response& response) {
  return response.status >= 200 && response.status < 300;
}

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_CLIENT_H_
