// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_KEYCHAIN_H_
#define OCISHIP_REGISTRY_KEYCHAIN_H_

#include <optional>
#include <string>
#include <vector>

#include "ociship/core.h"
#include "ociship/reference.h"
#include "ociship/store.h"

namespace ociship::registry {

// One look that a search for a credential took, or would have taken.
struct KeychainStep {
  enum class Place {
    kGiven,          // KeychainOptions::given
    kExclusiveFile,  // and so on, by the members
    kInlineConfig,
    kDockerConfig,
    kAuthFile,
    kLegacyFile,
  };
  enum class Outcome {
    kUsed,         // this is the credential
    kNone,         // nothing for this repository
    kMissing,      // there is no such file
    kFailed,       // it cannot be read: the search ended with an error
    kNotLookedAt,  // the search had ended
  };

  Place place = Place::kGiven;
  std::string path;    // of a file
  std::string helper;  // NAME of the helper that was asked; empty: the file itself was looked at
  std::string key;     // of the entry that was found, as it is written
  Outcome outcome = Outcome::kNotLookedAt;
  // Who is logged in, or what failed. Never a secret.
  std::string detail;
};

// A whole search: every look in its order, and what Keychain::Find gives after it.
struct KeychainSearch {
  std::vector<KeychainStep> steps;
  Result<std::optional<Credential>> found = std::optional<Credential>();
};

// Searches as the Keychain of these options does: Find is made of this. Helpers are run.
KeychainSearch Explain(const KeychainOptions& options, const Repository& repository);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_KEYCHAIN_H_
