// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_box.h"

#include <doctest/doctest.h>

#include "util/encoding.h"
#include "vectors.h"

namespace ociship::crypto {
namespace {

using util::Bytes;

Bytes Decode(std::string_view base64) { return util::Base64Decode(base64).value(); }

KeyBox Box32768() {
  return KeyBox{32768, Decode(vectors::kBox32768Salt), Decode(vectors::kBox32768Nonce),
                Decode(vectors::kBox32768Ciphertext)};
}

void CheckRefused(const KeyBox& box, std::string_view password, std::string_view part) {
  const Result<PrivateKey> key = OpenKey(box, password);
  REQUIRE_FALSE(key.ok());
  CAPTURE(key.error().message());
  CHECK(key.error().code() == Code::kBadInput);
  CHECK(key.error().message().find(part) != std::string::npos);
}

TEST_CASE("OpenKey: a box that cosign made is opened") {
  const KeyBox box{65536, Decode(vectors::kCosignSalt), Decode(vectors::kCosignNonce),
                   Decode(vectors::kCosignCiphertext)};
  const Result<PrivateKey> key = OpenKey(box, "correct horse");
  REQUIRE(key.ok());
  CHECK(key.value().public_key().Pem() == vectors::kCosignPublic);
  CheckRefused(box, "correct horse ", "wrong password");
}

TEST_CASE("OpenKey: the other costs that cosign takes are taken") {
  CHECK(OpenKey(Box32768(), "hello").value().public_key().Pem() == vectors::kP256Public);
  const KeyBox larger{131072, Decode(vectors::kBox131072Salt), Decode(vectors::kBox131072Nonce),
                      Decode(vectors::kBox131072Ciphertext)};
  CHECK(OpenKey(larger, "hello").value().public_key().Pem() == vectors::kEd25519Public);
}

TEST_CASE("OpenKey: a wrong password is refused") {
  CheckRefused(Box32768(), "", "wrong password");
  CheckRefused(Box32768(), "Hello", "wrong password");
  CheckRefused(Box32768(), "hello ", "wrong password");
}

TEST_CASE("OpenKey: another cost is refused before anything is derived") {
  for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{16384},
                                std::uint64_t{65535}, std::uint64_t{262144}, ~std::uint64_t{0}}) {
    KeyBox box = Box32768();
    box.n = n;
    CheckRefused(box, "hello", "scrypt");
  }
}

TEST_CASE("OpenKey: a cost that the box was not made with is refused") {
  KeyBox box = Box32768();
  box.n = 65536;
  CheckRefused(box, "hello", "wrong password");
}

TEST_CASE("OpenKey: a changed salt, nonce or ciphertext is refused") {
  KeyBox box = Box32768();
  box.salt[0] ^= 1;
  CheckRefused(box, "hello", "wrong password");
  box = Box32768();
  box.nonce[23] ^= 1;
  CheckRefused(box, "hello", "wrong password");
  for (const std::size_t at : {std::size_t{0}, std::size_t{16}, box.ciphertext.size() - 1}) {
    box = Box32768();
    box.ciphertext[at] ^= 1;
    CheckRefused(box, "hello", "wrong password");
  }
  box = Box32768();
  box.ciphertext.pop_back();
  CheckRefused(box, "hello", "wrong password");
}

TEST_CASE("OpenKey: parts of another length are refused") {
  KeyBox box = Box32768();
  box.salt.pop_back();
  CheckRefused(box, "hello", "salt");
  box = Box32768();
  box.nonce.push_back(0);
  CheckRefused(box, "hello", "nonce");
  box = Box32768();
  box.ciphertext.resize(16);
  CheckRefused(box, "hello", "ciphertext");
  box.ciphertext.resize(64 * 1024 + 1);
  CheckRefused(box, "hello", "ciphertext");
}

TEST_CASE("OpenKey: SEC1 inside the box is refused") {
  KeyBox box = Box32768();
  box.ciphertext = Decode(vectors::kBoxSec1Ciphertext);
  CheckRefused(box, "hello", "PKCS#8");
}

TEST_CASE("SealKey: is opened with its password and with no other") {
  const PrivateKey key = PrivateKey::FromPkcs8(Decode(vectors::kEd25519Key)).value();
  const Result<KeyBox> box = SealKey(key, "pass");
  REQUIRE(box.ok());
  CHECK(box.value().n == 65536);
  CHECK(box.value().salt.size() == 32);
  CHECK(box.value().nonce.size() == 24);
  CHECK(box.value().ciphertext.size() == 48 + 16);
  CHECK(OpenKey(box.value(), "pass").value().Pkcs8().value() == Decode(vectors::kEd25519Key));
  CheckRefused(box.value(), "Pass", "wrong password");
}

TEST_CASE("SealKey: an empty password is one like any other") {
  const PrivateKey key = PrivateKey::FromPkcs8(Decode(vectors::kP256Key)).value();
  const KeyBox box = SealKey(key, "").value();
  CHECK(OpenKey(box, "").ok());
  CheckRefused(box, "x", "wrong password");
}

TEST_CASE("SealKey: the same key gives another box each time") {
  const PrivateKey key = PrivateKey::FromPkcs8(Decode(vectors::kP256Key)).value();
  const KeyBox first = SealKey(key, "pass").value();
  const KeyBox second = SealKey(key, "pass").value();
  CHECK(first.salt != second.salt);
  CHECK(first.nonce != second.nonce);
  CHECK(first.ciphertext != second.ciphertext);
}

}  // namespace
}  // namespace ociship::crypto
