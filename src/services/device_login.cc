// SPDX-License-Identifier: Apache-2.0
// Login with a code that is typed in elsewhere (RFC 8628). Tested by oidc_login_test.cc.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "http/retry.h"
#include "services/oidc_login.h"
#include "services/pkce.h"
#include "util/text.h"
#include "util/try.h"
#include "util/url.h"

namespace ociship::services {
namespace {

using std::chrono::seconds;
using util::StrCat;

// What is waited between two questions, where the issuer says nothing or nothing sensible (RFC 8628
// section 3.2), and what is added when it says slow_down or can not be reached (section 3.5).
constexpr std::int64_t kUsualInterval = 5;
constexpr std::int64_t kLongestInterval = 60;
constexpr seconds kStep{5};
constexpr std::int64_t kLongestLife = 1800;
constexpr std::size_t kMaxUserCodeBytes = 64;

// What the issuer gave us to wait for.
struct Device {
  std::string device_code;  // a secret
  std::string user_code;
  std::string page;
  seconds interval{kUsualInterval};
  seconds life{kLongestLife};
};

Result<Device> ReadDevice(const util::Json& answer, const OidcClient& client) {
  Device device{.device_code = answer.TextOf("device_code"),
                .user_code = answer.TextOf("user_code"),
                .page = answer.TextOf("verification_uri")};
  // What Google calls it.
  if (device.page.empty()) device.page = answer.TextOf("verification_url");
  const Result<util::Url> page = util::Url::Parse(device.page);
  const bool is_safe =
      page.ok() && (page.value().scheme == "https" ||
                    util::ClassifyHost(page.value().host) == util::HostKind::kLoopback);
  if (device.device_code.empty() || device.user_code.empty() || !is_safe ||
      device.user_code.size() > kMaxUserCodeBytes) {
    return Error(Code::kUnavailable,
                 StrCat("the issuer ", util::Printable(client.issuer),
                        " gave no device_code, user_code and https verification_uri"));
  }
  if (const auto interval = answer.Integer("interval"); interval.ok()) {
    device.interval = seconds(std::clamp<std::int64_t>(interval.value(), 1, kLongestInterval));
  }
  if (const auto life = answer.Integer("expires_in"); life.ok()) {
    device.life = seconds(std::clamp<std::int64_t>(life.value(), 1, kLongestLife));
  }
  return device;
}

enum class Pending { kNo, kYes, kSlower };

// Whether the person has still to do his part.
Pending IsPending(const Result<http::Response>& answer) {
  if (!answer.ok()) return http::MayRetry(answer.error()) ? Pending::kSlower : Pending::kNo;
  if (http::MayRetry(answer.value().status)) return Pending::kSlower;
  if (answer.value().status < 400) return Pending::kNo;
  const Result<util::Json> json = util::Json::Parse(answer.value().body);
  const std::string error = json.ok() ? json.value().TextOf("error") : std::string();
  if (error == "authorization_pending") return Pending::kYes;
  return error == "slow_down" ? Pending::kSlower : Pending::kNo;
}

Result<IdentityToken> AwaitPerson(const OidcIssuer& issuer, const Device& device,
                                  const std::string& verifier, const Effects& effects) {
  const std::vector<std::string> hidden = {device.device_code, verifier};
  seconds interval = device.interval;
  seconds waited{0};
  while (waited < device.life) {
    effects.clock.Sleep(interval, effects.cancel);
    TRY(effects.cancel.Check());
    waited += interval;
    const Result<http::Response> answer =
        issuer.AskToken({{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
                         {"device_code", device.device_code},
                         {"code_verifier", verifier}},
                        hidden);
    const Pending pending = IsPending(answer);
    if (pending == Pending::kSlower) {
      interval = std::min(interval + kStep, seconds(kLongestInterval));
    }
    if (pending != Pending::kNo) continue;
    if (!answer.ok()) return answer.error();
    return issuer.ReadToken(answer.value(), hidden);
  }
  return Error(Code::kUnauthorized,
               StrCat("nobody entered the code at ", util::Printable(device.page), " in ",
                      device.life.count(), " s"));
}

}  // namespace

Result<IdentityToken> LogInWithDevice(const OidcClient& client, Person& person,
                                      http::Transport& transport, const Effects& effects) {
  const OidcIssuer issuer = TRY(OidcIssuer::Discover(client, transport, effects));
  const std::string verifier = RandomText();
  const util::Json answer = TRY(issuer.BeginDevice({{"scope", std::string(kOidcScope)},
                                                    {"code_challenge", CodeChallenge(verifier)},
                                                    {"code_challenge_method", "S256"}}));
  const Device device = TRY(ReadDevice(answer, client));
  person.Say(StrCat("Enter the code ", util::Printable(device.user_code),
                    " with any browser at:\n    ", util::Printable(device.page, 2000)));
  return AwaitPerson(issuer, device, verifier, effects);
}

}  // namespace ociship::services
