// SPDX-License-Identifier: Apache-2.0
// Trusted roots: read or refused, and what was read can be asked. Run by scripts/fuzz.
#include "sigstore/trust_root.h"

#include "fuzz.h"

namespace ociship::fuzz {
namespace {

void CheckRoot(std::string_view text) {
  const auto root = sigstore::TrustRoot::Parse(text);
  if (!root.ok()) {
    Require(root.error().code() == Code::kTrustMaterial);
    Require(root.error().reason() == "trust-root-malformed");
    RequirePrintable(root.error().message());
    return;
  }
  for (const sigstore::Log& log : root.value().logs()) {
    Require(log.id.size() == 32);
    Require(log.validity.start.has_value());
    Require(!log.key.der().empty());
  }
  for (const sigstore::CertificateAuthority& authority : root.value().certificate_authorities()) {
    Require(!authority.anchor.der().empty());
  }
  for (const std::string& note : root.value().notes()) RequirePrintable(note);
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ociship::fuzz::CheckRoot(ociship::fuzz::TextOf(data, size));
  return 0;
}
