// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_SIGNING_PLAN_H_
#define OCISHIP_SERVICES_SIGNING_PLAN_H_

#include <cstdint>

#include "ociship/core.h"
#include "services/vouchers.h"
#include "sigstore/signing_config.h"
#include "util/time.h"

namespace ociship::services {

// Whose services a signature needs, so that it can be verified later.
struct SigningPlan {
  // Nobody for a signature with a key.
  sigstore::ServiceChoice certificate_authorities = {};
  VoucherPlan bundle = {};
  // The legacy format has room for one log entry, with a promise, and one timestamp.
  VoucherPlan legacy = {};
  // Without a log that promises, nobody could verify a legacy signature that is said to be logged.
  enum class Legacy { kPossible, kNoLogPromises } legacy_format = Legacy::kPossible;
};

// What signs.
enum class SignerKind { kKey, kCertificate };
// Whether a log entry is wanted.
enum class Logging { kWanted, kNone };

// Chooses services at the time `now`, at random by `seed` where the config says so. kUsage, before
// anybody is asked, for what could not be verified later: a log entry that is wanted and no log, a
// certificate without a certificate authority, and one without a time, which a timestamp or a log
// of version 1 gives. Errors of ChooseOne and ChooseSeveral. Pure.
Result<SigningPlan> PlanSigning(const sigstore::SigningConfig& config, SignerKind signer,
                                Logging logging, util::Micros now, std::uint64_t seed);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_SIGNING_PLAN_H_
