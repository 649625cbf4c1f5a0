// SPDX-License-Identifier: Apache-2.0
// Sends the requests of one repository (distribution-spec, "API"). Tested by client_test.cc.
#include "registry/client.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "util/address.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

constexpr int kMaxRedirects = 5;
// What one request may cost in logins: one for what it needs, one for a token that has ended.
constexpr int kMaxLogins = 2;
constexpr std::size_t kMaxWarningBytes = 500;
constexpr std::size_t kMaxWarnings = 8;  // distribution-spec: 4096 bytes are enough
constexpr std::array kRedirects = {301, 302, 303, 307, 308};

using util::StrCat;

bool IsPlain(const util::Url& url, RegistryOptions::Scheme scheme) {
  switch (scheme) {
    case RegistryOptions::Scheme::kAuto:
      return util::ClassifyHost(url.host) == util::HostKind::kLoopback;
    case RegistryOptions::Scheme::kPlainHttp:
      return true;
    case RegistryOptions::Scheme::kTls:
      return false;
  }
  return false;
}

util::Url BaseUrl(const Repository& repository, RegistryOptions::Scheme scheme) {
  const std::string_view host = ApiHost(repository.host());
  // The colon of a port stands behind the bracket of an IPv6 address.
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  util::Url url{.host = std::string(host.substr(0, colon)),
                .port = std::string(colon == std::string_view::npos ? "" : host.substr(colon + 1)),
                .path = StrCat("/v2/", repository.path(), "/")};
  url.scheme = IsPlain(url, scheme) ? "http" : "https";
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

Access LeastAccess(StoreOptions::Access access) {
  return access == StoreOptions::Access::kWrite ? Access::kPush : Access::kPull;
}

}  // namespace

std::string_view ApiHost(std::string_view host) {
  return host == "docker.io" ? "registry-1.docker.io" : host;
}

Client::Client(Repository repository, http::Transport& transport, util::Clock& clock,
               const util::Cancel& cancel, const RegistryOptions& options)
    : repository_(std::move(repository)),
      transport_(transport),
      options_(options),
      base_(BaseUrl(repository_, options.scheme)),
      backoff_(clock, cancel, options.observer, options.retries, options.jitter_seed),
      authenticator_(repository_, options.keychain, LeastAccess(options.access), transport,
                     backoff_),
      memory_(std::string(repository_.host()), options.cache_folder, clock) {}

util::Url Client::Url(std::string_view rest) const {
  util::Url url = base_;
  url.path.append(rest);
  return url;
}

// The farthest place counts: a name that leads inside now and then is not inside.
Asker Client::asker() const {
  const unsigned peers = peers_;
  const auto farthest =
      peers == 0 ? util::AddressKind{} : static_cast<util::AddressKind>(std::countr_zero(peers));
  return {base_, std::max(farthest, util::KindOfAddress(base_.host))};
}

// One request as it goes out.
struct Client::Attempt {
  const Call& call;
  const util::Url& url;
  http::Body body = {};
  Authenticator::Field authorization = {};
};

Result<http::Response> Client::Try(const Attempt& attempt, const util::Cancel& cancel) {
  TRY(backoff_.Admit(cancel));
  const Call& call = attempt.call;
  http::Request request{
      .method = call.method, .url = attempt.url, .headers = call.headers, .body = attempt.body};
  request.patience = call.patience;
  if (attempt.authorization) request.headers.Add("Authorization", *attempt.authorization);
  if (!IsOwn(attempt.url)) request.asker = asker().kind;
  // A success that is too large is the fault of the content, a refusal that is too large is cut.
  util::StringSink kept(call.keep);
  ByteSink* sink = call.sink == nullptr ? &kept : call.sink;
  http::Response response =
      TRY(transport_.Send(request, {.sink = sink, .keep = kMaxErrorBytes}, cancel));
  if (IsOwn(attempt.url)) {
    backoff_.Reached();
    peers_ |= 1U << static_cast<unsigned>(response.peer);
    PassWarnings(response);
  }
  if (IsSuccess(response) && call.sink == nullptr) response.body = std::move(kept.text());
  return response;
}

