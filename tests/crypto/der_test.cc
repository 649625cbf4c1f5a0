// SPDX-License-Identifier: Apache-2.0
#include "crypto/der.h"

#include <doctest/doctest.h>

#include "mint.h"
#include "util/encoding.h"

namespace ociship::crypto::der {
namespace {

using util::AsBytes;
using util::Bytes;

Bytes Hex(std::string_view text) { return util::HexDecode(text).value(); }

TEST_CASE("CheckDer: elements in their only form are accepted") {
  for (const char* good :
       {"3000", "0500", "020100", "02020080", "0201ff", "0101ff", "010100", "030100", "03020780",
        "06032a0304", "30060201010201ff", "a003020102", "8103616263", "3103020105"}) {
    CAPTURE(good);
    CHECK(CheckDer(Hex(good)).ok());
  }
}

TEST_CASE("CheckDer: what is BER alone, cut off or has bytes behind it is refused") {
  for (const char* bad : {
           "",               // nothing
           "30",             // no length
           "300000",         // bytes behind
           "30000000",       //
           "3001",           // content missing
           "30800000",       // indefinite length
           "30810100",       // length in more octets than it needs
           "3082000100",     //
           "30850000000001"  // five octets of length
           "00",
           "3081",        // length cut off
           "3f8100",      // tag of more octets
           "24030401aa",  // OCTET STRING in pieces
           "2c030c0161",  // UTF8String in pieces
           "0200",        // INTEGER of nothing
           "02020001",    // INTEGER that is too long
           "0202ff80",    //
           "010101",      // BOOLEAN that is neither
           "01020000",    //
           "0300",        // BIT STRING without unused bits
           "03020901",    // nine unused bits
           "030107",      // unused bits of nothing
           "03020781",    // unused bits that are set
           "050100",      // NULL with content
           "0600",        // OID of nothing
           "06022a80",    // OID cut off
           "06032a8001",  // OID that is too long
           "3003020200",  // inner length beyond the outer
           "a0053003020200",
       }) {
    CAPTURE(bad);
    CHECK(CheckDer(Hex(bad)).error().code() == Code::kBadInput);
  }
}

TEST_CASE("CheckDer: nesting has an end") {
  Bytes der = {0x30, 0x00};
  for (int i = 0; i < 30; ++i) der = Wrap(kSequence, {der});
  CHECK(CheckDer(der).ok());
  for (int i = 0; i < 5; ++i) der = Wrap(kSequence, {der});
  CHECK_FALSE(CheckDer(der).ok());
}

TEST_CASE("Reader: an element of another tag and a missing one are refused") {
  const Bytes der = Hex("0201050500");
  Reader reader(der);
  CHECK_FALSE(reader.NextIf(kNull).value().has_value());
  CHECK(reader.Next(kInteger).value().content[0] == 5);
  CHECK_FALSE(reader.End().ok());
  CHECK(reader.NextIf(kNull).value().has_value());
  CHECK(reader.End().ok());
  CHECK_FALSE(reader.Next().ok());
  CHECK_FALSE(Only(der, kInteger).ok());
  CHECK_FALSE(Only(Hex("0500"), kInteger).ok());
}

TEST_CASE("OidText: numbers are written with dots") {
  CHECK(OidText(Hex("2a864886f70d010702")).value() == "1.2.840.113549.1.7.2");
  CHECK(OidText(Hex("551d11")).value() == "2.5.29.17");
  CHECK(OidText(Hex("883703")).value() == "2.999.3");
  CHECK(OidText(Hex("00")).value() == "0.0");
  CHECK(OidText(Bytes(32, 0x01)).ok());
}

TEST_CASE("OidText: numbers and counts beyond the caps are refused") {
  CHECK_FALSE(OidText(Hex("2a80")).ok());
  CHECK_FALSE(OidText(Hex("2affffffffffffffffffff7f")).ok());
  CHECK_FALSE(OidText(Bytes(33, 0x01)).ok());
}

TEST_CASE("SmallInteger: 64 bits without a sign, and nothing else") {
  CHECK(SmallInteger(Hex("00")).value() == 0);
  CHECK(SmallInteger(Hex("00ff")).value() == 255);
  CHECK(SmallInteger(Hex("00ffffffffffffffff")).value() == ~std::uint64_t{0});
  CHECK_FALSE(SmallInteger(Hex("ff")).ok());
  CHECK_FALSE(SmallInteger(Hex("01ffffffffffffffff")).ok());
  CHECK_FALSE(SmallInteger(Hex("")).ok());
}

TEST_CASE("IntegerContent: as few octets as can be, with room for the sign") {
  CHECK(IntegerContent(Hex("000001")) == Hex("01"));
  CHECK(IntegerContent(Hex("80")) == Hex("0080"));
  CHECK(IntegerContent(Hex("0000")).empty());
}

Result<std::chrono::sys_seconds> TimeOf(std::uint8_t tag, std::string_view text) {
  const Bytes der = Wrap(tag, {AsBytes(text)});
  return Time(Only(der, tag).value());
}

TEST_CASE("Time: both forms of a certificate, in the right century") {
  CHECK(TimeOf(kUtcTime, "491231235959Z").value() == mint::At("2049-12-31T23:59:59Z"));
  CHECK(TimeOf(kUtcTime, "500101000000Z").value() == mint::At("1950-01-01T00:00:00Z"));
  CHECK(TimeOf(kGeneralizedTime, "20500229000000Z").ok() == false);
  CHECK(TimeOf(kGeneralizedTime, "20520229000000Z").value() == mint::At("2052-02-29T00:00:00Z"));
}

TEST_CASE("Time: zones, fractions, missing seconds and days that do not exist are refused") {
  for (const char* bad : {"260101000000+0100", "2601010000Z", "260101000000", "261301000000Z",
                          "260230000000Z", "260101240000Z", "260101006000Z", "260101000060Z",
                          "2601010000 0Z", "-60101000000Z", "26010100000.Z"}) {
    CAPTURE(bad);
    CHECK_FALSE(TimeOf(kUtcTime, bad).ok());
  }
  CHECK_FALSE(TimeOf(kGeneralizedTime, "20260101000000.5Z").ok());
  CHECK_FALSE(TimeOf(kUtf8String, "260101000000Z").ok());
}

Result<util::Micros> PreciseTimeOf(std::string_view text) {
  const Bytes der = Wrap(kGeneralizedTime, {AsBytes(text)});
  return PreciseTime(Only(der, kGeneralizedTime).value());
}

TEST_CASE("PreciseTime: fractions down to the microsecond are kept") {
  const util::Micros second = mint::At("2026-01-01T00:00:00Z");
  using std::chrono::microseconds;
  CHECK(PreciseTimeOf("20260101000000Z").value() == second);
  CHECK(PreciseTimeOf("20260101000000.5Z").value() == second + microseconds(500000));
  CHECK(PreciseTimeOf("20260101000000.0000019Z").value() == second + microseconds(1));
}

TEST_CASE("PreciseTime: fractions in another form are refused") {
  for (const char* bad :
       {"20260101000000.Z", "20260101000000.50Z", "20260101000000,5Z", "20260101000000.5",
        "20260101000000.-5Z", "20260101000000.1234567890123456789Z", "260101000000Z"}) {
    CAPTURE(bad);
    CHECK_FALSE(PreciseTimeOf(bad).ok());
  }
}

TEST_CASE("Wrap: lengths of one to four octets are read back") {
  for (const std::size_t size : {0UL, 127UL, 128UL, 255UL, 256UL, 65535UL, 65536UL}) {
    const Bytes content(size, 0x41);
    const Bytes der = Wrap(kOctetString, {content});
    CHECK(CheckDer(der).ok());
    CHECK(Only(der, kOctetString).value().content.size() == size);
  }
}

}  // namespace
}  // namespace ociship::crypto::der
