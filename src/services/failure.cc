// SPDX-License-Identifier: Apache-2.0
// Which failures of services another service may make good. Tested by vouchers_test.cc.
#include "services/failure.h"

#include "util/text.h"

namespace ociship::services {

Failure FailureOf(const Error& error) {
  // Who is asked too often can not answer.
  if (error.code() == Code::kRateLimited || error.code() == Code::kUnavailable) {
    return Failure::kOutage;
  }
  if (error.code() != Code::kSigningService) return Failure::kOther;
  return error.reason().empty() ? Failure::kOutage : Failure::kLie;
}

Error BadAnswer(std::string_view service, std::string_view what, const Error& why,
                sigstore::Reason reason) {
  const std::string_view word = why.reason().empty() ? Word(reason) : why.reason();
  return Error(Code::kSigningService, util::StrCat(service, " gave ", what, ": ", why.message()))
      .Because(word);
}

}  // namespace ociship::services
