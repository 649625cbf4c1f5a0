// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_TOKEN_CALL_H_
#define OCISHIP_SERVICES_TOKEN_CALL_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "http/transport.h"
#include "ociship/core.h"
#include "util/json.h"
#include "util/url.h"

// How everybody is spoken to who gives out identity tokens.
namespace ociship::services {

// The most that one of them may answer.
inline constexpr std::size_t kMaxTokenAnswerBytes = 256 << 10;

struct TokenCall {
  std::string provider;  // for messages: "GitHub Actions"
  http::Request request = {};
  std::string body = {};
  // What no message may show, though a server sends it back.
  std::vector<std::string> secrets = {};
  // The metadata server of Google's clouds has no https.
  enum class Plain { kLoopback, kLoopbackAndMetadata } plain = Plain::kLoopback;
  // What makes a token anew each time may be asked again; a code that counts once may not.
  enum class Again { kMay, kNever } again = Again::kMay;
};

// The answer, whatever its status. Tries again after what may pass, where it may; keeps to https
// but for the hosts above; follows no redirect. Each try takes a minute at most. kUnavailable when
// there is no answer, kUsage for http to another machine, kInterrupted.
Result<http::Response> AskForToken(const TokenCall& call, http::Transport& transport,
                                   const Effects& effects);

// The body of a success, as JSON; Refused() of every other answer.
Result<util::Json> ReadTokenAnswer(const TokenCall& call, const http::Response& response);

// An answer that is no success, with what the server said, without anything that is secret or looks
// like a token: kRateLimited for 429, kUnavailable for redirects and 500 and above, else
// kUnauthorized.
Error Refused(const TokenCall& call, const http::Response& response);

// What a server said, for a message: `secrets`, and everything that looks like a token, blotted
// out.
std::string WithoutSecrets(std::string_view text, const std::vector<std::string>& secrets);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_TOKEN_CALL_H_
