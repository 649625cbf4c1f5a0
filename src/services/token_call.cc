// SPDX-License-Identifier: Apache-2.0
// Requests to those who give out identity tokens: https, repetition, limits, and messages without
// secrets. Tested by token_call_test.cc.
#include "services/token_call.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "http/retry.h"
#include "services/deadline.h"
#include "util/bytes.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using util::StrCat;

constexpr int kMaxTries = 3;
// In the middle of what http::RetryDelay spreads the tries of many clients over.
constexpr double kFraction = 0.5;
constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kLongestShown = 4096;
constexpr std::string_view kBlot = "(secret)";

bool IsMetadataServer(const util::Url& url) {
  return url.host == "metadata.google.internal" || url.host == "169.254.169.254";
}

Status CheckScheme(const TokenCall& call) {
  const util::Url& url = call.request.url;
  if (url.scheme == "https" || util::ClassifyHost(url.host) == util::HostKind::kLoopback) {
    return Ok();
  }
  if (call.plain == TokenCall::Plain::kLoopbackAndMetadata && IsMetadataServer(url)) return Ok();
  return Error(Code::kUsage, StrCat("http://", url.HostAndPort(), " of ", call.provider,
                                    " is another machine: tokens are asked for over https alone"));
}

Result<http::Response> AskOnce(const TokenCall& call, http::Transport& transport,
                               const Cancel& cancel) {
  http::Request request = call.request;
  util::MemoryReader body(util::AsBytes(call.body));
  const bool has_body = request.method == http::Method::kPost;
  if (has_body) request.body = {.reader = &body, .size = call.body.size()};
  return transport.Send(request, {.keep = kMaxTokenAnswerBytes}, cancel);
}

// A deadline that has passed looks to the transport as if the person had cancelled.
Result<http::Response> AskInTime(const TokenCall& call, http::Transport& transport,
                                 const Effects& effects) {
  const Deadline deadline(kPatience, effects.cancel);
  Result<http::Response> response = AskOnce(call, transport, deadline.cancel());
  if (!response.ok() && response.error().code() == Code::kInterrupted &&
      !effects.cancel.requested()) {
    return Error(Code::kUnavailable,
                 StrCat(call.provider, " did not answer in ", kPatience.count(), " s"));
  }
  if (!response.ok()) return std::move(response).error().While(call.provider);
  if (response.value().body.size() > kMaxTokenAnswerBytes) {
    return Error(Code::kUnavailable, StrCat("the answer of ", call.provider, " is larger than ",
                                            util::HumanBytes(kMaxTokenAnswerBytes)));
  }
  return response;
}

bool IsTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '=';
}

// How much of the front of `text` is secret: one of `secrets`, or {" in base64, where every JWT
// begins.
std::size_t SecretAt(std::string_view text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (!secret.empty() && text.starts_with(secret)) return secret.size();
  }
  if (!text.starts_with("eyJ")) return 0;
  return static_cast<std::size_t>(std::ranges::find_if_not(text, IsTokenCharacter) - text.begin());
}

// The words of OAuth, of Google and of others for what went wrong; else all that was said.
std::string WordsOf(const std::string& body) {
  const Result<util::Json> json = util::Json::Parse(body);
  if (!json.ok()) return body;
  const util::Json* nested = json.value().Find("error");
  const bool is_nested = nested != nullptr && nested->is_object();
  const util::Json& said = is_nested ? *nested : json.value();
  std::string words;
  for (const char* name : {"error", "error_description", "message"}) {
    const std::string text = said.TextOf(name);
    if (!text.empty()) words += words.empty() ? text : StrCat(": ", text);
  }
  return words.empty() ? body : words;
}

Code CodeOf(int status) {
  if (status == 429) return Code::kRateLimited;
  if (status >= 400 && status < 500) return Code::kUnauthorized;
  return Code::kUnavailable;
}

}  // namespace

Result<http::Response> AskForToken(const TokenCall& call, http::Transport& transport,
                                   const Effects& effects) {
  TRY(CheckScheme(call));
  for (int tries = 1;; ++tries) {
    TRY(effects.cancel.Check());
    Result<http::Response> answer = AskInTime(call, transport, effects);
    const bool passes =
        answer.ok() ? http::MayRetry(answer.value().status) : http::MayRetry(answer.error());
    if (!passes || tries == kMaxTries || call.again == TokenCall::Again::kNever) return answer;
    const auto wait = http::RetryDelay(
        tries, answer.ok() ? answer.value().headers.Get("Retry-After") : std::nullopt,
        effects.clock.Now(), kFraction);
    if (!wait) return answer;
    effects.clock.Sleep(*wait, effects.cancel);
  }
}

std::string WithoutSecrets(std::string_view text, const std::vector<std::string>& secrets) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t secret = SecretAt(text, secrets);
    clean.append(secret > 0 ? kBlot : text.substr(0, 1));
    text.remove_prefix(std::max<std::size_t>(secret, 1));
  }
  return clean;
}

Error Refused(const TokenCall& call, const http::Response& response) {
  const std::string_view what = response.status >= 300 && response.status < 400
                                    ? " sends us elsewhere, which is not followed with a token"
                                    : "";
  const std::string words = WithoutSecrets(WordsOf(response.body), call.secrets);
  const std::string_view shown = util::Trim(std::string_view(words).substr(0, kLongestShown));
  return Error(CodeOf(response.status),
               StrCat(call.provider, " gave no token: ", call.request.url.HostAndPort(), " says ",
                      response.status, what, shown.empty() ? "" : ": ", util::Printable(shown)));
}

Result<util::Json> ReadTokenAnswer(const TokenCall& call, const http::Response& response) {
  if (response.status < 200 || response.status >= 300) return Refused(call, response);
  Result<util::Json> json = util::Json::Parse(response.body, {.bytes = kMaxTokenAnswerBytes});
  if (json.ok() && json.value().is_object()) return json;
  // What JSON's reader says may quote a token.
  return Error(Code::kUnavailable, StrCat("the answer of ", call.provider, " is no JSON object"));
}

}  // namespace ociship::services
