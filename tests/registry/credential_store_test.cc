// SPDX-License-Identifier: Apache-2.0
#include "registry/credential_store.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>
#include <vector>

#include "credential_fixture.h"
#include "registry/keychain.h"
#include "util/json.h"

namespace ociship::registry {
namespace {

const Credential kBob{.username = "bob", .password = "s3cret"};

CredentialPlace Store(const std::string& file, const std::string& host,
                      const Credential& credential = kBob) {
  auto place = StoreCredential(file, host, credential);
  if (!place.ok()) FAIL(place.error().message());
  return place.value();
}

Credential Found(const std::string& file, std::string_view reference) {
  const auto found = NewKeychain({.docker_config = file})->Find(RepositoryOf(reference));
  REQUIRE(found.ok());
  return found.value().value_or(Credential());
}

unsigned ModeOf(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

TEST_CASE("StoreCredential: makes file and folder, for nobody else, as docker writes them") {
  const CredentialFolder folder;
  const std::string file = folder / "home/.docker/config.json";
  const CredentialPlace place = Store(file, "ghcr.io");
  CHECK(place.helper.empty());
  CHECK(place.text() == file);
  CHECK(
      folder.Read("home/.docker/config.json") ==
      "{\n\t\"auths\": {\n\t\t\"ghcr.io\": {\n\t\t\t\"auth\": \"Ym9iOnMzY3JldA==\"\n\t\t}\n\t}\n}");
  CHECK(ModeOf(file) == 0600);
  CHECK(ModeOf(folder / "home/.docker") == 0700);
  CHECK(Found(file, "ghcr.io/x").password == "s3cret");
}

TEST_CASE("StoreCredential: everything else in the file stays") {
  const CredentialFolder folder;
  const std::string file = folder.Write(
      "config.json",
      R"({"HttpHeaders":{"X":"a\u003cb \"q\" {,}"},"n":1.50e+3,"big":12345678901234567890,
          "auths":{"b.io":{"auth":"%%%","unknown":[1, 2,{}]},"ghcr.io":{"auth":"b2xkOm9sZA=="}},
          "empty":[],"z":null})");
  Store(file, "ghcr.io");
  const std::string text = folder.Read("config.json");
  for (const std::string_view part :
       {R"("X": "a\u003cb \"q\" {,}")", R"("n": 1.50e+3)", R"("big": 12345678901234567890)",
        R"("auth": "%%%")", R"("empty": [])", R"("z": null)"}) {
    CAPTURE(part);
    CHECK(Contains(text, part));
  }
  CHECK_FALSE(Contains(text, "b2xkOm9sZA"));
  CHECK(Found(file, "ghcr.io/x").username == "bob");
  const util::Json json = util::Json::Parse(text).value();
  CHECK(json.members().size() == 6);
  CHECK(json.Find("auths")->Find("b.io")->Find("unknown")->elements().size() == 3);
}

TEST_CASE("StoreCredential: all keys of the host are replaced by one, namespaces stay") {
  const CredentialFolder folder;
  const std::string old = AuthEntry("old:old");
  const std::string file = folder.Write(
      "config.json",
      util::StrCat(R"({"auths":{"docker.io":)", old, R"(,"https://index.docker.io/v1/":)", old,
                   R"(,"index.docker.io":)", old, R"(,"docker.io/acme":)", old, "}}"));
  Store(file, "docker.io");
  const util::Json json = util::Json::Parse(folder.Read("config.json")).value();
  CHECK(json.Find("auths")->members().size() == 2);
  CHECK(Found(file, "alpine").username == "bob");
  CHECK(Found(file, "acme/app").username == "old");
}

TEST_CASE("StoreCredential: an empty file is one without credentials, a broken one is kept") {
  const CredentialFolder folder;
  Store(folder.Write("empty.json", ""), "a.io");
  for (const std::string text : {"{", "[]", "null", R"({"auths":[]})", R"({"a":1,"a":2})"}) {
    CAPTURE(text);
    const std::string file = folder.Write("config.json", text);
    const auto stored = StoreCredential(file, "a.io", kBob);
    REQUIRE_FALSE(stored.ok());
    CHECK(stored.error().code() == Code::kBadInput);
    CHECK(Contains(stored.error().message(), "config.json"));
    CHECK(folder.Read("config.json") == text);
  }
}

TEST_CASE("StoreCredential: null auths become an object") {
  const CredentialFolder folder;
  const std::string file = folder.Write("config.json", R"({"auths":null})");
  Store(file, "a.io");
  CHECK(Found(file, "a.io/x").username == "bob");
}

TEST_CASE("StoreCredential: a file that others could read is made private") {
  const CredentialFolder folder;
  const std::string file = folder.Write("config.json", "{}");
  ::chmod(file.c_str(), 0644);
  Store(file, "a.io");
  CHECK(ModeOf(file) == 0600);
}

