// SPDX-License-Identifier: Apache-2.0
// Key files (ociship/sign.h; cosign, KEYS). Tested by sign_verify_test.cc.
#include "api/impl.h"
#include "cosign/key_file.h"
#include "crypto/key_box.h"
#include "util/file.h"
#include "util/try.h"

namespace ociship {

Result<SigningKey> SigningKey::FromFile(const std::string& path, std::string_view password) {
  const std::string text = TRY(util::ReadInputFile(path, cosign::kMaxKeyFileBytes));
  const Result<crypto::KeyBox> box = cosign::ParseKeyFile(text);
  if (!box.ok()) return box.error().While(path);
  const Result<crypto::PrivateKey> key = crypto::OpenKey(box.value(), password);
  if (!key.ok()) return key.error().While(path);
  return SigningKey(std::make_shared<const Impl>(Impl{key.value()}));
}

std::string SigningKey::PublicPem() const { return impl_->key.public_key().Pem(); }

Result<KeyPair> GenerateKeyPair(std::string_view password) {
  const crypto::PrivateKey key = TRY(crypto::PrivateKey::Generate());
  const crypto::KeyBox box = TRY(crypto::SealKey(key, password));
  return KeyPair{cosign::FormatKeyFile(box), key.public_key().Pem()};
}

Result<VerifyPolicy> PolicyOf(const SigningKey& key) {
  return VerifyPolicy::WithKey(key.PublicPem());
}

}  // namespace ociship
