// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SERVICES_TOKENS_H_
#define OCISHIP_TESTS_SERVICES_TOKENS_H_

#include <string>
#include <string_view>

#include "fake_clock.h"
#include "ociship/core.h"
#include "services/oidc_login.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/text.h"

namespace ociship::testing {

inline std::string Base64Url(std::string_view text) {
  std::string out = util::Base64Encode(util::AsBytes(text));
  std::erase(out, '=');
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

// A JWT with these claims, which are JSON, and a signature that nobody looks at.
inline std::string Jwt(std::string_view claims) {
  return Base64Url(R"({"alg":"RS256"})") + "." + Base64Url(claims) + "." + Base64Url("signature");
}

// The claims that a good token has, with others behind them.
inline std::string Claims(std::string_view others = "") {
  return util::StrCat(
      R"({"iss":"https://issuer.example","sub":"somebody","exp":784112077,"aud":"sigstore")",
      others, "}");
}

// One that is good for five minutes of FakeClock's.
inline std::string GoodToken() { return Jwt(Claims()); }

// A clock that stands still, nobody who cancels, and a person who writes down what is said.
struct TokenEffects {
  FakeClock clock;
  Cancel cancel;
  const Effects effects{clock, cancel};
};

class FakePerson : public services::Person {
 public:
  explicit FakePerson(Reach reach = Reach::kNobody) : reach_(reach) {}
  Reach reach() const override { return reach_; }
  void Say(std::string_view line) override { said.append(line).append("\n"); }
  Opened Open(const std::string& url) override {
    opened = url;
    return Opened::kYes;
  }
  void Hide(std::string_view secret) override { hidden.append(secret).append("\n"); }

  std::string said;
  std::string opened;
  std::string hidden;

 private:
  Reach reach_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SERVICES_TOKENS_H_
