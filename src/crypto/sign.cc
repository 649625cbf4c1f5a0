// SPDX-License-Identifier: Apache-2.0
// Signatures: ECDSA (FIPS 186-4 section 6.4), RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017 section
// 8), Ed25519 and Ed25519ph (RFC 8032 section 5.1). Tested by sign_test.cc.
#include "crypto/sign.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include "crypto/openssl.h"

namespace ociship::crypto {
namespace {

// Pure Ed25519 hashes by itself and takes no algorithm.
const evp_md_st* HashFor(KeyType type, HashAlgorithm hash) {
  return type == KeyType::kEd25519 ? nullptr : HashOf(hash);
}

Error NoMatch() {
  return Error(Code::kNoMatch, "the signature does not match this key and content");
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
  if (key.type() == KeyType::kEd25519) {
    return Error(Code::kUsage, "Ed25519 signatures cannot be verified from a digest alone");
  }
  if (hash_value.size() != HashSize(hash)) {
    return Error(Code::kUsage, "the digest has another length than its algorithm gives");
  }
  const ErrorQueue errors;
  const EvpPkeyCtx context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.impl().pkey.get(), nullptr));
  if (context == nullptr || 1 != EVP_PKEY_verify_init(context.get())) return NoMatch();
  if (key.type() == KeyType::kRsa &&
      1 != EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING)) {
    return NoMatch();
  }
  // Of RSA it is what stands in the DigestInfo (RFC 8017 section 9.2).
  if (1 != EVP_PKEY_CTX_set_signature_md(context.get(), HashOf(hash))) return NoMatch();
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
