// SPDX-License-Identifier: Apache-2.0
// Requests to the services that help to sign: repetition, pauses, refusals. Tested by
// service_call_test.cc.
#include "services/service_call.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "crypto/random.h"
#include "http/retry.h"
#include "services/deadline.h"
#include "util/bytes.h"
#include "util/io.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using std::chrono::milliseconds;
using std::chrono::sys_seconds;
using util::StrCat;

constexpr int kMaxTries = 4;
constexpr int kTooManyRequests = 429;
// Of what a server says in a refusal.
constexpr std::size_t kMaxWordsBytes = 16 << 10;
// Shorter pieces of a token are words that a message may have of its own.
constexpr std::size_t kLeastTokenPiece = 12;
constexpr std::string_view kBlank = "[token]";

bool IsSuccess(int status) { return status >= 200 && status < 300; }

Status CheckScheme(const ServiceCall& call) {
  if (call.url.scheme == "https" ||
      util::ClassifyHost(call.url.host) == util::HostKind::kLoopback) {
    return Ok();
  }
  return Error(Code::kUsage, StrCat(call.service, ": http://", call.url.HostAndPort(),
                                    " is another machine, only https is spoken with it"));
}

void BlankAll(std::string& text, std::string_view secret) {
  if (secret.size() < kLeastTokenPiece) return;
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += kBlank.size()) {
    text.replace(at, secret.size(), kBlank);
  }
}

// Whatever looks like a token: each part of one that is a JSON object begins with "eyJ", '{"' in
// base64.
void BlankStrangers(std::string& text) {
  constexpr std::string_view kTokenLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.=";
  for (std::size_t at = 0; (at = text.find("eyJ", at)) != std::string::npos;) {
    const std::size_t end = std::min(text.find_first_not_of(kTokenLetters, at), text.size());
    if (end - at < kLeastTokenPiece) {
      at = end;
      continue;
    }
    text.replace(at, end - at, kBlank);
    at += kBlank.size();
  }
}

// Servers quote what they can not read: the token, or one of its parts.
std::string Blanked(std::string text, std::string_view token) {
  BlankAll(text, token);
  BlankStrangers(text);
  for (const std::string_view part : util::Split(token, '.')) BlankAll(text, part);
  return text;
}

