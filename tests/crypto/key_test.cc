// SPDX-License-Identifier: Apache-2.0
#include "crypto/key.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "crypto/pem.h"
#include "mint.h"
#include "util/encoding.h"
#include "vectors.h"

namespace ociship::crypto {
namespace {

using util::Bytes;

struct Pair {
  KeyType type;
  std::string_view public_pem;
  std::string_view private_base64;
};

constexpr Pair kPairs[] = {
    {KeyType::kEcdsaP256, vectors::kP256Public, vectors::kP256Key},
    {KeyType::kEcdsaP384, vectors::kP384Public, vectors::kP384Key},
    {KeyType::kEcdsaP521, vectors::kP521Public, vectors::kP521Key},
    {KeyType::kRsa, vectors::kRsaPublic, vectors::kRsaKey},
    {KeyType::kEd25519, vectors::kEd25519Public, vectors::kEd25519Key},
};

Bytes Decode(std::string_view base64) { return util::Base64Decode(base64).value(); }

Bytes Content(std::string_view pem) { return ParsePem(pem).value().content; }

template <typename Key>
void CheckRefused(const Result<Key>& key, std::string_view part = "") {
  REQUIRE_FALSE(key.ok());
  CAPTURE(key.error().message());
  CHECK(key.error().code() == Code::kBadInput);
  CHECK(key.error().message().find(part) != std::string::npos);
}

TEST_CASE("PublicKey: each type is read and written back as it was") {
  for (const Pair& pair : kPairs) {
    const Result<PublicKey> key = PublicKey::FromPem(pair.public_pem);
    REQUIRE(key.ok());
    CHECK(key.value().type() == pair.type);
    CHECK(key.value().Pem() == pair.public_pem);
    CHECK(key.value().der() == Content(pair.public_pem));
  }
}

TEST_CASE("PublicKey: RSA in PKCS#1 is the same key") {
  const Result<PublicKey> key = PublicKey::FromPem(vectors::kRsaPkcs1Public);
  REQUIRE(key.ok());
  CHECK(key.value().type() == KeyType::kRsa);
  CHECK(key.value().Pem() == vectors::kRsaPublic);
}

TEST_CASE("PublicKey: bytes behind the key are refused") {
  for (const Pair& pair : kPairs) {
    Bytes der = Content(pair.public_pem);
    REQUIRE(PublicKey::FromDer(der).ok());
    der.push_back(0);
    CheckRefused(PublicKey::FromDer(der));
  }
  Bytes pkcs1 = Content(vectors::kRsaPkcs1Public);
  pkcs1.push_back(0);
  CheckRefused(PublicKey::FromPem(FormatPem("RSA PUBLIC KEY", pkcs1)), "behind");
}

TEST_CASE("PublicKey: every truncation is refused") {
  for (const Pair& pair : kPairs) {
    const Bytes der = Content(pair.public_pem);
    for (std::size_t size = 0; size < der.size(); ++size) {
      CheckRefused(PublicKey::FromDer(ByteView(der).first(size)));
    }
  }
}

TEST_CASE("PublicKey: a point that is not on the curve is refused") {
  for (const Pair& pair : {kPairs[0], kPairs[1], kPairs[2]}) {
    Bytes der = Content(pair.public_pem);
    der.back() ^= 1;
    CheckRefused(PublicKey::FromDer(der));
  }
}

TEST_CASE("PublicKey: a point that is not uncompressed is refused") {
  CheckRefused(PublicKey::FromPem(vectors::kCompressedPublic), "uncompressed");
  CheckRefused(PublicKey::FromPem(vectors::kHybridPublic), "uncompressed");
}

TEST_CASE("PublicKey: a curve given by its parameters is refused") {
  CheckRefused(PublicKey::FromPem(vectors::kExplicitParametersPublic), "named curve");
}

TEST_CASE("PublicKey: other curves and algorithms are refused") {
  CheckRefused(PublicKey::FromPem(vectors::kSecp256k1Public), "P-256");
  CheckRefused(PublicKey::FromPem(vectors::kP224Public), "P-256");
  CheckRefused(PublicKey::FromPem(vectors::kX25519Public), "Ed25519");
  CheckRefused(PublicKey::FromPem(vectors::kEd448Public), "Ed25519");
  CheckRefused(PublicKey::FromPem(vectors::kRsaPssPublic), "RSA");
}

TEST_CASE("PublicKey: RSA under 2048 bits is refused") {
  CheckRefused(PublicKey::FromPem(vectors::kRsa2040Public), "2040 bits");
}

TEST_CASE("PublicKey: RSA with a bad exponent is refused") {
  CheckRefused(PublicKey::FromDer(Decode(vectors::kRsaExponent1)), "exponent");
  CheckRefused(PublicKey::FromDer(Decode(vectors::kRsaExponent65536)), "exponent");
  CheckRefused(PublicKey::FromDer(Decode(vectors::kRsaExponent33Bits)), "exponent");
}

TEST_CASE("PublicKey: RSA without the NULL of RFC 3279 is refused") {
  CheckRefused(PublicKey::FromDer(Decode(vectors::kRsaWithoutNull)), "not in DER");
}

TEST_CASE("PublicKey: a length in a longer form than DER has is refused") {
  Bytes der = Content(vectors::kEd25519Public);
  der.insert(der.begin() + 1, 0x81);
  CheckRefused(PublicKey::FromDer(der));
}

TEST_CASE("PublicKey: another PEM label is refused") {
  const Bytes der = Content(vectors::kP256Public);
  REQUIRE(PublicKey::FromPem(FormatPem("PUBLIC KEY", der)).ok());
  CheckRefused(PublicKey::FromPem(FormatPem("CERTIFICATE", der)), "CERTIFICATE");
  CheckRefused(PublicKey::FromPem(FormatPem("PRIVATE KEY", Decode(vectors::kP256Key))),
               "PRIVATE KEY");
  CheckRefused(PublicKey::FromPem(FormatPem("RSA PUBLIC KEY", der)));
  CheckRefused(PublicKey::FromPem(""));
}

TEST_CASE("PublicKey: more than 64 KiB are refused") {
  CheckRefused(PublicKey::FromDer(Bytes(65537, 0x30)), "too long");
  CheckRefused(PublicKey::FromDer({}), "empty");
}

TEST_CASE("PrivateKey: each type is read and has its public half") {
  for (const Pair& pair : kPairs) {
    const Bytes der = Decode(pair.private_base64);
    const Result<PrivateKey> key = PrivateKey::FromPkcs8(der);
    REQUIRE(key.ok());
    CHECK(key.value().public_key().type() == pair.type);
    CHECK(key.value().public_key().Pem() == pair.public_pem);
    CHECK(key.value().Pkcs8().value() == der);
  }
}

TEST_CASE("PrivateKey: SEC1 and PKCS#1 are refused") {
  CheckRefused(PrivateKey::FromPkcs8(Decode(vectors::kP256Sec1Key)), "PKCS#8");
  CheckRefused(PrivateKey::FromPkcs8(Decode(vectors::kRsaPkcs1Key)), "PKCS#8");
}

TEST_CASE("PrivateKey: bytes behind the key and truncations are refused") {
  for (const Pair& pair : {kPairs[0], kPairs[3], kPairs[4]}) {
    Bytes der = Decode(pair.private_base64);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, der.size() / 2, der.size() - 1}) {
      CheckRefused(PrivateKey::FromPkcs8(ByteView(der).first(size)));
    }
    der.push_back(0);
    CheckRefused(PrivateKey::FromPkcs8(der), "behind");
  }
}

