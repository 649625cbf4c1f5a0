// SPDX-License-Identifier: Apache-2.0
#include "services/ambient_tokens.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include "fake_transport.h"
#include "http/curl_transport.h"
#include "temp_folder.h"
#include "tiny_server.h"
#include "tokens.h"
#include "util/file.h"

namespace ociship::services {
namespace {

using testing::Claims;
using testing::FakeTransport;
using testing::GoodToken;
using testing::Jwt;
using testing::Lost;
using testing::Reply;
using testing::TinyConnection;
using testing::TinyServer;
using util::StrCat;

constexpr std::string_view kSecret = "the-token-that-asks";

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Nothing of the machine that the test runs on.
AmbientEnvironment Nothing() {
  AmbientEnvironment environment;
  environment.token_file = "/nowhere/oidc-token";
  environment.spiffe_usual_socket = "/nowhere/api.sock";
  environment.product_name_file = "/nowhere/product_name";
  return environment;
}

struct Fixture : testing::TokenEffects {
  Result<IdentityToken> Fetch(AmbientProvider provider) {
    return FetchAmbientToken(provider, environment, "sigstore", transport, effects);
  }
  Error Fails(AmbientProvider provider) {
    const auto token = Fetch(provider);
    REQUIRE_FALSE(token.ok());
    CHECK(token.error().message().starts_with(StrCat("identity provider ", Name(provider), ": ")));
    CHECK_FALSE(Contains(token.error().message(), kSecret));
    CHECK_FALSE(Contains(token.error().message(), "eyJ"));
    return token.error();
  }
  void SetGitHub() {
    environment.actions_request_url = "https://actions.example/token?api-version=2";
    environment.actions_request_token = kSecret;
  }
  void SetBuildkite() {
    environment.buildkite_access_token = kSecret;
    environment.buildkite_job_id = "0190/7";
  }
  AmbientEnvironment environment = Nothing();
  FakeTransport transport{""};
};

// A socket that is bound, and to which nobody listens.
class UnixSocket {
 public:
  explicit UnixSocket(std::string path)
      : path_(std::move(path)), socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path_.size() < sizeof address.sun_path);
    path_.copy(address.sun_path, path_.size());
    REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  util::Fd socket_;
};

constexpr const char* kGitHubLine =
    "GET https://actions.example/token?api-version=2&audience=sigstore";
constexpr const char* kBuildkiteLine =
    "POST https://agent.buildkite.com/v3/jobs/0190%2F7/oidc/tokens";
constexpr const char* kMetadata =
    "GET http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/";
constexpr const char* kIamLine =
    "POST https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
    "robot%40a.example:generateIdToken";

TEST_CASE_FIXTURE(Fixture, "the providers stand in the order that is documented") {
  CHECK(FindAmbientProvider(environment) == std::nullopt);
  const testing::TempFolder folder;
  const auto expect = [this](AmbientProvider provider) {
    CHECK(FindAmbientProvider(environment) == provider);
  };
  environment.product_name_file = folder.path() + "/product_name";
  REQUIRE(util::WriteNewFile(environment.product_name_file, "Google Compute Engine\n", 0600).ok());
  expect(AmbientProvider::kGoogleWorkloadIdentity);
  environment.google_service_account = "robot@a.example";
  expect(AmbientProvider::kGoogleImpersonate);
  // Anybody can put a file there.
  environment.spiffe_usual_socket = environment.product_name_file;
  expect(AmbientProvider::kGoogleImpersonate);
  const UnixSocket socket(folder.path() + "/api.sock");
  environment.spiffe_usual_socket = socket.path();
  expect(AmbientProvider::kSpiffe);
  SetBuildkite();
  expect(AmbientProvider::kBuildkiteAgent);
  SetGitHub();
  expect(AmbientProvider::kGitHubActions);
  environment.token_file = environment.product_name_file;
  expect(AmbientProvider::kFilesystem);
  environment.id_token = "x";
  expect(AmbientProvider::kEnvVar);
}

TEST_CASE_FIXTURE(Fixture, "a provider is enabled only by what is meant for it") {
  environment.actions_request_url = "https://actions.example/token";
  environment.buildkite_job_id = "7";
  environment.github_actions = Ci::kYes;
  environment.gitlab_ci = Ci::kYes;
  CHECK(FindAmbientProvider(environment) == std::nullopt);
  const testing::TempFolder folder;
  environment.product_name_file = folder.path() + "/product_name";
  REQUIRE(util::WriteNewFile(environment.product_name_file, "Googol\n", 0600).ok());
  CHECK(FindAmbientProvider(environment) == std::nullopt);
  environment.gce_metadata_host = "169.254.169.254";
  CHECK(FindAmbientProvider(environment) == AmbientProvider::kGoogleWorkloadIdentity);
  environment.spiffe_endpoint_socket = "unix:///run/api.sock";
  CHECK(FindAmbientProvider(environment) == AmbientProvider::kSpiffe);
}

TEST_CASE("names of providers are those of cosign, and no others") {
  for (const char* name : {"envvar", "filesystem", "github-actions", "buildkite-agent", "spiffe",
                           "google-impersonate", "google-workload-identity"}) {
    CHECK(Name(ParseAmbientProvider(name).value()) == name);
  }
  for (const char* name : {"", "github", "Spiffe"}) {
    CHECK(ParseAmbientProvider(name).error().code() == Code::kUsage);
  }
  CHECK(
      Contains(ParseAmbientProvider("x").error().message(), "envvar, filesystem, github-actions"));
}

TEST_CASE_FIXTURE(Fixture, "a variable and a file hold the token itself") {
  environment.id_token = GoodToken();
  CHECK(Fetch(AmbientProvider::kEnvVar).value().jwt() == GoodToken());
  const testing::TempFolder folder;
  environment.token_file = folder.path() + "/oidc-token";
  REQUIRE(util::WriteNewFile(environment.token_file, GoodToken() + "\n", 0600).ok());
  CHECK(Fetch(AmbientProvider::kFilesystem).value().jwt() == GoodToken());
  CHECK(transport.lines().empty());
}

TEST_CASE_FIXTURE(Fixture, "a variable and a file without a good token are refused") {
  CHECK(Contains(Fails(AmbientProvider::kEnvVar).message(), "SIGSTORE_ID_TOKEN is not set"));
  environment.id_token = Jwt(R"({"iss":"a","sub":"b","exp":784112077,"aud":"https://gitlab"})");
  CHECK(Contains(Fails(AmbientProvider::kEnvVar).message(), "not for \"sigstore\""));
  CHECK(Fails(AmbientProvider::kFilesystem).code() == Code::kUnauthorized);
  const testing::TempFolder folder;
  environment.token_file = folder.path() + "/oidc-token";
  REQUIRE(
      util::WriteNewFile(environment.token_file, std::string(kMaxTokenBytes + 1, 'x'), 0600).ok());
  CHECK(Fails(AmbientProvider::kFilesystem).code() == Code::kUnauthorized);
  environment.token_file = folder.path();
  CHECK(Fails(AmbientProvider::kFilesystem).code() == Code::kUnauthorized);
}

TEST_CASE_FIXTURE(Fixture, "GitHub is asked with the token of the job, and again after a fault") {
  SetGitHub();
  transport.On(kGitHubLine, {.status = 500})
      .On(kGitHubLine, {.body = StrCat(R"({"count":1,"value":")", GoodToken(), "\"}")});
  CHECK(Fetch(AmbientProvider::kGitHubActions).value().jwt() == GoodToken());
  CHECK(transport.seen(1).headers.Get("authorization") == StrCat("bearer ", kSecret));
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "what GitHub refuses is told with what to do") {
  const std::string missing = Fails(AmbientProvider::kGitHubActions).message();
  CHECK(Contains(missing, "permissions: id-token: write"));
  CHECK(Contains(missing, "forks"));
  SetGitHub();
  for (const int status : {401, 403, 404}) {
    CAPTURE(status);
    transport.On(kGitHubLine, {.status = status, .body = std::string(kSecret)});
    const Error error = Fails(AmbientProvider::kGitHubActions);
    CHECK(error.code() == Code::kUnauthorized);
    CHECK(Contains(error.message(), "permissions: id-token: write"));
  }
  for (int i = 0; i < 3; ++i) transport.On(kGitHubLine, {.status = 503});
  CHECK(Fails(AmbientProvider::kGitHubActions).code() == Code::kUnavailable);
  for (int i = 0; i < 3; ++i) transport.On(kGitHubLine, {.error = Lost()});
  CHECK(Fails(AmbientProvider::kGitHubActions).code() == Code::kUnavailable);
  transport.On(kGitHubLine, {.status = 302, .headers = {{"Location", "https://evil.example/"}}});
  CHECK(Fails(AmbientProvider::kGitHubActions).code() == Code::kUnavailable);
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "an answer of GitHub's that is no token is refused") {
  SetGitHub();
  for (const char* body : {"", "[]", "{}", R"({"value":7})", R"({"value":""})", "<html>"}) {
    CAPTURE(body);
    transport.On(kGitHubLine, {.body = body});
    CHECK(Fails(AmbientProvider::kGitHubActions).code() == Code::kUnavailable);
  }
  const std::string other = R"({"iss":"a","sub":"b","exp":784112077,"aud":"other"})";
  transport.On(kGitHubLine, {.body = R"({"value":"nonsense"})"})
      .On(kGitHubLine, {.body = StrCat(R"({"value":")", Jwt(other), "\"}")});
  CHECK(Fails(AmbientProvider::kGitHubActions).code() == Code::kUnauthorized);
  CHECK(Contains(Fails(AmbientProvider::kGitHubActions).message(), "not for \"sigstore\""));
}

