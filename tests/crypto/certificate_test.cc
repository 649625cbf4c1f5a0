// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.h"

#include <doctest/doctest.h>

#include "crypto/der.h"
#include "crypto/pem.h"
#include "crypto/sct.h"
#include "mint.h"
#include "util/encoding.h"
#include "util/text.h"
#include "vectors.h"

namespace ociship::crypto {
namespace {

using mint::At;
using mint::Spec;
using util::AsBytes;
using util::Bytes;

const PrivateKey& Key() {
  static const PrivateKey key = mint::NewKey();
  return key;
}

Bytes DerOf(const Spec& spec) {
  return mint::Sealed(mint::Tbs(spec, Key().public_key().der()), Key());
}

void CheckRefused(ByteView der) {
  const auto certificate = Certificate::FromDer(der);
  REQUIRE_FALSE(certificate.ok());
  CHECK(certificate.error().code() == Code::kBadInput);
}

Spec WithExtensions(std::vector<Bytes> extensions) { return {.extensions = extensions}; }

TEST_CASE("Certificate: a leaf of Fulcio is read") {
  const auto leaf = Certificate::FromDer(mint::Fixture("production-leaf.der")).value();
  REQUIRE(leaf.alt_names().size() == 1);
  CHECK(leaf.alt_names()[0].kind == AltName::Kind::kUri);
  CHECK(leaf.alt_names()[0].value.starts_with("https://github.com/sigstore-conformance/"));
  CHECK(leaf.extended_key_usages() == std::vector<std::string>{std::string(mint::kCodeSigning)});
  CHECK_FALSE(leaf.extended_key_usage_critical());
  CHECK(leaf.allows_digital_signature());
  CHECK_FALSE(leaf.is_ca());
  CHECK(leaf.not_after() - leaf.not_before() == std::chrono::minutes(10));
  CHECK(leaf.public_key().type() == KeyType::kEcdsaP256);
  CHECK(leaf.subject() == Bytes{0x30, 0x00});
  CHECK(DecodeUtf8String(leaf.Extension("1.3.6.1.4.1.57264.1.8").value()).value() ==
        "https://token.actions.githubusercontent.com");
  CHECK_FALSE(leaf.Extension("1.3.6.1.4.1.57264.1.99").has_value());
}

TEST_CASE("Certificate: a CA says so, and its names chain") {
  const auto list = mint::FixtureList("production-ca.pem");
  REQUIRE(list.size() == 2);
  CHECK(list[0].is_ca());
  CHECK(list[0].issuer() == list[1].subject());
  CHECK(list[1].issuer() == list[1].subject());
  CHECK(list[0].serial() != list[1].serial());
}

TEST_CASE("Certificate: PEM and DER are two forms of one") {
  const Bytes der = DerOf(mint::SigningSpec());
  const auto certificate = Certificate::FromDer(der).value();
  CHECK(certificate.der() == der);
  const auto again = Certificate::ListFromPem(certificate.Pem()).value();
  REQUIRE(again.size() == 1);
  CHECK(again[0].der() == der);
}

TEST_CASE("ListFromPem: ten blocks are read, eleven, other and no blocks are refused") {
  const std::string one = FormatPem("CERTIFICATE", DerOf({}));
  std::string ten;
  for (int i = 0; i < 10; ++i) ten += one;
  CHECK(Certificate::ListFromPem(ten).value().size() == 10);
  CHECK_FALSE(Certificate::ListFromPem(ten + one).ok());
  CHECK_FALSE(Certificate::ListFromPem(one + std::string(vectors::kP256Public)).ok());
  CHECK_FALSE(Certificate::ListFromPem("text").ok());
  CHECK_FALSE(Certificate::ListFromPem(one.substr(0, one.size() - 10)).ok());
}

TEST_CASE("FromDer: bytes behind it, cut off and too long ones are refused") {
  const Bytes der = DerOf(mint::SigningSpec());
  REQUIRE(Certificate::FromDer(der).ok());
  CheckRefused(mint::Join({der, Bytes{0x00}}));
  for (std::size_t size = 0; size < der.size(); ++size) CheckRefused(ByteView(der).first(size));
  Spec large;
  large.extensions = {mint::Extension("1.2.3", false, Bytes(kMaxCertificateBytes))};
  CheckRefused(DerOf(large));
}

TEST_CASE("FromDer: bytes behind the fields of each level are refused") {
  Spec spec = mint::SigningSpec();
  spec.after_extensions = {0x05, 0x00};
  CheckRefused(DerOf(spec));
  const Bytes key = Key().public_key().der();
  const Bytes tbs = mint::Tbs(mint::SigningSpec(), key);
  const Bytes sealed = mint::Sealed(tbs, Key());
  const der::Element content = der::Only(sealed, der::kSequence).value();
  REQUIRE(Certificate::FromDer(mint::Sequence({content.content})).ok());
  CheckRefused(mint::Sequence({content.content, Bytes{0x05, 0x00}}));
}

TEST_CASE("FromDer: a list of extensions without one is refused") {
  Spec spec;
  spec.after_extensions = der::Wrap(der::Inside(3), {mint::Sequence({})});
  CheckRefused(DerOf(spec));
}

TEST_CASE("FromDer: two algorithms of one signature are refused") {
  const Bytes tbs = mint::Tbs({}, Key().public_key().der());
  const Bytes signature = der::Wrap(der::kBitString, {Bytes{0x00, 0x30, 0x00}});
  const auto with = [&](std::string_view oid) {
    return mint::Sequence({tbs, mint::Sequence({mint::Oid(oid)}), signature});
  };
  CHECK(Certificate::FromDer(with("1.2.840.10045.4.3.2")).ok());
  CheckRefused(with("1.2.840.10045.4.3.3"));
}

TEST_CASE("FromDer: a serial number in more octets than it needs is refused") {
  Spec spec;
  spec.serial = {0x00, 0x01};
  CheckRefused(DerOf(spec));
}

TEST_CASE("FromDer: an indefinite length is refused") {
  const Bytes der = DerOf({});
  const der::Element content = der::Only(der, der::kSequence).value();
  CheckRefused(mint::Join({Bytes{0x30, 0x80}, content.content, Bytes{0x00, 0x00}}));
}

TEST_CASE("FromDer: versions 1 and 2 are refused") {
  Spec spec;
  spec.version = 1;
  CheckRefused(DerOf(spec));
  const Bytes tbs = mint::Tbs({}, Key().public_key().der());
  // Without [0] { INTEGER 2 } the version is 1.
  const ByteView content = der::Only(tbs, der::kSequence).value().content;
  CheckRefused(mint::Sealed(mint::Sequence({content.subspan(5)}), Key()));
}

TEST_CASE("FromDer: keys that are not accepted by themselves are refused") {
  // P-256 with its parameters spelt out would be longer; a point off the curve is enough here.
  Bytes off_curve = Key().public_key().der();
  off_curve.back() ^= 1;
  CheckRefused(mint::Sealed(mint::Tbs({}, off_curve), Key()));
  // id-RSASSA-PSS around an RSA key.
  const Bytes pss =
      mint::Sequence({mint::Sequence({mint::Oid("1.2.840.113549.1.1.10")}),
                      der::Wrap(der::kBitString, {Bytes{0}, mint::Sequence({mint::Integer(3)})})});
  CheckRefused(mint::Sealed(mint::Tbs({}, pss), Key()));
}

TEST_CASE("FromDer: an extension that comes twice is refused") {
  const Bytes extension = mint::Extension("1.2.3", false, Bytes{0x05, 0x00});
  CHECK(Certificate::FromDer(DerOf(WithExtensions({extension}))).ok());
  CheckRefused(DerOf(WithExtensions({extension, extension})));
  CheckRefused(DerOf(WithExtensions({mint::Ca(), mint::Ca()})));
}

TEST_CASE("FromDer: critical that is written FALSE or is not DER is refused") {
  for (const std::uint8_t flag : Bytes{0x00, 0x01}) {
    CheckRefused(DerOf(WithExtensions({mint::Sequence(
        {mint::Oid("1.2.3"), Bytes{0x01, 0x01, flag}, mint::Octets(Bytes{0x05, 0x00})})})));
  }
}

TEST_CASE("FromDer: known extensions that cannot be read are refused") {
  const Bytes nothing = {0x30, 0x00};
  for (const auto& [oid, value] : std::vector<std::pair<std::string, Bytes>>{
           {"2.5.29.15", util::HexDecode("030100").value()},            // no bits
           {"2.5.29.15", util::HexDecode("03020781").value()},          // unused bits that are set
           {"2.5.29.15", util::HexDecode("030207800500").value()},      // bytes behind
           {"2.5.29.17", nothing},                                      // no names
           {"2.5.29.17", util::HexDecode("3003890161").value()},        // no such kind
           {"2.5.29.17", util::HexDecode("300386016100").value()},      // bytes behind
           {"2.5.29.17", util::HexDecode("30058601618601").value()},    // a name cut off
           {"2.5.29.19", util::HexDecode("3003010100").value()},        // CA:FALSE in words
           {"2.5.29.19", util::HexDecode("30060101ff0201ff").value()},  // length below zero
           {"2.5.29.19", util::HexDecode("30060101ff0500").value()},    // something behind
           {"2.5.29.37", nothing},                                      // no usages
           {"2.5.29.37", util::HexDecode("30030c0161").value()},        // no OID
       }) {
    CAPTURE(oid);
    CheckRefused(DerOf(WithExtensions({mint::Extension(oid, true, value)})));
  }
}

TEST_CASE("alt_names: every kind is told from the others, with its bytes as they are") {
  const Bytes with_nul = {'a', 0x00, 'b'};
  const Bytes other_name = der::Wrap(
      der::Inside(0),
      {mint::Oid("1.3.6.1.4.1.57264.1.7"), der::Wrap(der::Inside(0), {mint::Utf8("name")})});
  const Bytes other_bytes = der::Wrap(
      der::Inside(0), {mint::Oid("1.2.3"), der::Wrap(der::Inside(0), {mint::Integer(1)})});
  const auto certificate =
      Certificate::FromDer(
          DerOf(WithExtensions({mint::AltNames(
              {der::Wrap(der::Plain(6), {with_nul}), der::Wrap(der::Plain(1), {AsBytes("a@b.c")}),
               der::Wrap(der::Plain(2), {AsBytes("b.c")}),
               der::Wrap(der::Plain(7), {Bytes{127, 0, 0, 1}}), other_name, other_bytes,
               der::Wrap(der::Inside(4), {mint::Name("x")})})})))
          .value();
  const auto& names = certificate.alt_names();
  REQUIRE(names.size() == 7);
  CHECK(names[0].kind == AltName::Kind::kUri);
  CHECK(names[0].value == std::string("a\0b", 3));
  CHECK(names[1].kind == AltName::Kind::kEmail);
  CHECK(names[1].value == "a@b.c");
  CHECK(names[2].kind == AltName::Kind::kDns);
  CHECK(names[3].kind == AltName::Kind::kIp);
  CHECK(names[4].kind == AltName::Kind::kOtherName);
  CHECK(names[4].value == "name");
  CHECK(names[4].oid == "1.3.6.1.4.1.57264.1.7");
  CHECK(names[5].kind == AltName::Kind::kOther);
  CHECK(names[5].oid == "1.2.3");
  CHECK(names[6].kind == AltName::Kind::kOther);
}

TEST_CASE("alt_names: an otherName that is not UTF-8 is refused") {
  const Bytes wrong = der::Wrap(
      der::Inside(0), {mint::Oid("1.2.3"), der::Wrap(der::Inside(0), {mint::Utf8("\xff")})});
  CheckRefused(DerOf(WithExtensions({mint::AltNames({wrong})})));
}

TEST_CASE("extended_key_usages: unknown ones are there too") {
  const auto certificate =
      Certificate::FromDer(
          DerOf(WithExtensions({mint::Usages(true, {mint::kTimeStamping, "1.2.3.4"})})))
          .value();
  CHECK(certificate.extended_key_usages() ==
        std::vector<std::string>{std::string(mint::kTimeStamping), "1.2.3.4"});
  CHECK(certificate.extended_key_usage_critical());
}

TEST_CASE("allows_digital_signature: another key usage and none do not") {
  const auto of = [](std::vector<Bytes> extensions) {
    return Certificate::FromDer(DerOf(WithExtensions(extensions))).value();
  };
  CHECK(of({mint::KeyUsage(mint::kDigitalSignature)}).allows_digital_signature());
  CHECK_FALSE(of({mint::KeyUsage(mint::kCertSign)}).allows_digital_signature());
  CHECK_FALSE(of({}).allows_digital_signature());
}

TEST_CASE("TbsWithoutExtension: everything else stays as it is, byte by byte") {
  const Bytes key = Key().public_key().der();
  const Bytes usage = mint::KeyUsage(mint::kDigitalSignature);
  const Bytes gone = mint::Extension("1.2.3", false, Bytes(200, 0x41));
  const Bytes more = mint::Extension("1.2.3.4", false, Bytes{0x05, 0x00});
  const auto certificate = Certificate::FromDer(DerOf(WithExtensions({usage, gone, more}))).value();
  CHECK(certificate.TbsWithoutExtension("1.2.3").value() ==
        mint::Tbs(WithExtensions({usage, more}), key));
  const auto only = Certificate::FromDer(DerOf(WithExtensions({gone}))).value();
  CHECK(only.TbsWithoutExtension("1.2.3").value() == mint::Tbs({}, key));
}

TEST_CASE("TbsWithoutExtension: one that is not there is refused") {
  const auto certificate = Certificate::FromDer(DerOf({})).value();
  CHECK(certificate.TbsWithoutExtension("1.2.3").error().code() == Code::kBadInput);
}

TEST_CASE("DecodeUtf8String: exactly one, of valid UTF-8") {
  CHECK(DecodeUtf8String(mint::Utf8("h\xc3\xa4")).value() == "h\xc3\xa4");
  CHECK(DecodeUtf8String(mint::Utf8("")).value().empty());
  CHECK_FALSE(DecodeUtf8String(mint::Utf8("\xc3")).ok());
  CHECK_FALSE(DecodeUtf8String(mint::Join({mint::Utf8("a"), Bytes{0x00}})).ok());
  CHECK_FALSE(DecodeUtf8String(mint::Octets(AsBytes("a"))).ok());
  CHECK_FALSE(DecodeUtf8String(AsBytes("a")).ok());
}

TEST_CASE("DecodeOctetString: exactly one") {
  CHECK(DecodeOctetString(mint::Octets(Bytes{1, 2})).value() == Bytes{1, 2});
  CHECK_FALSE(DecodeOctetString(mint::Join({mint::Octets(Bytes{1}), Bytes{0}})).ok());
  CHECK_FALSE(DecodeOctetString(mint::Utf8("a")).ok());
}

}  // namespace
}  // namespace ociship::crypto