TEST_CASE("PrivateKey: key types that are refused as public keys are refused") {
  CheckRefused(PrivateKey::FromPkcs8(Decode(vectors::kSecp256k1Key)));
  CheckRefused(PrivateKey::FromPkcs8(Decode(vectors::kRsa2040Key)), "2040 bits");
  CheckRefused(PrivateKey::FromPkcs8(Decode(vectors::kX25519Key)));
}

TEST_CASE("PrivateKey: a public half of another key is refused") {
  const Bytes other = PrivateKey::Generate().value().public_key().der();
  Bytes der = Decode(vectors::kP256Key);
  REQUIRE(PrivateKey::FromPkcs8(der).ok());
  std::copy(other.end() - 64, other.end(), der.end() - 64);
  CheckRefused(PrivateKey::FromPkcs8(der), "do not belong together");
}

TEST_CASE("PrivateKey: a public key is refused") {
  CheckRefused(PrivateKey::FromPkcs8(Content(vectors::kP256Public)), "PKCS#8");
}

TEST_CASE("PrivateKey: a new one is P-256, unlike any other, and can be read again") {
  const Result<PrivateKey> key = PrivateKey::Generate();
  REQUIRE(key.ok());
  CHECK(key.value().public_key().type() == KeyType::kEcdsaP256);
  const Bytes der = key.value().Pkcs8().value();
  CHECK(der.size() == 138);
  const Result<PrivateKey> again = PrivateKey::FromPkcs8(der);
  REQUIRE(again.ok());
  CHECK(again.value().public_key().der() == key.value().public_key().der());
  CHECK(PrivateKey::Generate().value().public_key().der() != key.value().public_key().der());
}

