// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_SERVICE_CALL_H_
#define OCISHIP_SERVICES_SERVICE_CALL_H_

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "http/transport.h"
#include "ociship/core.h"
#include "sigstore/signing_config.h"
#include "util/url.h"

namespace ociship::services {

// The most that any answer of a signing service may have.
inline constexpr std::size_t kMaxAnswerBytes = 4 << 20;

// How long a service may take for one call. Logs answer when an entry is in their tree, which takes
// some of them half a minute.
inline constexpr std::chrono::milliseconds kCallPatience{180'000};

// One request to a service that helps to sign.
struct ServiceCall {
  std::string service;  // for messages: "Fulcio https://fulcio.example"
  http::Method method = http::Method::kPost;
  util::Url url;
  std::string content_type = {};  // empty: there is no body
  std::string accept = {};
  std::string body = {};
  std::string bearer_token = {};  // a secret
};

// "BASE/PATH", where the URL of a service may end in a slash. kUsage when it is no URL.
Result<util::Url> Endpoint(std::string_view base, std::string_view path);

// The error of an answer that refuses: kSigningService, "SERVICE answered STATUS: what it says",
// printable, bounded and with tokens blanked. For callers that were given it by `also`.
Error Refusal(const ServiceCall& call, const http::Response& response);

// Asks services: tries again after what may pass, with back-off, Retry-After and a pause for all
// who ask the same host after a 429; keeps to https but for loopback; follows no redirect. What is
// passed by reference lives longer. Thread-safe.
class ServiceCaller {
 public:
  // `patience` is for one call with everything that is tried again.
  ServiceCaller(http::Transport& transport, const Effects& effects,
                std::chrono::milliseconds patience = kCallPatience)
      : transport_(transport), effects_(effects), patience_(patience) {}

  // The answer, with its whole body, if its status is one of 200 to 299 or of `also`.
  // kSigningService, with what the server said, for every other status, for more than
  // kMaxAnswerBytes, when nothing more is tried and when patience is over; kRateLimited after the
  // last 429; kUsage for http to another machine; kInterrupted.
  Result<http::Response> Send(const ServiceCall& call, std::initializer_list<int> also = {});

  // The same services, those last whose hosts gave no answer to the end before: nobody waits for
  // them a second time while others are there.
  std::vector<sigstore::Service> ReachableFirst(std::vector<sigstore::Service> services);

  // Waits while a host that was asked before wants to be left alone: to be done before something
  // is signed, so that a signature does not grow old in a queue.
  Status AwaitTurn();

 private:
  Result<http::Response> SendInTime(const ServiceCall& call, std::initializer_list<int> also,
                                    const Cancel& cancel, std::optional<Error>& last);
  Result<http::Response> SendOnce(const ServiceCall& call, const Cancel& cancel);
  void Pause(const util::Url& url, std::chrono::milliseconds time);
  void MarkSilent(const util::Url& url);
  Status AwaitHost(const std::string& origin, const Cancel& cancel);

  http::Transport& transport_;
  Effects effects_;
  std::chrono::milliseconds patience_;
  std::mutex mutex_;
  // By the caller's clock, by origin; in the past where nobody waits any more.
  std::map<std::string, std::chrono::sys_seconds> pauses_;
  std::set<std::string> silent_;  // origins that gave no answer
};

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_SERVICE_CALL_H_
