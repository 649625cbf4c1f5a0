// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_CHALLENGE_H_
#define OCISHIP_REGISTRY_CHALLENGE_H_

#include <optional>
#include <string>
#include <vector>

#include "http/message.h"

namespace ociship::registry {

// How a registry wants to be logged in to: one challenge of a WWW-Authenticate field that can be
// met (RFC 9110 section 11.6.1; distribution auth spec, "token").
struct Challenge {
  enum class Scheme { kBasic, kBearer };

  Scheme scheme = Scheme::kBasic;
  // Of a bearer challenge; empty where it says nothing.
  std::string realm = {};
  std::string service = {};
  std::string scope = {};
  std::string error = {};

  friend bool operator==(const Challenge&, const Challenge&) = default;
};

// All challenges that can be met, of all WWW-Authenticate fields, in their order. What cannot be
// read is left out: several may stand in one field, of which this or that is not for us.
std::vector<Challenge> ParseChallenges(const http::Headers& headers);

// The one to meet: the first bearer challenge with a realm, else the first basic one.
std::optional<Challenge> ChooseChallenge(const http::Headers& headers);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_CHALLENGE_H_
