// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_VOUCHERS_H_
#define OCISHIP_SERVICES_VOUCHERS_H_

#include "ociship/core.h"
#include "services/rekor.h"
#include "services/service_call.h"
#include "sigstore/bundle.h"
#include "sigstore/signing_config.h"
#include "sigstore/trust_root.h"

namespace ociship::services {

// Who vouches for a signature.
struct VoucherPlan {
  sigstore::ServiceChoice logs = {};
  sigstore::ServiceChoice timestamp_authorities = {};
};

// What they said, each verified.
struct Vouched {
  std::vector<sigstore::LogEntry> log_entries = {};
  std::vector<util::Bytes> timestamps = {};
};

// Asks all at the same time. One that fails is replaced by the next candidate, and nobody who
// answered is asked again; an answer that does not verify is kSigningService at once: who lies is
// not passed over in silence.
Result<Vouched> AskVouchers(ServiceCaller& caller, const VoucherPlan& plan,
                            const Loggable& loggable, const sigstore::TrustRoot& root);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_VOUCHERS_H_
