// SPDX-License-Identifier: Apache-2.0
// Signatures: ECDSA (FIPS 186-4 section 6.4), RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017 section
// 8), Ed25519 and Ed25519ph (RFC 8032 section 5.1). Tested by sign_test.cc.
#include "crypto/sign.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include <array>
#include <cstdint>

#include "crypto/openssl.h"
#include "util/try.h"

namespace ociship::crypto {
namespace {

// Pure Ed25519 hashes by itself and takes no algorithm.
const evp_md_st* HashFor(KeyType type, HashAlgorithm hash) {
  return type == KeyType::kEd25519 ? nullptr : HashOf(hash);
}

Error NoMatch() {
  return Error(Code::kNoMatch, "the signature does not match this key and content");
}

// What both who sign and who verify a hash value cannot do.
Status CheckPrehashed(KeyType type, ByteView hash_value, HashAlgorithm hash) {
  if (type == KeyType::kEd25519) {
    return Error(Code::kUsage, "Ed25519 signs and verifies whole messages, no digest alone");
  }
  if (hash_value.size() == HashSize(hash)) return Ok();
  return Error(Code::kUsage, "the digest has another length than its algorithm gives");
}

enum class Prepared { kYes, kNo };

// Of a context that was told whether it signs or verifies. The hash of RSA is what stands in the
// DigestInfo (RFC 8017 section 9.2).
Prepared PreparePrehashed(evp_pkey_ctx_st* context, KeyType type, HashAlgorithm hash) {
  if (type == KeyType::kRsa && 1 != EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING)) {
    return Prepared::kNo;
  }
  return 1 == EVP_PKEY_CTX_set_signature_md(context, HashOf(hash)) ? Prepared::kYes : Prepared::kNo;
}

// The 64 bytes that libsodium signs with, cleared at the end.
struct SodiumKey {
  SodiumKey() = default;
  ~SodiumKey() { sodium_memzero(bytes.data(), bytes.size()); }
  SodiumKey(const SodiumKey&) = delete;
  SodiumKey& operator=(const SodiumKey&) = delete;
  std::array<std::uint8_t, crypto_sign_ed25519_SECRETKEYBYTES> bytes = {};
};

// RFC 8032 section 5.1.5: everything follows from the 32 bytes of the private key.
enum class Loaded { kYes, kNo };
Loaded LoadEd25519(const PrivateKey& key, SodiumKey& secret) {
  SodiumKey seed;
  std::size_t size = crypto_sign_ed25519_SEEDBYTES;
  if (1 != EVP_PKEY_get_raw_private_key(key.impl().pkey.get(), seed.bytes.data(), &size) ||
      size != crypto_sign_ed25519_SEEDBYTES) {
    return Loaded::kNo;
  }
  std::array<std::uint8_t, crypto_sign_ed25519_PUBLICKEYBYTES> half = {};
  if (0 != crypto_sign_ed25519_seed_keypair(half.data(), secret.bytes.data(), seed.bytes.data())) {
    return Loaded::kNo;
  }
  return Loaded::kYes;
}

}  // namespace

Result<util::Bytes> Sign(const PrivateKey& key, ByteView message) {
  constexpr std::string_view kFailed = "cannot sign";
  const KeyType type = key.public_key().type();
  const ErrorQueue errors;
  const EvpMdCtx context(EVP_MD_CTX_new());
  if (context == nullptr) return errors.Failure(Code::kFailure, kFailed);
  if (1 != EVP_DigestSignInit(context.get(), nullptr, HashFor(type, DefaultHash(type)), nullptr,
                              key.impl().pkey.get())) {
    return errors.Failure(Code::kFailure, kFailed);
  }
  std::size_t size = 0;
  if (1 != EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size())) {
    return errors.Failure(Code::kFailure, kFailed);
  }
  util::Bytes signature(size);
  if (1 != EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size())) {
    return errors.Failure(Code::kFailure, kFailed);
  }
  signature.resize(size);  // the first call gave the most that it can be
  return signature;
}

Result<util::Bytes> SignPrehashed(const PrivateKey& key, ByteView hash_value, HashAlgorithm hash) {
  constexpr std::string_view kFailed = "cannot sign";
  const KeyType type = key.public_key().type();
  TRY(CheckPrehashed(type, hash_value, hash));
  const ErrorQueue errors;
  const EvpPkeyCtx context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.impl().pkey.get(), nullptr));
  if (context == nullptr || 1 != EVP_PKEY_sign_init(context.get()) ||
      PreparePrehashed(context.get(), type, hash) != Prepared::kYes) {
    return errors.Failure(Code::kFailure, kFailed);
  }
  std::size_t size = 0;
  if (1 != EVP_PKEY_sign(context.get(), nullptr, &size, hash_value.data(), hash_value.size())) {
    return errors.Failure(Code::kFailure, kFailed);
  }
  util::Bytes signature(size);
  if (1 !=
      EVP_PKEY_sign(context.get(), signature.data(), &size, hash_value.data(), hash_value.size())) {
    return errors.Failure(Code::kFailure, kFailed);
  }
  signature.resize(size);
  return signature;
}