TEST_CASE("StoreCredential: a link stays a link, also one whose target is not there yet") {
  const CredentialFolder folder;
  folder.Write("real.json", "{}");
  std::filesystem::create_symlink("real.json", folder / "config.json");
  std::filesystem::create_symlink("config.json", folder / "second.json");
  Store(folder / "second.json", "a.io");
  CHECK(std::filesystem::is_symlink(folder / "config.json"));
  CHECK(std::filesystem::is_symlink(folder / "second.json"));
  CHECK(Contains(folder.Read("real.json"), "a.io"));
  std::filesystem::create_symlink(folder / "deep/new.json", folder / "dangling.json");
  Store(folder / "dangling.json", "a.io");
  CHECK(std::filesystem::is_symlink(folder / "dangling.json"));
  CHECK(Contains(folder.Read("deep/new.json"), "a.io"));
}

TEST_CASE("StoreCredential: a link to itself is refused") {
  const CredentialFolder folder;
  std::filesystem::create_symlink("config.json", folder / "config.json");
  CHECK_FALSE(StoreCredential(folder / "config.json", "a.io", kBob).ok());
}

TEST_CASE("StoreCredential: logins at once lose nothing of each other") {
  const CredentialFolder folder;
  const std::string file = folder / "config.json";
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] { Store(file, util::StrCat("r", i, ".io")); });
    }
  }
  for (int i = 0; i < 8; ++i) {
    CHECK(Found(file, util::StrCat("r", i, ".io/x")).username == "bob");
  }
}

TEST_CASE("StoreCredential: a helper keeps the password, and the file a marker") {
  const CredentialFolder folder;
  folder.AddHelper("keep", "");
  const std::string file = folder.Write(
      "config.json",
      util::StrCat(R"({"credsStore":"keep","auths":{"a.io":)", AuthEntry("o:o"), "}}"));
  const CredentialPlace place = Store(file, "a.io");
  CHECK(place.helper == "keep");
  CHECK(place.text() == "helper keep");
  CHECK(folder.Read("calls") ==
        "store {\"ServerURL\":\"a.io\",\"Username\":\"bob\",\"Secret\":\"s3cret\"}\n");
  const util::Json json = util::Json::Parse(folder.Read("config.json")).value();
  CHECK(json.Find("auths")->Find("a.io")->members().empty());
  CHECK(json.String("credsStore").value() == "keep");
}

TEST_CASE("StoreCredential: a helper that fails leaves the file as it was") {
  const CredentialFolder folder;
  folder.AddHelper("keep", "exit 1");
  const std::string text = R"({"credHelpers":{"a.io":"keep"}})";
  const std::string file = folder.Write("config.json", text);
  const auto stored = StoreCredential(file, "a.io", kBob);
  REQUIRE_FALSE(stored.ok());
  CHECK_FALSE(Contains(stored.error().message(), "s3cret"));
  CHECK(folder.Read("config.json") == text);
}

TEST_CASE("StoreCredential: what it cannot hold is refused") {
  const CredentialFolder folder;
  const std::string file = folder / "config.json";
  CHECK_FALSE(StoreCredential(file, "a.io", {.username = "", .password = "p"}).ok());
  CHECK_FALSE(StoreCredential(file, "a.io", {.username = "a:b", .password = "p"}).ok());
  CHECK_FALSE(folder.Has("config.json"));
  folder.AddHelper("keep", "");
  const Credential latin{.username = "bob", .password = "\xe4"};
  CHECK_FALSE(
      StoreCredential(folder.Write("h.json", R"({"credsStore":"keep"})"), "a.io", latin).ok());
  Store(file, "a.io", latin);
  CHECK(Found(file, "a.io/x").password == "\xe4");
}

TEST_CASE("EraseCredential: takes the host's entries and nothing else") {
  const CredentialFolder folder;
  const std::string file = folder.Write(
      "config.json", util::StrCat(R"({"auths":{"a.io":)", AuthEntry("o:o"), R"(,"https://a.io":)",
                                  AuthEntry("o:o"), R"(,"a.io/ns":)", AuthEntry("ns:o"), "}}"));
  const Erasure first = EraseCredential(file, "a.io").value();
  CHECK(first.erased == Erased::kErased);
  CHECK(first.place.text() == file);
  CHECK(Found(file, "a.io/x").username.empty());
  CHECK(Found(file, "a.io/ns/x").username == "ns");
  CHECK(EraseCredential(file, "a.io").value().erased == Erased::kWasNotThere);
}

TEST_CASE("EraseCredential: makes nothing where there is nothing") {
  const CredentialFolder folder;
  CHECK(EraseCredential(folder / "x/config.json", "a.io").value().erased == Erased::kWasNotThere);
  CHECK_FALSE(folder.Has("x"));
}

TEST_CASE("EraseCredential: the helper forgets too") {
  const CredentialFolder folder;
  folder.AddHelper("keep", "");
  const std::string file =
      folder.Write("config.json", R"({"credsStore":"keep","auths":{"a.io":{}}})");
  const Erasure erasure = EraseCredential(file, "a.io").value();
  CHECK(erasure.erased == Erased::kErased);
  CHECK(erasure.place.helper == "keep");
  CHECK(folder.Read("calls") == "erase a.io\n");
  CHECK_FALSE(Contains(folder.Read("config.json"), "a.io"));
  folder.AddHelper("keep", kHasNone);
  CHECK(EraseCredential(file, "a.io").value().erased == Erased::kWasNotThere);
  folder.AddHelper("keep", "exit 1");
  CHECK_FALSE(EraseCredential(file, "a.io").ok());
}

}  // namespace
}  // namespace ociship::registry
