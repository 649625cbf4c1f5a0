// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_RELEASE_SEMVER_H_
#define OCISHIP_RELEASE_SEMVER_H_

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"

namespace ociship::release {

// A version of semver.org 2.0.0, with or without a 'v' in front. Numbers may have any length.
class Version {
 public:
  // kUsage when `text` is none, or has more than 255 characters.
  static Result<Version> Parse(std::string_view text);

  // "1", "1.4" and "1.4.2-rc.1+build", without the 'v'.
  std::string Major() const { return core_[0]; }
  std::string MajorMinor() const;
  const std::string& text() const { return text_; }

  enum class Kind { kRelease, kPreRelease };
  Kind kind() const { return pre_release_.empty() ? Kind::kRelease : Kind::kPreRelease; }
  bool operator==(const Version& other) const { return (*this <=> other) == 0; }
  // Precedence, semver.org section 11: build metadata does not count.
  std::weak_ordering operator<=>(const Version& other) const;

 private:
  Version() = default;

  std::string text_;
  std::vector<std::string> core_;         // major, minor, patch, in decimal
  std::vector<std::string> pre_release_;  // its identifiers
};

}  // namespace ociship::release

#endif  // OCISHIP_RELEASE_SEMVER_H_
