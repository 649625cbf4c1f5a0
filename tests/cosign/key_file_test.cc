// SPDX-License-Identifier: Apache-2.0
#include "cosign/key_file.h"

#include <doctest/doctest.h>

#include "cosign/signer.h"
#include "cosign_fixtures.h"
#include "crypto/pem.h"
#include "sigstore/verify.h"
#include "util/encoding.h"

namespace ociship::cosign {
namespace {

using ociship::testing::Changed;
using ociship::testing::CosignFixture;
using ociship::testing::CosignKey;

constexpr std::string_view kLabel = "ENCRYPTED SIGSTORE PRIVATE KEY";

std::string JsonOf(const std::string& pem) {
  Result<crypto::PemBlock> block = crypto::ParsePem(pem);
  REQUIRE(block.ok());
  return std::string(util::AsText(block.value().content));
}

std::string PemOf(std::string_view json, std::string_view label = kLabel) {
  return crypto::FormatPem(label, util::AsBytes(json));
}

void CheckRefused(const std::string& text, std::string_view reason) {
  Result<crypto::KeyBox> box = ParseKeyFile(text);
  REQUIRE(!box.ok());
  INFO(box.error().message());
  CHECK(box.error().code() == Code::kBadInput);
  CHECK(box.error().message().find(reason) != std::string::npos);
}

TEST_CASE("ParseKeyFile: cosign's files come back byte for byte from FormatKeyFile") {
  for (const char* name : {"p256", "other", "p384", "p521", "rsa", "ed25519"}) {
    INFO(name);
    const std::string text = CosignFixture(std::string(name) + ".key");
    Result<crypto::KeyBox> box = ParseKeyFile(text);
    REQUIRE(box.ok());
    CHECK(box.value().n == 65536);
    CHECK(FormatKeyFile(box.value()) == text);
  }
}

TEST_CASE("ParseKeyFile: a file of cosign opens with its password and signs for its public key") {
  for (const char* name : {"p256", "ed25519"}) {
    INFO(name);
    Result<crypto::KeyBox> box = ParseKeyFile(CosignFixture(std::string(name) + ".key"));
    REQUIRE(box.ok());
    Result<crypto::PrivateKey> key = crypto::OpenKey(box.value(), "fixture");
    REQUIRE(key.ok());
    KeySigner signer(key.value());
    CHECK(signer.public_key().der() == CosignKey(name).der());
    Result<util::Bytes> signature = signer.Sign(util::AsBytes("message"));
    REQUIRE(signature.ok());
    CHECK(sigstore::VerifyBytes(CosignKey(name), util::AsBytes("message"), signature.value()).ok());
  }
}

TEST_CASE("ParseKeyFile: the older label is read, and written as the newer") {
  const std::string text = CosignFixture("p256.key");
  const std::string old = PemOf(JsonOf(text), "ENCRYPTED COSIGN PRIVATE KEY");
  Result<crypto::KeyBox> box = ParseKeyFile(old);
  REQUIRE(box.ok());
  CHECK(FormatKeyFile(box.value()) == text);
}

TEST_CASE("ParseKeyFile: other kinds of PEM are refused with what they are") {
  CheckRefused(CosignFixture("p256.pub"), "public key file");
  const std::string json = JsonOf(CosignFixture("p256.key"));
  CheckRefused(PemOf(json, "PRIVATE KEY"), "import it first");
  CheckRefused(PemOf(json, "EC PRIVATE KEY"), "import it first");
  CheckRefused(PemOf(json, "CERTIFICATE"), "\"CERTIFICATE\"");
  CheckRefused("", "");
  CheckRefused(json, "");
}

TEST_CASE("ParseKeyFile: another kdf, cipher or cost is refused") {
  const std::string json = JsonOf(CosignFixture("p256.key"));
  CheckRefused(PemOf(Changed(json, "scrypt", "argon2")), "\"argon2\"");
  CheckRefused(PemOf(Changed(json, "nacl/secretbox", "aes")), "\"aes\"");
  CheckRefused(PemOf(Changed(json, R"("r":8)", R"("r":16)")), "scrypt parameters");
  CheckRefused(PemOf(Changed(json, R"("p":1)", R"("p":2)")), "scrypt parameters");
  CheckRefused(PemOf(Changed(json, R"("N":65536)", R"("N":-1)")), "");
  CheckRefused(PemOf(Changed(json, R"("N":65536,)", "")), "");
}

TEST_CASE("ParseKeyFile: the cost is handed on, and refused when the box is opened") {
  const std::string json = JsonOf(CosignFixture("p256.key"));
  Result<crypto::KeyBox> box = ParseKeyFile(PemOf(Changed(json, "65536", "1048576")));
  REQUIRE(box.ok());
  Result<crypto::PrivateKey> key = crypto::OpenKey(box.value(), "fixture");
  REQUIRE(!key.ok());
  CHECK(key.error().code() == Code::kBadInput);
}

TEST_CASE("ParseKeyFile: salt, nonce and ciphertext of another size are refused") {
  Result<crypto::KeyBox> good = ParseKeyFile(CosignFixture("p256.key"));
  REQUIRE(good.ok());
  crypto::KeyBox box = good.value();
  box.salt.pop_back();
  CheckRefused(FormatKeyFile(box), "\"salt\"");
  box = good.value();
  box.nonce.push_back(0);
  CheckRefused(FormatKeyFile(box), "\"nonce\"");
  box = good.value();
  box.ciphertext.resize(15);
  CheckRefused(FormatKeyFile(box), "cut off");
}

TEST_CASE("ParseKeyFile: duplicate keys, cut JSON and oversized files are refused") {
  const std::string json = JsonOf(CosignFixture("p256.key"));
  CheckRefused(PemOf(Changed(json, R"("kdf")", R"("cipher":{},"kdf")")), "");
  CheckRefused(PemOf(json.substr(0, json.size() - 1)), "");
  CheckRefused(CosignFixture("p256.key") + std::string(kMaxKeyFileBytes, '\n'), "larger than");
}

}  // namespace
}  // namespace ociship::cosign
