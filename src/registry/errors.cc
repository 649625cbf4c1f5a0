// SPDX-License-Identifier: Apache-2.0
// What registries say when they refuse (distribution-spec, "Error Codes"). Tested by
// errors_test.cc.
#include "registry/errors.h"

#include <algorithm>
#include <array>
#include <optional>

#include "util/json.h"
#include "util/text.h"

namespace ociship::registry {
namespace {

constexpr std::size_t kMaxErrors = 20;
constexpr std::size_t kMaxCodeBytes = 60;
constexpr std::size_t kMaxMessageBytes = 300;
constexpr std::size_t kMaxIdBytes = 80;

using util::StrCat;

ServerError ParseEntry(const util::Json& entry) {
  ServerError error{.code = entry.TextOf("code"),
                    .message = entry.TextOf("message"),
                    .detail = entry.TextOf("detail")};
  if (error.code.empty()) error.code = entry.TextOf("__type");
  if (error.message.empty()) error.message = entry.TextOf("error");
  return error;
}

std::vector<ServerError> ParseJsonErrors(const util::Json& json) {
  std::vector<ServerError> errors;
  const auto add = [&errors](ServerError error) {
    if (!error.code.empty() || !error.message.empty()) errors.push_back(std::move(error));
  };
  const util::Json* list = json.FindNonNull("errors");
  if (list != nullptr && list->is_array()) {
    for (const util::Json& entry : list->elements()) {
      if (errors.size() >= kMaxErrors) break;
      add(ParseEntry(entry));
    }
  }
  if (errors.empty()) add(ParseEntry(json));
  return errors;
}

bool IsPlainText(const http::Response& response) {
  const std::string type = util::LowerAscii(response.headers.Get("Content-Type").value_or(""));
  return type.starts_with("text/plain");
}

Code CodeOf(int status) {
  if (status == 401 || status == 403) return Code::kUnauthorized;
  if (status == 404) return Code::kNotFound;
  if (status == 429) return Code::kRateLimited;
  // 408 and 499 say that the connection was the problem.
  if (status >= 500 || status == 408 || status == 425 || status == 499) return Code::kUnavailable;
  return Code::kFailure;
}

// ": CODE message", or nothing.
std::string Details(const http::Response& response) {
  const std::vector<ServerError> errors = ParseErrors(response);
  if (errors.empty()) return {};
  const ServerError& first = errors.front();
  std::string details = StrCat(": ", util::Printable(first.code, kMaxCodeBytes));
  if (!first.code.empty() && !first.message.empty()) details.append(" ");
  details.append(util::Printable(first.message, kMaxMessageBytes));
  if (first.detail.empty()) return details;
  return StrCat(details, " (", util::Printable(first.detail, kMaxMessageBytes), ")");
}

// " [request id ...]": what the people behind the registry ask for.
std::string RequestId(const http::Response& response) {
  constexpr std::array kNames = {"X-Request-Id",      "X-Github-Request-Id",
                                 "x-amzn-requestid",  "X-Ms-Correlation-Request-Id",
                                 "X-Quay-Request-Id", "X-Jfrog-Request-Id"};
  for (const char* name : kNames) {
    const std::optional<std::string> id = response.headers.Get(name);
    if (id && !id->empty()) return StrCat(" [request id ", util::Printable(*id, kMaxIdBytes), "]");
  }
  return {};
}

}  // namespace

std::vector<ServerError> ParseErrors(const http::Response& response) {
  const std::string_view body = std::string_view(response.body).substr(0, kMaxErrorBytes);
  const Result<util::Json> json = util::Json::Parse(body, {.bytes = kMaxErrorBytes, .depth = 16});
  if (json.ok()) return ParseJsonErrors(json.value());
  const std::string_view text = util::Trim(body);
  if (text.empty() || !IsPlainText(response)) return {};
  return {ServerError{.code = {}, .message = std::string(text.substr(0, kMaxMessageBytes))}};
}

bool HasCode(const http::Response& response, std::string_view code) {
  const bool prefix = code.ends_with('*');
  if (prefix) code.remove_suffix(1);
  return std::ranges::any_of(ParseErrors(response), [&](const ServerError& error) {
    return prefix ? error.code.starts_with(code) : error.code == code;
  });
}

bool RefusesHead(const http::Response& response) {
  constexpr std::array kStatuses = {400, 403, 405};
  return std::ranges::find(kStatuses, response.status) != kStatuses.end();
}

bool SaysOtherDigest(const http::Response& response) {
  if (response.status != 400) return false;
  return std::ranges::any_of(ParseErrors(response), [](const ServerError& error) {
    if (error.code == "DIGEST_INVALID") return true;
    const std::string words = util::LowerAscii(StrCat(error.message, " ", error.detail));
    return error.code == "BLOB_UPLOAD_INVALID" && words.find("digest") != std::string::npos;
  });
}

bool SaysTagIsImmutable(const http::Response& response) {
  constexpr std::array kStatuses = {400, 405, 409, 412};
  constexpr std::array<std::string_view, 4> kWords = {"immutab", "already exist", "alreadyexist",
                                                      "overwrit"};
  if (std::ranges::find(kStatuses, response.status) == kStatuses.end()) return false;
  return std::ranges::any_of(ParseErrors(response), [&](const ServerError& error) {
    const std::string text =
        util::LowerAscii(StrCat(error.code, " ", error.message, " ", error.detail));
    return std::ranges::any_of(
        kWords, [&text](std::string_view word) { return text.find(word) != std::string::npos; });
  });
}

std::string Advice(const Repository& repository, const http::Response& response) {
  const std::string_view host = repository.host();
  const auto below = [host](std::string_view domain) {
    return host == domain || host.ends_with(StrCat(".", domain));
  };
  const bool denied = response.status == 401 || response.status == 403;
  const bool is_ecr = below("amazonaws.com") && host.find(".dkr.") != std::string_view::npos;
  if (is_ecr && (response.status == 404 || HasCode(response, "NAME_UNKNOWN"))) {
    return StrCat(
        ", this registry makes no repositories by itself: aws ecr create-repository "
        "--repository-name ",
        repository.path());
  }
  if (denied && below("ghcr.io")) {
    return ", the token needs write:packages (in a workflow `permissions: packages: write`), and a "
           "package that exists must be linked to the repository whose workflow pushes";
  }
  if (denied && below("docker.io")) {
    return ", the repository must exist or be in a namespace of the user, and an access token "
           "needs "
           "write permission";
  }
  return {};
}

Error Refusal(std::string_view registry, std::string_view what, const http::Response& response,
              std::string_view who) {
  const std::string details = StrCat(Details(response), RequestId(response));
  if (response.status == 401 && who.empty()) {
    return Error(Code::kUnauthorized, StrCat(registry, " wants a login for ", what, details,
                                             ", try ociship login ", registry));
  }
  std::string message = StrCat(registry, " answered ", response.status, " to ", what,
                               who.empty() ? "" : " ", who, details);
  if (response.status == 413) {
    message.append(", the body is over a size limit of the registry or of a proxy before it");
  }
  if (const std::optional<std::string> later = response.headers.Get("Retry-After")) {
    message.append(StrCat(", it asks to come back after ", util::Quoted(*later, 40)));
  }
  return Error(CodeOf(response.status), std::move(message));
}

}  // namespace ociship::registry
