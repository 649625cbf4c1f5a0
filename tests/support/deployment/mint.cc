// SPDX-License-Identifier: Apache-2.0
// Signs one artifact as a plan says and puts everything about it together.
// Tested by tests/sigstore/deployment_test.cc.
#include "deployment/mint.h"

#include "deployment/bundle_text.h"
#include "deployment/rekor.h"
#include "deployment/stamps.h"
#include "util/encoding.h"
#include "util/text.h"

namespace ociship::deployment {
namespace {

constexpr std::string_view kOther = "another artifact\n";
constexpr std::size_t kTooMany = 33;

// What the parts of one signature have in common.
struct Work {
  Plan plan;
  Authorities authorities;
  Key key;
  Leaf leaf;  // empty for a bare key
  SignedContent content;
};

Key SigningKey(const Plan& plan) {
  const KeyType type = plan.Has(Fault::kLeafWeakKey) ? KeyType::kRsa1024 : plan.key_type;
  return Key::Of(type, "signer");
}

Work Begin(const Plan& plan, std::string_view artifact) {
  const Authorities authorities = MintAuthorities(plan);
  const Key key = SigningKey(plan);
  // The certificate is for somebody else's key.
  const bool other = plan.Has(Fault::kLeafOfOtherKey);
  const Key certified = other ? Key::Of(plan.key_type, "other signer") : key;
  Leaf leaf;
  if (plan.signer == Signer::kCertificate) leaf = MintLeaf(plan, authorities, certified);
  SignedContent content = SignContent(plan, key, leaf.der, artifact);
  return {.plan = plan, .authorities = authorities, .key = key, .leaf = leaf, .content = content};
}

// What the log was told, which is not always what the bundle holds.
SignedContent LoggedContent(const Work& work) {
  const Plan& plan = work.plan;
  if (plan.Has(Fault::kEntryOfOtherArtifact)) {
    return SignContent(plan, work.key, work.leaf.der, kOther);
  }
  if (plan.Has(Fault::kEntryOfOtherSignature)) {
    return SignContent(plan, work.key, work.leaf.der, work.content.artifact, "again");
  }
  if (plan.Has(Fault::kEntryOfOtherSigner)) {
    const Key key = Key::Of(plan.key_type, "somebody else");
    return SignContent(plan, key, MintLeaf(plan, work.authorities, key).der, work.content.artifact);
  }
  if (plan.Has(Fault::kKeyNotThatOfEntry)) {
    SignedContent content = work.content;
    content.spki = Key::Of(plan.key_type, "somebody else").spki();
    return content;
  }
  return work.content;
}

std::vector<LogEntry> EntriesOf(const Work& work) {
  const Plan& plan = work.plan;
  const std::vector<LogInstance>& logs = work.authorities.logs;
  const SignedContent content = LoggedContent(work);
  std::vector<LogEntry> entries;
  if (plan.Has(Fault::kEntryTwiceForTwo)) {
    return {LogContent(plan, logs[0], content, 4), LogContent(plan, logs[0], content, 5)};
  }
  for (const LogInstance& log : logs) entries.push_back(LogContent(plan, log, content));
  if (plan.Has(Fault::kEntryDuplicate)) entries.push_back(entries.front());
  for (std::size_t i = 1; plan.Has(Fault::kEntries33) && i < kTooMany; ++i) {
    entries.push_back(LogContent(plan, logs[0], content, 4 + i));
  }
  return entries;
}

std::vector<Bytes> StampsOf(const Work& work) {
  const Plan& plan = work.plan;
  if (plan.stamps == Stamps::kNone || plan.Has(Fault::kStampMissing)) return {};
  std::vector<Bytes> stamps{MintStamp(plan, work.authorities, work.content.signature)};
  if (plan.Has(Fault::kStamps33)) stamps.resize(kTooMany, stamps.front());
  return stamps;
}

// What a verifier expects of honest material.
Minted Expectations(const Work& work) {
  const Plan& plan = work.plan;
  Minted minted{.trust_root = FormatTrustRoot(plan, work.authorities),
                .artifact = std::string(kArtifact),
                .predicate_type = std::string(kPredicateType),
                .identity = IdentityOf(plan),
                .issuer = IssuerOf(plan),
                .source_repository = plan.san == San::kUri ? std::string(kSourceRepository) : "",
                .public_key_pem = work.key.Pem(),
                .verify_with = plan.signer,
                .statement = work.content.payload,
                .detached_sct = work.leaf.detached_sct};
  if (!work.leaf.der.empty()) minted.certificate_pem = Pem("CERTIFICATE", work.leaf.der);
  minted.log_threshold = static_cast<unsigned>(work.authorities.logs.size());
  minted.stamp_threshold = plan.stamps == Stamps::kNone ? 0 : 1;
  return minted;
}

void SpoilExpectations(const Plan& plan, Minted& minted) {
  if (plan.Has(Fault::kArtifactOther)) minted.artifact = kOther;
  if (plan.Has(Fault::kIdentityEmpty)) minted.identity.clear();
  if (plan.Has(Fault::kKeyForIdentity)) minted.verify_with = Signer::kCertificate;
  if (plan.Has(Fault::kCertificateForKey)) minted.verify_with = Signer::kKey;
  if (plan.Has(Fault::kKeyOther)) {
    minted.public_key_pem = Key::Of(plan.key_type, "somebody else").Pem();
  }
  // Whatever vouches for a time: the promise five seconds after, the timestamp seven.
  if (plan.Has(Fault::kKeyWindowOver)) minted.key_window.until = kIntegrated - 1;
  if (plan.Has(Fault::kKeyWindowAhead)) minted.key_window.from = kStamped + 1;
}

// {"critical":…}: containers/image, docs/containers-signature.5.md.
std::string SimpleSigning(std::string_view digest) {
  return util::StrCat(
      R"({"critical":{"identity":{"docker-reference":"registry.example/acme/app"},)",
      R"("image":{"docker-manifest-digest":")", digest,
      R"("},"type":"cosign container image signature"},"optional":null})");
}

