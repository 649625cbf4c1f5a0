// SPDX-License-Identifier: Apache-2.0
// Signatures: ECDSA (FIPS 186-4 section 6.4), RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2), Ed25519
// (RFC 8032 section 5.1). Tested by sign_test.cc.
#include "crypto/sign.h"

#include <openssl/evp.h>

#include "crypto/openssl.h"

namespace ociship::crypto {
namespace {

// Pure Ed25519 hashes by itself and takes no algorithm.
const evp_md_st* HashFor(KeyType type, HashAlgorithm hash) {
  return type == KeyType::kEd25519 ? nullptr : HashOf(hash);
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
  const Error no_match(Code::kNoMatch, "the signature does not match this key and content");
  const ErrorQueue errors;
  const EvpMdCtx context(EVP_MD_CTX_new());
  if (context == nullptr) return no_match;
  if (1 != EVP_DigestVerifyInit(context.get(), nullptr, HashFor(key.type(), hash), nullptr,
                                key.impl().pkey.get())) {
    return no_match;
  }
  // 0 and every negative number are failures: 1 alone says that it verified.
  if (1 != EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                            message.size())) {
    return no_match;
  }
  return VerifiedSignature(key);
}

}  // namespace ociship::crypto
