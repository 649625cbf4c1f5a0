// SPDX-License-Identifier: Apache-2.0
#include "release/git_annotations.h"

#include <doctest/doctest.h>

#include "util/time.h"
#include "work_tree.h"

namespace ociship::release {
namespace {

using testing::Git;
using testing::LookForGit;
using testing::WorkTree;

const std::string kPrefix = "org.opencontainers.image.";

TEST_CASE("SourceUrl: every form that git takes for a server, without user and password") {
  for (const char* remote :
       {"git@github.com:acme/app.git", "https://github.com/acme/app",
        "https://github.com/acme/app.git/", "https://x-token:secret@github.com/acme/app.git",
        "ssh://git@GitHub.com:22/acme/app.git", "github.com:/acme/app", "git://github.com/acme/app",
        "http://a@b@github.com:8080/acme/app"}) {
    CAPTURE(remote);
    CHECK(SourceUrl(remote) == "https://github.com/acme/app");
  }
}

TEST_CASE("SourceUrl: what is no server says nothing") {
  for (const char* remote :
       {"", "/srv/git/app.git", "../app", "file:///srv/app", "./a:b", "https://", "https://host",
        "host:", "https://h\nost/a", "ext::sh -c x"}) {
    CAPTURE(remote);
    CHECK(SourceUrl(remote).empty());
  }
}

TEST_CASE("GitAnnotations: commit, remote, version and date") {
  if (LookForGit() == Git::kMissing) return;
  WorkTree tree;
  tree.Git({"remote", "add", "origin", "git@github.com:acme/app.git"});
  for (const char* tag : {"v1.2.0", "v1.10.0", "nightly"}) tree.Git({"tag", tag});
  const auto annotations = GitAnnotations(tree.path(), {}, {}).value();
  CHECK(annotations.size() == 4);
  CHECK(annotations.at(kPrefix + "revision") == tree.Git({"rev-parse", "HEAD"}));
  CHECK(annotations.at(kPrefix + "source") == "https://github.com/acme/app");
  CHECK(annotations.at(kPrefix + "version") == "1.10.0");
  const std::string time = tree.Git({"show", "--no-patch", "--format=%cI", "HEAD"});
  CHECK(util::ParseRfc3339(annotations.at(kPrefix + "created")).value() ==
        util::ParseRfc3339(time).value());
}

TEST_CASE("GitAnnotations: what was said counts more than what git says") {
  if (LookForGit() == Git::kMissing) return;
  WorkTree tree;
  tree.Git({"tag", "v1.2.0"});
  const std::chrono::sys_seconds date(std::chrono::seconds(1));
  const auto annotations = GitAnnotations(tree.path(), "v2.0.0-rc.1", date).value();
  CHECK(annotations.at(kPrefix + "version") == "2.0.0-rc.1");
  CHECK(annotations.at(kPrefix + "created") == "1970-01-01T00:00:01Z");
  CHECK_FALSE(annotations.contains(kPrefix + "source"));
}

TEST_CASE("GitAnnotations: a work tree with changes, or none at all, is refused") {
  if (LookForGit() == Git::kMissing) return;
  WorkTree tree;
  tree.Write("new", "x");
  CHECK(GitAnnotations(tree.path(), {}, {}).error().code() == Code::kBadInput);
  const testing::TempFolder none;
  CHECK(GitAnnotations(none.path(), {}, {}).error().code() == Code::kBadInput);
}

}  // namespace
}  // namespace ociship::release
