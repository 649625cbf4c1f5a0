// SPDX-License-Identifier: Apache-2.0
#include "registry/keychain.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "credential_fixture.h"

namespace ociship::registry {
namespace {

using Outcome = KeychainStep::Outcome;
using Place = KeychainStep::Place;

constexpr std::string_view kImage = "a.io/ns/app";

std::string AuthFile(std::string_view key, std::string_view pair) {
  return util::StrCat(R"({"auths":{")", key, "\":", AuthEntry(pair), "}}");
}

// The user that is found, "" for none.
std::string UserOf(const KeychainOptions& options, std::string_view reference = kImage) {
  const auto found = NewKeychain(options)->Find(RepositoryOf(reference));
  if (!found.ok()) FAIL(found.error().message());
  return found.value() ? found.value()->username : "";
}

Error Failure(const KeychainOptions& options, std::string_view reference = kImage) {
  const auto found = NewKeychain(options)->Find(RepositoryOf(reference));
  REQUIRE_FALSE(found.ok());
  return found.error();
}

TEST_CASE("Keychain: without anything there is no credential") {
  CHECK(UserOf({}).empty());
  CHECK(Explain({}, RepositoryOf(kImage)).steps.empty());
}

TEST_CASE("Keychain: what is given goes to every registry, and no file is looked at") {
  const CredentialFolder folder;
  const KeychainOptions options{.given = Credential{.username = "given"},
                                .docker_config = folder.Write("config.json", "broken")};
  CHECK(UserOf(options) == "given");
  CHECK(UserOf(options, "b.io/x") == "given");
}

TEST_CASE("Keychain: a layout has no credential") {
  CHECK(UserOf({.given = Credential{.username = "given"}}, "oci:x").empty());
}

TEST_CASE("Keychain: sources are asked in the order of the options") {
  const CredentialFolder folder;
  KeychainOptions options{
      .exclusive_file = folder.Write("exclusive.json", AuthFile("a.io", "exclusive:s")),
      .inline_config = AuthFile("a.io", "inline:s"),
      .docker_config = folder.Write("config.json", AuthFile("a.io", "docker:s")),
      .auth_files = {folder.Write("run.json", AuthFile("a.io", "run:s")),
                     folder.Write("home.json", AuthFile("a.io", "home:s"))},
      .legacy_file =
          folder.Write("dockercfg", util::StrCat("{\"a.io\":", AuthEntry("legacy:s"), "}"))};
  CHECK(UserOf(options) == "exclusive");
  options.exclusive_file.clear();
  CHECK(UserOf(options) == "inline");
  options.inline_config.clear();
  CHECK(UserOf(options) == "docker");
  options.docker_config.clear();
  CHECK(UserOf(options) == "run");
  options.auth_files.erase(options.auth_files.begin());
  CHECK(UserOf(options) == "home");
  options.auth_files.clear();
  CHECK(UserOf(options) == "legacy");
}

TEST_CASE("Keychain: the longest prefix of one file comes before the next file") {
  const CredentialFolder folder;
  const KeychainOptions options{
      .docker_config = folder.Write("config.json", AuthFile("a.io", "host:s")),
      .auth_files = {folder.Write("auth.json", AuthFile("a.io/ns/app", "app:s"))}};
  CHECK(UserOf(options) == "host");
}

TEST_CASE("Keychain: an exclusive file is the only one, and must be there") {
  const CredentialFolder folder;
  KeychainOptions options{.exclusive_file = folder.Write("auth.json", "{}"),
                          .inline_config = AuthFile("a.io", "inline:s"),
                          .docker_config = folder.Write("c.json", AuthFile("a.io", "docker:s"))};
  CHECK(UserOf(options).empty());
  options.exclusive_file = folder / "missing.json";
  const Error error = Failure(options);
  CHECK(error.code() == Code::kBadInput);
  CHECK(Contains(error.message(), "missing.json"));
}

TEST_CASE("Keychain: files that are missing are passed over") {
  const CredentialFolder folder;
  const KeychainOptions options{
      .docker_config = folder / "no/such/config.json",
      .auth_files = {folder / "nothing", folder.Write("auth.json", AuthFile("a.io", "bob:s"))},
      .legacy_file = folder / "dockercfg"};
  CHECK(UserOf(options) == "bob");
}

TEST_CASE("Keychain: a file that cannot be used ends the search, and is named") {
  const CredentialFolder folder;
  KeychainOptions options{.docker_config = folder.Write("bad.json", R"({"auths":{"a.io":"c2V"}})"),
                          .auth_files = {folder.Write("auth.json", AuthFile("a.io", "bob:s"))}};
  Error error = Failure(options);
  CHECK(error.code() == Code::kBadInput);
  CHECK(Contains(error.message(), "bad.json"));
  CHECK_FALSE(Contains(error.message(), "c2V"));
  options.docker_config = folder.path();  // a folder
  CHECK(Contains(Failure(options).message(), folder.path()));
  options.docker_config.clear();
  options.inline_config = "{";
  CHECK(Contains(Failure(options).message(), "DOCKER_AUTH_CONFIG"));
}

TEST_CASE("Keychain: a file without permission is no file that is missing") {
  if (::geteuid() == 0) return;  // root reads everything
  const CredentialFolder folder;
  const std::string path = folder.Write("config.json", "{}");
  ::chmod(path.c_str(), 0);
  CHECK(Contains(Failure({.docker_config = path}).message(), "Permission denied"));
}

TEST_CASE("Keychain: an entry that cannot be decoded names file and entry alone") {
  const CredentialFolder folder;
  const KeychainOptions options{
      .docker_config = folder.Write("config.json", R"({"auths":{"a.io":{"auth":"s3cret"}}})")};
  const Error error = Failure(options);
  CHECK(Contains(error.message(), "config.json"));
  CHECK(Contains(error.message(), "a.io"));
  CHECK_FALSE(Contains(error.message(), "s3cret"));
  CHECK(UserOf(options, "b.io/x").empty());
}

TEST_CASE("Keychain: docker's helpers come before what stands in its file") {
  const CredentialFolder folder;
  folder.AddHelper("host", Answer("host", "s"));
  folder.AddHelper("store", Answer("store", "s"));
  const std::string config =
      util::StrCat(R"({"credsStore":"store","credHelpers":{"a.io":"host"},"auths":{"a.io":)",
                   AuthEntry("file:s"), R"(,"b.io":)", AuthEntry("file:s"), "}}");
  const KeychainOptions options{.docker_config = folder.Write("config.json", config)};
  CHECK(UserOf(options) == "host");
  CHECK(UserOf(options, "b.io/x") == "store");
}

TEST_CASE("Keychain: a helper that has none leads to the file, and to the next file") {
  const CredentialFolder folder;
  folder.AddHelper("store", kHasNone);
  const std::string config =
      util::StrCat(R"({"credsStore":"store","auths":{"a.io":)", AuthEntry("file:s"), "}}");
  const KeychainOptions options{
      .docker_config = folder.Write("config.json", config),
      .auth_files = {folder.Write("auth.json", AuthFile("b.io", "podman:s"))}};
  CHECK(UserOf(options) == "file");
  CHECK(UserOf(options, "b.io/x") == "podman");
}

TEST_CASE("Keychain: a helper that fails ends the search, with the file that names it") {
  const CredentialFolder folder;
  folder.AddHelper("store", "echo s3cret; exit 1");
  const KeychainOptions options{
      .docker_config = folder.Write("config.json", R"({"credsStore":"store"})"),
      .auth_files = {folder.Write("auth.json", AuthFile("a.io", "bob:s"))}};
  const Error error = Failure(options);
  CHECK(Contains(error.message(), "config.json"));
  CHECK(Contains(error.message(), "docker-credential-store"));
  CHECK(Contains(error.message(), "a.io"));
  CHECK_FALSE(Contains(error.message(), "s3cret"));
}

TEST_CASE("Keychain: a helper with the name of a path is not run") {
  const CredentialFolder folder;
  const KeychainOptions options{.docker_config =
                                    folder.Write("config.json", R"({"credsStore":"../evil"})")};
  CHECK(Failure(options).code() == Code::kBadInput);
}

TEST_CASE("Keychain: podman's file has helpers of hosts and no credsStore") {
  const CredentialFolder folder;
  folder.AddHelper("host", Answer("host", "s"));
  folder.AddHelper("store", Answer("store", "s"));
  const std::string file = R"({"credsStore":"store","credHelpers":{"a.io":"host"}})";
  const KeychainOptions options{.auth_files = {folder.Write("auth.json", file)}};
  CHECK(UserOf(options) == "host");
  CHECK(UserOf(options, "b.io/x").empty());
}

TEST_CASE("Keychain: a helper is asked once for a host, from however many threads") {
  const CredentialFolder folder;
  folder.AddHelper("store", "sleep 0.1; " + Answer("store", "s"));
  const auto keychain =
      NewKeychain({.docker_config = folder.Write("config.json", R"({"credsStore":"store"})")});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { CHECK(keychain->Find(RepositoryOf(kImage)).value()); });
    }
  }
  CHECK(keychain->Find(RepositoryOf("a.io/other")).value());
  CHECK(folder.Read("calls") == "get a.io\n");
  CHECK(keychain->Find(RepositoryOf("b.io/x")).value());
  CHECK(folder.Read("calls") == "get a.io\nget b.io\n");
}

