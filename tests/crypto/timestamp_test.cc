// SPDX-License-Identifier: Apache-2.0
#include "crypto/timestamp.h"

#include <doctest/doctest.h>

#include <functional>

#include "crypto/chain.h"
#include "crypto/der.h"
#include "crypto/hash.h"
#include "crypto/timestamp_parts.h"
#include "mint.h"
#include "util/encoding.h"

namespace ociship::crypto {
namespace {

using mint::At;
using mint::Stamp;
using util::AsBytes;
using util::Bytes;

const ByteView kSigned = AsBytes("hi");

template <typename T>
void CheckRefused(const Result<T>& result, Code code, std::string_view reason) {
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code() == code);
  CHECK(result.error().reason() == reason);
}

// The certificates of a trusted root: signer, intermediates, root.
TimestampAuthorityChain FixtureAuthority(std::string_view name) {
  const auto list = mint::FixtureList(name);
  return {list.front(), std::vector(list.begin() + 1, list.end() - 1), list.back()};
}

TimestampToken FixtureToken(std::string_view name) {
  return TimestampToken::Parse(mint::Fixture(name)).value();
}

TEST_CASE("VerifyTimestamp: tokens of real authorities are proofs of their time") {
  const auto authority = FixtureAuthority("extensions-tsa.pem");
  const auto verified =
      VerifyTimestamp(FixtureToken("extensions.tsr"), mint::Fixture("extensions.sig"), authority);
  REQUIRE(verified.ok());
  CHECK(verified.value().time() == At("2026-01-15T22:49:26Z"));
  CHECK(verified.value().signer().der() == authority.leaf->der());
  CHECK(VerifyTimestamp(FixtureToken("embedded.tsr"), mint::Fixture("embedded.sig"),
                        FixtureAuthority("embedded-tsa.pem"))
            .ok());
}

TEST_CASE("VerifyTimestamp: an authority that has expired since then was good") {
  const auto authority = FixtureAuthority("expired-tsa.pem");
  CHECK(VerifyTimestamp(FixtureToken("in-time.tsr"), mint::Fixture("in-time.sig"), authority).ok());
  CheckRefused(
      VerifyTimestamp(FixtureToken("expired.tsr"), mint::Fixture("expired.sig"), authority),
      Code::kNoMatch, kCertificateExpired);
}

TEST_CASE("VerifyTimestamp: without a trusted leaf the token's own one must be of the root") {
  const auto root = mint::FixtureList("embedded-tsa.pem").back();
  const TimestampAuthorityChain authority{{}, {}, root};
  CHECK(
      VerifyTimestamp(FixtureToken("embedded.tsr"), mint::Fixture("embedded.sig"), authority).ok());
  CheckRefused(
      VerifyTimestamp(FixtureToken("untrusted.tsr"), mint::Fixture("untrusted.sig"), authority),
      Code::kNoMatch, kTimestampChain);
  const TimestampAuthorityChain other{{}, {}, mint::FixtureList("extensions-tsa.pem").back()};
  CheckRefused(
      VerifyTimestamp(FixtureToken("extensions.tsr"), mint::Fixture("extensions.sig"), other),
      Code::kNoMatch, kTimestampSigner);
}

TEST_CASE("VerifyTimestamp: the certificates that a token brings along are not trusted") {
  CheckRefused(VerifyTimestamp(FixtureToken("untrusted.tsr"), mint::Fixture("untrusted.sig"),
                               FixtureAuthority("embedded-tsa.pem")),
               Code::kNoMatch, kTimestampSigner);
}

TEST_CASE("VerifyTimestamp: RSA and attributes with SHA-1 are good once their root is trusted") {
  const TimestampToken token = FixtureToken("untrusted.tsr");
  const Bytes signed_bytes = mint::Fixture("untrusted.sig");
  std::vector<Certificate> embedded;
  for (const Bytes& der : token.impl().signed_data.certificates) {
    embedded.push_back(Certificate::FromDer(der).value());
  }
  REQUIRE(embedded.size() == 2);
  const bool ca_first = embedded[0].is_ca();
  const Certificate& root = embedded[ca_first ? 0 : 1];
  const Certificate& leaf = embedded[ca_first ? 1 : 0];
  CHECK(leaf.public_key().type() == KeyType::kRsa);
  REQUIRE(token.impl().signed_data.signer.named.size() == 1);
  CHECK_FALSE(token.impl().signed_data.signer.named[0].algorithm.has_value());
  CHECK(VerifyTimestamp(token, signed_bytes, {leaf, {}, root}).ok());
  CHECK(VerifyTimestamp(token, signed_bytes, {{}, {}, root}).ok());
  CheckRefused(VerifyTimestamp(token, signed_bytes, {root, {}, root}), Code::kNoMatch,
               kTimestampSigner);
}

TEST_CASE("VerifyTimestamp: other signed bytes are refused") {
  CheckRefused(VerifyTimestamp(FixtureToken("embedded.tsr"), mint::Fixture("extensions.sig"),
                               FixtureAuthority("embedded-tsa.pem")),
               Code::kNoMatch, kTimestampImprint);
}

// An authority of our own.
struct Authority {
  PrivateKey root_key = mint::NewKey();
  PrivateKey key = mint::NewKey();
  mint::Spec spec = mint::StampingSpec();

