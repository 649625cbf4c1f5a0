// SPDX-License-Identifier: Apache-2.0
#include "sigstore/policy.h"

#include <doctest/doctest.h>

#include "cosign_fixtures.h"

namespace ociship::sigstore {
namespace {

Policy KeylessPolicy() {
  return {
      .signer =
          CertificateSigner{.any_of = {IdentityRule{.subject = {TextPattern::Exact("a").value()},
                                                    .issuer = {TextPattern::Exact("i").value()}}},
                            .certificate_logs = Threshold::Require(1)},
      .log_entries = Threshold::Require(1),
      .timestamps = Threshold::Accept()};
}

void CheckSilent(const Policy& policy) {
  const Status status = CheckPolicy(policy);
  REQUIRE(!status.ok());
  CHECK(status.error().code() == Code::kUsage);
  CHECK(status.error().reason() == "policy-silent");
}

TEST_CASE("CheckPolicy: a policy that says everything passes") {
  CHECK(CheckPolicy(KeylessPolicy()).ok());
  CHECK(CheckPolicy(KeyAlone(ociship::testing::NewKey().public_key())).ok());
}

TEST_CASE("CheckPolicy: a policy that is silent about one thing refuses") {
  Policy policy = KeylessPolicy();
  policy.log_entries = {};
  CheckSilent(policy);
  policy = KeylessPolicy();
  policy.timestamps = {};
  CheckSilent(policy);
  policy = KeylessPolicy();
  std::get<CertificateSigner>(policy.signer).certificate_logs = {};
  CheckSilent(policy);
  policy = KeylessPolicy();
  std::get<CertificateSigner>(policy.signer).any_of.clear();
  CheckSilent(policy);
}

TEST_CASE("CheckPolicy: a threshold of none, or of more than there can be, refuses") {
  Policy policy = KeylessPolicy();
  policy.log_entries = Threshold::Require(0);
  CheckSilent(policy);
  policy.log_entries = Threshold::Require(32);
  CHECK(CheckPolicy(policy).ok());
  policy.log_entries = Threshold::Require(33);
  CheckSilent(policy);
}

}  // namespace
}  // namespace ociship::sigstore
