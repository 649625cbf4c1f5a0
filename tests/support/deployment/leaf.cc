// SPDX-License-Identifier: Apache-2.0
// Leaf certificates with Fulcio's extensions and the timestamps of a certificate log.
// Tested by tests/sigstore/deployment_test.cc.
#include "deployment/leaf.h"

#include "util/text.h"

namespace ociship::deployment {
namespace {

constexpr std::string_view kFulcio = "1.3.6.1.4.1.57264.1.";
constexpr std::string_view kSctList = "1.3.6.1.4.1.11129.2.4.2";

// What a leaf is made of, before any of it is spoiled.
struct LeafParts {
  CertificateParts certificate;
  std::vector<Bytes> names;
  std::vector<std::string_view> usages{kCodeSigning};
  Bytes key_usage = DigitalSignatureUsage();
  Bytes issuer_v1;  // extension .1: the bare text
  Bytes issuer_v2;  // extension .8: a UTF8String
  std::string source_repository{kSourceRepository};
};

Bytes GeneralName(San kind, std::string_view text) {
  switch (kind) {
    case San::kUri:
      return Implicit(6, util::AsBytes(text));
    case San::kEmail:
      return Implicit(1, util::AsBytes(text));
    case San::kOtherName:
      return Tagged(0, Join({ObjectId(util::StrCat(kFulcio, 7)), Tagged(0, Utf8String(text))}));
  }
  return {};
}

void SpoilNames(const Plan& plan, const std::string& identity, LeafParts& parts) {
  const Bytes honest = parts.names.front();
  if (plan.Has(Fault::kSanTwice)) {
    parts.names.push_back(GeneralName(San::kUri, "https://example.com/evil"));
  }
  if (plan.Has(Fault::kSanMissing)) parts.names.clear();
  if (plan.Has(Fault::kSanWithNul)) {
    parts.names = {GeneralName(plan.san, identity + std::string(1, '\0') + ".example.com")};
  }
  if (plan.Has(Fault::kSanLonger)) parts.names = {GeneralName(plan.san, identity + ".evil")};
  if (plan.Has(Fault::kSanWithPrefix)) {
    parts.names = {GeneralName(plan.san, "https://evil.example/" + identity)};
  }
  if (plan.Has(Fault::kSanOther)) {
    parts.names = {GeneralName(plan.san, "https://github.com/evil/app/.github/x.yml@refs/heads/x")};
  }
  // A name of a kind that no identity is taken from.
  if (plan.Has(Fault::kSanOtherKind)) parts.names = {Implicit(2, util::AsBytes(identity))};
}

void SpoilIssuer(const Plan& plan, LeafParts& parts) {
  const std::string evil = "https://accounts.evil.example";
  if (plan.Has(Fault::kIssuerOther)) {
    parts.issuer_v1 = Copy(evil);
    parts.issuer_v2 = Utf8String(evil);
  }
  if (plan.Has(Fault::kIssuersDiffer)) parts.issuer_v1 = Copy(evil);
  if (plan.Has(Fault::kIssuerMissing)) parts.issuer_v1 = parts.issuer_v2 = {};
  if (plan.Has(Fault::kIssuerTrailingBytes)) parts.issuer_v2.push_back('x');
  if (plan.Has(Fault::kIssuerOtherString)) parts.issuer_v2[0] = 0x16;  // IA5String
  if (plan.Has(Fault::kSourceRepositoryOther)) {
    parts.source_repository = "https://github.com/evil/app";
  }
}

void SpoilUsage(const Plan& plan, LeafParts& parts) {
  if (plan.Has(Fault::kLeafOtherUsage)) parts.usages = {kServerAuth};
  if (plan.Has(Fault::kLeafWithoutUsage)) parts.usages.clear();
  if (plan.Has(Fault::kLeafAnyUsage)) parts.usages = {kAnyUsage};
  if (plan.Has(Fault::kLeafWithoutDigitalSignature)) parts.key_usage = KeyUsage(0x20, 5);
  if (plan.Has(Fault::kLeafIsCa)) parts.key_usage = KeyUsage(0x86, 1);
  if (plan.Has(Fault::kLeafExpired)) parts.certificate.until = kIntegrated - 1;
  if (plan.Has(Fault::kLeafNotYetValid)) parts.certificate.from = kIntegrated + 1;
}

LeafParts PartsOf(const Plan& plan, const Authority& issuer, const Key& key) {
  const std::string identity = IdentityOf(plan);
  LeafParts parts{
      .certificate = {.issuer = issuer.name,
                      .subject = NameOf(""),
                      .serial = 0x1122334455667788,
                      .from = kSigned,
                      .until = kLeafEnd,
                      .spki = key.spki()},
      .names = {GeneralName(plan.san, identity)},
      .issuer_v1 = Copy(IssuerOf(plan)),
      .issuer_v2 = Utf8String(IssuerOf(plan)),
  };
  SpoilNames(plan, identity, parts);
  SpoilIssuer(plan, parts);
  SpoilUsage(plan, parts);
  return parts;
}

// Extensions .9 to .24, as a workflow of GitHub has them.
void AppendBuild(const LeafParts& parts, std::vector<Bytes>& extensions) {
  const std::string workflow =
      util::StrCat(kSourceRepository, "/.github/workflows/release.yml@refs/heads/main");
  const std::string commit = "8fd3a1b8f6c4e2d09f4f1c1c0d1e2f3a4b5c6d7e";
  const std::vector<std::pair<int, std::string>> values{
      {9, workflow},
      {10, commit},
      {11, "github-hosted"},
      {12, parts.source_repository},
      {13, commit},
      {14, "refs/heads/main"},
      {15, "471934022"},
      {16, "https://github.com/acme"},
      {17, "9919"},
      {18, workflow},
      {19, commit},
      {20, "push"},
      {21, util::StrCat(kSourceRepository, "/actions/runs/1/attempts/1")},
      {22, "public"},
      {23, "production"},
      {24, "repo:acme/app:ref:refs/heads/main"},
  };
  for (const auto& [number, value] : values) {
    extensions.push_back(
        Extension(util::StrCat(kFulcio, number), Critical::kNo, Utf8String(value)));
  }
}

std::vector<Bytes> ExtensionsOf(const Plan& plan, const LeafParts& parts, const Authority& issuer,
                                const Key& key) {
  std::vector<Bytes> extensions{parts.key_usage};
  if (!parts.usages.empty()) extensions.push_back(ExtendedKeyUsage(parts.usages, Critical::kNo));
  if (plan.Has(Fault::kLeafIsCa)) extensions.push_back(BasicConstraints(IsCa::kYes));
  extensions.push_back(SubjectKeyId(key));
  extensions.push_back(AuthorityKeyId(issuer.key));
  if (!parts.names.empty()) {
    extensions.push_back(Extension("2.5.29.17", Critical::kYes, Sequence(parts.names)));
  }
  if (!parts.issuer_v1.empty()) {
    extensions.push_back(Extension(util::StrCat(kFulcio, 1), Critical::kNo, parts.issuer_v1));
    extensions.push_back(Extension(util::StrCat(kFulcio, 8), Critical::kNo, parts.issuer_v2));
  }
  if (plan.san == San::kUri) AppendBuild(parts, extensions);
  if (plan.Has(Fault::kLeafUnknownCriticalExtension)) {
    extensions.push_back(Extension("1.3.6.1.4.1.99999.1", Critical::kYes, Null()));
  }
  return extensions;
}

Bytes BigEndian(std::uint64_t value, int bytes) {
  Bytes out;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>((value >> shift) & 0xff));
  }
  return out;
}

