// SPDX-License-Identifier: Apache-2.0
// Minting for tests: everything in it is written with crypto/der.h and signed with crypto/sign.h.
#include "mint.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "crypto/der.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "fixtures.h"
#include "util/text.h"
#include "util/time.h"

namespace ociship::crypto::mint {
namespace {

using util::AsBytes;

constexpr std::string_view kTstInfo = "1.2.840.113549.1.9.16.1.4";
constexpr std::string_view kSha256 = "2.16.840.1.101.3.4.2.1";

// ecdsa-with-SHA256.
Bytes SignatureAlgorithm() { return Sequence({Oid("1.2.840.10045.4.3.2")}); }

Bytes Flatten(const std::vector<Bytes>& pieces) {
  Bytes all;
  for (const Bytes& piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

Bytes HashIdentifier(std::string_view oid) { return Sequence({Oid(oid)}); }

}  // namespace

std::chrono::sys_seconds At(std::string_view rfc3339) {
  return util::ParseRfc3339(rfc3339).value();
}

PrivateKey NewKey() { return PrivateKey::Generate().value(); }

Bytes Fixture(std::string_view name) {
  const std::string path = testing::FixturePath(util::StrCat("certificates/", name));
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Certificate> FixtureList(std::string_view name) {
  return Certificate::ListFromPem(util::AsText(Fixture(name))).value();
}

Bytes Join(std::initializer_list<ByteView> pieces) {
  Bytes all;
  for (const ByteView piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

Bytes Sequence(std::initializer_list<ByteView> pieces) { return der::Wrap(der::kSequence, pieces); }

Bytes Oid(std::string_view dotted) {
  Bytes content;
  std::uint64_t first = 0;
  std::size_t index = 0;
  for (const std::string_view part : util::Split(dotted, '.')) {
    std::uint64_t number = *util::ParseUnsigned(part);
    if (index++ == 0) {
      first = number * 40;
      continue;
    }
    if (index == 2) number += first;
    Bytes octets = {static_cast<std::uint8_t>(number & 0x7f)};
    while (number >>= 7) octets.insert(octets.begin(), std::uint8_t(0x80 | (number & 0x7f)));
    content.insert(content.end(), octets.begin(), octets.end());
  }
  return der::Wrap(der::kOid, {content});
}

Bytes Integer(std::uint8_t value) { return der::Wrap(der::kInteger, {Bytes{value}}); }
Bytes Octets(ByteView content) { return der::Wrap(der::kOctetString, {content}); }
Bytes Utf8(std::string_view text) { return der::Wrap(der::kUtf8String, {AsBytes(text)}); }

Bytes Name(std::string_view common_name) {
  return Sequence({der::Wrap(der::kSet, {Sequence({Oid("2.5.4.3"), Utf8(common_name)})})});
}

Bytes Extension(std::string_view oid, bool critical, ByteView value) {
  const Bytes flag = critical ? Bytes{0x01, 0x01, 0xff} : Bytes{};
  return Sequence({Oid(oid), flag, Octets(value)});
}

Bytes Ca() { return Extension("2.5.29.19", true, Sequence({Bytes{0x01, 0x01, 0xff}})); }

Bytes KeyUsage(std::uint8_t bits) {
  std::uint8_t unused = 0;
  while (unused < 7 && (bits >> unused & 1) == 0) ++unused;
  return Extension("2.5.29.15", true, der::Wrap(der::kBitString, {Bytes{unused, bits}}));
}

Bytes Usages(bool critical, std::initializer_list<std::string_view> oids) {
  Bytes list;
  for (const std::string_view oid : oids) list = Join({list, Oid(oid)});
  return Extension("2.5.29.37", critical, Sequence({list}));
}

Bytes AltNames(std::initializer_list<ByteView> names) {
  return Extension("2.5.29.17", true, Sequence(names));
}

Spec RootSpec() {
  return {.subject = "root",
          .issuer = "root",
          .serial = {0x01},
          .not_before = "250101000000Z",
          .not_after = "350101000000Z",
          .extensions = {Ca(), KeyUsage(kCertSign)}};
}

Spec SigningSpec() {
  return {.extensions = {KeyUsage(kDigitalSignature), Usages(false, {kCodeSigning})}};
}

Spec StampingSpec() {
  return {.extensions = {KeyUsage(kDigitalSignature), Usages(true, {kTimeStamping})}};
}

Bytes Tbs(const Spec& spec, ByteView spki) {
  const Bytes version = der::Wrap(der::Inside(0), {Integer(spec.version)});
  const Bytes validity = Sequence({der::Wrap(der::kUtcTime, {AsBytes(spec.not_before)}),
                                   der::Wrap(der::kUtcTime, {AsBytes(spec.not_after)})});
  const Bytes list = Sequence({Flatten(spec.extensions)});
  const Bytes extensions = spec.extensions.empty() ? Bytes{} : der::Wrap(der::Inside(3), {list});
  return Sequence({version, der::Wrap(der::kInteger, {spec.serial}), SignatureAlgorithm(),
                   Name(spec.issuer), validity, Name(spec.subject), spki, extensions,
                   spec.after_extensions});
}

Bytes Sealed(ByteView tbs, const PrivateKey& issuer) {
  const Bytes signature = Sign(issuer, tbs).value();
  return Sequence(
      {tbs, SignatureAlgorithm(), der::Wrap(der::kBitString, {Bytes{0x00}, signature})});
}

Certificate Mint(const Spec& spec, const PublicKey& key, const PrivateKey& issuer) {
  return Certificate::FromDer(Sealed(Tbs(spec, key.der()), issuer)).value();
}

Bytes TstInfo(const Stamp& stamp) {
  const Bytes hash = HashBytes(HashAlgorithm::kSha256, stamp.imprint_of);
  const Bytes imprint = Sequence({HashIdentifier(kSha256), Octets(hash)});
  return Sequence({Integer(1), Oid("1.2.3"), imprint, Integer(5),
                   der::Wrap(der::kGeneralizedTime, {AsBytes(stamp.time)}), stamp.nonce,
                   stamp.behind_nonce});
}

Bytes Attribute(std::string_view oid, ByteView value) {
  return Sequence({Oid(oid), der::Wrap(der::kSet, {value})});
}

Bytes Response(const Stamp& stamp) {
  const Bytes info = stamp.tst_info.empty() ? TstInfo(stamp) : stamp.tst_info;
  Bytes attributes = Flatten(stamp.attributes);
  if (attributes.empty()) {
    attributes =
        Join({Attribute("1.2.840.113549.1.9.3", Oid(kTstInfo)),
              Attribute("1.2.840.113549.1.9.4", Octets(HashBytes(HashAlgorithm::kSha256, info)))});
  }
  attributes = Join({attributes, Flatten(stamp.more_attributes)});
  const Bytes input = stamp.signed_attributes ? der::Wrap(der::kSet, {attributes}) : info;
  const Bytes signed_part =
      stamp.signed_attributes ? der::Wrap(der::Inside(0), {attributes}) : Bytes{};
  const Bytes signer = Sequence(
      {Integer(1),
       Sequence({stamp.signer.issuer(), der::Wrap(der::kInteger, {stamp.signer.serial()})}),
       HashIdentifier(stamp.hash), signed_part, SignatureAlgorithm(),
       Octets(Sign(stamp.key, input).value())});
  Bytes signers;
  for (int i = 0; i < stamp.signers; ++i) signers = Join({signers, signer});
  const Bytes certificates = stamp.certificates.empty()
                                 ? Bytes{}
                                 : der::Wrap(der::Inside(0), {Flatten(stamp.certificates)});
  const Bytes data = Sequence({Integer(3), der::Wrap(der::kSet, {HashIdentifier(stamp.hash)}),
                               Sequence({Oid(kTstInfo), der::Wrap(der::Inside(0), {Octets(info)})}),
                               certificates, der::Wrap(der::kSet, {signers})});
  const Bytes token = Sequence({Oid("1.2.840.113549.1.7.2"), der::Wrap(der::Inside(0), {data})});
  return Sequence({Sequence({stamp.status}), token});
}

}  // namespace ociship::crypto::mint
