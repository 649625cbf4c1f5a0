// SPDX-License-Identifier: Apache-2.0
// Which services a signature needs (sigstore_trustroot.proto, SigningConfig; client-spec.md section
// 2). Tested by signing_plan_test.cc.
#include "services/signing_plan.h"

#include <algorithm>
#include <utility>

#include "services/service_call.h"
#include "util/text.h"
#include "util/try.h"
#include "util/url.h"

namespace ociship::services {
namespace {

Error Usage(const char* why) { return Error(Code::kUsage, why); }

bool IsEmpty(const sigstore::ServiceChoice& choice) { return choice.needed == 0; }

// Logs whose entries have a promise, none where no valid one is there.
Result<sigstore::ServiceChoice> ChoosePromisingLogs(const sigstore::ServiceGroup& logs,
                                                    util::Micros now, std::uint64_t seed) {
  const bool some = std::ranges::any_of(logs.services, [&](const sigstore::Service& log) {
    return log.api_version == sigstore::kPromisingLogVersions[0] && log.validity.Contains(now);
  });
  if (!some) return sigstore::ServiceChoice();
  return sigstore::ChooseSeveral("transparency log", logs, sigstore::kPromisingLogVersions, now,
                                 seed);
}

// The same candidates, of which one is asked.
sigstore::ServiceChoice OneOf(sigstore::ServiceChoice choice) {
  choice.needed = std::min<std::size_t>(choice.needed, 1);
  return choice;
}

Status PlanLogs(const sigstore::ServiceGroup& logs, util::Micros now, std::uint64_t seed,
                SigningPlan& plan) {
  if (logs.services.empty()) {
    return Usage(
        "a log entry is wanted, and there is no transparency log to ask: give one with --rekor-url "
        "or a signing config, or do without it with --no-tlog");
  }
  plan.bundle.logs =
      TRY(sigstore::ChooseSeveral("transparency log", logs, sigstore::kLogVersions, now, seed));
  sigstore::ServiceChoice promising = TRY(ChoosePromisingLogs(logs, now, seed));
  if (IsEmpty(promising)) plan.legacy_format = SigningPlan::Legacy::kNoLogPromises;
  plan.legacy.logs = OneOf(std::move(promising));
  return Ok();
}

// A certificate ends after minutes, so that somebody has to say that the signature is older than
// its end: "a trusted timestamp" (client-spec.md section 4.3).
Status CheckTime(const SigningPlan& plan) {
  if (!IsEmpty(plan.bundle.timestamp_authorities)) return Ok();
  if (IsEmpty(plan.bundle.logs)) {
    return Usage(
        "without a log entry and without a timestamp nobody can verify a certificate that lives "
        "ten "
        "minutes: name a timestamp authority with --timestamp-server-url or a signing config");
  }
  if (plan.bundle.logs.candidates.front().api_version == sigstore::kPromisingLogVersions[0]) {
    return Ok();
  }
  return Usage(
      "Rekor v2 says no time, and a certificate lives ten minutes: name a timestamp authority with "
      "--timestamp-server-url or a signing config");
}

// What can not be asked is found out before anything is published or sent.
Status CheckUrls(const sigstore::ServiceChoice& choice) {
  for (const sigstore::Service& service : choice.candidates) {
    const util::Url url = TRY(Endpoint(service.url, ""));
    if (url.scheme == "https" || util::ClassifyHost(url.host) == util::HostKind::kLoopback)
      continue;
    return Error(Code::kUsage, util::StrCat(util::Printable(service.url),
                                            ": another machine, only https is spoken with it"));
  }
  return Ok();
}

Status CheckUrls(const SigningPlan& plan) {
  TRY(CheckUrls(plan.certificate_authorities));
  for (const VoucherPlan* vouchers : {&plan.bundle, &plan.legacy}) {
    TRY(CheckUrls(vouchers->logs));
    TRY(CheckUrls(vouchers->timestamp_authorities));
  }
  return Ok();
}

}  // namespace

Result<SigningPlan> PlanSigning(const sigstore::SigningConfig& config, SignerKind signer,
                                Logging logging, util::Micros now, std::uint64_t seed) {
  SigningPlan plan;
  if (signer == SignerKind::kCertificate) {
    plan.certificate_authorities =
        TRY(sigstore::ChooseOne("certificate authority", config.certificate_authorities(),
                                sigstore::kCertificateAuthorityVersions, now));
    if (IsEmpty(plan.certificate_authorities)) {
      return Usage(
          "there is no certificate authority to ask: give one with --fulcio-url or a signing "
          "config, or sign with --key");
    }
  }
  if (logging == Logging::kWanted) TRY(PlanLogs(config.logs(), now, seed, plan));
  plan.bundle.timestamp_authorities =
      TRY(sigstore::ChooseSeveral("timestamp authority", config.timestamp_authorities(),
                                  sigstore::kTimestampVersions, now, seed));
  plan.legacy.timestamp_authorities = OneOf(plan.bundle.timestamp_authorities);
  if (signer == SignerKind::kCertificate) TRY(CheckTime(plan));
  TRY(CheckUrls(plan));
  return plan;
}

}  // namespace ociship::services
