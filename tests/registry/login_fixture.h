// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_REGISTRY_LOGIN_FIXTURE_H_
#define OCISHIP_TESTS_REGISTRY_LOGIN_FIXTURE_H_

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "fixture.h"
#include "ociship/store.h"

namespace ociship::registry {

// One credential for everybody, and how often it was asked for.
class FakeKeychain : public Keychain {
 public:
  explicit FakeKeychain(std::optional<Credential> credential = {})
      : credential_(std::move(credential)) {}
  Result<std::optional<Credential>> Find(const Repository&) override {
    ++asked;
    if (error) return *error;
    return credential_;
  }

  std::atomic<int> asked{0};
  std::optional<Error> error = {};

 private:
  const std::optional<Credential> credential_;
};

inline Credential Bob() { return {.username = "bob", .password = "hunter2+/="}; }
inline constexpr std::string_view kBobsBasic = "Basic Ym9iOmh1bnRlcjIrLz0=";

// A 401 with a challenge.
inline Reply Demand(std::string challenge) {
  return {.status = 401, .headers = {{"WWW-Authenticate", std::move(challenge)}}};
}
// A 401 that wants a token of auth.example; `more` goes into the challenge.
inline Reply DemandToken(std::string_view more = {}) {
  return Demand(
      std::string(R"(Bearer realm="https://auth.example/token",service="s")").append(more));
}
inline Reply GiveToken(std::string_view token, std::string_view more = {}) {
  return {.body = std::string(R"({"token":")").append(token).append("\"").append(more).append("}")};
}

// The request for a token with these scopes, already encoded, as the answer to DemandToken().
inline std::string AskToken(std::string_view scopes, std::string_view account = {}) {
  std::string line = "GET https://auth.example/token?service=s";
  for (const std::string_view scope : util::Split(scopes, ' ')) {
    line.append("&scope=").append(scope);
  }
  line.append("&client_id=ociship");
  if (!account.empty()) line.append("&account=").append(account);
  return line;
}
inline constexpr std::string_view kPullScope = "repository%3Aacme%2Fapp%3Apull";
inline constexpr std::string_view kPushScope = "repository%3Aacme%2Fapp%3Apull%2Cpush";

}  // namespace ociship::registry

#endif  // OCISHIP_TESTS_REGISTRY_LOGIN_FIXTURE_H_
