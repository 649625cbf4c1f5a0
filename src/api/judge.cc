// SPDX-License-Identifier: Apache-2.0
// What judges without a Store (ociship/verify.h): trust roots, policies, bundles. The shared
// library is made of it. Tested by sign_verify_test.cc and c_abi_test.cc.
#include <utility>

#include "api/impl.h"
#include "sigstore/detached_sct.h"
#include "sigstore/trust_root.h"
#include "util/file.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship {
namespace {

constexpr std::size_t kKeptBlobBytes = 64 << 20;

sigstore::Threshold ThresholdOf(const std::optional<unsigned>& wanted,
                                sigstore::Threshold otherwise) {
  if (!wanted) return otherwise;
  return *wanted == 0 ? sigstore::Threshold::Ignore() : sigstore::Threshold::Require(*wanted);
}

// What is demanded besides a certificate, where the caller left it to the default.
sigstore::Policy CertificatePolicy(std::vector<sigstore::IdentityRule> any_of,
                                   VerifyDemands demands) {
  using sigstore::Threshold;
  return {.signer =
              sigstore::CertificateSigner{
                  .any_of = std::move(any_of),
                  .certificate_logs = ThresholdOf(demands.certificate_logs, Threshold::Require(1))},
          .log_entries = ThresholdOf(demands.log_entries, Threshold::Require(1)),
          .timestamps = ThresholdOf(demands.timestamps, Threshold::Accept()),
          .annotations = std::move(demands.annotations)};
}

// An exact text, an expression, or both, as cosign takes them.
Result<std::vector<sigstore::TextPattern>> PatternsOf(const std::string& text,
                                                      const std::string& regexp,
                                                      std::string_view what) {
  std::vector<sigstore::TextPattern> patterns;
  if (!text.empty()) {
    sigstore::TextPattern exact = TRY(sigstore::TextPattern::Exact(text));
    patterns.push_back(std::move(exact));
  }
  if (!regexp.empty()) {
    sigstore::TextPattern expression = TRY(sigstore::TextPattern::Regexp(regexp));
    patterns.push_back(std::move(expression));
  }
  if (patterns.empty()) {
    return Error(Code::kUsage, util::StrCat("an identity is without ", what));
  }
  return patterns;
}

Result<sigstore::IdentityRule> RuleOf(const AcceptedIdentity& accepted) {
  sigstore::IdentityRule rule;
  if (!accepted.github.empty()) {
    if (!accepted.identity.empty() || !accepted.identity_regexp.empty() ||
        !accepted.issuer.empty() || !accepted.issuer_regexp.empty()) {
      return Error(Code::kUsage, "an identity is given twice, in short for GitHub and in full");
    }
    rule = TRY(sigstore::ParseGitHubIdentity(accepted.github));
  } else {
    rule.subject = TRY(PatternsOf(accepted.identity, accepted.identity_regexp, "a subject"));
    rule.issuer = TRY(PatternsOf(accepted.issuer, accepted.issuer_regexp, "an issuer"));
  }
  for (const auto& [extension, value] : accepted.extensions) {
    // One that is not known would never be compared.
    if (extension < 1 || extension > sigstore::kMaxExtension || value.empty()) {
      return Error(Code::kUsage, util::StrCat("extension ", extension, " can not be demanded"));
    }
    sigstore::TextPattern exact = TRY(sigstore::TextPattern::Exact(value));
    rule.extensions.insert_or_assign(extension, std::move(exact));
  }
  return rule;
}

std::optional<SignerIdentity> SignerOf(const sigstore::VerifiedMaterial& material) {
  if (!material.identity()) return std::nullopt;
  const sigstore::CertificateIdentity& identity = material.identity()->identity();
  return SignerIdentity{
      .subject = identity.subject, .issuer = identity.issuer, .extensions = identity.extensions};
}

sigstore::BlobContent ContentOf(const BlobContent& content) {
  using Attestation = sigstore::BlobContent::Attestation;
  switch (content.attestation) {
    case BlobContent::Attestation::kOfType:
      return {.attestation = Attestation::kOfType, .type = content.type};
    case BlobContent::Attestation::kAny:
      return {.attestation = Attestation::kAny};
    case BlobContent::Attestation::kRefused:
      break;
  }
  return {.attestation = Attestation::kRefused};
}

// Hashes what a reader gives, and keeps it while it is small. In place: the artifact has a view of
// what is kept.
Status ReadBlob(util::Reader& reader, Blob::Impl& blob) {
  using crypto::HashAlgorithm;
  crypto::RawHasher sha256(HashAlgorithm::kSha256);
  crypto::RawHasher sha384(HashAlgorithm::kSha384);
  crypto::RawHasher sha512(HashAlgorithm::kSha512);
  bool small = true;
  std::vector<std::uint8_t> buffer(256 << 10);
  for (;;) {
    const std::size_t size = TRY(reader.Read(buffer));
    if (size == 0) break;
    const ByteView bytes(buffer.data(), size);
    sha256.Update(bytes);
    sha384.Update(bytes);
    sha512.Update(bytes);
    small = small && blob.kept.size() + size <= kKeptBlobBytes;
    if (small) blob.kept += util::AsText(bytes);
  }
  if (!small) blob.kept = {};
  const std::optional<ByteView> kept =
      small ? std::optional<ByteView>(util::AsBytes(blob.kept)) : std::nullopt;
  blob.artifact =
      sigstore::Artifact::OfHashes(sha256.Finish(), sha384.Finish(), sha512.Finish(), kept);
  return Ok();
}

}  // namespace