TEST_CASE_FIXTURE(Fixture, "a token is not sent over http to another machine, nor anywhere else") {
  SetGitHub();
  environment.actions_request_url = "http://actions.example/token";
  CHECK(Fails(AmbientProvider::kGitHubActions).code() == Code::kUsage);
  environment.actions_request_url = "ftp://actions.example/token";
  CHECK(Fails(AmbientProvider::kGitHubActions).code() == Code::kUsage);
  SetBuildkite();
  environment.buildkite_endpoint = "http://agent.example/v3";
  CHECK(Fails(AmbientProvider::kBuildkiteAgent).code() == Code::kUsage);
  environment.gce_metadata_host = "metadata.example";
  CHECK(Fails(AmbientProvider::kGoogleWorkloadIdentity).code() == Code::kUsage);
  CHECK(transport.lines().empty());
}

TEST_CASE_FIXTURE(Fixture, "Buildkite is asked as its agent asks") {
  CHECK(Contains(Fails(AmbientProvider::kBuildkiteAgent).message(), "not set"));
  SetBuildkite();
  transport.On(kBuildkiteLine, {.body = StrCat(R"({"token":")", GoodToken(), "\"}")});
  CHECK(Fetch(AmbientProvider::kBuildkiteAgent).value().jwt() == GoodToken());
  CHECK(transport.seen(0).headers.Get("authorization") == StrCat("Token ", kSecret));
  CHECK(transport.seen(0).body == R"({"audience":"sigstore"})");
  environment.buildkite_endpoint = "https://agent.example/v3/";
  transport.On("POST https://agent.example/v3/jobs/0190%2F7/oidc/tokens",
               {.status = 403, .body = StrCat(R"({"message":"no )", kSecret, "\"}")});
  const Error error = Fails(AmbientProvider::kBuildkiteAgent);
  CHECK(error.code() == Code::kUnauthorized);
  CHECK(Contains(error.message(), "says 403: no (secret)"));
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "the metadata server answers with the token itself") {
  const std::string line = StrCat(kMetadata, "identity?audience=sigstore&format=full");
  transport.On(line, {.body = GoodToken() + "\n"})
      .On(line, {.status = 404, .body = "no account"})
      .On(line, {.body = "<html>"});
  CHECK(Fetch(AmbientProvider::kGoogleWorkloadIdentity).value().jwt() == GoodToken());
  CHECK(transport.seen(0).headers.Get("metadata-flavor") == "Google");
  CHECK(Contains(Fails(AmbientProvider::kGoogleWorkloadIdentity).message(), "404: no account"));
  CHECK(Fails(AmbientProvider::kGoogleWorkloadIdentity).code() == Code::kUnauthorized);
}