enum class EntryType : std::uint8_t { kX509 = 0, kPrecert = 1 };

// One SignedCertificateTimestamp (RFC 6962 section 3.2): `entry` is the part of what is signed that
// depends on the type of the entry.
Bytes SctOver(const Plan& plan, const Key& log, EntryType type, const Bytes& entry) {
  Bytes extensions;
  // leaf_index of static logs (c2sp.org/static-ct-api): type 0, 5 bytes.
  if (plan.scts == Scts::kWithExtensions) extensions = {0, 0, 5, 0, 0, 0, 0x30, 0x39};
  const Bytes time = BigEndian(static_cast<std::uint64_t>(kSigned) * 1000, 8);
  const Bytes message = Join({Bytes{0, 0}, time, Bytes{0, static_cast<std::uint8_t>(type)}, entry,
                              BigEndian(extensions.size(), 2), extensions});
  Bytes signature = log.Sign(message);
  if (plan.Has(Fault::kSctFlipped)) signature.back() ^= 1;
  if (plan.Has(Fault::kSctExtensionsChanged)) extensions.back() ^= 1;
  const std::uint8_t version = plan.Has(Fault::kSctVersion) ? 1 : 0;
  return Join({Bytes{version}, Sha256(log.spki()), time, BigEndian(extensions.size(), 2),
               extensions, Bytes{4, 3}, BigEndian(signature.size(), 2), signature});
}

Bytes WithLength(const Bytes& bytes, int size_bytes) {
  return Join({BigEndian(bytes.size(), size_bytes), bytes});
}