Result<http::Response> Client::ExchangeWithLogin(const Call& call, const util::Url& url,
                                                 const util::Cancel& cancel) {
  for (int logins = 0;; ++logins) {
    util::MemoryReader reader(util::AsBytes(call.content));
    Attempt attempt{call, url};
    if (TakesContent(call.method) && !call.content.empty()) {
      attempt.body = {.reader = &reader, .size = call.content.size()};
    }
    if (!IsOwn(url)) return Try(attempt, cancel);
    attempt.authorization = TRY(authenticator_.Authorize(call.need, asker(), cancel));
    http::Response response = TRY(Try(attempt, cancel));
    if (response.status != 401 || logins == kMaxLogins) return response;
    const Next next =
        TRY(authenticator_.Challenged(response, attempt.authorization, call.need, asker(), cancel));
    if (next == Next::kGiveUp) return response;
  }
}

Result<http::Response> Client::SendOnce(const Call& call, const util::Cancel& cancel) {
  util::Url url = call.url;
  for (int redirects = 0;; ++redirects) {
    http::Response response = TRY(ExchangeWithLogin(call, url, cancel));
    if (!IsRead(call.method) || !IsRedirect(response)) return response;
    const std::optional<std::string> location = response.headers.Get("Location");
    if (!location || redirects == kMaxRedirects) return response;
    url = TRY(RedirectTarget(asker(), url, *location));
  }
}

Result<Streamed> Client::SendStream(const Call& call, util::Reader& body,
                                    const util::Cancel& cancel) {
  Attempt attempt{call, call.url, {.reader = &body, .size = std::nullopt}};
  if (IsOwn(call.url)) {
    attempt.authorization = TRY(authenticator_.Authorize(call.need, asker(), cancel));
  }
  Streamed streamed;
  streamed.response = TRY(Try(attempt, cancel));
  if (streamed.response.status == 401 && IsOwn(call.url)) {
    streamed.login = TRY(authenticator_.Challenged(streamed.response, attempt.authorization,
                                                   call.need, asker(), cancel));
  }
  return streamed;
}

Result<http::Response> Client::Send(const Call& call) {
  for (int attempt = 1;; ++attempt) {
    Result<http::Response> outcome = SendOnce(call);
    if (!outcome.ok() && authenticator_.GaveUp()) return outcome;
    const Next next = TRY(backoff_.AfterTry(call.what, attempt, outcome));
    if (next == Next::kGiveUp) return outcome;
  }
}

// RFC 9111 section 5.5: 299 SP agent SP "text"; distribution-spec, "Warnings".
void Client::PassWarnings(const http::Response& response) {
  if (options_.observer == nullptr) return;
  for (const std::string& field : response.headers.GetAll("Warning")) {
    const std::size_t open = field.find('"');
    const std::size_t close = field.rfind('"');
    if (!field.starts_with("299 ") || open == close) continue;
    const std::string text = util::Printable(
        authenticator_.Redact(field.substr(open + 1, close - open - 1)), kMaxWarningBytes);
    const std::lock_guard lock(warnings_mutex_);
    if (warnings_.size() == kMaxWarnings || !warnings_.insert(text).second) continue;
    options_.observer->Warning(StrCat(repository_.host(), " warns: ", text));
  }
}

Error Client::Refused(const Call& call, const http::Response& response) const {
  std::string what = StrCat(http::Name(call.method), " ", call.what);
  if (call.need.access != Access::kNothing) what += StrCat(" of ", repository_.path());
  const Error refusal =
      Refusal(repository_.host(), what, authenticator_.Redact(response), authenticator_.Who());
  return Error(refusal.code(),
               StrCat(authenticator_.Redact(refusal.message()), Advice(repository_, response)));
}

}  // namespace ociship::registry