TEST_CASE_FIXTURE(Fixture, "to be another service account two are asked") {
  CHECK(Contains(Fails(AmbientProvider::kGoogleImpersonate).message(), "not set"));
  environment.google_service_account = "robot@a.example";
  const std::string access = StrCat(R"({"access_token":")", kSecret, R"(","expires_in":9})");
  transport.On(StrCat(kMetadata, "token"), {.body = access})
      .On(kIamLine, {.body = StrCat(R"({"token":")", GoodToken(), "\"}")});
  CHECK(Fetch(AmbientProvider::kGoogleImpersonate).value().jwt() == GoodToken());
  CHECK(transport.seen(1).headers.Get("authorization") == StrCat("Bearer ", kSecret));
  CHECK(transport.seen(1).body == R"({"audience":"sigstore","includeEmail":true})");
  transport.On(StrCat(kMetadata, "token"), {.body = access})
      .On(kIamLine, {.status = 403, .body = StrCat(R"({"error":{"message":")", kSecret, "\"}}")});
  CHECK(
      Contains(Fails(AmbientProvider::kGoogleImpersonate).message(), "serviceAccountTokenCreator"));
  transport.On(StrCat(kMetadata, "token"), {.body = "{}"});
  CHECK(Fails(AmbientProvider::kGoogleImpersonate).code() == Code::kUnavailable);
  CHECK(transport.done());
}

