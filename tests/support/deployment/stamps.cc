// SPDX-License-Identifier: Apache-2.0
// A timestamp authority: TSTInfo, CMS SignedData, TimeStampResp.
// Tested by tests/sigstore/deployment_test.cc.
#include "deployment/stamps.h"

namespace ociship::deployment {
namespace {

constexpr std::string_view kSha1Oid = "1.3.14.3.2.26";
constexpr std::string_view kSha256Oid = "2.16.840.1.101.3.4.2.1";
constexpr std::string_view kDataOid = "1.2.840.113549.1.7.1";
constexpr std::string_view kSignedDataOid = "1.2.840.113549.1.7.2";
constexpr std::string_view kTstInfoOid = "1.2.840.113549.1.9.16.1.4";
constexpr std::string_view kContentTypeOid = "1.2.840.113549.1.9.3";
constexpr std::string_view kMessageDigestOid = "1.2.840.113549.1.9.4";
constexpr std::string_view kSigningCertificateOid = "1.2.840.113549.1.9.16.2.47";
constexpr std::string_view kPolicyOid = "1.3.6.1.4.1.57264.2";

Bytes Algorithm(std::string_view oid) { return Sequence({ObjectId(oid), Null()}); }

Seconds TimeOf(const Plan& plan) {
  if (plan.Has(Fault::kStampAfterLeaf)) return kLeafEnd + 1;
  if (plan.Has(Fault::kStampBeforeLeaf)) return kSigned - 1;
  return kStamped;
}

Bytes TstInfo(const Plan& plan, ByteView bytes, const Bytes& nonce) {
  const bool sha1 = plan.Has(Fault::kStampSha1);
  Bytes imprint = Hash(sha1 ? HashType::kSha1 : HashType::kSha256, bytes);
  if (plan.Has(Fault::kStampOtherBytes)) imprint = Sha256(Copy("something else"));
  if (plan.Has(Fault::kStampShortImprint)) imprint.resize(16);
  return Sequence({Integer(1), ObjectId(kPolicyOid),
                   Sequence({Algorithm(sha1 ? kSha1Oid : kSha256Oid), OctetString(imprint)}),
                   Integer(987654321), GeneralizedTime(TimeOf(plan)), nonce});
}

Bytes Attribute(std::string_view oid, const Bytes& value) {
  return Sequence({ObjectId(oid), Tlv(0x31, value)});
}

// The parts of a set, in its order, without its tag.
Bytes SignedAttributes(const Plan& plan, ByteView content, const Authority& named) {
  const bool other_type = plan.Has(Fault::kStampContentTypeOther);
  Bytes digest = Sha256(content);
  if (plan.Has(Fault::kStampOtherAttribute)) digest[0] ^= 1;
  // SigningCertificateV2 (RFC 5035): the hash of the certificate by SHA-256, its default.
  const Bytes certificate_id = Sequence({OctetString(Sha256(named.der))});
  return Set({Attribute(kContentTypeOid, ObjectId(other_type ? kDataOid : kTstInfoOid)),
              Attribute(kMessageDigestOid, OctetString(digest)),
              Attribute(kSigningCertificateOid, Sequence({Sequence({certificate_id})}))});
}

// Who signs, and whom the token names as its signer.
struct Signers {
  Authority by;
  Authority issuer;
  Authority named;
  Authority named_issuer;
};

Signers SignersOf(const Plan& plan, const Authorities& authorities) {
  Signers signers{authorities.stamp_signer, authorities.stamp_root, authorities.stamp_signer,
                  authorities.stamp_root};
  const bool named_honestly =
      plan.Has(Fault::kStampUntrusted) || plan.Has(Fault::kStampUntrustedWithTrustedLeaf);
  if (!named_honestly && !plan.Has(Fault::kStampUntrustedNamingTrustedLeaf)) return signers;
  signers.issuer = MintRoot({.name = "evil stamp root",
                             .key = Key::Of(KeyType::kP384, "evil stamp root"),
                             .from = kSigned - kYear,
                             .until = kSigned + kYear});
  Plan honest = plan;
  honest.fault.reset();
  const Key key = Key::Of(KeyType::kP256, "evil stamp signer");
  CertificateParts parts{.issuer = signers.issuer.name,
                         .subject = NameOf("stamp signer"),
                         .serial = 666,
                         .from = kSigned - kYear,
                         .until = kSigned + kYear,
                         .spki = key.spki(),
                         .extensions = {ExtendedKeyUsage({kTimeStamping}, Critical::kYes),
                                        DigitalSignatureUsage(), BasicConstraints(IsCa::kNo)}};
  signers.by = {.key = key,
                .name = parts.subject,
                .der = Signed(TbsOf(parts, signers.issuer.key), signers.issuer.key),
                .serial = parts.serial};
  if (named_honestly) {
    signers.named = signers.by;
    signers.named_issuer = signers.issuer;
  }
  return signers;
}

Bytes SignerInfo(const Plan& plan, const Signers& signers, ByteView content) {
  const Bytes attributes = SignedAttributes(plan, content, signers.named);
  Bytes signature = signers.by.key.Sign(attributes);
  if (plan.Has(Fault::kStampFlipped)) signature.back() ^= 1;
  Bytes tagged = attributes;  // [0] IMPLICIT in the message, SET OF under the signature
  tagged[0] = 0xa0;
  return Sequence({Integer(1), Sequence({signers.named_issuer.name, Integer(signers.named.serial)}),
                   Algorithm(kSha256Oid), tagged, signers.by.key.SignatureAlgorithm(),
                   OctetString(signature)});
}

std::vector<Bytes> CertificatesOf(const Plan& plan, const Authorities& authorities,
                                  const Signers& signers) {
  if (plan.Has(Fault::kStampUntrustedWithTrustedLeaf)) {
    return {authorities.stamp_signer.der, signers.by.der, signers.issuer.der};
  }
  if (plan.Has(Fault::kStampUntrustedNamingTrustedLeaf)) return {authorities.stamp_signer.der};
  return {signers.by.der};
}

Bytes SignedData(const Plan& plan, const Authorities& authorities, ByteView content) {
  const Signers signers = SignersOf(plan, authorities);
  const bool data = plan.Has(Fault::kStampPlainData);
  std::vector<Bytes> parts{
      Integer(3), Set({Algorithm(kSha256Oid)}),
      Sequence({ObjectId(data ? kDataOid : kTstInfoOid), Tagged(0, OctetString(content))})};
  if (plan.stamps == Stamps::kEmbedded) {
    parts.push_back(Tagged(0, Join(CertificatesOf(plan, authorities, signers))));
  }
  const Bytes info = SignerInfo(plan, signers, content);
  std::vector<Bytes> infos{info};
  if (plan.Has(Fault::kStampTwoSigners)) infos.push_back(info);
  if (plan.Has(Fault::kStampNoSigner)) infos.clear();
  parts.push_back(Set(infos));
  return Sequence({ObjectId(kSignedDataOid), Tagged(0, Sequence(parts))});
}

}  // namespace

Bytes MintStamp(const Plan& plan, const Authorities& authorities, ByteView bytes,
                const Bytes& nonce) {
  const std::uint64_t status = plan.Has(Fault::kStampRejected) ? 2 : 0;
  const Bytes token = SignedData(plan, authorities, TstInfo(plan, bytes, nonce));
  Bytes response = Sequence({Sequence({Integer(status)}), token});
  if (plan.Has(Fault::kStampTrailingBytes)) response.push_back(0);
  return response;
}

}  // namespace ociship::deployment
