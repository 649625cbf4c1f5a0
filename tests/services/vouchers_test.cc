// SPDX-License-Identifier: Apache-2.0
#include "services/vouchers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "deployment/stamps.h"
#include "fake_clock.h"
#include "fake_rekor.h"
#include "fake_transport.h"
#include "reason_of.h"
#include "services/failure.h"
#include "util/io.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using deployment::Fault;
using deployment::LogKind;
using deployment::Plan;
using deployment::SecondLog;
using deployment::Stamps;
using testing::ReasonOf;
using testing::Reply;
using testing::Signed;

// Several servers, each with its own answer, which many may ask at the same time.
class Town : public http::Transport {
 public:
  using Answer = std::function<Reply(const std::string& body)>;

  void At(std::string host, Answer answer) { answers_[std::move(host)] = std::move(answer); }
  // From now on, answers wait for each other: until so many were asked, or ten seconds are over.
  void MeetAt(int askers) { meeting_ = askers; }

  Result<http::Response> Send(const http::Request& request, const http::Receive& receive,
                              const util::Cancel& cancel) override {
    TRY(cancel.Check());
    std::string body = TRY(util::ReadAll(*request.body.reader, std::size_t{1} << 20, "request"));
    {
      const std::lock_guard lock(mutex_);
      ++asked_[request.url.host];
    }
    Meet();
    const Reply reply = answers_.at(request.url.host)(body);
    if (reply.error) return *reply.error;
    http::Response response{.status = reply.status, .headers = {}, .body = reply.body};
    if (reply.status < 300) {
      TRY(receive.sink->Write(util::AsBytes(reply.body)));
    }
    return response;
  }

  int asked(const std::string& host) const {
    const auto known = asked_.find(host);
    return known == asked_.end() ? 0 : known->second;
  }
  bool met() const { return !alone_; }

 private:
  void Meet() {
    ++arrived_;
    for (int i = 0; i < 10'000 && arrived_ < meeting_; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (arrived_ < meeting_) alone_ = true;
  }

  std::map<std::string, Answer> answers_;
  std::mutex mutex_;
  std::map<std::string, int> asked_;
  std::atomic<int> arrived_{0};
  std::atomic<int> meeting_{0};
  std::atomic<bool> alone_{false};
};

// Two logs of version 1 and as many timestamp authorities as one likes: all are the same one.
struct Fixture {
  Fixture() {
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string entry =
          testing::Rekor1Answer(LogContent(plan, authorities.logs[i], thing.content));
      town.At(authorities.logs[i].host,
              [entry](const std::string&) { return Reply{.status = 201, .body = entry}; });
    }
    for (const char* const host : {"tsa1.example", "tsa2.example"}) {
      town.At(host,
              [this](const std::string& body) { return Stamp(body, thing.content.signature); });
    }
  }

  // The request ends in the INTEGER of the nonce (RFC 3161 section 2.4.1), of 8 bytes or 9.
  Reply Stamp(const std::string& request, const deployment::Bytes& over) const {
    const std::string_view all = request;
    const bool short_form = all.substr(all.size() - 10, 2) == std::string_view("\x02\x08");
    const deployment::Bytes nonce =
        deployment::Copy(all.substr(all.size() - (short_form ? 10 : 11)));
    return {.body = std::string(util::AsText(MintStamp(plan, authorities, over, nonce)))};
  }

  static sigstore::ServiceChoice Choice(const std::vector<std::string>& hosts, std::size_t needed) {
    sigstore::ServiceChoice choice{.candidates = {}, .needed = needed};
    for (const std::string& host : hosts) {
      choice.candidates.push_back({.url = "https://" + host, .api_version = 1});
    }
    return choice;
  }
  void Logs(const std::vector<std::string>& hosts, std::size_t needed) {
    voucher_plan.logs = Choice(hosts, needed);
  }
  void Authorities(const std::vector<std::string>& hosts, std::size_t needed) {
    voucher_plan.timestamp_authorities = Choice(hosts, needed);
  }
  void Down(const std::string& host) {
    town.At(host, [](const std::string&) { return Reply{.status = 500}; });
  }
  Result<Vouched> Ask() {
    return AskVouchers(caller, voucher_plan, thing.loggable(), testing::RootOf(plan, authorities));
  }
  util::Bytes IdOf(std::size_t log) const { return authorities.logs[log].id(); }