TEST_CASE_FIXTURE(Fixture, "what to set is said where we run") {
  CHECK(Contains(ExplainNoAmbientToken(environment), "SIGSTORE_ID_TOKEN"));
  environment.gitlab_ci = Ci::kYes;
  CHECK(
      Contains(ExplainNoAmbientToken(environment), "id_tokens: SIGSTORE_ID_TOKEN: aud: sigstore"));
  environment.github_actions = Ci::kYes;
  CHECK(Contains(ExplainNoAmbientToken(environment), "permissions: id-token: write"));
  CHECK(Contains(ExplainNoAmbientToken(environment), "forks"));
}

TEST_CASE_FIXTURE(Fixture, "real answers are read as scripted ones, and a huge one is given up") {
  const auto answer = [](std::string body) {
    return [body = std::move(body)](TinyConnection& connection) {
      connection.ReadHeader();
      connection.Send(StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n", body));
    };
  };
  const auto curl = http::NewCurlTransport({});
  const auto fetch = [&](const TinyServer& server) {
    environment.gce_metadata_host = server.authority();
    return FetchAmbientToken(AmbientProvider::kGoogleWorkloadIdentity, environment, "sigstore",
                             *curl, effects);
  };
  const TinyServer good({answer(GoodToken())});
  CHECK(fetch(good).value().jwt() == GoodToken());
  const auto huge = answer(std::string(300'000, 'x'));
  const TinyServer bad({huge, huge, huge});
  const auto token = fetch(bad);
  REQUIRE_FALSE(token.ok());
  CHECK(token.error().code() == Code::kUnavailable);
}

}  // namespace
}  // namespace ociship::services