// The log entry as cosign's annotation has it.
std::string LegacyBundle(const LogEntry& entry) {
  return util::StrCat(R"({"SignedEntryTimestamp":")",
                      util::Base64Encode(entry.promise.value_or(Bytes())),
                      R"(","Payload":{"body":")", util::Base64Encode(util::AsBytes(entry.body)),
                      R"(","integratedTime":)", entry.integrated, R"(,"logIndex":)", entry.index,
                      R"(,"logID":")", util::HexEncode(entry.log_id), R"("}})");
}

}  // namespace

Minted Mint(const Plan& plan) {
  const Work work = Begin(plan, kArtifact);
  Minted minted = Expectations(work);
  minted.bundle = FormatBundle(plan, {.content = work.content,
                                      .chain = work.leaf.chain,
                                      .entries = EntriesOf(work),
                                      .stamps = StampsOf(work)});
  SpoilExpectations(plan, minted);
  return minted;
}

MintedLegacy MintLegacy(const Plan& plan) {
  const std::string digest = util::StrCat("sha256:", util::HexEncode(Sha256(Copy(kArtifact))));
  const std::string payload = SimpleSigning(digest);
  const Work work = Begin(plan, payload);
  MintedLegacy legacy{.payload = payload,
                      .image_digest = digest,
                      .signature = util::Base64Encode(work.content.signature),
                      .verify = Expectations(work)};
  if (!work.leaf.der.empty()) {
    legacy.certificate = legacy.verify.certificate_pem;
    legacy.chain = Pem("CERTIFICATE", work.authorities.intermediate.der) +
                   Pem("CERTIFICATE", work.authorities.root.der);
  }
  const std::vector<LogEntry> entries = EntriesOf(work);
  if (!entries.empty()) legacy.bundle = LegacyBundle(entries.front());
  const std::vector<Bytes> stamps = StampsOf(work);
  if (!stamps.empty()) {
    legacy.timestamp =
        util::StrCat(R"({"SignedRFC3161Timestamp":")", util::Base64Encode(stamps.front()), "\"}");
  }
  SpoilExpectations(plan, legacy.verify);
  return legacy;
}

}  // namespace ociship::deployment
