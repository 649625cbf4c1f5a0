// SPDX-License-Identifier: Apache-2.0
#include "cli/identity_options.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "fake_context.h"
#include "temp_folder.h"
#include "util/file.h"

namespace ociship::cli {
namespace {

using services::AmbientProvider;
using services::Ci;
using services::IdentityRequest;
using services::LoginFlow;

constexpr const char* kToken = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl";

// Makes standard input a file with this text while it lives.
class Input {
 public:
  explicit Input(std::string_view text)
      : file_(memfd_create("stdin", 0)), real_(dup(STDIN_FILENO)) {
    REQUIRE(write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    lseek(file_, 0, SEEK_SET);
    dup2(file_, STDIN_FILENO);
  }
  ~Input() {
    dup2(real_, STDIN_FILENO);
    close(real_);
    close(file_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

 private:
  int file_;
  int real_;
};

struct Fixture : testing::FakeContext {
  Result<IdentityRequest> Read(StandardInput input = StandardInput::kFree) {
    return ReadIdentity(flags, input, context);
  }
  Error Fails(StandardInput input = StandardInput::kFree) {
    const auto request = Read(input);
    REQUIRE_FALSE(request.ok());
    CHECK(request.error().message().find("eyJ") == std::string::npos);
    return request.error();
  }
  IdentityFlags flags;
  const testing::TempFolder folder;
};

TEST_CASE_FIXTURE(Fixture, "without a flag and a variable it is Sigstore's issuer and a person") {
  const IdentityRequest request = Read().value();
  CHECK(request.token.empty());
  CHECK_FALSE(request.provider.has_value());
  CHECK(request.ambient == IdentityRequest::Ambient::kYes);
  CHECK(request.environment.id_token.empty());
  CHECK(request.environment.token_file == "/var/run/sigstore/cosign/oidc-token");
  CHECK(request.audience == "sigstore");
  CHECK(request.oidc.issuer == "https://oauth2.sigstore.dev/auth");
  CHECK(request.oidc.client_id == "sigstore");
  CHECK(request.oidc.client_secret.empty());
  CHECK(request.flow == LoginFlow::kAuto);
}

TEST_CASE_FIXTURE(Fixture, "a value that looks like a token is one") {
  flags.token = kToken;
  CHECK(Read().value().token == kToken);
}

TEST_CASE_FIXTURE(Fixture, "another value is a file with the token, also one with two dots") {
  for (const char* name : {"token", "ci.token.jwt"}) {
    const std::string path = folder / name;
    REQUIRE(util::WriteNewFile(path, std::string(" ") + kToken + "\r\n", 0600).ok());
    flags.token = path;
    CHECK(Read().value().token == kToken);
  }
  flags.token = folder / "none";
  CHECK(Fails().code() == Code::kBadInput);
  flags.token = folder / "empty";
  REQUIRE(util::WriteNewFile(flags.token, " \n", 0600).ok());
  CHECK(Fails().code() == Code::kBadInput);
  flags.token = folder / "huge";
  REQUIRE(util::WriteNewFile(flags.token, std::string((64 << 10) + 1, 'x'), 0600).ok());
  CHECK(Fails().code() == Code::kBadInput);
}

TEST_CASE_FIXTURE(Fixture, "half a token is not shown") {
  flags.token = std::string(kToken).substr(0, 30);
  CHECK(Fails().code() == Code::kBadInput);
  flags.token = std::string(kToken) + "/x";
  CHECK(Fails().code() == Code::kBadInput);
}

TEST_CASE_FIXTURE(Fixture, "a dash is standard input, where that is free") {
  flags.token = "-";
  {
    const Input input(std::string(kToken) + "\n");
    CHECK(Read().value().token == kToken);
  }
  {
    const Input input("\n");
    CHECK(Fails().code() == Code::kBadInput);
  }
  CHECK(Fails(StandardInput::kArchive).code() == Code::kUsage);
  CHECK(Fails(StandardInput::kRegistryPassword).code() == Code::kUsage);
}

TEST_CASE_FIXTURE(Fixture, "every variable stands where it is looked for") {
  environment.variables = {{"SIGSTORE_ID_TOKEN", "1"},
                           {"ACTIONS_ID_TOKEN_REQUEST_URL", "2"},
                           {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "3"},
                           {"GITHUB_ACTIONS", "true"},
                           {"GITLAB_CI", "true"},
                           {"BUILDKITE_AGENT_ACCESS_TOKEN", "4"},
                           {"BUILDKITE_JOB_ID", "5"},
                           {"BUILDKITE_AGENT_ENDPOINT", "6"},
                           {"SPIFFE_ENDPOINT_SOCKET", "7"},
                           {"GOOGLE_SERVICE_ACCOUNT_NAME", "8"},
                           {"GCE_METADATA_HOST", "9"}};
  const services::AmbientEnvironment read = Read().value().environment;
  CHECK(read.id_token == "1");
  CHECK(read.actions_request_url == "2");
  CHECK(read.actions_request_token == "3");
  CHECK(read.github_actions == Ci::kYes);
  CHECK(read.gitlab_ci == Ci::kYes);
  CHECK(read.buildkite_access_token == "4");
  CHECK(read.buildkite_job_id == "5");
  CHECK(read.buildkite_endpoint == "6");
  CHECK(read.spiffe_endpoint_socket == "7");
  CHECK(read.google_service_account == "8");
  CHECK(read.gce_metadata_host == "9");
  environment.variables = {{"GITHUB_ACTIONS", "false"}, {"GITLAB_CI", ""}};
  CHECK(Read().value().environment.github_actions == Ci::kNo);
  CHECK(Read().value().environment.gitlab_ci == Ci::kNo);
}

TEST_CASE_FIXTURE(Fixture, "flags name the issuer, the client and the way") {
  flags.issuer = "https://issuer.example";
  flags.client_id = "me";
  flags.redirect_url = "http://localhost:8000/back";
  flags.client_secret_file = folder / "secret";
  REQUIRE(util::WriteNewFile(flags.client_secret_file, "s3cret\n", 0600).ok());
  const IdentityRequest request = Read().value();
  CHECK(request.oidc.issuer == "https://issuer.example");
  CHECK(request.oidc.client_id == "me");
  CHECK(request.oidc.client_secret == "s3cret");
  CHECK(request.oidc.redirect_url == "http://localhost:8000/back");
  flags.client_secret_file = folder / "none";
  CHECK(Fails().code() == Code::kBadInput);
  flags.client_secret_file = "/dev/null";
  CHECK(Fails().code() == Code::kBadInput);
}

TEST_CASE_FIXTURE(Fixture, "flows and providers have the names of cosign") {
  const auto flow = [this](const char* name) {
    flags.auth_flow = name;
    return Read().value().flow;
  };
  CHECK(flow("normal") == LoginFlow::kBrowser);
  CHECK(flow("device") == LoginFlow::kDevice);
  CHECK(flow("token") == LoginFlow::kNever);
  flags.auth_flow = "client_credentials";
  CHECK(Fails().code() == Code::kUsage);
  flags.auth_flow.clear();
  flags.provider = "spiffe";
  CHECK(Read().value().provider == AmbientProvider::kSpiffe);
  flags.provider = "other";
  CHECK(Fails().code() == Code::kUsage);
}

TEST_CASE_FIXTURE(Fixture, "flags of which one would not be looked at exclude each other") {
  flags.disable_ambient_providers = true;
  CHECK(Read().value().ambient == IdentityRequest::Ambient::kNo);
  flags.provider = "spiffe";
  CHECK(Fails().code() == Code::kUsage);
  flags.disable_ambient_providers = false;
  CHECK(Read().ok());
  flags.token = kToken;
  CHECK(Fails().code() == Code::kUsage);
}

// Remembers the names of flags.
class Names : public FlagSet {
 public:
  void Text(const std::string& names, std::string&, const std::string&,
            const std::string&) override {
    seen.insert(names);
  }
  void List(const std::string& names, std::vector<std::string>&, const std::string&,
            const std::string&) override {
    seen.insert(names);
  }
  void Number(const std::string& names, std::optional<unsigned>&, const std::string&) override {
    seen.insert(names);
  }
  void Switch(const std::string& names, bool&, const std::string&) override { seen.insert(names); }
  std::set<std::string> seen;
};

TEST_CASE_FIXTURE(Fixture, "the flags have the names of cosign") {
  Names names;
  AddIdentityTokenFlags(names, flags);
  CHECK(names.seen == std::set<std::string>{"--identity-token", "--oidc-provider",
                                            "--oidc-disable-ambient-providers", "--oidc-issuer",
                                            "--oidc-client-id", "--oidc-client-secret-file",
                                            "--oidc-redirect-url", "--fulcio-auth-flow"});
}

}  // namespace
}  // namespace ociship::cli
