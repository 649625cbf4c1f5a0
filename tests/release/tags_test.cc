// SPDX-License-Identifier: Apache-2.0
#include "release/tags.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace ociship::release {
namespace {

using Names = std::vector<std::string>;

Names TagsOf(std::string_view version, const Names& existing = {}) {
  const auto tags = SemverTags(version, existing);
  REQUIRE(tags.ok());
  Names names;
  for (const Tag& tag : tags.value()) names.push_back(tag.text());
  return names;
}

TEST_CASE("SemverTags: a first version sets all its tags, latest last") {
  CHECK(TagsOf("1.4.2") == Names{"1.4.2", "1.4", "1", "latest"});
  CHECK(TagsOf("v1.4.2") == Names{"1.4.2", "1.4", "1", "latest"});
  CHECK(TagsOf("10.0.0") == Names{"10.0.0", "10.0", "10", "latest"});
}

TEST_CASE("SemverTags: a version below 1 has no tag of its major version") {
  CHECK(TagsOf("0.3.1") == Names{"0.3.1", "0.3", "latest"});
  CHECK(TagsOf("0.0.0") == Names{"0.0.0", "0.0", "latest"});
}

TEST_CASE("SemverTags: a pre-release sets only itself") {
  CHECK(TagsOf("2.0.0-rc.1") == Names{"2.0.0-rc.1"});
  CHECK(TagsOf("2.0.0-rc.1+b.7") == Names{"2.0.0-rc.1-b.7"});
}

TEST_CASE("SemverTags: the '+' of build metadata becomes '-'") {
  CHECK(TagsOf("1.4.2+b.7") == Names{"1.4.2-b.7", "1.4", "1", "latest"});
}

TEST_CASE("SemverTags: the same version again moves what it stands for") {
  CHECK(TagsOf("1.4.2", {"1", "1.4", "1.4.2", "latest"}) == Names{"1.4.2", "1.4", "1", "latest"});
}

TEST_CASE("SemverTags: tags move forward") {
  const Names existing = {"1", "1.4", "1.4.2", "latest"};
  CHECK(TagsOf("1.4.3", existing) == Names{"1.4.3", "1.4", "1", "latest"});
  CHECK(TagsOf("1.5.0", existing) == Names{"1.5.0", "1.5", "1", "latest"});
  CHECK(TagsOf("1.4.10", {"1.4.9"}) == Names{"1.4.10", "1.4", "1", "latest"});
}

TEST_CASE("SemverTags: tags do not move backwards") {
  const Names existing = {"1.4.2", "1.5.0", "2.0.0", "latest"};
  CHECK(TagsOf("1.4.1", existing) == Names{"1.4.1"});
  CHECK(TagsOf("1.4.3", existing) == Names{"1.4.3", "1.4"});
  CHECK(TagsOf("1.5.1", existing) == Names{"1.5.1", "1.5", "1"});
  CHECK(TagsOf("1.6.0", existing) == Names{"1.6.0", "1.6", "1"});
  CHECK(TagsOf("2.0.1", existing) == Names{"2.0.1", "2.0", "2", "latest"});
  CHECK(TagsOf("1.4.9", {"1.4.10"}) == Names{"1.4.9"});
  CHECK(TagsOf("0.9.0", {"0.10.0"}) == Names{"0.9.0", "0.9"});
}

TEST_CASE("SemverTags: pre-releases and tags that are no versions hold nothing back") {
  CHECK(TagsOf("1.4.2", {"2.0.0-rc.1", "1.4.3-alpine", "latest", "2", "9", "1.9", "edge",
                         "2024.01.15", "sha-1234567"}) == Names{"1.4.2", "1.4", "1", "latest"});
}

TEST_CASE("SemverTags: existing tags with a 'v' count as well") {
  CHECK(TagsOf("1.4.1", {"v1.4.2"}) == Names{"1.4.1"});
}

TEST_CASE("SemverTags: what is no version, or too long for a tag, is refused") {
  for (const std::string& text : {std::string("1.4"), std::string("latest"), std::string(),
                                  "1.0.0-" + std::string(123, 'a')}) {
    CAPTURE(text);
    const auto tags = SemverTags(text, {});
    REQUIRE_FALSE(tags.ok());
    CHECK(tags.error().code() == Code::kUsage);
  }
  CHECK(TagsOf("1.0.0-" + std::string(122, 'a')).size() == 1);
}

}  // namespace
}  // namespace ociship::release