  Plan plan{.stamps = Stamps::kBare, .second_log = SecondLog::kOtherOperator};
  deployment::Authorities authorities = MintAuthorities(plan);
  Signed thing{plan, testing::SignedBy(plan, "signer", deployment::kArtifact)};
  const std::string log1 = authorities.logs[0].host;
  const std::string log2 = authorities.logs[1].host;
  Town town;
  testing::FakeClock clock;
  Cancel cancel;
  ServiceCaller caller{town, {.clock = clock, .cancel = cancel}};
  VoucherPlan voucher_plan;
};

TEST_CASE_FIXTURE(Fixture, "AskVouchers: nobody is needed, nobody is asked") {
  Logs({log1}, 0);
  const auto vouched = Ask();
  REQUIRE(vouched.ok());
  CHECK(vouched.value().log_entries.empty());
  CHECK(vouched.value().timestamps.empty());
  CHECK(town.asked(log1) == 0);
}

TEST_CASE_FIXTURE(Fixture, "AskVouchers: all are asked at the same time, in the plan's order") {
  Logs({log2, log1}, 2);
  Authorities({"tsa1.example", "tsa2.example"}, 2);
  town.MeetAt(4);
  const auto vouched = Ask();
  CHECK(ReasonOf(vouched) == "ok");
  REQUIRE(vouched.ok());
  CHECK(town.met());
  REQUIRE(vouched.value().log_entries.size() == 2);
  CHECK(vouched.value().log_entries[0].log_id == IdOf(1));
  CHECK(vouched.value().log_entries[1].log_id == IdOf(0));
  CHECK(vouched.value().timestamps.size() == 2);
  for (const std::string& host : {log1, log2, std::string("tsa1.example")}) {
    CHECK(town.asked(host) == 1);
  }
}

TEST_CASE_FIXTURE(Fixture, "AskVouchers: as many as are needed, and no more") {
  Logs({log1, log2}, 1);
  const auto vouched = Ask();
  REQUIRE(vouched.ok());
  CHECK(vouched.value().log_entries.size() == 1);
  CHECK(town.asked(log2) == 0);
}