// What the body of a refusal says: {"code":3,"message":"..."} of grpc-gateway and Rekor, or plain
// text; a page for people says nothing.
std::string WordsOf(const http::Response& response) {
  const std::string_view body = util::Trim(response.body);
  const Result<util::Json> json =
      util::Json::Parse(body, {.bytes = kMaxWordsBytes, .depth = 16, .values = 10'000});
  if (json.ok()) {
    std::string words = json.value().TextOf("message");
    if (words.empty()) words = json.value().TextOf("error");
    return words.empty() ? json.value().text() : words;
  }
  if (body.starts_with('<') || body.starts_with('{')) return {};
  return std::string(body.substr(0, kMaxWordsBytes));
}

Error Overlong() {
  return Error(Code::kSigningService,
               StrCat("the answer has more than ", util::HumanBytes(kMaxAnswerBytes)));
}

// No answer at all. What the person or the caller did wrong keeps its code.
Error Unreached(const ServiceCall& call, Error error) {
  const Code code = error.code();
  if (code == Code::kInterrupted) return error;
  error = std::move(error).While(call.service);
  return code == Code::kUsage ? error : std::move(error).As(Code::kSigningService);
}

// 0 to 1, so that many who failed at the same moment do not come back at the same moment.
double Fraction() {
  const util::Bytes random = crypto::RandomBytes(1);
  return random[0] / 255.0;
}

// How long to wait before the next try; nullopt when there is none.
std::optional<milliseconds> DelayAfter(const Result<http::Response>& answer, int tries,
                                       sys_seconds now) {
  const bool may_pass =
      answer.ok() ? http::MayRetry(answer.value().status) : http::MayRetry(answer.error());
  if (!may_pass) return std::nullopt;
  std::optional<std::string> retry_after;
  if (answer.ok()) retry_after = answer.value().headers.Get("Retry-After");
  return http::RetryDelay(tries, retry_after, now, Fraction());
}

Error GiveUp(const ServiceCall& call, Result<http::Response> answer, int tries) {
  ServiceCall named{.service = call.service, .url = call.url, .bearer_token = call.bearer_token};
  if (tries > 1) named.service.append(StrCat(" (asked ", tries, " times)"));
  if (!answer.ok()) return Unreached(named, std::move(answer).error());
  Error refusal = Refusal(named, answer.value());
  const bool limited = answer.value().status == kTooManyRequests;
  return limited ? std::move(refusal).As(Code::kRateLimited) : refusal;
}

}  // namespace

Result<util::Url> Endpoint(std::string_view base, std::string_view path) {
  while (base.ends_with('/')) base.remove_suffix(1);
  Result<util::Url> url = util::Url::Parse(StrCat(base, path));
  if (url.ok()) return url;
  return std::move(url).error().As(Code::kUsage);
}

Error Refusal(const ServiceCall& call, const http::Response& response) {
  std::string message = StrCat(call.service, " answered ", response.status);
  const std::string words = Blanked(WordsOf(response), call.bearer_token);
  if (!words.empty()) message.append(": ").append(util::Printable(words));
  const auto location = response.headers.Get("Location");
  if (location && response.status >= 300 && response.status < 400) {
    message.append(StrCat(", it sends us to ", util::Quoted(Blanked(*location, call.bearer_token)),
                          ", which is not followed: give that URL if it is right"));
  }
  if (const auto later = response.headers.Get("Retry-After")) {
    message.append(StrCat(", it asks to come back after ", util::Quoted(*later, 40)));
  }
  return Error(Code::kSigningService, std::move(message));
}

Result<http::Response> ServiceCaller::SendOnce(const ServiceCall& call, const Cancel& cancel) {
  http::Request request{.method = call.method, .url = call.url};
  if (!call.content_type.empty()) request.headers.Add("Content-Type", call.content_type);
  if (!call.accept.empty()) request.headers.Add("Accept", call.accept);
  if (!call.bearer_token.empty()) {
    request.headers.Add("Authorization", StrCat("Bearer ", call.bearer_token));
  }
  util::MemoryReader body(util::AsBytes(call.body));
  if (!call.content_type.empty()) request.body = {.reader = &body, .size = call.body.size()};
  util::StringSink sink(kMaxAnswerBytes);
  Result<http::Response> response =
      transport_.Send(request, {.sink = &sink, .keep = kMaxAnswerBytes}, cancel);
  // The sink's own refusal: no other try would end otherwise.
  if (!response.ok() && response.error().code() == Code::kBadInput) return Overlong();
  if (response.ok() && IsSuccess(response.value().status)) {
    response.value().body = std::move(sink.text());
  }
  return response;
}

Result<http::Response> ServiceCaller::Send(const ServiceCall& call,
                                           std::initializer_list<int> also) {
  TRY(CheckScheme(call));
  TRY(effects_.cancel.Check());
  const Deadline deadline(patience_, effects_.cancel);
  std::optional<Error> last;
  Result<http::Response> answer = SendInTime(call, also, deadline.cancel(), last);
  const bool late =
      !answer.ok() && answer.error().code() == Code::kInterrupted && !effects_.cancel.requested();
  if (!late) return answer;
  MarkSilent(call.url);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(patience_).count();
  const std::string over = StrCat("gave no answer that does in ", seconds, " s");
  if (!last) return Error(Code::kSigningService, StrCat(call.service, " ", over));
  return Error(last->code(), StrCat(last->message(), "; it ", over));
}

Result<http::Response> ServiceCaller::SendInTime(const ServiceCall& call,
                                                 std::initializer_list<int> also,
                                                 const Cancel& cancel, std::optional<Error>& last) {
  for (int tries = 1;; ++tries) {
    TRY(AwaitHost(call.url.Origin(), cancel));
    Result<http::Response> answer = SendOnce(call, cancel);
    if (answer.ok()) {
      const int status = answer.value().status;
      if (IsSuccess(status) || std::ranges::find(also, status) != also.end()) return answer;
    }
    const std::optional<milliseconds> delay = DelayAfter(answer, tries, effects_.clock.Now());
    const bool limited = answer.ok() && answer.value().status == kTooManyRequests;
    // Also after the last try: the others shall leave the host alone too.
    if (delay && limited) Pause(call.url, *delay);
    const bool silent = !answer.ok() && http::MayRetry(answer.error());
    Error refusal = GiveUp(call, std::move(answer), tries);
    if (delay && tries == kMaxTries && silent) MarkSilent(call.url);
    if (!delay || tries == kMaxTries) return refusal;
    if (refusal.code() != Code::kInterrupted) last = std::move(refusal);
    if (!limited) effects_.clock.Sleep(*delay, cancel);
    // The deadline hears of the person's wish a moment later.
    TRY(effects_.cancel.Check());
    TRY(cancel.Check());
  }
}

void ServiceCaller::MarkSilent(const util::Url& url) {
  const std::lock_guard lock(mutex_);
  silent_.insert(url.Origin());
}

std::vector<sigstore::Service> ServiceCaller::ReachableFirst(
    std::vector<sigstore::Service> services) {
  const std::lock_guard lock(mutex_);
  std::stable_partition(services.begin(), services.end(), [this](const sigstore::Service& service) {
    const Result<util::Url> url = util::Url::Parse(service.url);
    return !url.ok() || !silent_.contains(url.value().Origin());
  });
  return services;
}

void ServiceCaller::Pause(const util::Url& url, milliseconds time) {
  const sys_seconds until = effects_.clock.Now() + std::chrono::ceil<std::chrono::seconds>(time);
  const std::lock_guard lock(mutex_);
  sys_seconds& known = pauses_.try_emplace(url.Origin(), until).first->second;
  known = std::max(known, until);
}

Status ServiceCaller::AwaitHost(const std::string& origin, const Cancel& cancel) {
  sys_seconds waited{};
  for (;;) {
    const sys_seconds now = effects_.clock.Now();
    sys_seconds until;
    {
      const std::lock_guard lock(mutex_);
      const auto pause = pauses_.find(origin);
      if (pause == pauses_.end()) break;
      until = pause->second;
      if (until <= now || until == waited) {
        pauses_.erase(pause);
        break;
      }
    }
    // A clock that was put back must not make it longer.
    effects_.clock.Sleep(std::min<milliseconds>(until - now, http::kLongestRetryDelay), cancel);
    TRY(effects_.cancel.Check());
    TRY(cancel.Check());
    waited = until;
  }
  TRY(effects_.cancel.Check());
  return cancel.Check();
}

Status ServiceCaller::AwaitTurn() {
  std::vector<std::string> origins;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [origin, until] : pauses_) origins.push_back(origin);
  }
  for (const std::string& origin : origins) TRY(AwaitHost(origin, effects_.cancel));
  return effects_.cancel.Check();
}

}  // namespace ociship::services
