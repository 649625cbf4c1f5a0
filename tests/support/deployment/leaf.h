// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_LEAF_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_LEAF_H_

#include <string>
#include <vector>

#include "deployment/authorities.h"

namespace ociship::deployment {

// A certificate for a key that lives ten minutes, as Fulcio issues them.
struct Leaf {
  Bytes der;
  // What a bundle's chain has behind the leaf.
  std::vector<Bytes> chain;
  // A timestamp of the certificate log that lies beside the certificate: version, log ID, time,
  // extensions and signature, over the whole certificate (RFC 6962 section 3.2, x509_entry).
  Bytes detached_sct;
};

// Whom the certificate is for: the only name in it, and who vouched for it.
std::string IdentityOf(const Plan& plan);
std::string IssuerOf(const Plan& plan);
inline constexpr std::string_view kSourceRepository = "https://github.com/acme/app";

Leaf MintLeaf(const Plan& plan, const Authorities& authorities, const Key& key);

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_LEAF_H_