Result<sigstore::Circumstances> CircumstancesOf(const VerifyCircumstances& given) {
  sigstore::Circumstances circumstances{
      .root = given.root.impl().root, .now = given.now, .detached_sct = std::nullopt};
  if (given.detached_sct.empty()) return circumstances;
  circumstances.detached_sct = TRY(sigstore::ParseDetachedSct(given.detached_sct));
  return circumstances;
}

Evidence EvidenceOf(const sigstore::VerifiedMaterial& material) {
  Evidence evidence;
  evidence.signer = SignerOf(material);
  for (const sigstore::TrustedTime& time : material.times().all()) {
    evidence.times.push_back(
        {.time = std::chrono::floor<std::chrono::seconds>(time.time), .said_by = time.said_by});
  }
  for (const sigstore::VerifiedLogEntry& entry : material.log_entries().all()) {
    evidence.log_entries.push_back({.log = entry.log_name(), .index = entry.index()});
  }
  evidence.unchecked_log_entries = material.log_entries().unchecked();
  evidence.certificate_logs = material.signer().certificate_logs();
  return evidence;
}

TrustRoot::TrustRoot()
    : TrustRoot(
          std::make_shared<const Impl>(Impl{sigstore::TrustRoot(sigstore::TrustRoot::Parts{})})) {}

Result<TrustRoot> TrustRoot::FromJson(std::string_view json) {
  sigstore::TrustRoot root = TRY(sigstore::TrustRoot::Parse(json));
  return TrustRoot(std::make_shared<const Impl>(Impl{std::move(root)}));
}

Result<VerifyPolicy> VerifyPolicy::WithKey(std::string_view public_pem, VerifyDemands demands) {
  crypto::PublicKey key = TRY(crypto::PublicKey::FromPem(public_pem));
  sigstore::Policy policy = sigstore::KeyAlone(std::move(key), std::move(demands.annotations));
  policy.log_entries = ThresholdOf(demands.log_entries, policy.log_entries);
  // A log's word is held against the times that are known, so that they are looked at then.
  const bool logs = !policy.log_entries.ignored();
  policy.timestamps = ThresholdOf(
      demands.timestamps, logs ? sigstore::Threshold::Accept() : sigstore::Threshold::Ignore());
  return VerifyPolicy(std::make_shared<const Impl>(Impl{std::move(policy)}));
}

Result<VerifyPolicy> VerifyPolicy::WithIdentities(const std::vector<AcceptedIdentity>& any_of,
                                                  VerifyDemands demands) {
  std::vector<sigstore::IdentityRule> rules;
  for (const AcceptedIdentity& accepted : any_of) {
    sigstore::IdentityRule rule = TRY(RuleOf(accepted));
    rules.push_back(std::move(rule));
  }
  sigstore::Policy policy = CertificatePolicy(std::move(rules), std::move(demands));
  TRY(sigstore::CheckPolicy(policy));
  return VerifyPolicy(std::make_shared<const Impl>(Impl{std::move(policy)}));
}

Result<VerifyPolicy> VerifyPolicy::WithUnsafeAnyIdentity(VerifyDemands demands) {
  sigstore::IdentityRule anybody{.subject = {sigstore::TextPattern::UnsafeAny()},
                                 .issuer = {sigstore::TextPattern::UnsafeAny()}};
  return VerifyPolicy(std::make_shared<const Impl>(
      Impl{CertificatePolicy({std::move(anybody)}, std::move(demands))}));
}

std::string_view SignerExtensionName(int extension) { return sigstore::ExtensionName(extension); }

Blob Blob::OfBytes(ByteView bytes) {
  auto impl = std::make_shared<Impl>();
  impl->artifact = sigstore::Artifact::OfBytes(bytes);
  return Blob(std::move(impl));
}

Blob Blob::OfDigest(const Digest& digest) {
  auto impl = std::make_shared<Impl>();
  impl->artifact = sigstore::Artifact::OfDigest(digest);
  return Blob(std::move(impl));
}

Result<Blob> Blob::OfFile(const std::string& path) {
  const std::unique_ptr<util::File> file = TRY(util::File::Open(path));
  util::FileReader reader(*file);
  auto impl = std::make_shared<Impl>();
  TRY(ReadBlob(reader, *impl));
  return Blob(std::move(impl));
}

Result<BlobVerification> VerifyBlob(const Blob& blob, std::string_view bundle,
                                    const VerifyPolicy& policy,
                                    const VerifyCircumstances& circumstances,
                                    const BlobContent& content) {
  const sigstore::Circumstances given = TRY(CircumstancesOf(circumstances));
  const sigstore::VerifiedBundle verified = TRY(sigstore::VerifyBlobBundle(
      bundle, *blob.impl().artifact, policy.impl().policy, ContentOf(content), given));
  std::string type = verified.subject() ? verified.subject()->predicate_type() : std::string();
  return BlobVerification(EvidenceOf(verified.material()), std::move(type));
}

Result<BlobVerification> VerifyBundleOfImage(const Digest& image, std::string_view bundle,
                                             const VerifyPolicy& policy,
                                             const VerifyCircumstances& circumstances) {
  const sigstore::Circumstances given = TRY(CircumstancesOf(circumstances));
  const sigstore::VerifiedBundle verified =
      TRY(sigstore::VerifyImageBundle(bundle, image, policy.impl().policy, given));
  return BlobVerification(EvidenceOf(verified.material()), verified.subject()->predicate_type());
}

}  // namespace ociship
