// SPDX-License-Identifier: Apache-2.0
#include "cosign/endorser.h"

#include <doctest/doctest.h>

#include "cosign/key_file.h"
#include "cosign_fixtures.h"
#include "crypto/hash.h"
#include "crypto/key_box.h"
#include "sigstore/bundle_writer.h"

namespace ociship::cosign {
namespace {

using namespace ociship::testing;

sigstore::Envelope Statement() {
  return {
      .payload_type = std::string(sigstore::kInTotoPayloadType), .payload = "{}", .signature = {}};
}

crypto::PrivateKey CosignPrivateKey(const std::string& name) {
  Result<crypto::KeyBox> box = ParseKeyFile(CosignFixture(name + ".key"));
  REQUIRE(box.ok());
  Result<crypto::PrivateKey> key = crypto::OpenKey(box.value(), "fixture");
  REQUIRE(key.ok());
  return std::move(key).value();
}

sigstore::Artifact HashesOf(ByteView bytes) {
  using crypto::HashAlgorithm;
  return sigstore::Artifact::OfHashes(crypto::HashBytes(HashAlgorithm::kSha256, bytes),
                                      crypto::HashBytes(HashAlgorithm::kSha384, bytes),
                                      crypto::HashBytes(HashAlgorithm::kSha512, bytes));
}

TEST_CASE("KeyEndorser: an envelope verifies with its key, which the bundle hints at") {
  KeySigner signer(NewKey());
  KeyEndorser endorser(signer);
  Result<sigstore::Material> material = endorser.EndorseEnvelope(Statement());
  REQUIRE(material.ok());
  const auto& envelope = std::get<sigstore::Envelope>(material.value().content);
  CHECK(sigstore::VerifyEnvelope(envelope, signer.public_key()).ok());
  CHECK(!sigstore::VerifyEnvelope(envelope, NewKey().public_key()).ok());
  CHECK(std::get<sigstore::KeyHint>(material.value().signer).hint ==
        sigstore::HintOf(signer.public_key()).hint);
}

TEST_CASE("KeyEndorser: a message is signed by its bytes and by its hashes alike") {
  const ByteView message = util::AsBytes("message");
  for (const char* name : {"p256"}) {
    KeySigner signer(CosignPrivateKey(name));
    KeyEndorser endorser(signer);
    const auto bytes = sigstore::Artifact::OfBytes(message);
    for (const sigstore::Artifact& artifact : {bytes, HashesOf(message)}) {
      Result<sigstore::Material> material = endorser.EndorseMessage(artifact, Carrier::kBundle);
      REQUIRE(material.ok());
      const auto& signature = std::get<sigstore::MessageSignature>(material.value().content);
      CHECK(signature.digest_algorithm == "SHA2_256");
      CHECK(sigstore::VerifyMessageSignature(signature, bytes, signer.public_key()).ok());
    }
  }
}

TEST_CASE("KeyEndorser: an Ed25519 key signs bytes, and hashes alone it can not") {
  const ByteView message = util::AsBytes("message");
  KeySigner signer(CosignPrivateKey("ed25519"));
  KeyEndorser endorser(signer);
  const auto bytes = sigstore::Artifact::OfBytes(message);
  Result<sigstore::Material> material = endorser.EndorseMessage(bytes, Carrier::kBundle);
  REQUIRE(material.ok());
  const auto& signature = std::get<sigstore::MessageSignature>(material.value().content);
  CHECK(sigstore::VerifyMessageSignature(signature, bytes, signer.public_key()).ok());
  Result<sigstore::Material> hashed = endorser.EndorseMessage(HashesOf(message), Carrier::kBundle);
  REQUIRE(!hashed.ok());
  CHECK(hashed.error().code() == Code::kUsage);
}

TEST_CASE("KeyEndorser: hashes that the key does not sign are refused") {
  KeySigner signer(NewKey());
  KeyEndorser endorser(signer);
  const Digest other = Digest::Parse("sha512:" + std::string(128, 'a')).value();
  Result<sigstore::Material> material =
      endorser.EndorseMessage(sigstore::Artifact::OfDigest(other), Carrier::kBundle);
  REQUIRE(!material.ok());
  CHECK(material.error().code() == Code::kUsage);
}

// Gives a signature of another key.
class ForeignSigner : public KeySigner {
 public:
  ForeignSigner() : KeySigner(NewKey()), key_(NewKey()) {}
  crypto::PublicKey public_key() const override { return key_.public_key(); }

 private:
  crypto::PrivateKey key_;
};

TEST_CASE("KeyEndorser: a signature that does not verify with the signer's key is not given") {
  ForeignSigner signer;
  KeyEndorser endorser(signer);
  const auto artifact = sigstore::Artifact::OfBytes(util::AsBytes("message"));
  for (const auto& material :
       {endorser.EndorseEnvelope(Statement()), endorser.EndorseMessage(artifact, Carrier::kLegacy),
        endorser.EndorseMessage(HashesOf(util::AsBytes("message")), Carrier::kBundle)}) {
    REQUIRE(!material.ok());
    CHECK(material.error().code() == Code::kFailure);
  }
}

}  // namespace
}  // namespace ociship::cosign