Bytes SctListOf(const Plan& plan, const Authorities& authorities, const Authority& issuer,
                const Bytes& precertificate) {
  const bool unknown = plan.Has(Fault::kSctUnknownLog);
  const Key log = unknown ? Key::Of(KeyType::kP256, "unknown log") : authorities.certificate_log;
  const bool other = plan.Has(Fault::kSctOtherIssuer);
  const Bytes issuer_hash = Sha256((other ? authorities.root : issuer).key.spki());
  Bytes sct =
      SctOver(plan, log, EntryType::kPrecert, Join({issuer_hash, WithLength(precertificate, 3)}));
  if (plan.Has(Fault::kSctOfWholeCertificate)) {
    sct = SctOver(plan, log, EntryType::kX509, WithLength(Signed(precertificate, issuer.key), 3));
  }
  Bytes list = WithLength(WithLength(sct, 2), 2);
  if (plan.Has(Fault::kSctListEmpty)) list = {0, 0};
  if (plan.Has(Fault::kSctTrailingBytes)) list.push_back(0);
  return Extension(kSctList, Critical::kNo, OctetString(list));
}

// Another authority with the names of ours.
Authority MintImpostor(const Plan& plan) {
  const bool same =
      plan.Has(Fault::kLeafOtherAuthorityOfSameName) || plan.Has(Fault::kIntermediateSmuggled);
  AuthorityParts parts{.name = same ? "code root" : "evil root",
                       .key = Key::Of(KeyType::kP384, "evil root"),
                       .from = kSigned - kYear,
                       .until = kSigned + kYear};
  const Authority root = MintRoot(parts);
  parts.name = same ? "code intermediate" : "evil intermediate";
  parts.key = Key::Of(KeyType::kP384, "evil intermediate");
  parts.usages = {kCodeSigning};
  return MintBelow(parts, root);
}

// An honest leaf of ours in the role of an authority.
Authority LeafAsAuthority(const Plan& plan, const Authorities& authorities) {
  Plan honest = plan;
  honest.fault.reset();
  const Key key = Key::Of(KeyType::kP256, "leaf as authority");
  return {
      .key = key, .name = NameOf(""), .der = MintLeaf(honest, authorities, key).der, .serial = 1};
}

Authority IssuerOfLeaf(const Plan& plan, const Authorities& authorities) {
  if (plan.Has(Fault::kLeafFromLeaf)) return LeafAsAuthority(plan, authorities);
  if (plan.Has(Fault::kLeafOtherAuthority) || plan.Has(Fault::kLeafOtherAuthorityOfSameName) ||
      plan.Has(Fault::kIntermediateSmuggled)) {
    return MintImpostor(plan);
  }
  return authorities.intermediate;
}

}  // namespace

std::string IdentityOf(const Plan& plan) {
  switch (plan.san) {
    case San::kUri:
      return util::StrCat(kSourceRepository, "/.github/workflows/release.yml@refs/heads/main");
    case San::kEmail:
      return "dev@acme.example";
    case San::kOtherName:
      return "dev!acme.example";
  }
  return {};
}

std::string IssuerOf(const Plan& plan) {
  return plan.san == San::kUri ? "https://token.actions.githubusercontent.com"
                               : "https://accounts.acme.example";
}

Leaf MintLeaf(const Plan& plan, const Authorities& authorities, const Key& key) {
  const Authority issuer = IssuerOfLeaf(plan, authorities);
  LeafParts parts = PartsOf(plan, issuer, key);
  CertificateParts& certificate = parts.certificate;
  certificate.extensions = ExtensionsOf(plan, parts, issuer, key);
  const Bytes precertificate = TbsOf(certificate, issuer.key);
  if (!plan.Has(Fault::kSctMissing)) {
    Bytes signed_precertificate = precertificate;
    if (plan.Has(Fault::kSctOtherCertificate)) signed_precertificate.back() ^= 1;
    certificate.extensions.push_back(SctListOf(plan, authorities, issuer, signed_precertificate));
  }
  Leaf leaf{.der = Signed(TbsOf(certificate, issuer.key), issuer.key),
            .chain = {issuer.der},
            .detached_sct = {}};
  if (plan.Has(Fault::kLeafSignatureFlipped)) leaf.der.back() ^= 1;
  if (plan.Has(Fault::kLeafTrailingBytes)) leaf.der.push_back(0);
  leaf.detached_sct =
      SctOver(plan, authorities.certificate_log, EntryType::kX509, WithLength(leaf.der, 3));
  return leaf;
}

}  // namespace ociship::deployment