TEST_CASE_FIXTURE(Fixture, "AskVouchers: one that is down is replaced, the others are left alone") {
  for (const Reply& reply :
       {Reply{.status = 500}, Reply{.status = 405, .body = "frozen"}, Reply{.status = 429},
        Reply{.status = 400}, Reply{.error = testing::Lost()}}) {
    CAPTURE(reply.status);
    Fixture fixture;
    fixture.town.At("down.example", [&](const std::string&) { return reply; });
    fixture.Logs({"down.example", fixture.log2, fixture.log1}, 2);
    fixture.Authorities({"down.example", "tsa2.example"}, 1);
    const auto vouched = fixture.Ask();
    REQUIRE(vouched.ok());
    // In the order of the candidates, whoever answered first.
    REQUIRE(vouched.value().log_entries.size() == 2);
    CHECK(vouched.value().log_entries[0].log_id == fixture.IdOf(1));
    CHECK(vouched.value().log_entries[1].log_id == fixture.IdOf(0));
    CHECK(vouched.value().timestamps.size() == 1);
    CHECK(fixture.town.asked(fixture.log1) == 1);
    CHECK(fixture.town.asked(fixture.log2) == 1);
    CHECK(fixture.town.asked("tsa2.example") == 1);
    CHECK(fixture.town.asked("tsa1.example") == 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "AskVouchers: too many are down") {
  Down("down1.example");
  Down("down2.example");
  Logs({"down1.example", "down2.example", log1}, 2);
  Authorities({"tsa1.example"}, 1);
  const auto vouched = Ask();
  REQUIRE_FALSE(vouched.ok());
  CHECK(vouched.error().code() == Code::kSigningService);
  CHECK(FailureOf(vouched.error()) == Failure::kOutage);
  CHECK(vouched.error().message().find("Rekor https://down") != std::string::npos);
  CHECK(town.asked(log1) == 1);

  Logs({log1}, 1);
  Authorities({"down1.example"}, 1);
  const auto unstamped = Ask();
  REQUIRE_FALSE(unstamped.ok());
  CHECK(unstamped.error().message().find("timestamp authority https://down1") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "AskVouchers: a log that lies is not replaced") {
  Plan spoiled = plan;
  spoiled.fault = Fault::kPromiseFlipped;
  const std::string lie =
      testing::Rekor1Answer(LogContent(spoiled, authorities.logs[0], thing.content));
  for (const std::string& body : {lie, std::string("<html>")}) {
    town.At(log1, [&](const std::string&) { return Reply{.status = 201, .body = body}; });
    Logs({log1, log2}, 1);
    Authorities({"tsa1.example"}, 1);
    const auto vouched = Ask();
    REQUIRE_FALSE(vouched.ok());
    CHECK(vouched.error().code() == Code::kSigningService);
    CHECK(FailureOf(vouched.error()) == Failure::kLie);
    CHECK(town.asked(log2) == 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "AskVouchers: an authority that lies is not replaced, and named first") {
  town.At("tsa1.example", [&](const std::string& body) {
    return Stamp(body, deployment::Copy(std::string_view("another signature")));
  });
  Logs({log1}, 1);
  Authorities({"tsa1.example", "tsa2.example"}, 1);
  const auto vouched = Ask();
  REQUIRE_FALSE(vouched.ok());
  CHECK(FailureOf(vouched.error()) == Failure::kLie);
  CHECK(town.asked("tsa2.example") == 0);
  // Also before a log that is only down.
  Down("down.example");
  Logs({"down.example"}, 1);
  const auto both = Ask();
  REQUIRE_FALSE(both.ok());
  CHECK(FailureOf(both.error()) == Failure::kLie);
}

TEST_CASE_FIXTURE(Fixture, "AskVouchers: what is not a service's fault is not tried elsewhere") {
  Logs({log1, log2}, 1);
  voucher_plan.logs.candidates[0].url = "http://rekor.example";
  const auto vouched = Ask();
  REQUIRE_FALSE(vouched.ok());
  CHECK(vouched.error().code() == Code::kUsage);
  CHECK(town.asked(log2) == 0);

  Logs({log1, log2}, 1);
  cancel.Request();
  const auto cancelled = Ask();
  REQUIRE_FALSE(cancelled.ok());
  CHECK(cancelled.error().code() == Code::kInterrupted);
  CHECK(town.asked(log1) == 0);
}

TEST_CASE_FIXTURE(Fixture, "AskVouchers: a plan that needs more than there are") {
  Logs({log1}, 2);
  const auto vouched = Ask();
  REQUIRE_FALSE(vouched.ok());
  CHECK(vouched.error().code() == Code::kTrustMaterial);
  CHECK(town.asked(log1) == 0);
  Logs({log1}, 1);
  Authorities({}, 1);
  CHECK_FALSE(Ask().ok());
}

TEST_CASE("FailureOf: by code and reason") {
  CHECK(FailureOf(Error(Code::kSigningService, "500")) == Failure::kOutage);
  CHECK(FailureOf(Error(Code::kRateLimited, "429")) == Failure::kOutage);
  CHECK(FailureOf(Error(Code::kUnavailable, "lost")) == Failure::kOutage);
  CHECK(FailureOf(Error(Code::kSigningService, "x").Because("log-proof")) == Failure::kLie);
  CHECK(FailureOf(Error(Code::kUsage, "x")) == Failure::kOther);
  CHECK(FailureOf(Error(Code::kInterrupted, "x")) == Failure::kOther);
  const Error why(Code::kNoMatch, "it is not");
  const Error bad = BadAnswer("Rekor https://a", "a thing", why, sigstore::Reason::kLogProof);
  CHECK(bad.message() == "Rekor https://a gave a thing: it is not");
  CHECK(bad.reason() == "log-proof");
  CHECK(FailureOf(bad) == Failure::kLie);
}

}  // namespace
}  // namespace ociship::services