TEST_CASE("DefaultHash: follows the key type") {
  CHECK(DefaultHash(KeyType::kEcdsaP256) == HashAlgorithm::kSha256);
  CHECK(DefaultHash(KeyType::kEcdsaP384) == HashAlgorithm::kSha384);
  CHECK(DefaultHash(KeyType::kEcdsaP521) == HashAlgorithm::kSha512);
  CHECK(DefaultHash(KeyType::kRsa) == HashAlgorithm::kSha256);
  CHECK(DefaultHash(KeyType::kEd25519) == HashAlgorithm::kSha512);
}

TEST_CASE("FromPkcs1Der: the key of a log is read, and is the same as in PEM") {
  const Bytes der = mint::Fixture("rsa-log.pkcs1.der");
  const PublicKey key = PublicKey::FromPkcs1Der(der).value();
  CHECK(key.type() == KeyType::kRsa);
  CHECK(PublicKey::FromPem(FormatPem("RSA PUBLIC KEY", der)).value().der() == key.der());
}

TEST_CASE("FromPkcs1Der: bytes behind, truncations and other forms are refused") {
  Bytes der = mint::Fixture("rsa-log.pkcs1.der");
  CheckRefused(PublicKey::FromPkcs1Der(ByteView(der).first(der.size() - 1)), "");
  der.push_back(0);
  CheckRefused(PublicKey::FromPkcs1Der(der), "bytes behind");
  CheckRefused(PublicKey::FromPkcs1Der({}), "empty");
  CheckRefused(PublicKey::FromPkcs1Der(Content(vectors::kP256Public)), "");
}

TEST_CASE("FromEd25519Raw: 32 bytes are the key, and no other number of them") {
  const Bytes der = Content(vectors::kEd25519Public);
  const ByteView raw = ByteView(der).last(32);
  CHECK(PublicKey::FromEd25519Raw(raw).value().der() == der);
  CheckRefused(PublicKey::FromEd25519Raw(raw.first(31)), "32 bytes");
  CheckRefused(PublicKey::FromEd25519Raw(ByteView(der).last(33)), "32 bytes");
}

TEST_CASE("FromEcPoint: the length says which curve") {
  for (const auto& [pem, size] :
       {std::pair(vectors::kP256Public, 65UL), std::pair(vectors::kP384Public, 97UL),
        std::pair(vectors::kP521Public, 133UL)}) {
    const Bytes der = Content(pem);
    Bytes point(der.end() - static_cast<std::ptrdiff_t>(size), der.end());
    CHECK(PublicKey::FromEcPoint(point).value().der() == der);
    CheckRefused(PublicKey::FromEcPoint(ByteView(point).first(size - 1)), "length");
    point[0] = 0x02;
    CheckRefused(PublicKey::FromEcPoint(point), "not uncompressed");
    point[0] = 0x04;
    point.back() ^= 1;
    CheckRefused(PublicKey::FromEcPoint(point), "");
  }
  CheckRefused(PublicKey::FromEcPoint({}), "length");
}

}  // namespace
}  // namespace ociship::crypto
