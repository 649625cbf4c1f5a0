// SPDX-License-Identifier: Apache-2.0
#include "services/timestamp_authority.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "answering_transport.h"
#include "crypto/hash.h"
#include "crypto/timestamp.h"
#include "deployment/authorities.h"
#include "deployment/stamps.h"
#include "fake_clock.h"
#include "services/failure.h"
#include "util/text.h"

namespace ociship::services {
namespace {

using deployment::Bytes;
using deployment::Fault;
using deployment::Plan;
using testing::Reply;
using testing::Seen;

constexpr std::string_view kUrl = "https://timestamp.example/api/v1/timestamp";

// An authority that stamps what it is asked for, as its plan says.
struct Fixture {
  explicit Fixture(std::optional<Fault> fault = std::nullopt)
      : plan{.stamps = deployment::Stamps::kBare, .fault = fault} {}

  // The request ends in the INTEGER of the nonce (RFC 3161 section 2.4.1).
  static Bytes NonceOf(const Seen& asked) {
    const ByteView request = util::AsBytes(asked.body);
    for (std::size_t size = 3; size <= 11; ++size) {
      const ByteView tail = request.last(size);
      if (tail[0] == 0x02 && tail[1] == size - 2 && size >= 10) return deployment::Copy(tail);
    }
    return {};
  }
  std::string Stamp(const Bytes& over, const Bytes& nonce) const {
    return std::string(
        util::AsText(deployment::MintStamp(plan, deployment::MintAuthorities(plan), over, nonce)));
  }
  Reply Honest(const Seen& asked) const { return {.body = Stamp(signature, NonceOf(asked))}; }

  sigstore::TrustRoot Root() const {
    const Plan& of = root_plan ? *root_plan : plan;
    return sigstore::TrustRoot::Parse(FormatTrustRoot(of, MintAuthorities(of))).value();
  }
  Result<util::Bytes> Request(testing::AnsweringTransport::Answer answer) {
    testing::AnsweringTransport transport(std::move(answer));
    ServiceCaller caller(transport, {.clock = clock, .cancel = cancel});
    Result<util::Bytes> stamp =
        RequestTimestamp(caller, {.url = std::string(kUrl)}, signature, Root());
    seen = transport.seen();
    return stamp;
  }
  Result<util::Bytes> RequestHonest() {
    return Request([this](const Seen& asked) { return Honest(asked); });
  }
  // kSigningService with this reason, so that it is known for a lie.
  void CheckLie(const Result<util::Bytes>& stamp, std::string_view reason) const {
    REQUIRE_FALSE(stamp.ok());
    CAPTURE(stamp.error().message());
    CHECK(stamp.error().code() == Code::kSigningService);
    CHECK(stamp.error().reason() == reason);
    CHECK(FailureOf(stamp.error()) == Failure::kLie);
    CHECK(stamp.error().message().find(kUrl) != std::string::npos);
    CHECK(seen.size() == 1);
  }

  Plan plan;
  std::optional<Plan> root_plan;
  util::Bytes signature{1, 2, 3, 4};
  testing::FakeClock clock;
  Cancel cancel;
  std::vector<Seen> seen;
};

TEST_CASE_FIXTURE(Fixture, "RequestTimestamp: what is asked, and the answer as it came") {
  std::string answered;
  const auto stamp = Request([&](const Seen& asked) {
    Reply reply = Honest(asked);
    reply.status = 201;
    answered = reply.body;
    return reply;
  });
  REQUIRE(stamp.ok());
  CHECK(util::AsText(stamp.value()) == answered);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].line == "POST " + std::string(kUrl));
  CHECK(seen[0].headers.Get("Content-Type") == "application/timestamp-query");
  CHECK(seen[0].headers.Get("Accept") == "application/timestamp-reply");
  const Bytes hash = deployment::Sha256(signature);
  CHECK(seen[0].body.find(util::AsText(hash)) != std::string::npos);
  CHECK(RequestHonest().ok());  // and with 200
}

TEST_CASE_FIXTURE(Fixture, "RequestTimestamp: each request has a nonce of its own") {
  REQUIRE(RequestHonest().ok());
  const Bytes first = NonceOf(seen[0]);
  REQUIRE(RequestHonest().ok());
  CHECK(first.size() >= 10);
  CHECK_FALSE(first == NonceOf(seen[0]));
}