TEST_CASE("Keychain: also that a helper has none is remembered") {
  const CredentialFolder folder;
  folder.AddHelper("store", kHasNone);
  const auto keychain =
      NewKeychain({.docker_config = folder.Write("config.json", R"({"credsStore":"store"})")});
  CHECK_FALSE(keychain->Find(RepositoryOf(kImage)).value());
  CHECK_FALSE(keychain->Find(RepositoryOf(kImage)).value());
  CHECK(folder.Read("calls") == "get a.io\n");
}

TEST_CASE("Keychain: a pipe is read once") {
  const CredentialFolder folder;
  const std::string pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::jthread writer([&] { CHECK(util::WriteResultFile(pipe, AuthFile("a.io", "b:s"), 0).ok()); });
  const auto keychain = NewKeychain({.exclusive_file = pipe});
  CHECK(keychain->Find(RepositoryOf(kImage)).value());
  CHECK(keychain->Find(RepositoryOf("a.io/other")).value());
}

TEST_CASE("Explain: every look in its order, and what is behind the end of the search") {
  const CredentialFolder folder;
  folder.AddHelper("store", kHasNone);
  const std::string config = R"({"credsStore":"store","auths":{"a.io":{}}})";
  const KeychainOptions options{
      .inline_config = "{}",
      .docker_config = folder.Write("config.json", config),
      .auth_files = {folder / "missing",
                     folder.Write("auth.json", AuthFile("a.io/ns", "bob:s3cret"))},
      .legacy_file = folder / "dockercfg"};
  const KeychainSearch search = Explain(options, RepositoryOf(kImage));
  REQUIRE(search.steps.size() == 6);
  CHECK(search.steps[0].place == Place::kInlineConfig);
  CHECK(search.steps[0].outcome == Outcome::kNone);
  CHECK(search.steps[1].place == Place::kDockerConfig);
  CHECK(search.steps[1].helper == "store");
  CHECK(search.steps[1].outcome == Outcome::kNone);
  CHECK(search.steps[2].place == Place::kDockerConfig);
  CHECK(search.steps[2].helper.empty());
  CHECK(search.steps[2].outcome == Outcome::kNone);
  CHECK(search.steps[3].outcome == Outcome::kMissing);
  CHECK(search.steps[3].path == folder / "missing");
  CHECK(search.steps[4].outcome == Outcome::kUsed);
  CHECK(search.steps[4].key == "a.io/ns");
  CHECK(search.steps[4].detail == "user \"bob\"");
  CHECK(search.steps[5].place == Place::kLegacyFile);
  CHECK(search.steps[5].outcome == Outcome::kNotLookedAt);
  CHECK(search.found.value()->password == "s3cret");
}

TEST_CASE("Explain: what failed has the reason, and Find gives the same error") {
  const CredentialFolder folder;
  const KeychainOptions options{.docker_config = folder.Write("config.json", "["),
                                .legacy_file = folder / "dockercfg"};
  const KeychainSearch search = Explain(options, RepositoryOf(kImage));
  REQUIRE(search.steps.size() == 2);
  CHECK(search.steps[0].outcome == Outcome::kFailed);
  CHECK(search.steps[0].detail == Failure(options).message());
  CHECK(search.steps[1].outcome == Outcome::kNotLookedAt);
  CHECK(search.found.error().message() == Failure(options).message());
}

TEST_CASE("Explain: what is given is one step") {
  const KeychainSearch search =
      Explain({.given = Credential{.registry_token = "s3cret"}}, RepositoryOf(kImage));
  REQUIRE(search.steps.size() == 1);
  CHECK(search.steps[0].place == Place::kGiven);
  CHECK(search.steps[0].detail == "registry token");
}

}  // namespace
}  // namespace ociship::registry
