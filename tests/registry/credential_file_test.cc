// SPDX-License-Identifier: Apache-2.0
#include "registry/credential_file.h"

#include <doctest/doctest.h>

#include "credential_fixture.h"

namespace ociship::registry {
namespace {

CredentialFile Parse(std::string_view text, CredentialFormat format = CredentialFormat::kDocker) {
  auto file = CredentialFile::Parse(text, format);
  if (!file.ok()) FAIL(file.error().message());
  return std::move(file).value();
}

std::string Refusal(std::string_view text, CredentialFormat format = CredentialFormat::kDocker) {
  const auto file = CredentialFile::Parse(text, format);
  REQUIRE_FALSE(file.ok());
  CHECK(file.error().code() == Code::kBadInput);
  return file.error().message();
}

// The user that `file` has for a reference; "" when there is none.
std::string UserFor(const CredentialFile& file, std::string_view reference) {
  const CredentialEntry* entry = file.Find(RepositoryOf(reference));
  if (entry == nullptr) return "";
  const auto credential = entry->Decode();
  REQUIRE(credential.ok());
  return credential.value().username;
}

Result<Credential> Decode(std::string_view entry) {
  const CredentialFile file = Parse(util::StrCat(R"({"auths":{"a.io":)", entry, "}}"));
  REQUIRE(file.entries().size() == 1);
  return file.entries().front().Decode();
}

TEST_CASE("CredentialFile: auth is split on its first colon, and NULs are trimmed") {
  const Credential plain = Decode(AuthEntry("bob:a:b")).value();
  CHECK(plain.username == "bob");
  CHECK(plain.password == "a:b");
  const std::string filled("bob:secret\0\0\0", 13);
  CHECK(Decode(AuthEntry(filled)).value().password == "secret");
  CHECK(Decode(AuthEntry("bob:")).value().password.empty());
}

TEST_CASE("CredentialFile: auth with a line end is read as docker reads it") {
  CHECK(Decode(R"({"auth":"Ym9iOnNl\nY3JldA==\n"})").value().password == "secret");
}

TEST_CASE("CredentialFile: auth that is none is refused without its content") {
  for (const std::string entry : {R"({"auth":"Ym9iOnNlY3JldA"})", R"({"auth":"%%%%"})",
                                  R"({"auth":"c2VjcmV0"})", R"({"auth":"bob:secret"})"}) {
    CAPTURE(entry);
    const auto decoded = Decode(entry);
    REQUIRE_FALSE(decoded.ok());
    CHECK(decoded.error().code() == Code::kBadInput);
    CHECK_FALSE(Contains(decoded.error().message(), "secret"));
    CHECK_FALSE(Contains(decoded.error().message(), "Ym9i"));
  }
}

TEST_CASE("CredentialFile: user name and password, identity token, registry token") {
  const Credential pair = Decode(R"({"username":"u","password":"p"})").value();
  CHECK(pair.username == "u");
  CHECK(pair.password == "p");
  const std::string auth = Base64("0000:");
  const Credential identity =
      Decode(util::StrCat(R"({"auth":")", auth, R"(","identitytoken":"refresh"})")).value();
  CHECK(identity.username == "0000");
  CHECK(identity.password.empty());
  CHECK(identity.identity_token == "refresh");
  CHECK(Decode(R"({"registrytoken":"ey.J.x"})").value().registry_token == "ey.J.x");
}

TEST_CASE("CredentialFile: a registry token that could end a header is refused") {
  for (const std::string entry : {R"({"registrytoken":"a\r\nb"})", R"({"registrytoken":"a b"})",
                                  R"({"registrytoken":"ä"})"}) {
    CAPTURE(entry);
    CHECK_FALSE(Decode(entry).ok());
  }
}

TEST_CASE("CredentialFile: an entry that is broken does no harm to another") {
  const CredentialFile file =
      Parse(util::StrCat(R"({"auths":{"bad.io":{"auth":"%"},"a.io":)", AuthEntry("bob:s"), "}}"));
  CHECK(UserFor(file, "a.io/x") == "bob");
  CHECK_FALSE(file.Find(RepositoryOf("bad.io/x"))->Decode().ok());
}

TEST_CASE("CredentialFile: keys in all their forms mean a host") {
  for (const std::string key : {"ghcr.io", "https://ghcr.io", "https://ghcr.io/v1/", "ghcr.io/",
                                "http://ghcr.io/v2/", "ghcr.io/v1/", "GHCR.io", "ghcr.io/v2"}) {
    CAPTURE(key);
    const CredentialFile file =
        Parse(util::StrCat(R"({"auths":{")", key, "\":", AuthEntry("bob:s"), "}}"));
    CHECK(UserFor(file, "ghcr.io/acme/app") == "bob");
    CHECK(UserFor(file, "ghcr.io:443/acme/app").empty());
    CHECK(UserFor(file, "example.com/ghcr.io").empty());
  }
}

TEST_CASE("CredentialFile: the port is a part of the host") {
  const CredentialFile file =
      Parse(util::StrCat(R"({"auths":{"127.0.0.1:5000":)", AuthEntry("bob:s"), "}}"));
  CHECK(UserFor(file, "127.0.0.1:5000/app") == "bob");
  CHECK(UserFor(file, "127.0.0.1:5001/app").empty());
  CHECK(UserFor(file, "127.0.0.1/app").empty());
}

TEST_CASE("CredentialFile: Docker Hub has many names") {
  for (const std::string key : {"docker.io", "index.docker.io", "https://index.docker.io/v1/",
                                "registry-1.docker.io", "index.docker.io/v1/"}) {
    CAPTURE(key);
    const CredentialFile file =
        Parse(util::StrCat(R"({"auths":{")", key, "\":", AuthEntry("bob:s"), "}}"));
    CHECK(UserFor(file, "alpine") == "bob");
    CHECK(UserFor(file, "quay.io/alpine").empty());
  }
  CHECK(ServerKey("docker.io") == "https://index.docker.io/v1/");
  CHECK(ServerKey("ghcr.io") == "ghcr.io");
}

