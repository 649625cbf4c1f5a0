// SPDX-License-Identifier: Apache-2.0
#include "services/signing_plan.h"

#include <doctest/doctest.h>

#include <string>

namespace ociship::services {
namespace {

using sigstore::Service;
using sigstore::ServiceGroup;
using sigstore::ServiceSelector;
using sigstore::SigningConfig;

constexpr std::uint64_t kSeed = 7;
constexpr util::Micros kNow{std::chrono::hours(24 * 365 * 56)};

Service At(const std::string& name, std::int64_t version = 1) {
  return {.url = "https://" + name + ".example", .api_version = version, .operated_by = name};
}

ServiceGroup Group(std::vector<Service> services) {
  return {.services = std::move(services), .selector = ServiceSelector{}};
}

SigningConfig::Parts Full() {
  return {.certificate_authorities = {At("fulcio")},
          .logs = Group({At("rekor1"), At("rekor2", 2)}),
          .timestamp_authorities = Group({At("tsa")})};
}

Result<SigningPlan> Plan(SigningConfig::Parts parts, SignerKind signer, Logging logging) {
  return PlanSigning(SigningConfig(std::move(parts)), signer, logging, kNow, kSeed);
}

SigningPlan MustPlan(SigningConfig::Parts parts, SignerKind signer, Logging logging) {
  Result<SigningPlan> plan = Plan(std::move(parts), signer, logging);
  if (!plan.ok()) FAIL(plan.error().message());
  return plan.value();
}

void CheckUsage(const Result<SigningPlan>& plan, std::string_view flag) {
  REQUIRE(!plan.ok());
  CHECK(plan.error().code() == Code::kUsage);
  CHECK(plan.error().message().find(flag) != std::string::npos);
}

TEST_CASE("PlanSigning: bundles take the best log, and legacy signatures one that promises") {
  const SigningPlan plan = MustPlan(Full(), SignerKind::kCertificate, Logging::kWanted);
  CHECK(plan.certificate_authorities.candidates.front().url == "https://fulcio.example");
  CHECK(plan.bundle.logs.candidates.front().url == "https://rekor2.example");
  CHECK(plan.legacy.logs.candidates.front().url == "https://rekor1.example");
  CHECK(plan.legacy.logs.needed == 1);
  CHECK(plan.bundle.timestamp_authorities.needed == 1);
  CHECK(plan.legacy_format == SigningPlan::Legacy::kPossible);
}

TEST_CASE(
    "PlanSigning: without a log that promises there is no legacy format, unless none is wanted") {
  SigningConfig::Parts parts = Full();
  parts.logs = Group({At("rekor2", 2)});
  for (const SignerKind signer : {SignerKind::kKey, SignerKind::kCertificate}) {
    CHECK(MustPlan(parts, signer, Logging::kWanted).legacy_format ==
          SigningPlan::Legacy::kNoLogPromises);
    const SigningPlan plan = MustPlan(parts, signer, Logging::kNone);
    CHECK(plan.legacy_format == SigningPlan::Legacy::kPossible);
    CHECK(plan.bundle.logs.needed == 0);
    CHECK(plan.legacy.timestamp_authorities.needed == 1);
  }
}

TEST_CASE("PlanSigning: a log of version 1 that is over counts as none") {
  SigningConfig::Parts parts = Full();
  parts.logs.services.front().validity.end = kNow - std::chrono::seconds(1);
  CHECK(MustPlan(parts, SignerKind::kKey, Logging::kWanted).legacy_format ==
        SigningPlan::Legacy::kNoLogPromises);
  parts.logs.services.front().validity.end = kNow;
  CHECK(MustPlan(parts, SignerKind::kKey, Logging::kWanted).legacy_format ==
        SigningPlan::Legacy::kPossible);
}

TEST_CASE("PlanSigning: a key needs nobody else, and asks for no certificate") {
  CHECK(MustPlan({}, SignerKind::kKey, Logging::kNone).bundle.logs.needed == 0);
  CHECK(MustPlan(Full(), SignerKind::kKey, Logging::kWanted).certificate_authorities.needed == 0);
}

TEST_CASE("PlanSigning: what is wanted must be there") {
  SigningConfig::Parts parts = Full();
  parts.logs = {};
  CheckUsage(Plan(parts, SignerKind::kCertificate, Logging::kWanted), "--no-tlog");
  CheckUsage(Plan(parts, SignerKind::kKey, Logging::kWanted), "--rekor-url");
  parts = Full();
  parts.certificate_authorities.clear();
  CheckUsage(Plan(parts, SignerKind::kCertificate, Logging::kWanted), "--fulcio-url");
}

TEST_CASE("PlanSigning: a certificate needs somebody who says the time") {
  SigningConfig::Parts parts = Full();
  parts.timestamp_authorities = {};
  CheckUsage(Plan(parts, SignerKind::kCertificate, Logging::kWanted), "--timestamp-server-url");
  CheckUsage(Plan(parts, SignerKind::kCertificate, Logging::kNone), "--timestamp-server-url");
  parts.logs = Group({At("rekor1")});
  CHECK(Plan(parts, SignerKind::kCertificate, Logging::kWanted).ok());
  parts.logs = Group({At("rekor2", 2)});
  CHECK(Plan(parts, SignerKind::kKey, Logging::kWanted).ok());
}

TEST_CASE("PlanSigning: there is room for one entry and one timestamp in the legacy format") {
  SigningConfig::Parts parts = Full();
  parts.logs = {.services = {At("a"), At("b")},
                .selector = ServiceSelector{.which = ServiceSelector::Which::kAll}};
  parts.timestamp_authorities = {
      .services = {At("c"), At("d")},
      .selector = ServiceSelector{.which = ServiceSelector::Which::kAll}};
  const SigningPlan plan = MustPlan(parts, SignerKind::kCertificate, Logging::kWanted);
  CHECK(plan.bundle.logs.needed == 2);
  CHECK(plan.bundle.timestamp_authorities.needed == 2);
  CHECK(plan.legacy.logs.needed == 1);
  CHECK(plan.legacy.logs.candidates.size() == 2);
  CHECK(plan.legacy.timestamp_authorities.needed == 1);
}

}  // namespace
}  // namespace ociship::services