TEST_CASE_FIXTURE(Fixture, "RequestTimestamp: a stamp over another signature is refused") {
  CheckLie(Request([this](const Seen& asked) {
             return Reply{.body = Stamp({1, 2, 3, 5}, NonceOf(asked))};
           }),
           "timestamp-imprint");
}

TEST_CASE_FIXTURE(Fixture, "RequestTimestamp: another nonce and none are refused") {
  CheckLie(Request([this](const Seen&) {
             return Reply{.body = Stamp(signature, deployment::Integer(424242))};
           }),
           "timestamp-malformed");
  CHECK(seen.size() == 1);
  const auto without = Request([this](const Seen&) { return Reply{.body = Stamp(signature, {})}; });
  CheckLie(without, "timestamp-malformed");
  CHECK(without.error().message().find("nonce") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "RequestTimestamp: an answer that was given before is refused") {
  std::string first;
  REQUIRE(Request([&](const Seen& asked) {
            const Reply reply = Honest(asked);
            first = reply.body;
            return reply;
          }).ok());
  CheckLie(Request([&](const Seen&) { return Reply{.body = first}; }), "timestamp-malformed");
}

TEST_CASE("RequestTimestamp: what the verifier would refuse is refused") {
  const struct {
    Fault fault;
    std::string_view reason;
  } kCases[] = {
      {Fault::kStampUntrusted, "timestamp-signer"},
      {Fault::kStampUntrustedWithTrustedLeaf, "timestamp-signer"},
      {Fault::kStampUntrustedNamingTrustedLeaf, "timestamp-signature"},
      {Fault::kStampFlipped, "timestamp-signature"},
      {Fault::kStampSignerExpired, "certificate-expired"},
      {Fault::kStampRootExpired, "certificate-expired"},
      {Fault::kStampBeforeWindow, "timestamp-window"},
      {Fault::kStampAfterWindow, "timestamp-window"},
      {Fault::kStampWithoutUsage, "timestamp-usage"},
      {Fault::kStampRejected, "timestamp-malformed"},
      {Fault::kStampSha1, "timestamp-malformed"},
      {Fault::kStampTrailingBytes, "timestamp-malformed"},
  };
  for (const auto& [fault, reason] : kCases) {
    Fixture fixture(fault);
    fixture.CheckLie(fixture.RequestHonest(), reason);
  }
}

TEST_CASE_FIXTURE(Fixture, "RequestTimestamp: garbage, a part of an answer, and too much of it") {
  for (const std::string_view body : {"", "no", "<html></html>", "{\"message\":\"x\"}"}) {
    CheckLie(Request([&](const Seen&) { return Reply{.body = std::string(body)}; }),
             "timestamp-malformed");
  }
  CheckLie(Request([this](const Seen& asked) {
             Reply reply = Honest(asked);
             reply.body.resize(reply.body.size() / 2);
             return reply;
           }),
           "timestamp-malformed");
  CheckLie(Request([](const Seen&) { return Reply{.body = std::string(100'000, '0')}; }),
           "timestamp-malformed");
  const auto huge = Request([](const Seen&) { return Reply{.body = std::string(5 << 20, '0')}; });
  REQUIRE_FALSE(huge.ok());
  CHECK(huge.error().code() == Code::kSigningService);
  CHECK(seen.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "RequestTimestamp: a server that fails is an outage, no lie") {
  const auto refused = Request([](const Seen&) { return Reply{.status = 400, .body = "no"}; });
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code() == Code::kSigningService);
  CHECK(FailureOf(refused.error()) == Failure::kOutage);
  CHECK(seen.size() == 1);
  int asked = 0;
  CHECK(Request([&](const Seen& request) {
          return ++asked < 3 ? Reply{.status = 500} : Honest(request);
        }).ok());
  CHECK(asked == 3);
}

TEST_CASE_FIXTURE(Fixture, "RequestTimestamp: without a trusted authority nobody is asked") {
  testing::AnsweringTransport transport([this](const Seen& asked) { return Honest(asked); });
  ServiceCaller caller(transport, {.clock = clock, .cancel = cancel});
  const auto refused =
      RequestTimestamp(caller, {.url = std::string(kUrl)}, signature, sigstore::TrustRoot({}));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code() == Code::kSigningService);
  CHECK(transport.seen().empty());
}

}  // namespace
}  // namespace ociship::services
