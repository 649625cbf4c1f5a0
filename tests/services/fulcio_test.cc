// SPDX-License-Identifier: Apache-2.0
#include "services/fulcio.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "answering_transport.h"
#include "fake_clock.h"
#include "fake_fulcio.h"
#include "services/failure.h"

namespace ociship::services {
namespace {

using deployment::Fault;
using deployment::Plan;
using deployment::San;
using sigstore::Threshold;
using std::chrono::seconds;
using testing::FakeFulcio;
using testing::FakeTokens;
using testing::Reply;
using testing::Seen;

constexpr std::string_view kFulcio = "https://fulcio.example";

sigstore::ServiceChoice Fulcios(const std::vector<std::string>& urls) {
  sigstore::ServiceChoice choice{.candidates = {}, .needed = 1};
  for (const std::string& url : urls) choice.candidates.push_back({.url = url});
  return choice;
}

struct Fixture {
  explicit Fixture(Plan plan = {}, std::string claims = {})
      : fulcio{.plan = plan},
        tokens(claims.empty() ? testing::HonestClaims(plan) : std::move(claims)) {
    clock.now = std::chrono::sys_seconds(seconds(deployment::kIntegrated));
  }
  CertificateSource& Source() {
    if (!source) {
      source.emplace(caller, tokens, choice, root ? *root : fulcio.Root(), certificate_logs, clock);
    }
    return *source;
  }
  Result<SigningCertificate> Get() { return Source().Get(); }
  // kSigningService for this reason, after one request.
  void CheckLie(std::string_view reason) {
    const auto refused = Get();
    REQUIRE_FALSE(refused.ok());
    CAPTURE(refused.error().message());
    CHECK(refused.error().code() == Code::kSigningService);
    CHECK(refused.error().reason() == reason);
    CHECK(FailureOf(refused.error()) == Failure::kLie);
    CHECK(refused.error().message().starts_with("Fulcio https://fulcio.example gave "));
    CHECK(transport.seen().size() == 1);
  }

