// SPDX-License-Identifier: Apache-2.0
// The vectors of sigstore-conformance, each by file and by digest: what is valid verifies, what is
// not is refused for the reason that it was made for. Lie the vectors elsewhere than in
// ../shared/vectors, OCISHIP_VECTORS says where.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "crypto/hash.h"
#include "fixtures.h"
#include "sigstore/bundle.h"
#include "sigstore/verify.h"
#include "util/file.h"
#include "util/text.h"

namespace ociship::sigstore {
namespace {

using ociship::testing::FixturePath;

std::string VectorsFolder() {
  const char* const named = std::getenv("OCISHIP_VECTORS");
  return named != nullptr ? named : FixturePath("../../shared/vectors");
}

std::string CasesFolder() { return VectorsFolder() + "/sigstore-conformance/bundle-verify"; }

bool Skipped() {
  if (std::filesystem::is_directory(CasesFolder())) return false;
  std::printf("SKIPPED: sigstore-conformance vectors\n");
  return true;
}

// The reason for which each invalid case must fail (sigstore-client.md section 1.6).
struct Expected {
  std::string_view name;
  std::string_view reason;
};
constexpr std::array<Expected, 48> kRefusals = {{
    {"bundle-empty-certificate-chain_fail", "bundle-malformed"},
    {"bundle-from-wrong-instance_fail", "log-threshold"},
    {"bundle-invalid-base64-signature_fail", "bundle-malformed"},
    {"bundle-malformed-json_fail", "bundle-malformed"},
    {"bundle-negative-log-index_fail", "log-entry-malformed"},
    {"bundle-unknown-version_fail", "bundle-version"},
    {"bundle-with-root-cert_fail", "log-proof-missing"},
    {"checkpoint-bad-keyhint_fail", "checkpoint-signature"},
    {"checkpoint-wrong-roothash_fail", "checkpoint-root"},
    {"dsse-invalid-sig_fail", "entry-signature"},
    {"dsse-mismatch-envelope_fail", "entry-digest"},
    {"dsse-mismatch-sig_fail", "entry-signature"},
    {"inclusion-proof-corrupted-hash_fail", "log-proof"},
    {"incorrect-public-key_fail", "log-promise"},
    {"integrated-time-in-future_fail", "time-outside-signer"},
    {"intoto-expired-certificate_fail", "time-outside-signer"},
    {"intoto-log-entry-mismatch_fail", "entry-malformed"},
    {"intoto-missing-inclusion-proof_fail", "log-proof-missing"},
    {"intoto-set-outside-signing-cert-validity_fail", "time-outside-signer"},
    {"intoto-tsa-timestamp-outside-cert-validity_fail", "time-outside-signer"},
    {"invalid-checkpoint-signature_fail", "checkpoint-signature"},
    {"invalid-ct-key_fail", "sct-threshold"},
    {"invalid-inclusion-proof_fail", "log-proof-missing"},
    {"managed-key-no-key_fail", "signer-kind"},
    {"managed-key-wrong-key_fail", ""},
    {"message-digest-mismatch_fail", "digest-mismatch"},
    {"rekor2-checkpoint-missing-log-signature_fail", "checkpoint-malformed"},
    {"rekor2-checkpoint-missing-origin_fail", "checkpoint-malformed"},
    {"rekor2-checkpoint-missing-root-hash_fail", "checkpoint-malformed"},
    {"rekor2-checkpoint-missing-size_fail", "checkpoint-malformed"},
    {"rekor2-checkpoint-no-matching-signature_fail", "checkpoint-origin"},
    {"rekor2-dsse-invalid-sig_fail", "entry-signature"},
    {"rekor2-dsse-mismatch-envelope_fail", "entry-digest"},
    {"rekor2-dsse-mismatch-sig_fail", "entry-signature"},
    {"rekor2-no-inclusion-proof_fail", "log-proof-missing"},
    {"rekor2-no-timestamp_fail", "time-missing"},
    {"rekor2-timestamp-outside-trust-root-tsa-validity_fail", "timestamp-window"},
    {"rekor2-timestamp-outside-tsa-cert-validity_fail", "certificate-expired"},
    {"rekor2-timestamp-payload-mismatch_fail", "timestamp-imprint"},
    {"rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail", "timestamp-signer"},
    {"rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail", "timestamp-signer"},
    {"rekor2-timestamp-with-incorrect-time_fail", "time-outside-signer"},
    {"set-invalid-signature_fail", "log-promise"},
    {"signature-mismatch_fail", "entry-signature"},
    {"wrong-hashedrekord-artifact_fail", "entry-digest"},
    {"wrong-hashedrekord-cert-and-sig_fail", "entry-signature"},
    {"wrong-hashedrekord-entry_fail", "entry-digest"},
    {"wrong-material_fail", "digest-mismatch"},
}};

// A file of a case, or what holds for all of them.
std::string CaseFile(const std::string& name, const std::string& file, std::string otherwise) {
  Result<std::string> text = util::ReadFile(CasesFolder() + "/" + name + "/" + file, 64 << 20);
  return text.ok() ? std::move(text).value() : std::move(otherwise);
}

std::string SharedFile(const std::string& path) {
  Result<std::string> text = util::ReadFile(path, 64 << 20);
  REQUIRE(text.ok());
  return std::move(text).value();
}

Result<Policy> PolicyOf(const std::string& name) {
  const std::string pem = CaseFile(name, "key.pub", "");
  if (!pem.empty()) {
    Result<crypto::PublicKey> key = crypto::PublicKey::FromPem(pem);
    if (!key.ok()) return key.error();
    return Policy{.signer = KeySigner{.key = key.value()},
                  .log_entries = Threshold::Require(1),
                  .timestamps = Threshold::Accept()};
  }
  const std::string identity = CaseFile(
      name, "identity",
      "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/"
      "workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main");
  const std::string issuer = CaseFile(name, "issuer", std::string(kGitHubIssuer));
  return Policy{
      .signer = CertificateSigner{.any_of = {IdentityRule{
                                      .subject = {TextPattern::Exact(util::Trim(identity)).value()},
                                      .issuer = {TextPattern::Exact(util::Trim(issuer)).value()}}},
                                  .certificate_logs = Threshold::Require(1)},
      .log_entries = Threshold::Require(1),
      .timestamps = Threshold::Accept()};
}

enum class Known { kBytes, kDigest };

Result<VerifiedBundle> VerifyCase(const std::string& name, Known known) {
  const std::string bundle = CaseFile(name, "bundle.sigstore.json", "");
  const std::string bytes = CaseFile(name, "artifact", SharedFile(CasesFolder() + "/a.txt"));
  const std::string trusted_root = CaseFile(
      name, "trusted_root.json",
      SharedFile(VectorsFolder() + "/sigstore-root-signing/production/targets/trusted_root.json"));
  Result<TrustRoot> root = TrustRoot::Parse(trusted_root);
  if (!root.ok()) return root.error();
  Result<Policy> policy = PolicyOf(name);
  if (!policy.ok()) return policy.error();
  const Artifact artifact = known == Known::kBytes
                                ? Artifact::OfBytes(util::AsBytes(bytes))
                                : Artifact::OfDigest(crypto::Sha256(util::AsBytes(bytes)));
  return VerifyBlobBundle(bundle, artifact, policy.value(),
                          {.attestation = BlobContent::Attestation::kAny}, {.root = root.value()});
}

TEST_CASE("sigstore-conformance: every case verifies, or is refused for its own reason") {
  if (Skipped()) return;
  std::size_t refused = 0;
  std::size_t verified = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CasesFolder())) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    const auto expected = std::find_if(kRefusals.begin(), kRefusals.end(),
                                       [&](const Expected& known) { return known.name == name; });
    for (const Known known : {Known::kBytes, Known::kDigest}) {
      CAPTURE(name);
      const Result<VerifiedBundle> result = VerifyCase(name, known);
      if (!name.ends_with("_fail")) {
        INFO((result.ok() ? std::string() : result.error().message()));
        CHECK(result.ok());
        ++verified;
        continue;
      }
      REQUIRE(!result.ok());
      INFO(result.error().message());
      REQUIRE(expected != kRefusals.end());
      CHECK(std::string(result.error().reason()) == std::string(expected->reason));
      ++refused;
    }
  }
  CHECK(verified == 38);
  CHECK(refused == 96);
}

}  // namespace
}  // namespace ociship::sigstore
