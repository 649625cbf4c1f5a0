// SPDX-License-Identifier: Apache-2.0
// When a log or timestamp authority counts, and how often: policies and trusted roots that the
// table of faults does not have.
#include <doctest/doctest.h>

#include <map>

#include "crypto/sct.h"
#include "deployment/judge.h"
#include "deployment/mint.h"

namespace ociship::deployment {
namespace {

using sigstore::KeySigner;
using sigstore::Threshold;
using sigstore::TrustRoot;

Plan KeyPlan(LogKind log) {
  Plan plan;
  plan.signer = Signer::kKey;
  plan.log = log;
  plan.promise = log == LogKind::kV1 ? Promise::kLeftOut : Promise::kIncluded;
  return plan;
}

TrustRoot::Parts PartsOf(const TrustRoot& root) {
  return {.logs = root.logs(),
          .certificate_authorities = root.certificate_authorities(),
          .certificate_logs = root.certificate_logs(),
          .timestamp_authorities = root.timestamp_authorities()};
}

std::string_view Verdict(const Judge& judge, const Minted& minted) {
  const Result<sigstore::VerifiedBundle> result =
      VerifyMinted(judge, minted, minted.bundle, Known::kBytes);
  return result.ok() ? "accepted" : result.error().reason();
}

// A key that is good at all times, and a log that gives no time.
Judge KeyJudge(const Minted& minted, Seconds now) {
  Judge judge = Judge::Of(minted).value();
  std::get<KeySigner>(judge.policy.signer).validity = {};
  judge.policy.timestamps = Threshold::Accept();
  judge.circumstances.now = std::chrono::sys_seconds(std::chrono::seconds(now));
  return judge;
}

void CloseLogs(Judge& judge, Seconds end) {
  TrustRoot::Parts parts = PartsOf(judge.circumstances.root);
  for (sigstore::Log& log : parts.logs) log.validity.end = MicrosOf(end);
  judge.circumstances.root = TrustRoot(std::move(parts));
}

TEST_CASE("a log without a time must be trusted now, where nobody says when it was") {
  for (const LogKind log : {LogKind::kV1, LogKind::kV2}) {
    const Minted minted = Mint(KeyPlan(log));
    Judge judge = KeyJudge(minted, kSigned + kDay);
    CHECK(Verdict(judge, minted) == "accepted");
    CloseLogs(judge, kSigned + kDay);
    CHECK(Verdict(judge, minted) == "accepted");
    CloseLogs(judge, kSigned + kDay - 1);
    CHECK(Verdict(judge, minted) == "log-time");
  }
}

TEST_CASE("a log without a time is judged by a timestamp, where there is one") {
  Plan plan = KeyPlan(LogKind::kV2);
  plan.stamps = Stamps::kBare;
  const Minted minted = Mint(plan);
  Judge judge = KeyJudge(minted, kSigned + kYear);
  CloseLogs(judge, kStamped);
  CHECK(Verdict(judge, minted) == "accepted");
  CloseLogs(judge, kStamped - 1);
  CHECK(Verdict(judge, minted) == "log-time");
}

TEST_CASE("a timestamp of nobody who is known does not count, and does no harm") {
  Plan plan;
  plan.stamps = Stamps::kBare;
  plan.fault = Fault::kStampUntrusted;
  const Minted minted = Mint(plan);
  Judge judge = Judge::Of(minted).value();
  judge.policy.timestamps = Threshold::Accept();
  // The log's promise is time enough.
  CHECK(Verdict(judge, minted) == "accepted");
  judge.policy.timestamps = Threshold::Require(1);
  CHECK(Verdict(judge, minted) == "timestamp-signer");
  // One of an authority that is known must be right.
  plan.fault = Fault::kStampOtherBytes;
  const Minted wrong = Mint(plan);
  Judge strict = Judge::Of(wrong).value();
  strict.policy.timestamps = Threshold::Accept();
  CHECK(Verdict(strict, wrong) == "timestamp-imprint");
}

TEST_CASE("without operators, logs are told apart by their keys") {
  Plan plan;
  plan.second_log = SecondLog::kOtherOperator;
  const Minted minted = Mint(plan);
  Judge judge = Judge::Of(minted).value();
  REQUIRE(judge.policy.log_entries.count == 2);
  CHECK(Verdict(judge, minted) == "accepted");
  TrustRoot::Parts parts = PartsOf(judge.circumstances.root);
  for (sigstore::Log& log : parts.logs) log.operated_by.clear();
  judge.circumstances.root = TrustRoot(parts);
  CHECK(Verdict(judge, minted) == "accepted");
  for (sigstore::Log& log : parts.logs) log.operated_by = "one";
  judge.circumstances.root = TrustRoot(parts);
  CHECK(Verdict(judge, minted) == "log-threshold");
}

TEST_CASE("the same timestamp twice is refused") {
  Plan plan;
  plan.stamps = Stamps::kBare;
  const Minted minted = Mint(plan);
  const Judge judge = Judge::Of(minted).value();
  const std::string begin = "\"rfc3161Timestamps\":[";
  const std::size_t at = minted.bundle.find(begin);
  REQUIRE(at != std::string::npos);
  const std::size_t first = at + begin.size();
  const std::string token = minted.bundle.substr(first, minted.bundle.find(']', first) - first);
  Minted twice = minted;
  twice.bundle.insert(first, token + ",");
  Judge accepting = judge;
  accepting.policy.timestamps = Threshold::Accept();
  CHECK(Verdict(accepting, minted) == "accepted");
  CHECK(Verdict(accepting, twice) == "timestamp-duplicate");
}

// The SCT that came beside a certificate, read as if it were the only one of a list.
crypto::Sct DetachedOf(const Minted& minted) {
  const auto high = [](std::size_t size) { return static_cast<std::uint8_t>(size >> 8); };
  const auto low = [](std::size_t size) { return static_cast<std::uint8_t>(size & 0xff); };
  const std::size_t size = minted.detached_sct.size();
  util::Bytes list{high(size + 2), low(size + 2), high(size), low(size)};
  list.insert(list.end(), minted.detached_sct.begin(), minted.detached_sct.end());
  Result<std::vector<crypto::Sct>> scts = crypto::ParseSctList(list);
  REQUIRE(scts.ok());
  return scts.value().front();
}

TEST_CASE("an SCT beside the certificate does where the certificate carries none") {
  Plan plan;
  plan.fault = Fault::kSctMissing;
  const Minted minted = Mint(plan);
  Judge judge = Judge::Of(minted).value();
  CHECK(Verdict(judge, minted) == "sct-missing");
  const crypto::Sct good = DetachedOf(minted);
  judge.circumstances.detached_sct = good;
  CHECK(Verdict(judge, minted) == "accepted");
  judge.circumstances.detached_sct->timestamp_ms += 1;
  CHECK(Verdict(judge, minted) == "sct-signature");
  judge.circumstances.detached_sct = good;
  judge.circumstances.detached_sct->log_id[0] ^= 1;
  CHECK(Verdict(judge, minted) == "sct-threshold");
  // That of another certificate says nothing of this one.
  judge.circumstances.detached_sct = DetachedOf(Mint({.san = San::kEmail}));
  CHECK(Verdict(judge, minted) == "sct-signature");
}

}  // namespace
}  // namespace ociship::deployment
