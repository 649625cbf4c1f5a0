// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_ERRORS_H_
#define OCISHIP_REGISTRY_ERRORS_H_

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "ociship/core.h"
#include "ociship/reference.h"

namespace ociship::registry {

// The most of the body of a refusal that is read.
inline constexpr std::size_t kMaxErrorBytes = 64 * 1024;

// One entry of {"errors":[{"code","message","detail"}]} (distribution-spec, "Error Codes").
struct ServerError {
  std::string code;
  std::string message;
  std::string detail = {};  // where it is a text
};

// What the body of a refusal says; {"message"} and {"error"} of other servers, and plain text, are
// taken too. Empty for everything else: a proxy may answer with anything.
std::vector<ServerError> ParseErrors(const http::Response& response);

// Whether one of the codes is `code`, or begins with it if it ends in '*'.
bool HasCode(const http::Response& response, std::string_view code);

// Whether the answer to a HEAD says nothing about what was asked for: some registries refuse the
// method, or answer 403 for what is not there.
bool RefusesHead(const http::Response& response);

// Whether a refusal says that a blob has another digest than the one it was closed with: the code
// DIGEST_INVALID, or the general one with words about a digest.
bool SaysOtherDigest(const http::Response& response);

// Whether a refusal says that a tag cannot be moved. There is no code for it: registries answer
// 400, 405, 409 or 412 with words of their own.
bool SaysTagIsImmutable(const http::Response& response);

// The error of an answer that is no success: "REGISTRY answered STATUS to WHAT: CODE message
// (detail)".
// `what` is method and object, as in "GET manifest 1.0 of acme/app", `who` as in `as "bob"`, empty
// for nobody.
Error Refusal(std::string_view registry, std::string_view what, const http::Response& response,
              std::string_view who = {});

// What the person can do about it, as the end of a sentence; empty where nothing is known. The
// registries of clouds answer with codes of the specification for things of their own.
std::string Advice(const Repository& repository, const http::Response& response);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_ERRORS_H_
