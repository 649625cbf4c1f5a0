// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_TRUSTED_TIME_H_
#define OCISHIP_SIGSTORE_TRUSTED_TIME_H_

#include <chrono>
#include <string>
#include <vector>

#include "ociship/core.h"
#include "sigstore/log.h"
#include "sigstore/policy.h"
#include "sigstore/trust_root.h"
#include "util/bytes.h"
#include "util/time.h"

namespace ociship::sigstore {

// A time at which the signature existed, and who says so.
struct TrustedTime {
  util::Micros time;
  enum class Source { kTimestamp, kLog, kVerifier } source = Source::kTimestamp;
  std::string said_by;  // the authority or log; empty for the verifier's own clock
};

// Proof of the times at which a signature existed: only CollectTimes makes one. All that are known
// are in it, so that what must hold at a time is checked at each.
class TrustedTimes {
 public:
  const std::vector<TrustedTime>& all() const { return all_; }

 private:
  friend Result<TrustedTimes> CollectTimes(const std::vector<util::Bytes>&, const util::Bytes&,
                                           const VerifiedLogEntries&, const Policy&,
                                           const TrustRoot&, std::chrono::sys_seconds);
  explicit TrustedTimes(std::vector<TrustedTime> all) : all_(std::move(all)) {}
  std::vector<TrustedTime> all_;
};

// Verifies the RFC 3161 `tokens` over `signature` and joins them with the times that logs promised.
// A token of nobody in the trusted root does not count, one of somebody there must be right; as
// many as the policy demands must count, each of another operator. Without any time, a certificate
// is judged `now` where the policy ignores logs, and not at all (time-missing) elsewhere. A log
// that promised no time must have been trusted at each of the times, or `now` where there is none.
// kNoMatch: timestamp-*, time-missing, log-time; kBadInput: timestamp-malformed.
Result<TrustedTimes> CollectTimes(const std::vector<util::Bytes>& tokens,
                                  const util::Bytes& signature, const VerifiedLogEntries& entries,
                                  const Policy& policy, const TrustRoot& root,
                                  std::chrono::sys_seconds now);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_TRUSTED_TIME_H_
