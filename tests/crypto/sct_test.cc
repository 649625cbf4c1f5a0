// SPDX-License-Identifier: Apache-2.0
#include "crypto/sct.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "crypto/der.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "mint.h"
#include "util/encoding.h"
#include "vectors.h"

namespace ociship::crypto {
namespace {

using mint::Join;
using util::Bytes;

Bytes Number(std::uint64_t number, int octets) {
  Bytes bytes;
  for (int i = octets - 1; i >= 0; --i) bytes.push_back(std::uint8_t(number >> 8 * i));
  return bytes;
}

// opaque<0..2^16-1>.
Bytes Vector(ByteView content) { return Join({Number(content.size(), 2), content}); }

// A SignedCertificateTimestamp.
Bytes Serialized(const Sct& sct, std::uint8_t version = 0) {
  return Join({Bytes{version}, sct.log_id, Number(sct.timestamp_ms, 8), Vector(sct.extensions),
               Bytes{sct.hash_algorithm, sct.signature_algorithm}, Vector(sct.signature)});
}

Bytes List(std::initializer_list<Bytes> scts) {
  Bytes all;
  for (const Bytes& sct : scts) all = Join({all, Vector(sct)});
  return Vector(all);
}

Sct Sample() {
  return {.log_id = {1, 2, 3},
          .timestamp_ms = 1767225600123,
          .extensions = {9, 9},
          .hash_algorithm = 4,
          .signature_algorithm = 3,
          .signature = {7}};
}

void CheckMalformed(ByteView list) {
  const auto scts = ParseSctList(list);
  REQUIRE_FALSE(scts.ok());
  CHECK(scts.error().code() == Code::kBadInput);
  CHECK(scts.error().reason() == kSctMalformed);
}

TEST_CASE("ParseSctList: every field is read") {
  const auto scts = ParseSctList(List({Serialized(Sample()), Serialized(Sample())})).value();
  REQUIRE(scts.size() == 2);
  CHECK(scts[1].log_id == Sample().log_id);
  CHECK(scts[1].timestamp_ms == 1767225600123);
  CHECK(scts[1].extensions == Bytes{9, 9});
  CHECK(scts[1].hash_algorithm == 4);
  CHECK(scts[1].signature_algorithm == 3);
  CHECK(scts[1].signature == Bytes{7});
}

TEST_CASE("ParseSctList: bytes behind, cut off, empty and other versions are refused") {
  const Bytes one = Serialized(Sample());
  const Bytes good = List({one});
  for (std::size_t size = 0; size < good.size(); ++size) CheckMalformed(ByteView(good).first(size));
  CheckMalformed(Join({good, Bytes{0}}));
  CheckMalformed(List({Join({one, Bytes{0}})}));
  CheckMalformed(List({}));
  CheckMalformed(List({Bytes{}}));
  CheckMalformed(Vector(Join({Vector(one), Bytes{0}})));
  CheckMalformed(List({Serialized(Sample(), 1)}));
}

TEST_CASE("ParseSctList: a time after the year 9999 is refused") {
  Sct sct = Sample();
  sct.timestamp_ms = 253402300799999;
  CHECK(ParseSctList(List({Serialized(sct)})).ok());
  ++sct.timestamp_ms;
  CheckMalformed(List({Serialized(sct)}));
  sct.timestamp_ms = ~std::uint64_t{0};
  CheckMalformed(List({Serialized(sct)}));
}

TEST_CASE("ParseSctList: 64 are read and 65 refused") {
  Bytes all;
  for (int i = 0; i < 64; ++i) all = Join({all, Vector(Serialized(Sample()))});
  CHECK(ParseSctList(Vector(all)).value().size() == 64);
  CheckMalformed(Vector(Join({all, Vector(Serialized(Sample()))})));
}

// Fixture certificates under the path of their trusted root.
VerifiedChain FixtureChain(const std::string& name) {
  const auto leaf = Certificate::FromDer(mint::Fixture(name + "-leaf.der")).value();
  const auto ca = mint::FixtureList(name + "-ca.pem");
  return VerifyChain(leaf, std::span(ca).first(ca.size() - 1), ca.back(), Purpose::kCodeSigning,
                     leaf.not_before())
      .value();
}

PublicKey FixtureLog(const std::string& name) {
  return PublicKey::FromDer(mint::Fixture(name + "-log.der")).value();
}

void CheckNoMatch(const Result<VerifiedSct>& sct) {
  REQUIRE_FALSE(sct.ok());
  CHECK(sct.error().code() == Code::kNoMatch);
  CHECK(sct.error().reason() == kSctSignature);
}

TEST_CASE("VerifyEmbeddedSct: SCTs of real logs, with and without extensions, match") {
  for (const std::string name : {"production", "extensions"}) {
    const VerifiedChain chain = FixtureChain(name);
    const auto scts = EmbeddedScts(chain.leaf()).value();
    REQUIRE(scts.size() == 1);
    CHECK(scts[0].extensions.empty() == (name == "production"));
    const PublicKey log = FixtureLog(name);
    CHECK(std::ranges::equal(scts[0].log_id, HashBytes(HashAlgorithm::kSha256, log.der())));
    const auto verified = VerifyEmbeddedSct(scts[0], chain, log);
    REQUIRE(verified.ok());
    CHECK(verified.value().log_id() == scts[0].log_id);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(verified.value().time());
    CHECK(seconds >= chain.leaf().not_before() - std::chrono::minutes(1));
    CHECK(seconds <= chain.leaf().not_after());
  }
}

TEST_CASE("VerifyEmbeddedSct: another log, certificate, time, extension or signature is refused") {
  const VerifiedChain chain = FixtureChain("extensions");
  const Sct sct = EmbeddedScts(chain.leaf()).value()[0];
  const PublicKey log = FixtureLog("extensions");
  CheckNoMatch(VerifyEmbeddedSct(sct, chain, FixtureLog("production")));
  CheckNoMatch(VerifyEmbeddedSct(sct, FixtureChain("production"), log));
  Sct wrong = sct;
  ++wrong.timestamp_ms;
  CheckNoMatch(VerifyEmbeddedSct(wrong, chain, log));
  wrong = sct;
  wrong.extensions.clear();
  CheckNoMatch(VerifyEmbeddedSct(wrong, chain, log));
  wrong = sct;
  wrong.signature.back() ^= 1;
  CheckNoMatch(VerifyEmbeddedSct(wrong, chain, log));
  wrong = sct;
  wrong.signature.clear();
  CheckNoMatch(VerifyEmbeddedSct(wrong, chain, log));
}

TEST_CASE("VerifyEmbeddedSct: algorithms that are not those of the key are refused") {
  const VerifiedChain chain = FixtureChain("production");
  Sct sct = EmbeddedScts(chain.leaf()).value()[0];
  const PublicKey log = FixtureLog("production");
  sct.signature_algorithm = 1;
  CheckNoMatch(VerifyEmbeddedSct(sct, chain, log));
  sct.signature_algorithm = 3;
  sct.hash_algorithm = 2;
  CheckNoMatch(VerifyEmbeddedSct(sct, chain, log));
  const PublicKey ed25519 = PublicKey::FromPem(vectors::kEd25519Public).value();
  CheckNoMatch(VerifyEmbeddedSct(sct, chain, ed25519));
}

TEST_CASE("VerifyDetachedSct: an embedded SCT is not one, nor the other way round") {
  const VerifiedChain chain = FixtureChain("production");
  const Sct sct = EmbeddedScts(chain.leaf()).value()[0];
  CheckNoMatch(VerifyDetachedSct(sct, chain, FixtureLog("production")));
}

// A root and a leaf that it issued.
VerifiedChain MintedChain(const std::vector<Bytes>& extensions) {
  const PrivateKey root_key = mint::NewKey();
  const auto root = mint::Mint(mint::RootSpec(), root_key.public_key(), root_key);
  mint::Spec spec = mint::SigningSpec();
  spec.extensions.insert(spec.extensions.end(), extensions.begin(), extensions.end());
  const auto leaf = mint::Mint(spec, mint::NewKey().public_key(), root_key);
  return VerifyChain(leaf, {}, root, Purpose::kCodeSigning, leaf.not_before()).value();
}

// What RFC 6962 section 3.2 wants signed for an x509_entry.
Bytes DetachedInput(const Sct& sct, const Certificate& leaf) {
  return Join({Bytes{0, 0}, Number(sct.timestamp_ms, 8), Bytes{0, 0}, Number(leaf.der().size(), 3),
               leaf.der(), Vector(sct.extensions)});
}

TEST_CASE("VerifyDetachedSct: one over the whole leaf matches, and no other leaf") {
  const VerifiedChain chain = MintedChain({});
  CHECK(EmbeddedScts(chain.leaf()).value().empty());
  Sct sct = Sample();
  for (const std::string_view key : {vectors::kP256Key, vectors::kRsaKey}) {
    const auto log = PrivateKey::FromPkcs8(util::Base64Decode(key).value()).value();
    sct.signature = Sign(log, DetachedInput(sct, chain.leaf())).value();
    sct.signature_algorithm = key == vectors::kRsaKey ? 1 : 3;
    const auto verified = VerifyDetachedSct(sct, chain, log.public_key());
    REQUIRE(verified.ok());
    CHECK(verified.value().time() ==
          mint::At("2026-01-01T00:00:00Z") + std::chrono::milliseconds(123));
    CheckNoMatch(VerifyDetachedSct(sct, MintedChain({}), log.public_key()));
    CheckNoMatch(VerifyEmbeddedSct(sct, chain, log.public_key()));
  }
}

TEST_CASE("EmbeddedScts: the list stands in an OCTET STRING of its own") {
  const Bytes list = List({Serialized(Sample())});
  const auto with = [](ByteView value) {
    return EmbeddedScts(MintedChain({mint::Extension(kSctListOid, false, value)}).leaf());
  };
  CHECK(with(mint::Octets(list)).value().size() == 1);
  for (const Bytes& bad : {list, Join({mint::Octets(list), Bytes{0}}), mint::Octets(Bytes{}),
                           mint::Octets(Join({list, Bytes{0}})), mint::Sequence({list})}) {
    CHECK(with(bad).error().code() == Code::kBadInput);
    CHECK(with(bad).error().reason() == kSctMalformed);
  }
}

}  // namespace
}  // namespace ociship::crypto