  FakeFulcio fulcio;
  FakeTokens tokens;
  testing::FakeClock clock;
  Cancel cancel;
  // Instead of a certificate.
  std::vector<Reply> replies = {};
  testing::AnsweringTransport transport{[this](const Seen& asked) {
    if (replies.empty()) return fulcio.Issue(asked);
    const Reply reply = replies.front();
    replies.erase(replies.begin());
    return reply;
  }};
  ServiceCaller caller{transport, Effects{.clock = clock, .cancel = cancel}};
  sigstore::ServiceChoice choice = Fulcios({std::string(kFulcio)});
  std::optional<sigstore::TrustRoot> root = {};
  Threshold certificate_logs = Threshold::Require(1);
  std::optional<CertificateSource> source = {};
};

TEST_CASE_FIXTURE(Fixture, "Get: what is asked, and a certificate of our key") {
  const auto certificate = Get();
  REQUIRE(certificate.ok());
  CHECK(certificate.value().leaf().public_key().der() ==
        certificate.value().key().public_key().der());
  REQUIRE(transport.seen().size() == 1);
  const Seen& seen = transport.seen()[0];
  CHECK(seen.line == "POST https://fulcio.example/api/v2/signingCert");
  CHECK(seen.headers.Get("Content-Type") == "application/json");
  CHECK(seen.headers.Get("Authorization") == "Bearer " + testing::JwtOf(testing::HonestClaims({})));
  CHECK(seen.body.starts_with("{\"publicKeyRequest\":{\"publicKey\":{\"algorithm\":\"ECDSA\","));
  CHECK(fulcio.posted_key == certificate.value().key().public_key().Pem());
  CHECK(fulcio.Proves("repo:acme/app:ref:refs/heads/a@b"));
  CHECK_FALSE(fulcio.Proves("somebody else"));
}

TEST_CASE("Get: identities of all kinds that Fulcio knows are accepted") {
  for (const San san : {San::kUri, San::kEmail, San::kOtherName}) {
    Fixture fixture({.san = san});
    CHECK(fixture.Get().ok());
  }
  Fixture email({.san = San::kEmail});
  REQUIRE(email.Get().ok());
  CHECK(email.fulcio.Proves("dev@acme.example"));
}

TEST_CASE("Get: what is not as it should be is refused") {
  const struct {
    Fault fault;
    std::string_view reason;
  } kCases[] = {
      {Fault::kSctMissing, "sct-missing"},
      {Fault::kSctUnknownLog, "sct-threshold"},
      {Fault::kSctFlipped, "sct-signature"},
      {Fault::kSctOtherCertificate, "sct-signature"},
      {Fault::kSctBeforeWindow, "sct-window"},
      {Fault::kSctListEmpty, "sct-malformed"},
      {Fault::kLeafOtherAuthority, "certificate-chain"},
      {Fault::kLeafOtherAuthorityOfSameName, "certificate-chain"},
      {Fault::kLeafSignatureFlipped, "certificate-chain"},
      {Fault::kLeafIsCa, "certificate-usage"},
      {Fault::kLeafOtherUsage, "certificate-usage"},
      {Fault::kAuthorityWindowOver, "certificate-authority"},
      {Fault::kIntermediateExpired, "certificate-expired"},
      {Fault::kSanTwice, "identity-malformed"},
      {Fault::kSanMissing, "identity-malformed"},
      {Fault::kSanWithNul, "identity-malformed"},
      {Fault::kIssuerOther, "issuer-mismatch"},
      {Fault::kIssuerMissing, "identity-malformed"},
      {Fault::kIssuersDiffer, "identity-malformed"},
  };
  for (const auto& [fault, reason] : kCases) {
    Fixture fixture({.fault = fault});
    fixture.CheckLie(reason);
  }
}

TEST_CASE_FIXTURE(Fixture, "Get: a certificate of another key is refused") {
  fulcio.other_key = deployment::Key::Of(deployment::KeyType::kP256, "another");
  CheckLie("identity-mismatch");
}

TEST_CASE("Get: the certificate of another email is refused") {
  const std::string issuer = "\"iss\":\"https://accounts.acme.example\",\"sub\":\"1\"";
  const auto claims = [&](std::string_view email) {
    return util::StrCat(issuer, ",\"email\":\"", email, "\",\"email_verified\":true");
  };
  Fixture({.san = San::kEmail}, claims("dev@acme.example.evil")).CheckLie("identity-mismatch");
  Fixture({.san = San::kEmail}, claims("Dev@acme.example")).CheckLie("identity-mismatch");
  // Of an email nothing but an email is made, and of something else no email.
  Fixture({.san = San::kOtherName}, claims("dev@acme.example")).CheckLie("identity-mismatch");
  Fixture({.san = San::kEmail}, issuer).CheckLie("identity-mismatch");
}

TEST_CASE("Get: of a workflow's token the certificate is of that workflow") {
  const Plan plan{.san = San::kUri};
  const std::string name = deployment::IdentityOf(plan);
  const std::string workflow = name.substr(name.find("acme/"));
  for (const char* claim : {"job_workflow_ref", "ci_config_ref_uri"}) {
    const auto claims = [&](std::string_view value) {
      return util::StrCat(testing::HonestClaims(plan), ",\"", claim, "\":\"", value, "\"");
    };
    CHECK(Fixture(plan, claims(workflow)).Get().ok());
    CHECK(Fixture(plan, claims("")).Get().ok());
    Fixture(plan, claims("evil/app/.github/workflows/release.yml@refs/heads/main"))
        .CheckLie("identity-mismatch");
    // A part of the name of somebody else's repository.
    Fixture(plan, claims(workflow.substr(1))).CheckLie("identity-mismatch");
  }
}

TEST_CASE("Get: of a token that stands for another issuer, that one may be in the certificate") {
  const auto claims = [](std::string_view connector) {
    return util::StrCat(
        "\"iss\":\"https://oauth.example/auth\",\"sub\":\"1\",\"email\":\"dev@acme.example\","
        "\"email_verified\":true,\"federated_claims\":{\"connector_id\":\"",
        connector, "\",\"user_id\":\"1\"}");
  };
  CHECK(Fixture({.san = San::kEmail}, claims("https://accounts.acme.example")).Get().ok());
  Fixture({.san = San::kEmail}, claims("https://accounts.other.example"))
      .CheckLie("issuer-mismatch");
  Fixture({.san = San::kEmail}, claims("")).CheckLie("issuer-mismatch");
  Fixture missing({.san = San::kEmail, .fault = Fault::kIssuerMissing}, claims(""));
  missing.CheckLie("identity-malformed");
}

TEST_CASE("Get: the clock says whether a certificate is valid, with some slack before it begins") {
  const struct {
    deployment::Seconds now;
    bool accepted;
  } kCases[] = {
      {deployment::kSigned, true},       {deployment::kSigned - 60, true},
      {deployment::kSigned - 61, false}, {deployment::kLeafEnd, true},
      {deployment::kLeafEnd + 1, false}, {deployment::kSigned + deployment::kYear, false},
  };
  for (const auto& [now, accepted] : kCases) {
    Fixture fixture;
    fixture.clock.now = std::chrono::sys_seconds(seconds(now));
    CAPTURE(now);
    if (accepted) {
      CHECK(fixture.Get().ok());
    } else {
      fixture.CheckLie("time-outside-signer");
    }
  }
}

TEST_CASE("Get: a proof beside the certificate is verified, and of no use") {
  Fixture fixture({.fault = Fault::kSctMissing});
  fixture.fulcio.sct = FakeFulcio::Sct::kDetached;
  fixture.CheckLie("sct-missing");
  CHECK(fixture.Source().Get().error().message().find("bundle can not carry it") !=
        std::string::npos);

  Fixture ignored({.fault = Fault::kSctMissing});
  ignored.fulcio.sct = FakeFulcio::Sct::kDetached;
  ignored.certificate_logs = Threshold::Ignore();
  CHECK(ignored.Get().ok());

  Fixture wrong({.fault = Fault::kSctMissing});
  wrong.fulcio.sct = FakeFulcio::Sct::kDetached;
  Plan other_log;
  auto authorities = MintAuthorities(other_log);
  authorities.certificate_log = deployment::Key::Of(deployment::KeyType::kP256, "other log");
  wrong.root = sigstore::TrustRoot::Parse(FormatTrustRoot(other_log, authorities)).value();
  wrong.CheckLie("sct-threshold");
}

TEST_CASE("Get: without the policy's word certificate logs are needed") {
  Fixture fixture({.fault = Fault::kSctMissing});
  fixture.certificate_logs = Threshold::Ignore();
  CHECK(fixture.Get().ok());
  Fixture silent;
  silent.certificate_logs = {};
  CHECK(silent.Get().error().code() == Code::kUsage);
}

TEST_CASE_FIXTURE(Fixture, "Get: answers that can not be read are refused") {
  const std::string bodies[] = {
      "",
      "no",
      "[]",
      "{}",
      "{\"signedCertificateEmbeddedSct\":null}",
      "{\"signedCertificateEmbeddedSct\":{}}",
      "{\"signedCertificateEmbeddedSct\":{\"chain\":{\"certificates\":[]}}}",
      "{\"signedCertificateEmbeddedSct\":{\"chain\":{\"certificates\":[1]}}}",
      "{\"signedCertificateEmbeddedSct\":{\"chain\":{\"certificates\":[\"x\"]}}}",
      "{\"signedCertificateEmbeddedSct\":{\"chain\":{\"certificates\":\"x\"}}}",
      "{\"signedCertificateEmbeddedSct\":{},\"signedCertificateDetachedSct\":{}}",
  };
  for (const std::string& body : bodies) {
    replies = {{.body = body}};
    const auto refused = Get();
    CAPTURE(body);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code() == Code::kSigningService);
    CHECK(refused.error().reason() == "certificate-malformed");
  }
  CHECK(transport.seen().size() == std::size(bodies));
}

TEST_CASE_FIXTURE(Fixture, "ReadAnswer: every part of an answer is needed") {
  REQUIRE(Get().ok());
  const std::string whole = fulcio.Issue(transport.seen()[0]).body;
  const auto token = tokens.Get().value();
  const auto key = crypto::PrivateKey::Generate().value();
  const auto read = [&](std::string body) {
    replies = {{.body = std::move(body)}};
    return RequestCertificate(caller, choice.candidates[0], token, key);
  };
  CHECK(read(whole).ok());
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    CHECK_FALSE(read(whole.substr(0, size)).ok());
  }
  CHECK_FALSE(read(whole + "}").ok());
  // A certificate too many in the first place.
  std::string twice = whole;
  const std::size_t end = twice.find("\",\"");
  twice.erase(end, 3);
  CHECK(read(twice).error().code() == Code::kSigningService);
}

