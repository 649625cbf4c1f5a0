// SPDX-License-Identifier: Apache-2.0
// Which tags belong to a version. Tested by tests/release/tags_test.cc.

#include "release/tags.h"

#include <algorithm>
#include <utility>

#include "release/semver.h"
#include "util/try.h"

namespace ociship::release {
namespace {

std::vector<Version> Releases(const std::vector<std::string>& tags) {
  std::vector<Version> releases;
  for (const std::string& tag : tags) {
    Result<Version> version = Version::Parse(tag);
    if (!version.ok() || version.value().kind() != Version::Kind::kRelease) continue;
    releases.push_back(std::move(version).value());
  }
  return releases;
}

// The tags, from the most specific one on, that stand for the highest release of a group in which
// no release is higher than `version`.
std::vector<std::string> ForwardTags(const Version& version, const std::vector<Version>& releases) {
  const auto highest = [&](auto in_group) {
    return std::ranges::none_of(
        releases, [&](const Version& other) { return in_group(other) && other > version; });
  };
  std::vector<std::string> tags;
  if (highest([&](const Version& other) { return other.MajorMinor() == version.MajorMinor(); })) {
    tags.push_back(version.MajorMinor());
  }
  if (version.Major() != "0" &&
      highest([&](const Version& other) { return other.Major() == version.Major(); })) {
    tags.push_back(version.Major());
  }
  if (highest([](const Version&) { return true; })) tags.push_back("latest");
  return tags;
}

}  // namespace

Result<std::vector<Tag>> SemverTags(std::string_view version,
                                    const std::vector<std::string>& existing) {
  const Version parsed = TRY(Version::Parse(version));
  std::string exact = parsed.text();
  std::ranges::replace(exact, '+', '-');
  std::vector<std::string> names = {std::move(exact)};
  if (parsed.kind() == Version::Kind::kRelease) {
    std::ranges::copy(ForwardTags(parsed, Releases(existing)), std::back_inserter(names));
  }
  std::vector<Tag> tags;
  for (const std::string& name : names) {
    Tag tag = TRY(Tag::Parse(name));
    tags.push_back(std::move(tag));
  }
  return tags;
}

}  // namespace ociship::release
