// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_POLICY_H_
#define OCISHIP_SIGSTORE_POLICY_H_

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "crypto/key.h"
#include "ociship/core.h"
#include "sigstore/identity.h"
#include "sigstore/trust_root.h"

namespace ociship::sigstore {

// What a policy says about one kind of evidence. The zero value has not been said, and refuses.
struct Threshold {
  enum class Demand {
    kUnsaid,
    kIgnore,   // none is looked at
    kAccept,   // none is needed; those of somebody who is known must verify
    kRequire,  // `count` from different operators must verify
  };
  Demand demand = Demand::kUnsaid;
  unsigned count = 1;

  static constexpr Threshold Ignore() { return {Demand::kIgnore, 0}; }
  static constexpr Threshold Accept() { return {Demand::kAccept, 0}; }
  static constexpr Threshold Require(unsigned count = 1) { return {Demand::kRequire, count}; }

  bool ignored() const { return demand == Demand::kIgnore; }
};

// The signature must be made with this key, and every time that is known must lie in `validity`. A
// hint in the material is not asked.
struct KeySigner {
  crypto::PublicKey key;
  Validity validity = {};
};

// The signature must be made with a certificate that a trusted authority gave to one of these.
struct CertificateSigner {
  std::vector<IdentityRule> any_of;
  // Entries in certificate logs.
  Threshold certificate_logs = {};
};

// Who must have signed, and what else must be shown.
//
//   Policy policy{.signer = KeySigner{key}, .log_entries = Threshold::Ignore(),
//                 .timestamps = Threshold::Ignore()};
struct Policy {
  std::variant<KeySigner, CertificateSigner> signer;
  // Entries in transparency logs.
  Threshold log_entries = {};
  // RFC 3161 timestamps. A certificate needs a trusted time in any case: of a timestamp, or of a
  // log that promised it. Only where log entries are ignored it may instead be valid now.
  Threshold timestamps = {};
  // Each must be signed with exactly this value; others may be there besides.
  std::map<std::string, std::string> annotations = {};
};

// The key is the policy: nothing else is looked at.
Policy KeyAlone(crypto::PublicKey key, std::map<std::string, std::string> annotations = {});

// kUsage (policy-silent) for a policy that leaves something open, demands a number of nothing, or
// names no identity.
Status CheckPolicy(const Policy& policy);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_POLICY_H_
