// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>

#include "counting_observer.h"
#include "fixed_effects.h"
#include "fixtures.h"
#include "memory_store.h"
#include "ociship/push.h"
#include "ociship/sign.h"
#include "ociship/verify.h"
#include "temp_folder.h"
#include "util/file.h"

namespace ociship {
namespace {

using testing::CountingObserver;
using testing::FixedEffects;
using testing::FixturePath;
using testing::MemoryStore;
using testing::TempFolder;

// A key pair as files have it, made once: the key derivation is slow on purpose.
struct Keys {
  TempFolder folder;
  std::string path = folder / "cosign.key";
  KeyPair pair = GenerateKeyPair("secret").value();

  Keys() { REQUIRE(util::WriteNewFile(path, pair.private_key, 0600).ok()); }
};

const Keys& TheKeys() {
  static const Keys keys;
  return keys;
}

SigningKey OpenKey() { return SigningKey::FromFile(TheKeys().path, "secret").value(); }

// An image that is pushed, and signed if there is a key.
Digest PushTo(MemoryStore& store, const std::string& fixture, const Signer* signer) {
  FixedEffects fixed;
  CountingObserver observer;
  const PushRequest request{.sources = {FixturePath(fixture)}, .signer = signer};
  const Result<PushResult> pushed = Push(store, request, fixed.effects, observer);
  REQUIRE(pushed.ok());
  return pushed.value().images.at(0).digest;
}

TEST_CASE("SigningKey: the right password opens a key file, another does not") {
  CHECK(OpenKey().PublicPem() == TheKeys().pair.public_key);
  const Result<SigningKey> wrong = SigningKey::FromFile(TheKeys().path, "Secret");
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().code() == Code::kBadInput);
  CHECK(wrong.error().message().find("password") != std::string::npos);
}

TEST_CASE("SigningKey: a missing file, a public key and plain text are refused") {
  const TempFolder folder;
  REQUIRE(util::WriteNewFile(folder / "pub", TheKeys().pair.public_key, 0600).ok());
  REQUIRE(util::WriteNewFile(folder / "text", "no key", 0600).ok());
  for (const char* name : {"absent", "pub", "text"}) {
    const Result<SigningKey> key = SigningKey::FromFile(folder / name, "secret");
    REQUIRE_FALSE(key.ok());
    CHECK(key.error().code() == Code::kBadInput);
  }
}

TEST_CASE("Push with a key: the image is signed in both formats before its tags are set") {
  MemoryStore store;
  const Signer signer = OpenKey();
  FixedEffects fixed;
  CountingObserver observer;
  const Result<PushResult> pushed = Push(
      store, {.sources = {FixturePath("docker28-one.tar")}, .semver = "1.0.0", .signer = &signer},
      fixed.effects, observer);
  REQUIRE(pushed.ok());
  REQUIRE(pushed.value().images.at(0).signature.has_value());
  CHECK(pushed.value().images.at(0).signature->signatures.size() == 2);
  const std::vector<std::string> changes = store.changes();
  const auto is_image_tag = [](const std::string& call) {
    return call.starts_with("tag ") && !call.starts_with("tag sha256-");
  };
  const auto first_tag = std::find_if(changes.begin(), changes.end(), is_image_tag);
  CHECK(std::distance(first_tag, changes.end()) == 4);
}

TEST_CASE("VerifyImage: an image signed with the key verifies, with another key it does not") {
  MemoryStore store;
  const Signer signer = OpenKey();
  const Digest image = PushTo(store, "docker28-one.tar", &signer);
  const Result<Verification> verified =
      VerifyImage(store, image, VerifyPolicy::WithKey(TheKeys().pair.public_key).value());
  REQUIRE(verified.ok());
  CHECK(verified.value().digest() == image);
  CHECK_FALSE(verified.value().signatures().empty());

  const KeyPair other = GenerateKeyPair("").value();
  const Result<Verification> refused =
      VerifyImage(store, image, VerifyPolicy::WithKey(other.public_key).value());
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code() == Code::kNoMatch);
}

TEST_CASE("VerifyImage: an image without signature is kNoSignature") {
  MemoryStore store;
  const Digest image = PushTo(store, "docker28-one.tar", nullptr);
  const Result<Verification> refused =
      VerifyImage(store, image, VerifyPolicy::WithKey(TheKeys().pair.public_key).value());
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code() == Code::kNoSignature);
}

TEST_CASE("VerifyImage: an annotation that the policy demands must be signed") {
  MemoryStore store;
  const SigningKey key = OpenKey();
  const Digest image = PushTo(store, "docker28-one.tar", nullptr);
  const Descriptor descriptor = store.Resolve(image).value();
  REQUIRE(SignImage(store, descriptor, key, {.annotations = {{"env", "prod"}}}).ok());
  const std::string& pem = TheKeys().pair.public_key;
  CHECK(VerifyImage(store, image,
                    VerifyPolicy::WithKey(pem, {.annotations = {{"env", "prod"}}}).value())
            .ok());
  CHECK(VerifyImage(store, image,
                    VerifyPolicy::WithKey(pem, {.annotations = {{"env", "test"}}}).value())
            .error()
            .code() == Code::kNoMatch);
}

TEST_CASE("Push with a key: what is known from an image that the key did not sign is not used") {
  MemoryStore store;
  PushTo(store, "docker28-one.tar", nullptr);
  const Signer signer = OpenKey();
  FixedEffects fixed;
  CountingObserver unsigned_before;
  const PushRequest request{.sources = {FixturePath("docker28-one.tar")}, .signer = &signer};
  REQUIRE(Push(store, request, fixed.effects, unsigned_before).ok());
  CHECK(unsigned_before.Count(LayerState::kKnown) == 0);
  CountingObserver signed_before;
  REQUIRE(Push(store, request, fixed.effects, signed_before).ok());
  CHECK(signed_before.Count(LayerState::kKnown) == 6);
}

TEST_CASE("ParseSignatureFormats: the words are read, everything else is usage") {
  CHECK(ParseSignatureFormats("auto").value() == SignatureFormats::kAuto);
  CHECK(ParseSignatureFormats("bundle").value() == SignatureFormats::kBundle);
  CHECK(ParseSignatureFormats("legacy").value() == SignatureFormats::kLegacy);
  CHECK(ParseSignatureFormats("both").value() == SignatureFormats::kBoth);
  CHECK(ParseSignatureFormats("").error().code() == Code::kUsage);
  CHECK(ParseSignatureFormats("Both").error().code() == Code::kUsage);
}

}  // namespace
}  // namespace ociship
