// SPDX-License-Identifier: Apache-2.0
// Sends the requests of one repository (distribution-spec, "API"). Tested by client_test.cc.
#include "registry/client.h"

#include <algorithm>
#include <array>
#include <utility>

#include "http/retry.h"
#include "registry/address.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

constexpr int kMaxRedirects = 5;
constexpr std::array kRedirects = {301, 302, 303, 307, 308};

using util::StrCat;

// Docker Hub answers its API under another name.
std::string_view ApiHost(std::string_view host) {
  return host == "docker.io" ? "registry-1.docker.io" : host;
}

util::Url BaseUrl(const Repository& repository, RegistryOptions::Scheme scheme) {
  const std::string_view host = ApiHost(repository.host());
  // The colon of a port stands behind the bracket of an IPv6 address.
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  util::Url url{.host = std::string(host.substr(0, colon)),
                .port = std::string(colon == std::string_view::npos ? "" : host.substr(colon + 1)),
                .path = StrCat("/v2/", repository.path(), "/")};
  const bool plain = scheme == RegistryOptions::Scheme::kPlainHttp ||
                     util::ClassifyHost(url.host) == util::HostKind::kLoopback;
  url.scheme = plain ? "http" : "https";
  return url;
}

bool IsRedirect(const http::Response& response) {
  return std::ranges::find(kRedirects, response.status) != kRedirects.end();
}

bool TakesContent(http::Method method) {
  return method == http::Method::kPost || method == http::Method::kPut ||
         method == http::Method::kPatch;
}

bool IsRead(http::Method method) {
  return method == http::Method::kGet || method == http::Method::kHead;
}

}  // namespace

Client::Client(Repository repository, http::Transport& transport, util::Clock& clock,
               const util::Cancel& cancel, RegistryOptions options)
    : repository_(std::move(repository)),
      transport_(transport),
      clock_(clock),
      cancel_(cancel),
      options_(options),
      base_(BaseUrl(repository_, options.scheme)),
      random_(options.jitter_seed) {}

util::Url Client::Url(std::string_view rest) const {
  util::Url url = base_;
  url.path.append(rest);
  return url;
}

Result<http::Response> Client::Exchange(const Call& call, const util::Url& url, http::Body body,
                                        const util::Cancel& cancel) {
  const http::Request request{
      .method = call.method, .url = url, .headers = call.headers, .body = body};
  // A success that is too large is the fault of the content, a refusal that is too large is cut.
  util::StringSink kept(call.keep);
  ByteSink* sink = call.sink == nullptr ? &kept : call.sink;
  http::Response response =
      TRY(transport_.Send(request, {.sink = sink, .keep = kMaxErrorBytes}, cancel));
  reached_ = true;
  if (IsSuccess(response) && call.sink == nullptr) response.body = std::move(kept.text());
  return response;
}

Result<http::Response> Client::SendOnce(const Call& call, const util::Cancel& cancel) {
  util::Url url = call.url;
  for (int redirects = 0;; ++redirects) {
    util::MemoryReader reader(util::AsBytes(call.content));
    http::Body body;
    if (TakesContent(call.method) && !call.content.empty()) {
      body = {.reader = &reader, .size = call.content.size()};
    }
    http::Response response = TRY(Exchange(call, url, body, cancel));
    if (!IsRead(call.method) || !IsRedirect(response)) return response;
    const std::optional<std::string> location = response.headers.Get("Location");
    if (!location || redirects == kMaxRedirects) return response;
    url = TRY(RedirectTarget(base_, url, *location));
  }
}

Result<http::Response> Client::SendStream(const Call& call, util::Reader& body,
                                          const util::Cancel& cancel) {
  return Exchange(call, call.url, {.reader = &body, .size = std::nullopt}, cancel);
}

Result<http::Response> Client::Send(const Call& call) {
  for (int attempt = 1;; ++attempt) {
    Result<http::Response> outcome = SendOnce(call);
    const Next next = TRY(AfterTry(attempt, outcome));
    if (next == Next::kGiveUp) return outcome;
  }
}

Result<Next> Client::AfterTry(int attempt, const Result<http::Response>& outcome) {
  const bool may_pass =
      outcome.ok() ? http::MayRetry(outcome.value().status) : http::MayRetry(outcome.error());
  if (!may_pass) return Next::kGiveUp;
  return BackOff(attempt, outcome);
}

Result<Next> Client::BackOff(int attempt, const Result<http::Response>& outcome) {
  // A registry that never answered is more likely to be misspelt than to be down for a moment.
  const int most = reached_ ? options_.retries : std::min(options_.retries, 1);
  if (attempt > most) return Next::kGiveUp;
  std::optional<std::string> retry_after;
  if (outcome.ok()) retry_after = outcome.value().headers.Get("Retry-After");
  const auto delay = http::RetryDelay(attempt, retry_after, clock_.Now(), Fraction());
  if (!delay) return Next::kGiveUp;
  TRY(Wait(*delay));
  return Next::kTryAgain;
}

Status Client::Pause(int attempt) {
  const auto delay = http::RetryDelay(attempt, std::nullopt, clock_.Now(), Fraction());
  return delay ? Wait(*delay) : Ok();
}

Status Client::Wait(std::chrono::milliseconds delay) {
  clock_.Sleep(delay, cancel_);
  return cancel_.Check();
}

double Client::Fraction() {
  const std::lock_guard lock(random_mutex_);
  return std::uniform_real_distribution<double>()(random_);
}

Error Client::Refused(const Call& call, const http::Response& response) const {
  return Refusal(repository_.host(),
                 StrCat(http::Name(call.method), " ", call.what, " of ", repository_.path()),
                 response);
}

}  // namespace ociship::registry
