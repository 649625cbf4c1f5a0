// SPDX-License-Identifier: Apache-2.0
#include "services/tuf_cache.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "temp_folder.h"
#include "tuf_server.h"
#include "util/file.h"

namespace ociship::services {
namespace {

namespace fs = std::filesystem;
using testing::ReasonOf;
using testing::TempFolder;
using File = std::optional<std::string>;

std::set<std::string> NamesIn(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

mode_t ModeOf(const std::string& path) {
  struct stat there {};
  REQUIRE(::stat(path.c_str(), &there) == 0);
  return there.st_mode & 07777;
}

TEST_CASE("what is written is read, and only the owner can") {
  const TempFolder temp;
  TufCache cache = TufCache::Open(temp / "a/b").value();
  CHECK(cache.Read("root", 10).value() == std::nullopt);
  REQUIRE(cache.Write("root", "{}").ok());
  CHECK(cache.Read("root", 10).value() == File("{}"));
  CHECK(cache.Read("root", 1).value() == std::nullopt);
  CHECK(ModeOf(temp / "a/b") == 0700);
  CHECK(ModeOf(temp / "a/b/root.json") == 0600);
  REQUIRE(cache.Remove("root").ok());
  CHECK(cache.Read("root", 10).value() == std::nullopt);
  CHECK(cache.Remove("root").ok());
}

TEST_CASE("no name of a role or a target leads out of the folder, and no two are one") {
  const TempFolder temp;
  TufCache cache = TufCache::Open(temp / "cache").value();
  const std::string names[] = {"../up",
                               "/abs",
                               "a/b",
                               "a%2Fb",
                               "..",
                               ".",
                               "%2E",
                               std::string("a\0b", 3),
                               std::string(1000, 'x'),
                               std::string(999, 'x') + "y",
                               "ü",
                               "A",
                               "a"};
  for (const std::string& name : names) {
    CAPTURE(name);
    REQUIRE(cache.Write(name, name).ok());
    REQUIRE(cache.WriteTarget(name, name).ok());
  }
  for (const std::string& name : names) {
    CHECK(cache.Read(name, 5000).value() == File(name));
    CHECK(cache.ReadTarget(name, 5000).value() == File(name));
  }
  CHECK(NamesIn(temp.path()) == std::set<std::string>{"cache"});
  CHECK(NamesIn(temp / "cache/targets").size() == std::size(names));
}

TEST_CASE("a folder that everybody may write to is not trusted") {
  const TempFolder temp;
  fs::create_directory(temp / "open");
  REQUIRE(::chmod((temp / "open").c_str(), 0777) == 0);
  CHECK(ReasonOf(TufCache::Open(temp / "open")) == "tuf-cache");
  CHECK(ReasonOf(TufCache::OpenToRead(temp / "open")) == "tuf-cache");
  REQUIRE(::chmod((temp / "open").c_str(), 0755) == 0);
  CHECK(ReasonOf(TufCache::Open(temp / "open")) == "ok");
}

TEST_CASE("to read makes no folder") {
  const TempFolder temp;
  CHECK_FALSE(TufCache::OpenToRead(temp / "none").value().has_value());
  CHECK(NamesIn(temp.path()).empty());
}

TEST_CASE("what is no regular file is refused, and not waited for") {
  const TempFolder temp;
  TufCache cache = TufCache::Open(temp / "cache").value();
  fs::create_directory(temp / "cache/root.json");
  CHECK(ReasonOf(cache.Read("root", 10)) == "tuf-cache");
  REQUIRE(::mkfifo((temp / "cache/timestamp.json").c_str(), 0600) == 0);
  CHECK(ReasonOf(cache.Read("timestamp", 10)) == "tuf-cache");
  fs::create_symlink("elsewhere", temp / "cache/snapshot.json");
  CHECK(ReasonOf(cache.Read("snapshot", 10)) == "tuf-cache");
}

TEST_CASE("a file that others may write to is refused, and written anew for the owner alone") {
  const TempFolder temp;
  TufCache cache = TufCache::Open(temp / "cache").value();
  for (const mode_t mode : {0666, 0620}) {
    REQUIRE(cache.Write("root", "{}").ok());
    REQUIRE(::chmod((temp / "cache/root.json").c_str(), mode) == 0);
    CHECK(ReasonOf(cache.Read("root", 10)) == "tuf-cache");
    REQUIRE(cache.Write("root", "{}").ok());
    CHECK(ModeOf(temp / "cache/root.json") == 0600);
    CHECK(ReasonOf(cache.Read("root", 10)) == "ok");
  }
  REQUIRE(::chmod((temp / "cache/root.json").c_str(), 0444) == 0);
  CHECK(ReasonOf(cache.Read("root", 10)) == "ok");
}

TEST_CASE("a link in the place of the folder is refused") {
  const TempFolder temp;
  REQUIRE(TufCache::Open(temp / "real").ok());
  fs::create_symlink(temp / "real", temp / "link");
  fs::create_symlink("nowhere", temp / "dangling");
  CHECK(ReasonOf(TufCache::OpenToRead(temp / "link")) == "tuf-cache");
  CHECK(ReasonOf(TufCache::OpenToRead(temp / "dangling")) == "tuf-cache");
  CHECK(TufCache::OpenToRead(temp / "real").value().has_value());
}

TEST_CASE("folders above are for their owner alone, whatever the umask") {
  const TempFolder temp;
  const mode_t before = ::umask(0);
  TufCache cache = TufCache::Open(temp / "a/b").value();
  const Status written = cache.Apply({.files = {{TufCache::RootFile(1), "{}"}}});
  ::umask(before);
  CHECK(written.ok());
  for (const char* name : {"a", "a/b", "a/b/roots"}) CHECK(ModeOf(temp / name) == 0700);
  for (const char* name : {"a/b/.lock", "a/b/roots/1.root.json"}) {
    CHECK(ModeOf(temp / name) == 0600);
  }
}

TEST_CASE("what an update that was killed left is removed under the lock") {
  const TempFolder temp;
  REQUIRE(TufCache::Open(temp / "cache").value().Write("root", "{}").ok());
  for (const char* name : {"root.json.ociship-new", "timestamp.json.tmp-17-0", "notes.new"}) {
    REQUIRE(util::WriteFileAtomically(temp / "cache" + "/" + name, "x", 0600).ok());
  }
  REQUIRE(TufCache::Open(temp / "cache").ok());
  CHECK(NamesIn(temp / "cache") == std::set<std::string>{".lock", "notes.new", "root.json"});
}

TEST_CASE("changes that can not be written leave everything as it was") {
  const TempFolder temp;
  TufCache cache = TufCache::Open(temp / "cache").value();
  REQUIRE(cache.Write("root", "old").ok());
  REQUIRE(util::WriteFileAtomically(temp / "cache/roots", "in the way", 0600).ok());
  const TufChanges changes{.files = {{"root.json", "new"}, {TufCache::RootFile(2), "new"}},
                           .others = TufChanges::Others::kRemoved};
  CHECK_FALSE(cache.Apply(changes).ok());
  CHECK(cache.Read("root", 10).value() == File("old"));
  CHECK(NamesIn(temp / "cache") == std::set<std::string>{".lock", "root.json", "roots"});
}

TEST_CASE("others are removed when that is wanted") {
  const TempFolder temp;
  TufCache cache = TufCache::Open(temp / "cache").value();
  REQUIRE(cache
              .Apply({.files = {{"root.json", "1"},
                                {"snapshot.json", "1"},
                                {TufCache::RootFile(1), "1"},
                                {TufCache::TargetFile("a"), "1"}}})
              .ok());
  REQUIRE(cache.Apply({.files = {{"snapshot.json", std::nullopt}}}).ok());
  CHECK(cache.Read("snapshot", 10).value() == std::nullopt);
  CHECK(cache.Read("root", 10).value() == File("1"));
  REQUIRE(
      cache.Apply({.files = {{"root.json", "2"}}, .others = TufChanges::Others::kRemoved}).ok());
  CHECK(cache.Read("root", 10).value() == File("2"));
  CHECK(cache.ReadFile(TufCache::RootFile(1), 10).value() == std::nullopt);
  CHECK(cache.ReadTarget("a", 10).value() == std::nullopt);
}

TEST_CASE("who reads waits for nobody") {
  const TempFolder temp;
  TufCache writer = TufCache::Open(temp / "cache").value();
  REQUIRE(writer.Write("root", "{}").ok());
  CHECK(TufCache::OpenToRead(temp / "cache").value()->Read("root", 10).value() == File("{}"));
  const Result<TufCache> other = TufCache::Open(temp / "cache", 0);
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().code() == Code::kUnavailable);
}

}  // namespace
}  // namespace ociship::services
