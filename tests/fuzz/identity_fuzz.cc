// SPDX-License-Identifier: Apache-2.0
// Fulcio's extensions in certificates, the GitHub short form and patterns: read or refused. Run by
// scripts/fuzz.
#include "sigstore/identity.h"

#include "crypto/certificate.h"
#include "fuzz.h"

namespace ociship::fuzz {
namespace {

void CheckCertificate(ByteView der) {
  const auto certificate = crypto::Certificate::FromDer(der);
  if (!certificate.ok()) return;
  const auto identity = sigstore::ReadIdentity(certificate.value());
  if (!identity.ok()) {
    Require(identity.error().reason() == "identity-malformed");
    RequirePrintable(identity.error().message());
    return;
  }
  Require(!identity.value().subject.empty() && !identity.value().issuer.empty());
  Require(identity.value().subject.find('\0') == std::string::npos);
  const auto matched = sigstore::MatchIdentity(identity.value(), {});
  Require(!matched.ok());
}

void CheckTexts(std::string_view text) {
  const auto github = sigstore::ParseGitHubIdentity(text);
  RequireUsage(github);
  if (!github.ok()) RequirePrintable(github.error().message());
  const auto pattern = sigstore::TextPattern::Regexp(TakePart(text, '\n'));
  RequireUsage(pattern);
  if (pattern.ok()) static_cast<void>(pattern.value().Look(text));
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ociship::fuzz::CheckCertificate({data, size});
  ociship::fuzz::CheckTexts(ociship::fuzz::TextOf(data, size));
  return 0;
}