TEST_CASE_FIXTURE(Fixture, "Get: the first certificate alone counts") {
  REQUIRE(Get().ok());
  std::string body = fulcio.Issue(transport.seen()[0]).body;
  const std::size_t at = body.find("\",\"") + 3;
  body.replace(at, body.find('"', at) - at, "no certificate");
  replies = {{.body = body}};
  CHECK(RequestCertificate(caller, choice.candidates[0], tokens.Get().value(),
                           crypto::PrivateKey::Generate().value())
            .ok());
}

TEST_CASE_FIXTURE(Fixture, "Get: a refused token is kUnauthorized, with advice, asked once") {
  choice = Fulcios({std::string(kFulcio), "https://second.example"});
  const std::string jwt = testing::JwtOf(testing::HonestClaims({}));
  for (const int status : {400, 401, 403}) {
    replies = {{.status = status,
                .body = "{\"code\":3,\"message\":\"There was an error processing " + jwt + "\"}"}};
    const auto refused = Get();
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code() == Code::kUnauthorized);
    const std::string& message = refused.error().message();
    CHECK(message.find("There was an error processing [token], the identity token may have "
                       "expired, be for another audience") != std::string::npos);
    CHECK(message.find(deployment::IssuerOf({})) != std::string::npos);
    CHECK(message.find(jwt.substr(30, 20)) == std::string::npos);
  }
  CHECK(transport.seen().size() == 3);
}

