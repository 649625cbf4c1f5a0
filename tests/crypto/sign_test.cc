// SPDX-License-Identifier: Apache-2.0
#include "crypto/sign.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "crypto/pem.h"
#include "fixtures.h"
#include "util/encoding.h"
#include "vectors.h"

namespace ociship::crypto {
namespace {

using util::AsBytes;
using util::Bytes;

struct Vector {
  std::string_view public_pem;
  std::string_view private_base64;
  std::string_view signature_base64;
  HashAlgorithm hash;
};

constexpr Vector kVectors[] = {
    {vectors::kP256Public, vectors::kP256Key, vectors::kP256Signature, HashAlgorithm::kSha256},
    {vectors::kP384Public, vectors::kP384Key, vectors::kP384Signature, HashAlgorithm::kSha384},
    {vectors::kP521Public, vectors::kP521Key, vectors::kP521Signature, HashAlgorithm::kSha512},
    {vectors::kRsaPublic, vectors::kRsaKey, vectors::kRsaSignature, HashAlgorithm::kSha256},
    {vectors::kEd25519Public, vectors::kEd25519Key, vectors::kEd25519Signature,
     HashAlgorithm::kSha512},
};

const ByteView kMessage = AsBytes(vectors::kSignedText);

Bytes Decode(std::string_view base64) { return util::Base64Decode(base64).value(); }

PublicKey KeyOf(std::string_view pem) { return PublicKey::FromPem(pem).value(); }

void CheckNoMatch(const PublicKey& key, ByteView message, ByteView signature, HashAlgorithm hash) {
  const Result<VerifiedSignature> verified = Verify(key, message, signature, hash);
  REQUIRE_FALSE(verified.ok());
  CHECK(verified.error().code() == Code::kNoMatch);
}

TEST_CASE("Verify: signatures of openssl are accepted and name their key") {
  for (const Vector& vector : kVectors) {
    const PublicKey key = KeyOf(vector.public_pem);
    const auto verified = Verify(key, kMessage, Decode(vector.signature_base64), vector.hash);
    REQUIRE(verified.ok());
    CHECK(verified.value().key().der() == key.der());
  }
}

TEST_CASE("Verify: another message is refused") {
  for (const Vector& vector : kVectors) {
    const PublicKey key = KeyOf(vector.public_pem);
    const Bytes signature = Decode(vector.signature_base64);
    std::string message(vectors::kSignedText);
    message[0] ^= 1;
    CheckNoMatch(key, AsBytes(message), signature, vector.hash);
    CheckNoMatch(key, kMessage.first(kMessage.size() - 1), signature, vector.hash);
    CheckNoMatch(key, {}, signature, vector.hash);
  }
}

TEST_CASE("Verify: a signature with any bit of any byte flipped is refused") {
  for (const Vector& vector : kVectors) {
    const PublicKey key = KeyOf(vector.public_pem);
    Bytes signature = Decode(vector.signature_base64);
    for (std::size_t i = 0; i < signature.size(); ++i) {
      signature[i] ^= static_cast<std::uint8_t>(1 << (i % 8));
      CheckNoMatch(key, kMessage, signature, vector.hash);
      signature[i] ^= static_cast<std::uint8_t>(1 << (i % 8));
    }
    CHECK(Verify(key, kMessage, signature, vector.hash).ok());
  }
}

TEST_CASE("Verify: a truncated signature and one with bytes behind it are refused") {
  for (const Vector& vector : kVectors) {
    const PublicKey key = KeyOf(vector.public_pem);
    Bytes signature = Decode(vector.signature_base64);
    for (std::size_t size = 0; size < signature.size(); ++size) {
      CheckNoMatch(key, kMessage, ByteView(signature).first(size), vector.hash);
    }
    signature.push_back(0);
    CheckNoMatch(key, kMessage, signature, vector.hash);
  }
}

TEST_CASE("Verify: the key of another signature is refused, also of the same type") {
  const PublicKey other = PrivateKey::Generate().value().public_key();
  for (const Vector& vector : kVectors) {
    const Bytes signature = Decode(vector.signature_base64);
    CheckNoMatch(other, kMessage, signature, vector.hash);
    for (const Vector& wrong : kVectors) {
      if (wrong.public_pem == vector.public_pem) continue;
      CheckNoMatch(KeyOf(wrong.public_pem), kMessage, signature, vector.hash);
    }
  }
}

TEST_CASE("Verify: another hash than the one that was signed is refused") {
  using enum HashAlgorithm;
  for (const Vector& vector : {kVectors[0], kVectors[1], kVectors[2], kVectors[3]}) {
    for (const HashAlgorithm hash : {kSha256, kSha384, kSha512}) {
      if (hash == vector.hash) continue;
      CheckNoMatch(KeyOf(vector.public_pem), kMessage, Decode(vector.signature_base64), hash);
    }
  }
}

TEST_CASE("Verify: the caller chooses the hash of a P-384 signature") {
  const PublicKey key = KeyOf(vectors::kP384Public);
  const Bytes signature = Decode(vectors::kP384Sha256Signature);
  CHECK(Verify(key, kMessage, signature, HashAlgorithm::kSha256).ok());
  CheckNoMatch(key, kMessage, signature, HashAlgorithm::kSha384);
}

TEST_CASE("Verify: pure Ed25519 does not depend on the hash") {
  const PublicKey key = KeyOf(vectors::kEd25519Public);
  const Bytes signature = Decode(vectors::kEd25519Signature);
  CHECK(Verify(key, kMessage, signature, HashAlgorithm::kSha256).ok());
  CHECK(Verify(key, kMessage, signature, HashAlgorithm::kSha384).ok());
}

TEST_CASE("Verify: RSASSA-PSS is refused") {
  CheckNoMatch(KeyOf(vectors::kRsaPublic), kMessage, Decode(vectors::kRsaPssSignature),
               HashAlgorithm::kSha256);
}

TEST_CASE("Verify: ECDSA with r and s of zero is refused") {
  const Bytes zeros = util::HexDecode("3006020100020100").value();
  for (const Vector& vector : {kVectors[0], kVectors[1], kVectors[2]}) {
    CheckNoMatch(KeyOf(vector.public_pem), kMessage, zeros, vector.hash);
  }
}

TEST_CASE("Verify: an ECDSA signature in another encoding than DER is refused") {
  Bytes signature = Decode(vectors::kP256Signature);
  REQUIRE(signature[1] < 0x80);
  signature.insert(signature.begin() + 1, 0x81);  // a length in two bytes where one is enough
  CheckNoMatch(KeyOf(vectors::kP256Public), kMessage, signature, HashAlgorithm::kSha256);
}

// RFC 8032 section 7.1, TEST 2.
TEST_CASE("Ed25519: the signature of RFC 8032 comes out and is accepted") {
  const Bytes pkcs8 = util::HexDecode(
                          "302e020100300506032b657004220420"
                          "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
                          .value();
  const Bytes expected = util::HexDecode(
                             "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                             "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
                             .value();
  const Result<PrivateKey> key = PrivateKey::FromPkcs8(pkcs8);
  REQUIRE(key.ok());
  const Bytes message = {0x72};
  CHECK(util::HexEncode(ByteView(key.value().public_key().der()).last(32)) ==
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  CHECK(Sign(key.value(), message).value() == expected);
  CHECK(Verify(key.value().public_key(), message, expected, HashAlgorithm::kSha512).ok());
  CheckNoMatch(key.value().public_key(), {}, expected, HashAlgorithm::kSha512);
}

// RFC 6979 appendix A.2.5, SHA-256, message "sample".
TEST_CASE("ECDSA: the P-256 signature of RFC 6979 is accepted") {
  const Bytes der = util::HexDecode(
                        "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")
                        .value();
  const Bytes signature = util::HexDecode(
                              "3046022100"
                              "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                              "022100"
                              "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")
                              .value();
  const Result<PublicKey> key = PublicKey::FromDer(der);
  REQUIRE(key.ok());
  CHECK(Verify(key.value(), AsBytes("sample"), signature, HashAlgorithm::kSha256).ok());
  CheckNoMatch(key.value(), AsBytes("Sample"), signature, HashAlgorithm::kSha256);
}

TEST_CASE("Sign: every type of key makes what Verify accepts") {
  for (const Vector& vector : kVectors) {
    const PrivateKey key = PrivateKey::FromPkcs8(Decode(vector.private_base64)).value();
    const Result<Bytes> signature = Sign(key, kMessage);
    REQUIRE(signature.ok());
    const PublicKey half = KeyOf(vector.public_pem);
    CHECK(Verify(half, kMessage, signature.value(), DefaultHash(half.type())).ok());
    CheckNoMatch(half, AsBytes("other"), signature.value(), DefaultHash(half.type()));
  }
}

TEST_CASE("Sign: RSA gives what openssl gave") {
  const PrivateKey key = PrivateKey::FromPkcs8(Decode(vectors::kRsaKey)).value();
  CHECK(Sign(key, kMessage).value() == Decode(vectors::kRsaSignature));
}

TEST_CASE("Sign: nothing can be signed too") {
  for (const Vector& vector : kVectors) {
    const PrivateKey key = PrivateKey::FromPkcs8(Decode(vector.private_base64)).value();
    const Result<Bytes> signature = Sign(key, {});
    REQUIRE(signature.ok());
    CHECK(Verify(key.public_key(), {}, signature.value(), vector.hash).ok());
    CheckNoMatch(key.public_key(), kMessage, signature.value(), vector.hash);
  }
}

TEST_CASE("SignPrehashed: makes what both Verify and VerifyPrehashed accept") {
  for (const Vector& vector : kVectors) {
    const PrivateKey key = PrivateKey::FromPkcs8(Decode(vector.private_base64)).value();
    const PublicKey half = KeyOf(vector.public_pem);
    if (half.type() == KeyType::kEd25519) continue;
    const Bytes hash = HashBytes(vector.hash, kMessage);
    const Result<Bytes> signature = SignPrehashed(key, hash, vector.hash);
    REQUIRE(signature.ok());
    CHECK(Verify(half, kMessage, signature.value(), vector.hash).ok());
    CHECK(VerifyPrehashed(half, hash, vector.hash, signature.value()).ok());
    // And the reverse: of one message there is one signature, however it is made.
    CHECK(VerifyPrehashed(half, hash, vector.hash, Sign(key, kMessage).value()).ok());
    CheckNoMatch(half, AsBytes("other"), signature.value(), vector.hash);
    CheckNoMatch(KeyOf(kVectors[0].public_pem == vector.public_pem ? kVectors[1].public_pem
                                                                   : kVectors[0].public_pem),
                 kMessage, signature.value(), vector.hash);
    Bytes other = hash;
    other[0] ^= 1;
    CHECK_FALSE(VerifyPrehashed(half, other, vector.hash, signature.value()).ok());
  }
}

TEST_CASE("SignPrehashed: RSA gives what Sign gives, byte for byte") {
  const PrivateKey key = PrivateKey::FromPkcs8(Decode(vectors::kRsaKey)).value();
  const Bytes hash = HashBytes(HashAlgorithm::kSha256, kMessage);
  CHECK(SignPrehashed(key, hash, HashAlgorithm::kSha256).value() == Decode(vectors::kRsaSignature));
  // The name of the hash stands in what is signed.
  const Bytes longer = HashBytes(HashAlgorithm::kSha512, kMessage);
  const Bytes signature = SignPrehashed(key, longer, HashAlgorithm::kSha512).value();
  CHECK(Verify(key.public_key(), kMessage, signature, HashAlgorithm::kSha512).ok());
  CheckNoMatch(key.public_key(), kMessage, signature, HashAlgorithm::kSha256);
}

TEST_CASE("SignPrehashed: the hash is the caller's choice, not the key's") {
  const PrivateKey key = PrivateKey::FromPkcs8(Decode(vectors::kP384Key)).value();
  const Bytes hash = HashBytes(HashAlgorithm::kSha256, kMessage);
  const Bytes signature = SignPrehashed(key, hash, HashAlgorithm::kSha256).value();
  CHECK(Verify(key.public_key(), kMessage, signature, HashAlgorithm::kSha256).ok());
  CheckNoMatch(key.public_key(), kMessage, signature, HashAlgorithm::kSha384);
}

TEST_CASE("SignPrehashed: Ed25519 and a hash value of another length cannot be asked for") {
  const PrivateKey ed25519 = PrivateKey::FromPkcs8(Decode(vectors::kEd25519Key)).value();
  CHECK(SignPrehashed(ed25519, Bytes(64), HashAlgorithm::kSha512).error().code() == Code::kUsage);
  for (const std::string_view base64 : {vectors::kP256Key, vectors::kRsaKey}) {
    const PrivateKey key = PrivateKey::FromPkcs8(Decode(base64)).value();
    for (const std::size_t size : {0UL, 31UL, 33UL, 48UL}) {
      const Result<Bytes> refused = SignPrehashed(key, Bytes(size), HashAlgorithm::kSha256);
      CHECK(refused.error().code() == Code::kUsage);
    }
    CHECK(SignPrehashed(key, Bytes(32), HashAlgorithm::kSha256).ok());
  }
}

TEST_CASE("SignEd25519ph: makes what VerifyEd25519ph accepts, and no pure signature") {
  const PrivateKey key = PrivateKey::FromPkcs8(Decode(vectors::kEd25519Key)).value();
  const Result<Bytes> signature = SignEd25519ph(key, kMessage);
  REQUIRE(signature.ok());
  CHECK(VerifyEd25519ph(key.public_key(), kMessage, signature.value()).ok());
  CHECK_FALSE(VerifyEd25519ph(key.public_key(), AsBytes("other"), signature.value()).ok());
  CheckNoMatch(key.public_key(), kMessage, signature.value(), HashAlgorithm::kSha512);
  CHECK_FALSE(VerifyEd25519ph(key.public_key(), kMessage, Sign(key, kMessage).value()).ok());
  CHECK(VerifyEd25519ph(key.public_key(), {}, SignEd25519ph(key, {}).value()).ok());
}

// RFC 8032 section 7.3.
TEST_CASE("SignEd25519ph: the signature of RFC 8032 comes out") {
  const Bytes pkcs8 = util::HexDecode(
                          "302e020100300506032b657004220420"
                          "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")
                          .value();
  const PrivateKey key = PrivateKey::FromPkcs8(pkcs8).value();
  CHECK(util::HexEncode(SignEd25519ph(key, AsBytes("abc")).value()) ==
        vectors::kEd25519phSignatureHex);
  CHECK(util::HexEncode(SignEd25519ph(key, AsBytes("abd")).value()) !=
        vectors::kEd25519phSignatureHex);
}

TEST_CASE("SignEd25519ph: other keys cannot be asked") {
  for (const std::string_view base64 : {vectors::kP256Key, vectors::kRsaKey}) {
    const PrivateKey key = PrivateKey::FromPkcs8(Decode(base64)).value();
    CHECK(SignEd25519ph(key, kMessage).error().code() == Code::kUsage);
  }
}

TEST_CASE("VerifyPrehashed: the hash value does for the message") {
  for (const Vector& vector : kVectors) {
    const PublicKey key = KeyOf(vector.public_pem);
    if (key.type() == KeyType::kEd25519) continue;
    const Bytes hash = HashBytes(vector.hash, kMessage);
    const Bytes signature = Decode(vector.signature_base64);
    const auto verified = VerifyPrehashed(key, hash, vector.hash, signature);
    REQUIRE(verified.ok());
    CHECK(verified.value().key().der() == key.der());
    Bytes other = hash;
    other[0] ^= 1;
    CHECK(VerifyPrehashed(key, other, vector.hash, signature).error().code() == Code::kNoMatch);
    Bytes wrong = signature;
    wrong.back() ^= 1;
    CHECK(VerifyPrehashed(key, hash, vector.hash, wrong).error().code() == Code::kNoMatch);
    CHECK(VerifyPrehashed(key, hash, vector.hash, {}).error().code() == Code::kNoMatch);
  }
}

TEST_CASE("VerifyPrehashed: Ed25519 and a hash value of another length cannot be asked for") {
  const PublicKey ed25519 = KeyOf(vectors::kEd25519Public);
  CHECK(VerifyPrehashed(ed25519, Bytes(64), HashAlgorithm::kSha512, Bytes(64)).error().code() ==
        Code::kUsage);
  const PublicKey p256 = KeyOf(vectors::kP256Public);
  const Bytes signature = Decode(vectors::kP256Signature);
  for (const std::size_t size : {0UL, 31UL, 33UL, 48UL}) {
    CHECK(VerifyPrehashed(p256, Bytes(size), HashAlgorithm::kSha256, signature).error().code() ==
          Code::kUsage);
  }
}

TEST_CASE("VerifyPss: salts of any length are accepted") {
  const PublicKey key = KeyOf(vectors::kRsaPublic);
  for (const std::string_view base64 : {vectors::kPss32, vectors::kPss222}) {
    const Bytes signature = Decode(base64);
    CHECK(VerifyPss(key, kMessage, signature, HashAlgorithm::kSha256).ok());
    CHECK_FALSE(VerifyPss(key, AsBytes("another"), signature, HashAlgorithm::kSha256).ok());
    CHECK_FALSE(VerifyPss(key, kMessage, signature, HashAlgorithm::kSha512).ok());
    CheckNoMatch(key, kMessage, signature, HashAlgorithm::kSha256);
  }
}

TEST_CASE("VerifyPss: PKCS#1 v1.5 and keys that are not RSA are refused") {
  const PublicKey rsa = KeyOf(vectors::kRsaPublic);
  CHECK(VerifyPss(rsa, kMessage, Decode(vectors::kRsaSignature), HashAlgorithm::kSha256)
            .error()
            .code() == Code::kNoMatch);
  const PublicKey p256 = KeyOf(vectors::kP256Public);
  CHECK(VerifyPss(p256, kMessage, Decode(vectors::kP256Signature), HashAlgorithm::kSha256)
            .error()
            .code() == Code::kNoMatch);
}

TEST_CASE("VerifyEd25519ph: the signature of RFC 8032 is accepted, and none beside it") {
  const PublicKey key =
      PublicKey::FromEd25519Raw(util::HexDecode(vectors::kEd25519phKeyHex).value()).value();
  const Bytes signature = util::HexDecode(vectors::kEd25519phSignatureHex).value();
  CHECK(VerifyEd25519ph(key, AsBytes("abc"), signature).ok());
  CHECK(VerifyEd25519ph(key, AsBytes("abd"), signature).error().code() == Code::kNoMatch);
  CHECK_FALSE(VerifyEd25519ph(key, AsBytes("abc"), ByteView(signature).first(63)).ok());
  CHECK_FALSE(VerifyEd25519ph(KeyOf(vectors::kEd25519Public), AsBytes("abc"), signature).ok());
  CHECK_FALSE(VerifyEd25519ph(KeyOf(vectors::kP256Public), AsBytes("abc"), signature).ok());
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes wrong = signature;
    wrong[i] ^= 1;
    CHECK_FALSE(VerifyEd25519ph(key, AsBytes("abc"), wrong).ok());
  }
}

TEST_CASE("VerifyEd25519ph: pure and prehashed signatures do not stand for each other") {
  const PublicKey pure = KeyOf(vectors::kEd25519Public);
  CHECK_FALSE(VerifyEd25519ph(pure, kMessage, Decode(vectors::kEd25519Signature)).ok());
  const PublicKey key =
      PublicKey::FromEd25519Raw(util::HexDecode(vectors::kEd25519phKeyHex).value()).value();
  const Bytes signature = util::HexDecode(vectors::kEd25519phSignatureHex).value();
  CheckNoMatch(key, AsBytes("abc"), signature, HashAlgorithm::kSha512);
  // Nor does the pure signature of the hash value.
  CheckNoMatch(key, HashBytes(HashAlgorithm::kSha512, AsBytes("abc")), signature,
               HashAlgorithm::kSha512);
}

TEST_CASE("VerifyEd25519ph: what cosign signed is accepted") {
  const auto read = [](std::string_view name) {
    std::ifstream file(testing::FixturePath(std::string("cosign/ed25519.").append(name)));
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string manifest = read("sig-manifest.json");
  constexpr std::string_view kField = "\"dev.cosignproject.cosign/signature\":\"";
  const std::size_t at = manifest.find(kField);
  REQUIRE(at != std::string::npos);
  const Bytes signature = Decode(std::string_view(manifest).substr(at + kField.size(), 88));
  const PublicKey key = KeyOf(read("pub"));
  const std::string payload = read("payload.json");
  CHECK(VerifyEd25519ph(key, AsBytes(payload), signature).ok());
  CheckNoMatch(key, AsBytes(payload), signature, HashAlgorithm::kSha512);
}

}  // namespace
}  // namespace ociship::crypto
