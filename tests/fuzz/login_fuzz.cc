// SPDX-License-Identifier: Apache-2.0
// What a registry and its token server say about a login: challenges, tokens, how long to wait; and
// the file of what was learnt of a registry. Whatever they say, a credential goes to https outside
// the own network, in a request without control characters, and only a few times. Run by
// scripts/fuzz.
#include <fake_clock.h>
#include <temp_folder.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "fuzz.h"
#include "http/message.h"
#include "http/retry.h"
#include "ociship/reference.h"
#include "registry/authenticator.h"
#include "registry/challenge.h"
#include "registry/host_facts.h"
#include "registry/link.h"
#include "registry/token.h"
#include "util/text.h"

namespace ociship::fuzz {
namespace {

using registry::Next;

constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(784111777)};

class Bob : public Keychain {
 public:
  explicit Bob(std::string_view identity_token) : identity_token_(identity_token) {}
  Result<std::optional<Credential>> Find(const Repository&) override {
    return std::optional<Credential>(
        Credential{.username = "bob", .password = "hunter2!", .identity_token = identity_token_});
  }

 private:
  const std::string identity_token_;
};

// Answers everything with the same body.
class TokenServer : public http::Transport {
 public:
  TokenServer(int status, std::string_view body) : status_(status), body_(body) {}

  Result<http::Response> Send(const http::Request& request, const http::Receive& receive,
                              const util::Cancel&) override {
    Require(++requests <= 20);
    CheckRequest(request);
    http::Response response{.status = status_};
    if (status_ != 200) response.body = body_;
    if (status_ == 200 && receive.sink != nullptr) {
      const Status written = receive.sink->Write(util::AsBytes(body_));
      if (!written.ok()) return written.error();
    }
    return response;
  }

  int requests = 0;

 private:
  static void CheckRequest(const http::Request& request) {
    Require(request.url.scheme == "https");
    Require(util::KindOfAddress(request.url.host) == util::AddressKind::kNameOrPublic);
    const auto again = util::Url::Parse(request.url.text());
    Require(again.ok() && again.value().Origin() == request.url.Origin());
    RequirePrintable(request.url.text());
    for (const auto& [name, value] : request.headers.fields()) RequirePrintable(value);
    const bool own = request.url.Origin() == "https://registry.example:443";
    Require(own || request.asker == util::AddressKind::kNameOrPublic);
  }

  const int status_;
  const std::string body_;
};

void CheckChallenges(const http::Headers& headers) {
  Require(registry::ParseChallenges(headers).size() <= 16);
  const auto chosen = registry::ChooseChallenge(headers);
  Require(!chosen || chosen->scheme == registry::Challenge::Scheme::kBasic ||
          !chosen->realm.empty());
}

// The first line is a challenge, the rest what the token server answers.
void CheckLogin(std::string_view text, int status, std::string_view identity_token) {
  static const Repository repository =
      Reference::Parse("registry.example/acme/app").value().repository();
  static const registry::Asker asker{util::Url::Parse("https://registry.example/v2/").value()};
  http::Response refusal{.status = 401};
  refusal.headers.Add("WWW-Authenticate", TakePart(text, '\n'));
  CheckChallenges(refusal.headers);

  testing::FakeClock clock;
  const util::Cancel cancel;
  TokenServer server(status, text);
  Bob keychain(identity_token);
  registry::Backoff backoff(clock, cancel, nullptr, 1, 1);
  registry::Authenticator login(repository, &keychain, registry::Access::kPush, server, backoff);
  registry::Authenticator::Field field;
  for (int i = 0; i < 2; ++i) {
    const auto next = login.Challenged(refusal, field, {}, asker, cancel);
    if (!next.ok()) {
      RequirePrintable(next.error().message());
      // In whole words: a server may well say "hunter2" of its own.
      Require(next.error().message().find("hunter2!") == std::string::npos);
      return;
    }
    if (next.value() == Next::kGiveUp) return;
    const auto authorized = login.Authorize({}, asker, cancel);
    Require(authorized.ok() && authorized.value().has_value());
    RequirePrintable(*authorized.value());
    Require(authorized.value() != field);
    field = authorized.value();
  }
}

void CheckToken(std::string_view text) {
  const auto token = registry::ParseToken(text, kNow);
  if (!token.ok()) {
    Require(token.error().code() == Code::kFailure);
    return;
  }
  RequirePrintable(token.value().text);
  Require(!token.value().text.empty() && token.value().text.find(' ') == std::string::npos);
  const auto life = token.value().renew_at - kNow;
  Require(life >= std::chrono::seconds(45) && life < std::chrono::hours(24 * 367));
}

void CheckDelay(std::string_view text) {
  const auto date = http::ParseHttpDate(text);
  Require(!date || text.size() == 29);
  for (const int attempt : {1, 4, 1000}) {
    const auto delay = http::RetryDelay(attempt, text, kNow, 0.5);
    Require(!delay ||
            (*delay >= std::chrono::milliseconds(250) && *delay <= http::kLongestRetryDelay));
  }
}

void CheckLink(std::string_view text) {
  http::Headers headers;
  headers.Add("Link", text);
  const auto link = registry::NextLink(headers);
  Require(!link || text.find("<" + *link + ">") != std::string_view::npos);
}

void CheckFacts(std::string_view text) {
  static const testing::TempFolder folder;
  static const testing::FakeClock clock;
  std::filesystem::create_directories(folder / "registries-1");
  std::FILE* const file = std::fopen((folder / "registries-1/host").c_str(), "wb");
  Require(file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size());
  std::fclose(file);
  const registry::HostFacts facts = registry::HostMemory("host", folder.path(), clock).Get();
  Require(!facts.body_limit || (*facts.body_limit > 0 && *facts.body_limit <= 64 << 20));
  if (text.find("learnt ") == std::string_view::npos) Require(facts == registry::HostFacts());
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship::fuzz;
  const std::string_view text = TextOf(data, size);
  for (const int status : {200, 401}) {
    CheckLogin(text, status, "");
    CheckLogin(text, status, "identity");
  }
  CheckToken(text);
  CheckDelay(text);
  CheckLink(text);
  if (text.starts_with("learnt")) CheckFacts(text);
  return 0;
}
