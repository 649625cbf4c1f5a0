// SPDX-License-Identifier: Apache-2.0
// GET of small files: redirects, repetition, limits. Tested by fetch_test.cc.
#include "services/fetch.h"

#include <algorithm>
#include <array>
#include <utility>

#include "http/retry.h"
#include "util/address.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using util::StrCat;

constexpr int kMaxRedirects = 5;
constexpr int kMaxTries = 3;
// In the middle of what http::RetryDelay spreads the tries of many clients over.
constexpr double kFraction = 0.5;
// Between GetOnce and Get: no other try would end otherwise. To others it is kUnavailable, as what
// a gateway does that wants a login first.
constexpr Code kRefusedRedirect = Code::kFailure;
constexpr std::array kRedirects = {301, 302, 303, 307, 308};

Status CheckScheme(const util::Url& url) {
  if (url.scheme == "https" || util::ClassifyHost(url.host) == util::HostKind::kLoopback) {
    return Ok();
  }
  return Error(Code::kUsage, StrCat("http://", url.HostAndPort(),
                                    " is another machine: only https is spoken with it"));
}

// A redirect never leads from https to http, nor into our network from outside of it.
Result<util::Url> Redirected(const util::Url& first, const util::Url& from,
                             std::string_view location) {
  Result<util::Url> target = from.Resolve(location);
  const bool follow =
      target.ok() && (from.scheme != "https" || target.value().scheme == "https") &&
      CheckScheme(target.value()).ok() &&
      util::MayLeadTo(util::KindOfAddress(first.host), util::KindOfAddress(target.value().host));
  if (follow) return target;
  return Error(kRefusedRedirect, StrCat(from.HostAndPort(), " sends us to ", util::Quoted(location),
                                        ", which is not followed"));
}

bool IsSuccess(const http::Response& response) {
  return response.status >= 200 && response.status < 300;
}

}  // namespace

Result<http::Response> Fetcher::GetOnce(util::Url url, std::size_t max_bytes) {
  const util::Url first = url;
  for (int redirects = 0;; ++redirects) {
    http::Request request{.method = http::Method::kGet, .url = url};
    if (url.Origin() != first.Origin()) request.asker = util::KindOfAddress(first.host);
    util::StringSink body(max_bytes);
    http::Response response = TRY(transport_.Send(request, {.sink = &body}, effects_.cancel));
    server_ = Server::kAnswered;
    const auto location = response.headers.Get("Location");
    const bool redirect = std::ranges::find(kRedirects, response.status) != kRedirects.end();
    if (!redirect || !location || redirects == kMaxRedirects) {
      if (IsSuccess(response)) response.body = std::move(body.text());
      return response;
    }
    url = TRY(Redirected(first, url, *location));
  }
}

Result<std::optional<std::string>> Fetcher::Get(const util::Url& url, std::size_t max_bytes) {
  TRY(CheckScheme(url));
  for (int tries = 1;; ++tries) {
    Result<http::Response> answer = GetOnce(url, max_bytes);
    if (answer.ok() && IsSuccess(answer.value())) {
      return std::optional<std::string>(std::move(answer.value().body));
    }
    const int status = answer.ok() ? answer.value().status : 0;
    if (status == 403 || status == 404) return std::optional<std::string>();
    const bool again = answer.ok() ? http::MayRetry(status)
                                   // A server that never answered is more likely out of reach.
                                   : server_ == Server::kAnswered && http::MayRetry(answer.error());
    const auto wait = http::RetryDelay(
        tries, answer.ok() ? answer.value().headers.Get("Retry-After") : std::nullopt,
        effects_.clock.Now(), kFraction);
    if (!again || !wait || tries == kMaxTries) {
      if (!answer.ok() && answer.error().code() == kRefusedRedirect) {
        return std::move(answer).error().As(Code::kUnavailable);
      }
      if (!answer.ok()) return std::move(answer).error();
      return Error(Code::kUnavailable, StrCat("GET ", url.text(), ": the server says ", status));
    }
    effects_.clock.Sleep(*wait, effects_.cancel);
    TRY(effects_.cancel.Check());
  }
}

}  // namespace ociship::services