TEST_CASE("CredentialFile: of keys that mean the same the usual one counts, and markers do not") {
  const CredentialFile two =
      Parse(util::StrCat(R"({"auths":{"https://a.io/v1/":)", AuthEntry("old:s"), R"(,"a.io":)",
                         AuthEntry("new:s"), "}}"));
  CHECK(UserFor(two, "a.io/x") == "new");
  const CredentialFile marker =
      Parse(util::StrCat(R"({"auths":{"a.io":{},"https://a.io/v1/":)", AuthEntry("old:s"), "}}"));
  CHECK(UserFor(marker, "a.io/x") == "old");
  CHECK(UserFor(Parse(R"({"auths":{"a.io":{"email":"x@y"}}})"), "a.io/x").empty());
}

TEST_CASE("CredentialFile: the longest prefix of the repository wins, at whole components") {
  const std::string text =
      util::StrCat(R"({"auths":{"a.io":)", AuthEntry("host:s"), R"(,"a.io/ns":)", AuthEntry("ns:s"),
                   R"(,"a.io/ns/app":)", AuthEntry("app:s"), "}}");
  for (const auto format : {CredentialFormat::kDocker, CredentialFormat::kContainers}) {
    const CredentialFile file = Parse(text, format);
    CHECK(UserFor(file, "a.io/ns/app") == "app");
    CHECK(UserFor(file, "a.io/ns/app/sub") == "app");
    CHECK(UserFor(file, "a.io/ns/apple") == "ns");
    CHECK(UserFor(file, "a.io/nsx/app") == "host");
    CHECK(UserFor(file, "b.io/ns/app").empty());
  }
}

TEST_CASE("CredentialFile: a key with a scheme has no namespace") {
  const CredentialFile file =
      Parse(util::StrCat(R"({"auths":{"https://a.io/ns":)", AuthEntry("bob:s"), "}}"));
  CHECK(UserFor(file, "a.io/other") == "bob");
}

TEST_CASE("CredentialFile: credHelpers come before credsStore, by the exact host") {
  const std::string text =
      R"({"credsStore":"desktop","credHelpers":{"a.io":"ecr-login","docker.io":"hub","p.io":""}})";
  const CredentialFile docker = Parse(text);
  CHECK(docker.HelperFor("a.io") == "ecr-login");
  CHECK(docker.HelperFor("docker.io") == "hub");
  CHECK(docker.HelperFor("a.io:5000") == "desktop");
  CHECK(docker.HelperFor("p.io").empty());
  const CredentialFile podman = Parse(text, CredentialFormat::kContainers);
  CHECK(podman.HelperFor("a.io") == "ecr-login");
  CHECK(podman.HelperFor("b.io").empty());
}

TEST_CASE("CredentialFile: the legacy file is the map of auths itself") {
  const std::string entries =
      util::StrCat(R"({"https://index.docker.io/v1/":)", AuthEntry("bob:s"), "}");
  CHECK(UserFor(Parse(entries, CredentialFormat::kLegacy), "alpine") == "bob");
  CHECK(UserFor(Parse(entries), "alpine").empty());
}

TEST_CASE("CredentialFile: nothing, null and unknown members are no error") {
  for (const std::string text :
       {"", " \n", "{}", R"({"auths":null,"credHelpers":null,"credsStore":null})",
        R"({"HttpHeaders":{"a":1.5},"proxies":[],"currentContext":true})"}) {
    CAPTURE(text);
    CHECK(Parse(text).entries().empty());
    CHECK(Parse(text).HelperFor("a.io").empty());
  }
}

TEST_CASE("CredentialFile: what is no such file is refused with the reason and without content") {
  CHECK(Contains(Refusal("{\"auths\":{\"a.io\":{\"auth\":\"c2VjcmV0"), "JSON"));
  CHECK(Contains(Refusal("[]"), "not a JSON object"));
  CHECK(Contains(Refusal(R"({"auths":[]})"), "auths"));
  CHECK(Contains(Refusal(R"({"auths":{"a.io":"c2VjcmV0"}})"), "a.io"));
  CHECK(Contains(Refusal(R"({"auths":{"a.io":{"auth":7}}})"), "auth"));
  CHECK(Contains(Refusal(R"({"credHelpers":"x"})"), "credHelpers"));
  CHECK(Contains(Refusal(R"({"credHelpers":{"a.io":1}})"), "credHelpers"));
  CHECK(Contains(Refusal(R"({"credsStore":1})"), "credsStore"));
  CHECK(Contains(Refusal(R"({"a.io":1})", CredentialFormat::kLegacy), "a.io"));
  CHECK(Contains(Refusal("user = bob\n", CredentialFormat::kLegacy), "JSON"));
  for (const std::string text : {"{\"auths\":{\"a.io\":{\"auth\":\"c2VjcmV0", "c2VjcmV0",
                                 R"({"auths":{"a.io":"c2VjcmV0"}})"}) {
    CHECK_FALSE(Contains(Refusal(text), "c2V"));
  }
}

TEST_CASE("CredentialFile: a file over the limit is refused") {
  const std::string space(kMaxCredentialFileBytes - 2, ' ');
  CHECK(CredentialFile::Parse("{}" + space, CredentialFormat::kDocker).ok());
  CHECK(Contains(Refusal("{} " + space), "1 MiB"));
}

TEST_CASE("DescribeCredential: has the user and never a secret") {
  CHECK(DescribeCredential({.username = "bob", .password = "s3cret"}) == "user \"bob\"");
  CHECK(DescribeCredential({.identity_token = "s3cret"}) == "identity token");
  CHECK(DescribeCredential({.username = "0", .identity_token = "s3cret"}) ==
        "identity token of user \"0\"");
  CHECK(DescribeCredential({.username = "bob", .registry_token = "s3cret"}) == "registry token");
}

}  // namespace
}  // namespace ociship::registry