TEST_CASE_FIXTURE(Fixture, "Get: what passes is tried again") {
  replies = {{.status = 500}};
  CHECK(Get().ok());
  CHECK(transport.seen().size() == 2);
  CHECK(clock.sleeps().size() == 1);
  Fixture limited;
  limited.replies = {{.status = 429, .headers = {{"Retry-After", "5"}}}};
  CHECK(limited.Get().ok());
  REQUIRE(limited.clock.sleeps().size() == 1);
  CHECK(limited.clock.sleeps()[0] >= seconds(5));
}

TEST_CASE_FIXTURE(Fixture, "Get: seven certificates are one, with one key") {
  const auto first = Get();
  REQUIRE(first.ok());
  for (int i = 0; i < 6; ++i) {
    const auto next = Get();
    REQUIRE(next.ok());
    CHECK(next.value().leaf().der() == first.value().leaf().der());
    CHECK(next.value().key().public_key().der() == first.value().key().public_key().der());
  }
  CHECK(transport.seen().size() == 1);
  CHECK(tokens.asked == 1);
}

TEST_CASE_FIXTURE(Fixture, "Get: a certificate that is nearly over is replaced, key and all") {
  const auto first = Get();
  REQUIRE(first.ok());
  clock.now = std::chrono::sys_seconds(seconds(deployment::kLeafEnd - 60));
  CHECK(Get().ok());
  CHECK(transport.seen().size() == 1);
  clock.now += seconds(1);
  const auto second = Get();
  REQUIRE(second.ok());
  CHECK(transport.seen().size() == 2);
  CHECK(tokens.asked == 2);
  CHECK_FALSE(second.value().key().public_key().der() == first.value().key().public_key().der());
}

TEST_CASE_FIXTURE(Fixture, "Get: another Fulcio is tried where one is down or limits us") {
  choice = Fulcios({std::string(kFulcio), "https://second.example/base/"});
  SUBCASE("down") { replies = std::vector<Reply>(4, Reply{.error = testing::Lost()}); }
  SUBCASE("failing") { replies = std::vector<Reply>(4, Reply{.status = 503}); }
  SUBCASE("limiting") { replies = {{.status = 429, .headers = {{"Retry-After", "3600"}}}}; }
  CHECK(Get().ok());
  CHECK(transport.lines().back() == "POST https://second.example/base/api/v2/signingCert");
}

TEST_CASE_FIXTURE(Fixture, "Get: a Fulcio that lies is not passed over") {
  choice = Fulcios({std::string(kFulcio), "https://second.example/base/"});
  replies = {{.body = "{}"}};
  const auto refused = Get();
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code() == Code::kSigningService);
  CHECK(transport.seen().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "Get: one that gave no answer is asked last the next time") {
  choice = Fulcios({std::string(kFulcio), "https://second.example"});
  replies = std::vector<Reply>(4, Reply{.error = testing::Lost()});
  REQUIRE(Get().ok());
  CHECK(transport.seen().size() == 5);
  clock.now = std::chrono::sys_seconds(seconds(deployment::kLeafEnd - 1));
  REQUIRE(Get().ok());
  CHECK(transport.seen().size() == 6);
  CHECK(transport.lines().back() == "POST https://second.example/api/v2/signingCert");
}

TEST_CASE_FIXTURE(Fixture, "Get: where all are down the last one's error is given") {
  choice = Fulcios({std::string(kFulcio), "https://second.example"});
  replies = std::vector<Reply>(8, Reply{.status = 503, .body = "busy"});
  const auto refused = Get();
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code() == Code::kSigningService);
  CHECK(refused.error().message() ==
        "Fulcio https://second.example (asked 4 times) answered 503: busy");
  CHECK(transport.seen().size() == 8);
}

TEST_CASE_FIXTURE(Fixture, "Get: without Fulcio or token nobody is asked") {
  tokens.error = Error(Code::kUnauthorized, "no token");
  CHECK(Get().error().message() == "no token");
  Fixture alone;
  alone.choice = {};
  CHECK(alone.Get().error().code() == Code::kUsage);
  CHECK(transport.seen().empty());
  CHECK(alone.transport.seen().empty());
}

TEST_CASE_FIXTURE(Fixture, "Get: an interrupted request is no reason to ask another one") {
  choice = Fulcios({std::string(kFulcio), "https://second.example"});
  replies = {{.status = 503}};
  clock.on_sleep = [this] { cancel.Request(); };
  CHECK(Get().error().code() == Code::kInterrupted);
  CHECK(transport.seen().size() == 1);
}

}  // namespace
}  // namespace ociship::services
