// SPDX-License-Identifier: Apache-2.0
#include "registry/credential_helper.h"

#include <doctest/doctest.h>

#include "credential_fixture.h"

namespace ociship::registry {
namespace {

constexpr std::string_view kSecret = "s3cret";

Result<std::optional<Credential>> Get(const std::string& host = "a.io") {
  return CredentialHelper::Named("fake", std::chrono::seconds(5)).value().Get(host);
}

std::string Failure(const Result<std::optional<Credential>>& got) {
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().code() == Code::kFailure);
  CHECK(Contains(got.error().message(), "docker-credential-fake"));
  CHECK(Contains(got.error().message(), "a.io"));
  CHECK_FALSE(Contains(got.error().message(), kSecret));
  return got.error().message();
}

TEST_CASE("CredentialHelper: get is asked for the server on standard input") {
  const CredentialFolder folder;
  folder.AddHelper("fake", Answer("bob", kSecret));
  const Credential credential = Get().value().value();
  CHECK(credential.username == "bob");
  CHECK(credential.password == kSecret);
  CHECK(credential.identity_token.empty());
  REQUIRE(Get("docker.io").ok());
  CHECK(folder.Read("calls") == "get a.io\nget https://index.docker.io/v1/\n");
}

TEST_CASE("CredentialHelper: the user <token> has an identity token") {
  const CredentialFolder folder;
  folder.AddHelper("fake", Answer("<token>", kSecret));
  const Credential credential = Get().value().value();
  CHECK(credential.identity_token == kSecret);
  CHECK(credential.username.empty());
  CHECK(credential.password.empty());
}

TEST_CASE("CredentialHelper: to have none is no error, however it is said") {
  const CredentialFolder folder;
  for (const std::string& script :
       {std::string(kHasNone), std::string("echo 'no credentials server URL'; exit 1"),
        std::string("echo 'no credentials username'; exit 3"), Answer("", "")}) {
    CAPTURE(script);
    folder.AddHelper("fake", script);
    const auto got = Get();
    REQUIRE(got.ok());
    CHECK_FALSE(got.value());
  }
}

TEST_CASE("CredentialHelper: a failure names helper and host, and shows one line of complaint") {
  const CredentialFolder folder;
  folder.AddHelper("fake", "echo s3cret; printf 'no \\033[1m bus\\nsecond\\n' >&2; exit 4");
  const std::string message = Failure(Get());
  CHECK(Contains(message, "exit status 4: no \\x1b[1m bus"));
  CHECK_FALSE(Contains(message, "second"));
  CHECK_FALSE(Contains(message, "\033"));
  folder.AddHelper("fake", "head -c 5000 /dev/zero | tr '\\0' x >&2; exit 1");
  CHECK(Failure(Get()).size() < 400);
  folder.AddHelper("fake", "exit 1");
  CHECK(Failure(Get()).ends_with("exit status 1"));
}

TEST_CASE("CredentialHelper: 'not found' with exit status 0 is an answer that is none") {
  const CredentialFolder folder;
  folder.AddHelper("fake", "echo credentials not found in native keychain");
  Failure(Get());
}

TEST_CASE("CredentialHelper: an answer that is not the JSON that it must be is not shown") {
  const CredentialFolder folder;
  for (const std::string answer : {"s3cret", R"({"Secret":"s3cret"})", R"({"Username":"bob"})", "",
                                   R"({"Username":7,"Secret":"s3cret"})", R"(["s3cret"])"}) {
    CAPTURE(answer);
    folder.AddHelper("fake", util::StrCat("printf '%s' '", answer, "'"));
    Failure(Get());
  }
}

TEST_CASE("CredentialHelper: one that is not installed, writes too much or hangs is a failure") {
  const CredentialFolder folder;
  CHECK(Contains(Failure(Get()), "cannot start"));
  folder.AddHelper("fake", "head -c 70000 /dev/zero");
  CHECK(Contains(Failure(Get()), "64 KiB"));
  folder.AddHelper("fake", "exec sleep 60");
  const CredentialHelper helper = CredentialHelper::Named("fake", std::chrono::seconds(1)).value();
  CHECK(Contains(Failure(helper.Get("a.io")), "took longer than 1 s"));
}

TEST_CASE("CredentialHelper: names lead nowhere but into PATH") {
  for (const std::string name : {"ecr-login", "gcloud", "a_b.c", "9"}) {
    CHECK(CredentialHelper::Named(name).ok());
  }
  for (const std::string& name :
       {std::string(), std::string("../x"), std::string("a/b"), std::string("a b"),
        std::string("a;b"), std::string("a\nb"), std::string("ä"), std::string(101, 'a')}) {
    CAPTURE(name);
    const auto helper = CredentialHelper::Named(name);
    REQUIRE_FALSE(helper.ok());
    CHECK(helper.error().code() == Code::kBadInput);
  }
}

TEST_CASE("CredentialHelper: store hands JSON over, escaped") {
  const CredentialFolder folder;
  folder.AddHelper("fake", "");
  const CredentialHelper helper = CredentialHelper::Named("fake").value();
  REQUIRE(helper.Store("docker.io", {.username = "bob", .password = "s\"3$(id)"}).ok());
  CHECK(folder.Read("calls") ==
        "store {\"ServerURL\":\"https://index.docker.io/v1/\",\"Username\":\"bob\","
        "\"Secret\":\"s\\\"3$(id)\"}\n");
}

TEST_CASE("CredentialHelper: a store that fails is a failure, also when nothing is found") {
  const CredentialFolder folder;
  const CredentialHelper helper = CredentialHelper::Named("fake").value();
  for (const std::string& script :
       {std::string(kHasNone), std::string("echo s3cret >&2; exit 1")}) {
    folder.AddHelper("fake", script);
    const Status stored = helper.Store("a.io", {.username = "bob", .password = "p"});
    REQUIRE_FALSE(stored.ok());
    CHECK(stored.error().code() == Code::kFailure);
  }
}

TEST_CASE("CredentialHelper: erase says whether there was something") {
  const CredentialFolder folder;
  const CredentialHelper helper = CredentialHelper::Named("fake").value();
  folder.AddHelper("fake", "");
  CHECK(helper.Erase("a.io").ok());
  CHECK(folder.Read("calls") == "erase a.io\n");
  folder.AddHelper("fake", kHasNone);
  CHECK(helper.Erase("a.io").error().code() == Code::kNotFound);
  folder.AddHelper("fake", "exit 1");
  CHECK(helper.Erase("a.io").error().code() == Code::kFailure);
}

}  // namespace
}  // namespace ociship::registry