Result<util::Bytes> SignEd25519ph(const PrivateKey& key, ByteView message) {
  if (key.public_key().type() != KeyType::kEd25519) {
    return Error(Code::kUsage, "only an Ed25519 key can sign with Ed25519ph");
  }
  if (sodium_init() < 0) return Error(Code::kFailure, "libsodium cannot be started");
  const ErrorQueue errors;
  SodiumKey secret;
  if (LoadEd25519(key, secret) != Loaded::kYes) {
    return errors.Failure(Code::kFailure, "cannot sign");
  }
  util::Bytes signature(crypto_sign_ed25519_BYTES);
  crypto_sign_ed25519ph_state state;
  if (0 != crypto_sign_ed25519ph_init(&state) ||
      0 != crypto_sign_ed25519ph_update(&state, message.data(), message.size()) ||
      0 != crypto_sign_ed25519ph_final_create(&state, signature.data(), nullptr,
                                              secret.bytes.data())) {
    return Error(Code::kFailure, "cannot sign");
  }
  return signature;
}

Result<VerifiedSignature> Verify(const PublicKey& key, ByteView message, ByteView signature,
                                 HashAlgorithm hash) {
  const ErrorQueue errors;
  const EvpMdCtx context(EVP_MD_CTX_new());
  if (context == nullptr) return NoMatch();
  if (1 != EVP_DigestVerifyInit(context.get(), nullptr, HashFor(key.type(), hash), nullptr,
                                key.impl().pkey.get())) {
    return NoMatch();
  }
  // 0 and every negative number are failures: 1 alone says that it verified.
  if (1 != EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                            message.size())) {
    return NoMatch();
  }
  return VerifiedSignature(key);
}

Result<VerifiedSignature> VerifyPrehashed(const PublicKey& key, ByteView hash_value,
                                          HashAlgorithm hash, ByteView signature) {
  TRY(CheckPrehashed(key.type(), hash_value, hash));
  const ErrorQueue errors;
  const EvpPkeyCtx context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.impl().pkey.get(), nullptr));
  if (context == nullptr || 1 != EVP_PKEY_verify_init(context.get())) return NoMatch();
  if (PreparePrehashed(context.get(), key.type(), hash) != Prepared::kYes) return NoMatch();
  if (1 != EVP_PKEY_verify(context.get(), signature.data(), signature.size(), hash_value.data(),
                           hash_value.size())) {
    return NoMatch();
  }
  return VerifiedSignature(key);
}

Result<VerifiedSignature> VerifyPss(const PublicKey& key, ByteView message, ByteView signature,
                                    HashAlgorithm hash) {
  if (key.type() != KeyType::kRsa) return NoMatch();
  const ErrorQueue errors;
  const EvpMdCtx context(EVP_MD_CTX_new());
  if (context == nullptr) return NoMatch();
  EVP_PKEY_CTX* rsa = nullptr;  // belongs to `context`
  if (1 !=
      EVP_DigestVerifyInit(context.get(), &rsa, HashOf(hash), nullptr, key.impl().pkey.get())) {
    return NoMatch();
  }
  // MGF1 takes the same hash unless it is told another.
  if (1 != EVP_PKEY_CTX_set_rsa_padding(rsa, RSA_PKCS1_PSS_PADDING) ||
      1 != EVP_PKEY_CTX_set_rsa_pss_saltlen(rsa, RSA_PSS_SALTLEN_AUTO)) {
    return NoMatch();
  }
  if (1 != EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                            message.size())) {
    return NoMatch();
  }
  return VerifiedSignature(key);
}

Result<VerifiedSignature> VerifyEd25519ph(const PublicKey& key, ByteView message,
                                          ByteView signature) {
  // OpenSSL has Ed25519ph from 3.2 on.
  if (key.type() != KeyType::kEd25519 || signature.size() != crypto_sign_ed25519_BYTES) {
    return NoMatch();
  }
  // RFC 8410 section 4: the key is the end of its SubjectPublicKeyInfo.
  const ByteView raw = ByteView(key.der()).last(crypto_sign_ed25519_PUBLICKEYBYTES);
  if (sodium_init() < 0) return Error(Code::kFailure, "libsodium cannot be started");
  crypto_sign_ed25519ph_state state;
  if (0 != crypto_sign_ed25519ph_init(&state) ||
      0 != crypto_sign_ed25519ph_update(&state, message.data(), message.size()) ||
      0 != crypto_sign_ed25519ph_final_verify(&state, signature.data(), raw.data())) {
    return NoMatch();
  }
  return VerifiedSignature(key);
}

}  // namespace ociship::crypto