  Certificate Root() const { return mint::Mint(mint::RootSpec(), root_key.public_key(), root_key); }
  Certificate Leaf() const { return mint::Mint(spec, key.public_key(), root_key); }
};

const Authority& Sample() {
  static const Authority authority;
  return authority;
}

const Certificate& Leaf() {
  static const Certificate leaf = Sample().Leaf();
  return leaf;
}

const TimestampAuthorityChain& Trusted() {
  static const TimestampAuthorityChain trusted{Leaf(), {}, Sample().Root()};
  return trusted;
}

Result<VerifiedTimestamp> VerifyStamp(const std::function<void(Stamp&)>& change,
                                      const TimestampAuthorityChain& authority = Trusted()) {
  Stamp stamp{Sample().key, Leaf()};
  change(stamp);
  const auto token = TimestampToken::Parse(mint::Response(stamp));
  if (!token.ok()) return token.error();
  return VerifyTimestamp(token.value(), kSigned, authority);
}

void CheckMalformed(const std::function<void(Stamp&)>& change) {
  CheckRefused(VerifyStamp(change), Code::kBadInput, kTimestampMalformed);
}

void CheckNoMatch(std::string_view reason, const std::function<void(Stamp&)>& change) {
  CheckRefused(VerifyStamp(change), Code::kNoMatch, reason);
}

TEST_CASE("VerifyTimestamp: what the tests below spoil is good") {
  CHECK(VerifyStamp([](Stamp&) {}).ok());
  const TimestampAuthorityChain without_leaf{{}, {}, Trusted().root};
  CHECK(VerifyStamp([](Stamp& s) { s.certificates = {Leaf().der()}; }, without_leaf).ok());
}

TEST_CASE("VerifyTimestamp: the time is as fine as the token has it") {
  const auto verified = VerifyStamp([](Stamp& s) { s.time = "20260101000500.25Z"; });
  CHECK(verified.value().time() == At("2026-01-01T00:05:00Z") + std::chrono::milliseconds(250));
}

TEST_CASE("VerifyTimestamp: a time between the last second and the next is outside") {
  CHECK(VerifyStamp([](Stamp& s) { s.time = "20260101001000Z"; }).ok());
  for (const char* outside :
       {"20260101001000.1Z", "20260101001001Z", "20251231235959.9Z", "20251231235959Z"}) {
    CheckNoMatch(kCertificateExpired, [outside](Stamp& s) { s.time = outside; });
  }
}

TEST_CASE("VerifyTimestamp: a signature by another key is refused") {
  const PrivateKey other = mint::NewKey();
  Stamp stamp{other, Leaf()};
  CheckRefused(
      VerifyTimestamp(TimestampToken::Parse(mint::Response(stamp)).value(), kSigned, Trusted()),
      Code::kNoMatch, kTimestampSignature);
}

TEST_CASE("VerifyTimestamp: a certificate with the same issuer and serial number is no signer") {
  // An attacker's key in a certificate that is named like the trusted one.
  const PrivateKey other = mint::NewKey();
  const Certificate twin = mint::Mint(Sample().spec, other.public_key(), other);
  Stamp stamp{other, Leaf()};
  stamp.certificates = {twin.der()};
  const auto token = TimestampToken::Parse(mint::Response(stamp)).value();
  CheckRefused(VerifyTimestamp(token, kSigned, Trusted()), Code::kNoMatch, kTimestampSigner);
  const TimestampAuthorityChain without_leaf{{}, {}, Trusted().root};
  CheckRefused(VerifyTimestamp(token, kSigned, without_leaf), Code::kNoMatch, kTimestampChain);
  CheckRefused(VerifyStamp(
                   [&twin](Stamp& s) {
                     s.certificates = {Leaf().der(), twin.der()};
                   },
                   without_leaf),
               Code::kNoMatch, kTimestampSigner);
}

TEST_CASE("VerifyTimestamp: a signer that is named otherwise is refused, whatever its key") {
  mint::Spec renamed = Sample().spec;
  renamed.serial = {0x08};
  const Certificate other = mint::Mint(renamed, Sample().key.public_key(), Sample().root_key);
  const auto token = TimestampToken::Parse(mint::Response({Sample().key, other})).value();
  CheckRefused(VerifyTimestamp(token, kSigned, Trusted()), Code::kNoMatch, kTimestampSigner);
  CHECK(VerifyTimestamp(token, kSigned, {other, {}, Trusted().root}).ok());
}

TEST_CASE("VerifyTimestamp: an embedded CA does not make a path") {
  const Authority attacker;
  const Certificate leaf = attacker.Leaf();
  Stamp stamp{attacker.key, leaf};
  stamp.certificates = {leaf.der(), attacker.Root().der()};
  const TimestampAuthorityChain without_leaf{{}, {}, Trusted().root};
  CheckRefused(
      VerifyTimestamp(TimestampToken::Parse(mint::Response(stamp)).value(), kSigned, without_leaf),
      Code::kNoMatch, kTimestampChain);
}

TEST_CASE("VerifyTimestamp: a certificate of the root for another purpose is refused") {
  Authority authority;
  authority.spec = mint::SigningSpec();
  const Certificate leaf = authority.Leaf();
  const auto token = TimestampToken::Parse(mint::Response({authority.key, leaf})).value();
  CheckRefused(VerifyTimestamp(token, kSigned, {leaf, {}, authority.Root()}), Code::kNoMatch,
               kTimestampUsage);
}

// SigningCertificateV2 with SHA-256, the default, and SigningCertificate with SHA-1.
Bytes NamedV2(ByteView hash) {
  return mint::Attribute("1.2.840.113549.1.9.16.2.47",
                         mint::Sequence({mint::Sequence({mint::Sequence({mint::Octets(hash)})})}));
}
Bytes NamedV1(ByteView hash) {
  return mint::Attribute("1.2.840.113549.1.9.16.2.12",
                         mint::Sequence({mint::Sequence({mint::Sequence({mint::Octets(hash)})})}));
}

TEST_CASE("VerifyTimestamp: signed attributes that name the signer's certificate must be right") {
  const Bytes hash = HashBytes(HashAlgorithm::kSha256, Leaf().der());
  CHECK(VerifyStamp([&](Stamp& s) { s.more_attributes = {NamedV2(hash)}; }).ok());
  Bytes wrong = hash;
  wrong[0] ^= 1;
  CheckNoMatch(kTimestampSigner, [&](Stamp& s) { s.more_attributes = {NamedV2(wrong)}; });
  CheckNoMatch(kTimestampSigner, [&](Stamp& s) { s.more_attributes = {NamedV1(hash)}; });
  CheckNoMatch(kTimestampSigner, [&](Stamp& s) {
    s.more_attributes = {NamedV2(hash), NamedV1(hash)};
  });
  CheckMalformed([&](Stamp& s) { s.more_attributes = {NamedV2(hash), NamedV2(hash)}; });
  CheckMalformed([&](Stamp& s) {
    s.more_attributes = {mint::Attribute("1.2.840.113549.1.9.16.2.47", mint::Sequence({}))};
  });
}

TEST_CASE("VerifyTimestamp: a messageDigest of other content is refused") {
  const Bytes type =
      mint::Attribute("1.2.840.113549.1.9.3", mint::Oid("1.2.840.113549.1.9.16.1.4"));
  const Bytes digest = HashBytes(HashAlgorithm::kSha256, kSigned);
  CheckNoMatch(kTimestampSignature, [&](Stamp& s) {
    s.attributes = {type, mint::Attribute("1.2.840.113549.1.9.4", mint::Octets(digest))};
  });
}

TEST_CASE("Parse: signed attributes that are missing, double or of another type are refused") {
  const Bytes type =
      mint::Attribute("1.2.840.113549.1.9.3", mint::Oid("1.2.840.113549.1.9.16.1.4"));
  const Bytes data = mint::Attribute("1.2.840.113549.1.9.3", mint::Oid("1.2.840.113549.1.7.1"));
  const Bytes digest = mint::Attribute("1.2.840.113549.1.9.4", mint::Octets(Bytes(32)));
  CheckMalformed([](Stamp& s) { s.signed_attributes = false; });
  CheckMalformed([&](Stamp& s) { s.attributes = {type}; });
  CheckMalformed([&](Stamp& s) { s.attributes = {digest}; });
  CheckMalformed([&](Stamp& s) { s.attributes = {data, digest}; });
  CheckMalformed([&](Stamp& s) { s.more_attributes = {type}; });
  CheckMalformed([&](Stamp& s) { s.more_attributes = {digest}; });
}

TEST_CASE("Parse: a contentType of two values is refused") {
  const Bytes type = mint::Oid("1.2.840.113549.1.9.16.1.4");
  const Bytes digest = mint::Attribute("1.2.840.113549.1.9.4", mint::Octets(Bytes(32)));
  CheckMalformed([&](Stamp& s) {
    s.attributes = {mint::Attribute("1.2.840.113549.1.9.3", mint::Join({type, type})), digest};
  });
}

TEST_CASE("Parse: texts beside the status are allowed, in DER alone") {
  CHECK(VerifyStamp([](Stamp& s) {
          s.status = mint::Join({mint::Integer(0), mint::Sequence({mint::Utf8("a")})});
        }).ok());
  const Bytes in_pieces = der::Wrap(der::kUtf8String | der::kConstructed, {mint::Utf8("a")});
  CheckMalformed([&](Stamp& s) {
    s.status = mint::Join({mint::Integer(0), mint::Sequence({in_pieces})});
  });
}

// A TSTInfo of a version and with a hash of a length.
Bytes InfoOf(std::uint8_t version, ByteView hash) {
  const Bytes imprint =
      mint::Sequence({mint::Sequence({mint::Oid("2.16.840.1.101.3.4.2.1")}), mint::Octets(hash)});
  return mint::Sequence({mint::Integer(version), mint::Oid("1.2.3"), imprint, mint::Integer(5),
                         der::Wrap(der::kGeneralizedTime, {AsBytes("20260101000500Z")})});
}

TEST_CASE("Parse: another version and a hash of another length are refused") {
  const Bytes hash = HashBytes(HashAlgorithm::kSha256, kSigned);
  CHECK(VerifyStamp([&](Stamp& s) { s.tst_info = InfoOf(1, hash); }).ok());
  CheckMalformed([&](Stamp& s) { s.tst_info = InfoOf(2, hash); });
  CheckMalformed([&](Stamp& s) { s.tst_info = InfoOf(1, ByteView(hash).first(31)); });
  CheckMalformed([&](Stamp& s) { s.tst_info = InfoOf(1, {}); });
}

TEST_CASE("Parse: two signers, and none, are refused") {
  CheckMalformed([](Stamp& s) { s.signers = 2; });
  CheckMalformed([](Stamp& s) { s.signers = 0; });
}

TEST_CASE("Parse: whatever is not granted is refused") {
  for (const std::uint8_t status : Bytes{1, 2, 3, 4, 5, 0xff}) {
    CheckMalformed([status](Stamp& s) { s.status = {0x02, 0x01, status}; });
  }
  CheckMalformed([](Stamp& s) { s.status = {}; });
  // Rejected without a token, and granted without one.
  CHECK_FALSE(TimestampToken::Parse(util::HexDecode("30053003020102").value()).ok());
  CHECK_FALSE(TimestampToken::Parse(util::HexDecode("30053003020100").value()).ok());
}

TEST_CASE("Parse: SHA-1 is refused for content and imprint") {
  CheckMalformed([](Stamp& s) { s.hash = "1.3.14.3.2.26"; });
  CheckMalformed([](Stamp& s) {
    const Bytes imprint =
        mint::Sequence({mint::Sequence({mint::Oid("1.3.14.3.2.26")}), mint::Octets(Bytes(20))});
    s.tst_info = mint::Sequence({mint::Integer(1), mint::Oid("1.2.3"), imprint, mint::Integer(5),
                                 der::Wrap(der::kGeneralizedTime, {AsBytes(s.time)})});
  });
}

TEST_CASE("Parse: a TSTInfo with bytes behind it, extensions or of another form is refused") {
  const auto info = [](const std::function<void(Stamp&)>& change) {
    Stamp stamp{Sample().key, Leaf()};
    change(stamp);
    return mint::TstInfo(stamp);
  };
  const Bytes good = info([](Stamp&) {});
  CHECK(VerifyStamp([&](Stamp& s) { s.tst_info = good; }).ok());
  CheckMalformed([&](Stamp& s) { s.tst_info = mint::Join({good, Bytes{0x05, 0x00}}); });
  CheckMalformed([&](Stamp& s) { s.tst_info = {0x30, 0x00}; });
  CheckMalformed([](Stamp& s) { s.behind_nonce = {0xa1, 0x00}; });
  CheckMalformed([](Stamp& s) { s.behind_nonce = {0x05, 0x00}; });
  CheckMalformed([](Stamp& s) { s.nonce = {0x02, 0x02, 0x00, 0x01}; });
  for (const char* time : {"20260101000500", "260101000500Z", "20260101000500.0Z"}) {
    CheckMalformed([time](Stamp& s) { s.time = time; });
  }
}

TEST_CASE("Parse: cut off, too long, and with bytes behind is refused") {
  const Bytes good = mint::Response({Sample().key, Leaf()});
  REQUIRE(TimestampToken::Parse(good).ok());
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(TimestampToken::Parse(ByteView(good).first(size)).ok());
  }
  CheckRefused(TimestampToken::Parse(mint::Join({good, Bytes{0}})), Code::kBadInput,
               kTimestampMalformed);
  CheckRefused(TimestampToken::Parse(Bytes(kMaxTimestampBytes + 1)), Code::kBadInput,
               kTimestampMalformed);
  const auto content = der::Only(good, der::kSequence).value().content;
  CheckRefused(TimestampToken::Parse(mint::Sequence({content, Bytes{0x05, 0x00}})), Code::kBadInput,
               kTimestampMalformed);
  CheckRefused(TimestampToken::Parse(mint::Join({Bytes{0x30, 0x80}, content, Bytes{0, 0}})),
               Code::kBadInput, kTimestampMalformed);
}

