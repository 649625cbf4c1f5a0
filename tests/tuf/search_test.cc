// SPDX-License-Identifier: Apache-2.0
#include "tuf/search.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tuf_client.h"
#include "tuf_repository.h"
#include "util/text.h"

namespace ociship::tuf {
namespace {

using testing::kTufNow;
using testing::ReasonOf;
using testing::TufDelegation;
using testing::TufRepository;
using testing::TufTestClient;
using util::StrCat;
using Names = std::vector<std::string>;

struct Fixture {
  // A role whose delegator is written by the test.
  TufDelegation& Add(const std::string& name, Names delegations = {}) {
    TufDelegation& added = repository.delegated[name];
    added.role.keys = {5};
    added.delegations = std::move(delegations);
    return added;
  }

  Result<FoundTarget> Find(const std::string& path) {
    repository.Publish();
    client = TufTestClient(repository.RootFile());
    return client.Find(repository, path);
  }

  TufRepository repository;
  TufTestClient client{""};
};

TEST_CASE_FIXTURE(Fixture, "a target of the top-level role needs no other role") {
  repository.files["dir/a b.json"] = "content";
  repository.delegations = {"a"};
  Add("a");
  const Result<FoundTarget> found = Find("dir/a b.json");
  REQUIRE(ReasonOf(found) == "ok");
  CHECK(client.asked.empty());
  CHECK(found.value().length() == 7);
  CHECK(found.value().FileName().value() ==
        "dir/ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73.a%20b.json");
}

TEST_CASE_FIXTURE(Fixture, "what was downloaded is held to length and hash") {
  repository.files["a"] = "content";
  const FoundTarget target = Find("a").value();
  CHECK(ReasonOf(target.Check("content")) == "ok");
  CHECK(ReasonOf(target.Check("Content")) == "tuf-hash");
  CHECK(ReasonOf(target.Check("content!")) == "tuf-length");
}

TEST_CASE_FIXTURE(Fixture, "without consistent snapshots a target has its own name") {
  repository.consistent = false;
  repository.files["dir/a"] = "content";
  CHECK(Find("dir/a").value().FileName().value() == "dir/a");
}

TEST_CASE_FIXTURE(Fixture, "roles are searched depth first, in the order of their delegator") {
  repository.delegations = {"a", "b"};
  Add("a", {"c", "d"});
  Add("b");
  Add("c");
  Add("d");
  CHECK(ReasonOf(Find("x")) == "tuf-target");
  CHECK(client.asked == Names{"1.a.json", "1.c.json", "1.d.json", "1.b.json"});
  repository.delegated["d"].targets["x"] = "of d";
  repository.delegated["b"].targets["x"] = "of b";
  CHECK(ReasonOf(Find("x").value().Check("of d")) == "ok");
  CHECK(client.asked == Names{"1.a.json", "1.c.json", "1.d.json"});
}

TEST_CASE_FIXTURE(Fixture, "behind a terminating role nothing is searched") {
  repository.delegations = {"a", "b"};
  Add("a", {"c"}).terminating = true;
  Add("b").targets["x"] = "of b";
  Add("c");
  CHECK(ReasonOf(Find("x")) == "tuf-target");
  CHECK(client.asked == Names{"1.a.json", "1.c.json"});
  repository.delegated["a"].terminating = false;
  CHECK(ReasonOf(Find("x")) == "ok");
}

TEST_CASE_FIXTURE(Fixture, "a terminating role ends the search above it too") {
  repository.delegations = {"a", "b"};
  Add("a", {"c"});
  Add("b").targets["x"] = "of b";
  Add("c").terminating = true;
  CHECK(ReasonOf(Find("x")) == "tuf-target");
  CHECK(client.asked == Names{"1.a.json", "1.c.json"});
  repository.delegated["c"].terminating = false;
  CHECK(ReasonOf(Find("x")) == "ok");
}

TEST_CASE_FIXTURE(Fixture, "a role that is not trusted with the path is not asked") {
  repository.delegations = {"a", "b"};
  Add("a").paths = {"other/*"};
  Add("b").paths = {"x/*"};
  repository.delegated["a"].targets["x/y"] = "of a";
  repository.delegated["b"].targets["x/y"] = "of b";
  CHECK(ReasonOf(Find("x/y").value().Check("of b")) == "ok");
  CHECK(client.asked == Names{"1.b.json"});
}

TEST_CASE_FIXTURE(Fixture, "a role can be trusted with hashes of paths") {
  repository.delegations = {"a"};
  Add("a").hash_prefixes = {"c14c"};  // of "a/b"
  repository.delegated["a"].targets["a/b"] = "content";
  CHECK(ReasonOf(Find("a/b")) == "ok");
  repository.delegated["a"].hash_prefixes = {"c14d"};
  CHECK(ReasonOf(Find("a/b")) == "tuf-target");
}

TEST_CASE_FIXTURE(Fixture, "a circle of roles is left") {
  repository.delegations = {"a"};
  Add("a", {"b"});
  Add("b", {"a"});
  CHECK(ReasonOf(Find("x")) == "tuf-target");
  CHECK(client.asked == Names{"1.a.json", "1.b.json"});
}

TEST_CASE_FIXTURE(Fixture, "no more than so many roles are looked at") {
  for (std::size_t i = 0; i < kMaxVisitedRoles; ++i) {
    const std::string name = StrCat("r", i);
    Add(name);
    repository.delegations.push_back(name);
  }
  CHECK(ReasonOf(Find("x")) == "tuf-target");
  Add("one-more").targets["x"] = "content";
  repository.delegations.push_back("one-more");
  CHECK(ReasonOf(Find("x")) == "tuf-delegations");
}

TEST_CASE_FIXTURE(Fixture, "a role that its delegator's keys did not sign is refused") {
  repository.delegations = {"a"};
  Add("a").targets["x"] = "content";
  repository.delegated["a"].role.signers = {{3}};
  CHECK(ReasonOf(Find("x")) == "tuf-threshold");
  CHECK_FALSE(client.cache.contains("a"));
}

TEST_CASE_FIXTURE(Fixture,
                  "a role is judged by the one that leads to it, whatever is in the cache") {
  repository.delegations = {"a", "b"};
  Add("a", {"c"}).paths = {"a/*"};
  Add("b", {"c"}).paths = {"b/*"};
  Add("c").targets = {{"a/x", "of a"}, {"b/x", "of b"}};
  repository.delegated["c"].paths = {"a/*", "b/*"};
  // Only a names the key that signs c; b names another one.
  repository.delegated["c"].role.signers = {{5}};
  repository.before_signing = [](std::string_view role, std::string& body) {
    if (role != "b") return;
    const std::string key = TufRepository::Key(5).public_key().Pem();
    const std::string other = TufRepository::Key(6).public_key().Pem();
    util::JsonWriter from, to;
    from.String(key);
    to.String(other);
    body.replace(body.find(from.text()), from.text().size(), to.text());
  };
  REQUIRE(ReasonOf(Find("a/x")) == "ok");
  CHECK(client.cache.contains("c"));
  CHECK(ReasonOf(client.Find(repository, "a/x")) == "ok");
  CHECK(ReasonOf(client.Find(repository, "b/x")) == "tuf-threshold");
}

TEST_CASE_FIXTURE(Fixture, "a role that the snapshot does not list is not asked for") {
  repository.delegations = {"a"};
  Add("a").targets["x"] = "content";
  repository.unlisted = {"a"};
  CHECK(ReasonOf(Find("x")) == "tuf-missing");
  CHECK(client.asked.empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "a role of another version, one that has expired or is missing is refused") {
  repository.delegations = {"a"};
  Add("a").targets["x"] = "content";
  repository.promised_versions["a"] = 2;
  repository.Publish();
  repository.served["2.a.json"] = repository.served["1.a.json"];
  CHECK(ReasonOf(Find("x")) == "tuf-version");
  repository.served.erase("2.a.json");
  CHECK(ReasonOf(Find("x")) == "tuf-missing");
  repository.promised_versions.clear();
  CHECK(ReasonOf(Find("x")) == "ok");
  repository.delegated["a"].role.expires = kTufNow;
  CHECK(ReasonOf(Find("x")) == "tuf-expired");
}

TEST_CASE_FIXTURE(Fixture, "a role that was good is kept when the one behind it is not") {
  repository.delegations = {"a"};
  Add("a", {"b"});
  Add("b").role.signers = {{3}};
  CHECK(ReasonOf(Find("x")) == "tuf-threshold");
  CHECK(client.cache.contains("a"));
  repository.unlisted = {"b"};
  CHECK(ReasonOf(Find("x")) == "tuf-missing");
  CHECK(client.cache.contains("a"));
}

TEST_CASE_FIXTURE(Fixture, "the name of a role can not leave its folder") {
  for (const auto& [name, file] :
       {std::pair("../a", "1...%2Fa.json"), std::pair("/a", "1.%2Fa.json"),
        std::pair("?", "1.%3F.json"), std::pair("#", "1.%23.json"),
        std::pair("a%2f", "1.a%252f.json")}) {
    CAPTURE(name);
    repository.delegated.clear();
    repository.delegations = {name};
    Add(name).targets["x"] = "content";
    CHECK(ReasonOf(Find("x")) == "ok");
    CHECK(client.asked == Names{file});
  }
}

TEST_CASE_FIXTURE(Fixture, "a path that leads elsewhere is no target") {
  for (const char* path : {"", "/a", "a/", "a//b", "../a", "a/../b", ".", "a/."}) {
    CAPTURE(path);
    CHECK(ReasonOf(Find(path)) == "tuf-target");
  }
}

TEST_CASE_FIXTURE(Fixture, "without a network a role must be in the cache") {
  repository.delegations = {"a"};
  Add("a").targets["x"] = "content";
  REQUIRE(ReasonOf(Find("x")) == "ok");
  CHECK(ReasonOf(client.Find(TufRepository(), "x", Mode::kCacheOnly)) == "ok");
  client.cache.erase("a");
  CHECK(ReasonOf(client.Find(repository, "x", Mode::kCacheOnly)) == "tuf-missing");
}

}  // namespace
}  // namespace ociship::tuf
