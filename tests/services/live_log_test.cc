// SPDX-License-Identifier: Apache-2.0
// Real logs, which must be local ones: entries stay there. OCISHIP_REKOR1_URL, OCISHIP_REKOR2_URLS
// (several, with commas) and OCISHIP_TRUSTED_ROOT name them; OCISHIP_TSA_URL a timestamp authority.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/random.h"
#include "fake_rekor.h"
#include "http/curl_transport.h"
#include "reason_of.h"
#include "services/rekor.h"
#include "services/vouchers.h"
#include "util/clock.h"
#include "util/file.h"

namespace ociship::services {
namespace {

using deployment::Content;
using deployment::KeyType;
using deployment::Plan;
using testing::ReasonOf;
using testing::Signed;

std::string Named(const char* variable) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

bool NoLogs() { return Named("OCISHIP_TRUSTED_ROOT").empty(); }

std::vector<sigstore::Service> LiveLogs() {
  std::vector<sigstore::Service> logs;
  const std::string first = Named("OCISHIP_REKOR1_URL");
  const std::string second = Named("OCISHIP_REKOR2_URLS");
  if (!first.empty()) logs.push_back({.url = first, .api_version = 1});
  for (const std::string_view url : util::Split(second, ',')) {
    if (!url.empty()) logs.push_back({.url = std::string(url), .api_version = 2});
  }
  return logs;
}

struct Live {
  Live() {
    const auto text = util::ReadFile(Named("OCISHIP_TRUSTED_ROOT"), sigstore::kMaxTrustRootBytes);
    root = sigstore::TrustRoot::Parse(text.value()).value();
  }

  // Something that was not logged before.
  static std::string Artifact() { return "live " + util::HexEncode(crypto::RandomBytes(16)); }

  std::unique_ptr<http::Transport> transport = http::NewCurlTransport({});
  util::SystemClock clock;
  Cancel cancel;
  ServiceCaller caller{*transport, {.clock = clock, .cancel = cancel}};
  sigstore::TrustRoot root{sigstore::TrustRoot::Parts{}};
};

std::vector<Plan> LivePlans() {
  std::vector<Plan> plans;
  for (const Content content : {Content::kMessage, Content::kDsse}) {
    for (const auto signer : {deployment::Signer::kCertificate, deployment::Signer::kKey}) {
      for (const KeyType key : {KeyType::kP256, KeyType::kP384, KeyType::kRsa2048}) {
        plans.push_back({.content = content, .signer = signer, .key_type = key});
      }
    }
  }
  return plans;
}

TEST_CASE("live logs: an entry, and the same one again out of a 409" * doctest::skip(NoLogs())) {
  Live live;
  for (const sigstore::Service& log : LiveLogs()) {
    for (const Plan& plan : LivePlans()) {
      const bool envelope = plan.content == Content::kDsse;
      // Not taken: rekor_test.cc.
      if (log.api_version == 1 && envelope && plan.key_type == KeyType::kP384) continue;
      CAPTURE(log.url);
      CAPTURE(static_cast<int>(plan.content));
      CAPTURE(static_cast<int>(plan.signer));
      CAPTURE(static_cast<int>(plan.key_type));
      const Signed thing(plan, testing::SignedBy(plan, "signer", Live::Artifact()));
      const auto entry = SubmitEntry(live.caller, log, thing.loggable(), live.root);
      CHECK(ReasonOf(entry) == "ok");
      REQUIRE(entry.ok());
      const auto again = SubmitEntry(live.caller, log, thing.loggable(), live.root);
      CHECK(ReasonOf(again) == "ok");
      REQUIRE(again.ok());
      CHECK(again.value().index == entry.value().index);
      CHECK(again.value().body == entry.value().body);
    }
  }
}

TEST_CASE("live logs: a signature that is none" * doctest::skip(NoLogs())) {
  Live live;
  for (const sigstore::Service& log : LiveLogs()) {
    CAPTURE(log.url);
    const Plan plan{.fault = deployment::Fault::kSignatureFlipped};
    const Signed thing(plan, testing::SignedBy(plan, "signer", Live::Artifact()));
    const auto entry = SubmitEntry(live.caller, log, thing.loggable(), live.root);
    REQUIRE_FALSE(entry.ok());
    CHECK(entry.error().code() == Code::kSigningService);
    CHECK(entry.error().message().find(" 400") != std::string::npos);
  }
}

TEST_CASE("live logs: all vouch at the same time" * doctest::skip(NoLogs())) {
  Live live;
  const Plan plan;
  const Signed thing(plan, testing::SignedBy(plan, "signer", Live::Artifact()));
  VoucherPlan vouchers;
  vouchers.logs.candidates = LiveLogs();
  vouchers.logs.needed = LiveLogs().size();
  if (const std::string url = Named("OCISHIP_TSA_URL"); !url.empty()) {
    vouchers.timestamp_authorities = {.candidates = {{.url = url}}, .needed = 1};
  }
  const auto vouched = AskVouchers(live.caller, vouchers, thing.loggable(), live.root);
  CHECK(ReasonOf(vouched) == "ok");
  REQUIRE(vouched.ok());
  CHECK(vouched.value().log_entries.size() == vouchers.logs.needed);
  CHECK(vouched.value().timestamps.size() == vouchers.timestamp_authorities.needed);
}

}  // namespace
}  // namespace ociship::services