TEST_CASE("Parse: 16 certificates are read and 17 refused") {
  CHECK(VerifyStamp([](Stamp& s) { s.certificates.assign(16, Sample().Root().der()); }).ok());
  CheckMalformed([](Stamp& s) { s.certificates.assign(17, Sample().Root().der()); });
}

TEST_CASE("Parse: every change of a byte is refused, or is none that was signed") {
  const Bytes good = mint::Response({Sample().key, Leaf()});
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    const auto token = TimestampToken::Parse(bad);
    if (!token.ok()) continue;
    const auto verified = VerifyTimestamp(token.value(), kSigned, Trusted());
    // What is left are the versions of SignedData and SignerInfo, and the names of algorithms that
    // the key and the attributes say better.
    if (verified.ok()) CHECK(verified.value().time() == At("2026-01-01T00:05:00Z"));
  }
}

TEST_CASE("HasNonce: the same number, and no other, none or a missing one") {
  const auto token = [](Bytes nonce) {
    Stamp stamp{Sample().key, Leaf()};
    stamp.nonce = nonce;
    return TimestampToken::Parse(mint::Response(stamp)).value();
  };
  const TimestampToken with = token({0x02, 0x03, 0x00, 0x80, 0x01});
  CHECK(with.HasNonce(Bytes{0x80, 0x01}));
  CHECK(with.HasNonce(Bytes{0x00, 0x80, 0x01}));
  CHECK_FALSE(with.HasNonce(Bytes{0x80, 0x02}));
  CHECK_FALSE(with.HasNonce({}));
  const TimestampToken without = token({});
  CHECK_FALSE(without.nonce().has_value());
  CHECK_FALSE(without.HasNonce(Bytes{0x01}));
  CHECK_FALSE(without.HasNonce({}));
}

TEST_CASE("FormatTimestampRequest: what openssl ts -query writes, with our nonce") {
  const Bytes request = FormatTimestampRequest(kSigned, Bytes{0x00, 0x80, 0x01}).value();
  CHECK(util::HexEncode(request) ==
        "303b020101"
        "3031300d060960864801650304020105000420"
        "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"
        "0203008001");
  CHECK(der::CheckDer(request).ok());
}

TEST_CASE("FormatTimestampRequest: no nonce and one that is too long are refused") {
  CHECK(FormatTimestampRequest(kSigned, {}).error().code() == Code::kUsage);
  CHECK(FormatTimestampRequest(kSigned, Bytes(8)).error().code() == Code::kUsage);
  CHECK(FormatTimestampRequest(kSigned, Bytes(33, 1)).error().code() == Code::kUsage);
  CHECK(FormatTimestampRequest(kSigned, Bytes(32, 0xff)).ok());
}

}  // namespace
}  // namespace ociship::crypto
