// SPDX-License-Identifier: Apache-2.0
// Certificates and keys in single PEM files as a trust root. Tested by legacy_trust_test.cc.
#include "services/legacy_trust.h"

#include <string_view>
#include <utility>
#include <vector>

#include "crypto/certificate.h"
#include "crypto/key.h"
#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using Certificates = std::vector<crypto::Certificate>;

constexpr std::size_t kMaxPemBytes = 1 << 20;

// None where no file is given.
Result<Certificates> ReadCertificates(const std::string& path) {
  if (path.empty()) return Certificates();
  const std::string pem = TRY(util::ReadInputFile(path, kMaxPemBytes));
  Result<Certificates> certificates = crypto::Certificate::ListFromPem(pem);
  if (!certificates.ok()) return std::move(certificates).error().While(util::Quoted(path));
  return certificates;
}

Error NoCertificate(const std::string& path) {
  return Error(Code::kBadInput, util::StrCat(util::Quoted(path), " has no certificate"));
}

// The last one of a chain is its root.
Result<crypto::Certificate> TakeRoot(Certificates& chain, const std::string& path) {
  if (chain.empty()) return NoCertificate(path);
  crypto::Certificate root = std::move(chain.back());
  chain.pop_back();
  return root;
}

// Roots and intermediates in one file: who issued himself is a root.
void Sort(Certificates mixed, Certificates& roots, Certificates& intermediates) {
  for (crypto::Certificate& certificate : mixed) {
    const bool is_root = certificate.subject() == certificate.issuer();
    (is_root ? roots : intermediates).push_back(std::move(certificate));
  }
}

Status AddAuthorities(const LegacyTrustFiles& files, sigstore::TrustRoot::Parts& parts) {
  Certificates roots = TRY(ReadCertificates(files.ca_roots));
  Certificates intermediates = TRY(ReadCertificates(files.ca_intermediates));
  Certificates mixed = TRY(ReadCertificates(files.root_file));
  Sort(std::move(mixed), roots, intermediates);
  for (crypto::Certificate& root : roots) {
    parts.certificate_authorities.push_back(
        {.intermediates = intermediates, .anchor = std::move(root)});
  }
  if (files.certificate_chain.empty()) return Ok();
  Certificates chain = TRY(ReadCertificates(files.certificate_chain));
  crypto::Certificate root = TRY(TakeRoot(chain, files.certificate_chain));
  parts.certificate_authorities.push_back(
      {.intermediates = std::move(chain), .anchor = std::move(root)});
  return Ok();
}

Status AddTimestampAuthority(const std::string& path, sigstore::TrustRoot::Parts& parts) {
  if (path.empty()) return Ok();
  Certificates chain = TRY(ReadCertificates(path));
  if (chain.empty()) return NoCertificate(path);
  parts.timestamp_authorities.push_back({.chain = sigstore::SplitTimestampChain(std::move(chain))});
  return Ok();
}

Status AddLog(const std::string& path, std::vector<sigstore::Log>& logs) {
  if (path.empty()) return Ok();
  const std::string pem = TRY(util::ReadInputFile(path, kMaxPemBytes));
  Result<crypto::PublicKey> key = crypto::PublicKey::FromPem(pem);
  if (!key.ok()) return std::move(key).error().While(util::Quoted(path));
  util::Bytes id = sigstore::LogIdOf(key.value());
  logs.push_back({.key = std::move(key).value(), .id = std::move(id)});
  return Ok();
}

}  // namespace

Result<sigstore::TrustRoot> ReadLegacyTrust(const LegacyTrustFiles& files) {
  sigstore::TrustRoot::Parts parts;
  TRY(AddAuthorities(files, parts));
  TRY(AddTimestampAuthority(files.tsa_certificate_chain, parts));
  TRY(AddLog(files.rekor_public_key, parts.logs));
  TRY(AddLog(files.ct_log_public_key, parts.certificate_logs));
  return sigstore::TrustRoot(std::move(parts));
}

}  // namespace ociship::services
