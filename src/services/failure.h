// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_FAILURE_H_
#define OCISHIP_SERVICES_FAILURE_H_

#include <string_view>

#include "ociship/core.h"
#include "sigstore/reason.h"

namespace ociship::services {

// Why a service did not give what it was asked for.
enum class Failure {
  kOutage,  // nothing came of it: another service may do as well
  kLie,     // what it answered is not what it has to be: nobody goes on as if nothing was
  kOther,   // not the service's doing
};

// By the code and the reason: what a check found has a reason, what the network did has none. To
// keep it so, everything about an answer with a good status is made by BadAnswer.
Failure FailureOf(const Error& error);

// A lie: kSigningService, "SERVICE gave AN ENTRY THAT DOES NOT VERIFY: why", with the reason of
// `why` or, where that has none, `reason`.
Error BadAnswer(std::string_view service, std::string_view what, const Error& why,
                sigstore::Reason reason);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_FAILURE_H_
