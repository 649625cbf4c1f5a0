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

TEST_CASE("what is no regular file is not there") {
  const TempFolder temp;
  TufCache cache = TufCache::Open(temp / "cache").value();
  fs::create_directory(temp / "cache/root.json");
  CHECK(cache.Read("root", 10).value() == std::nullopt);
}

}  // namespace
}  // namespace ociship::services
