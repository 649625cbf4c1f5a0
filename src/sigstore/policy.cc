// SPDX-License-Identifier: Apache-2.0
// Whether a policy says all that it must. Covered by tests/sigstore/policy_test.cc.
#include "sigstore/policy.h"

#include <utility>

#include "sigstore/reason.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

// Each kind of evidence may come from this many sources; more is a mistake of the policy.
constexpr unsigned kMaxThreshold = 32;

Error Silent(std::string message) {
  return Error(Code::kUsage, std::move(message)).Because(Word(Reason::kPolicySilent));
}

Status CheckThreshold(const Threshold& threshold, std::string_view what) {
  switch (threshold.demand) {
    case Threshold::Demand::kIgnore:
    case Threshold::Demand::kAccept:
      return Ok();
    case Threshold::Demand::kRequire:
      if (threshold.count >= 1 && threshold.count <= kMaxThreshold) return Ok();
      return Silent(util::StrCat("the policy demands ", threshold.count, " ", what, "; 1 to ",
                                 kMaxThreshold, " can be demanded"));
    case Threshold::Demand::kUnsaid:
      break;
  }
  return Silent(util::StrCat("the policy does not say whether ", what, " are needed"));
}

}  // namespace

Policy KeyAlone(crypto::PublicKey key, std::map<std::string, std::string> annotations) {
  return Policy{.signer = KeySigner{.key = std::move(key)},
                .log_entries = Threshold::Ignore(),
                .timestamps = Threshold::Ignore(),
                .annotations = std::move(annotations)};
}

Status CheckPolicy(const Policy& policy) {
  TRY(CheckThreshold(policy.log_entries, "log entries"));
  TRY(CheckThreshold(policy.timestamps, "timestamps"));
  const auto* certificate = std::get_if<CertificateSigner>(&policy.signer);
  if (certificate == nullptr) return Ok();
  if (certificate->any_of.empty()) return Silent("the policy names no identity");
  return CheckThreshold(certificate->certificate_logs, "entries in certificate logs");
}

}  // namespace ociship::sigstore
