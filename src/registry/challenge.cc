// SPDX-License-Identifier: Apache-2.0
// Reads WWW-Authenticate fields (RFC 9110 sections 11.2 to 11.6.1). Tested by challenge_test.cc.
#include "registry/challenge.h"

#include <algorithm>
#include <string_view>

#include "util/text.h"

namespace ociship::registry {
namespace {

constexpr std::size_t kMaxFieldBytes = 8 * 1024;
constexpr std::size_t kMaxChallenges = 16;

// RFC 9110 section 5.6.2: tchar.
bool IsTokenChar(char c) {
  constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kSigns.find(c) != std::string_view::npos;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool empty() const { return rest_.empty(); }
  void Skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view Token() {
    std::size_t size = 0;
    while (size < rest_.size() && IsTokenChar(rest_[size])) ++size;
    const std::string_view token = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return token;
  }
  // RFC 9110 section 5.6.4, behind its opening quotation mark. What is not closed ends the field.
  std::string Quoted() {
    std::string text;
    while (!rest_.empty() && !Take('"')) {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      text.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    return text;
  }
  // Passes over something that is neither.
  void Drop() { rest_.remove_prefix(std::min<std::size_t>(1, rest_.size())); }

 private:
  std::string_view rest_;
};

// A scheme and its parameters, also such as cannot be met: their parameters are not those of the
// one before.
struct Stated {
  std::string scheme;
  Challenge challenge = {};
};

// The parameter of this name; nullptr for one that says nothing here.
std::string* ParameterOf(Challenge& challenge, std::string_view name) {
  const std::string key = util::LowerAscii(name);
  if (key == "realm") return &challenge.realm;
  if (key == "service") return &challenge.service;
  if (key == "scope") return &challenge.scope;
  if (key == "error") return &challenge.error;
  return nullptr;
}

// challenge = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
std::vector<Stated> Scan(std::string_view field) {
  std::vector<Stated> stated;
  Scanner scanner(field.substr(0, kMaxFieldBytes));
  while (true) {
    scanner.Skip(" \t,");
    if (scanner.empty()) return stated;
    const std::string_view word = scanner.Token();
    if (word.empty()) {
      scanner.Drop();
      continue;
    }
    scanner.Skip(" \t");
    if (!scanner.Take('=')) {
      if (stated.size() == kMaxChallenges) return stated;
      stated.push_back({.scheme = util::LowerAscii(word)});
      continue;
    }
    scanner.Skip(" \t");
    std::string value = scanner.Take('"') ? scanner.Quoted() : std::string(scanner.Token());
    if (stated.empty()) continue;
    std::string* const parameter = ParameterOf(stated.back().challenge, word);
    if (parameter != nullptr) *parameter = std::move(value);
  }
}

}  // namespace

std::vector<Challenge> ParseChallenges(const http::Headers& headers) {
  std::vector<Challenge> challenges;
  for (const std::string& field : headers.GetAll("WWW-Authenticate")) {
    for (Stated& stated : Scan(field)) {
      if (stated.scheme == "basic") stated.challenge.scheme = Challenge::Scheme::kBasic;
      if (stated.scheme == "bearer") stated.challenge.scheme = Challenge::Scheme::kBearer;
      if (stated.scheme != "basic" && stated.scheme != "bearer") continue;
      if (challenges.size() < kMaxChallenges) challenges.push_back(std::move(stated.challenge));
    }
  }
  return challenges;
}

std::optional<Challenge> ChooseChallenge(const http::Headers& headers) {
  const std::vector<Challenge> challenges = ParseChallenges(headers);
  const auto first = [&](auto wanted) -> std::optional<Challenge> {
    const auto it = std::ranges::find_if(challenges, wanted);
    if (it == challenges.end()) return std::nullopt;
    return *it;
  };
  std::optional<Challenge> bearer = first([](const Challenge& challenge) {
    return challenge.scheme == Challenge::Scheme::kBearer && !challenge.realm.empty();
  });
  if (bearer) return bearer;
  return first(
      [](const Challenge& challenge) { return challenge.scheme == Challenge::Scheme::kBasic; });
}

}  // namespace ociship::registry
