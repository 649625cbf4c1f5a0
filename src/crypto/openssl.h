// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_OPENSSL_H_
#define OCISHIP_CRYPTO_OPENSSL_H_

#include <memory>
#include <string_view>

#include "crypto/certificate.h"
#include "crypto/certificate_fields.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "ociship/core.h"
#include "util/bytes.h"

struct evp_md_ctx_st;
struct evp_md_st;
struct evp_pkey_ctx_st;
struct evp_pkey_st;
struct bignum_st;
struct pkcs8_priv_key_info_st;
struct x509_st;
struct x509_store_st;
struct x509_store_ctx_st;
struct stack_st_X509;
struct pkcs7_st;
struct bio_st;

namespace ociship::crypto {

// Inside crypto only: the owners of what OpenSSL hands out, and what went wrong in it.

struct OpensslFree {
  void operator()(evp_md_ctx_st* context) const;
  void operator()(evp_pkey_ctx_st* context) const;
  void operator()(evp_pkey_st* key) const;
  void operator()(bignum_st* number) const;
  void operator()(pkcs8_priv_key_info_st* info) const;
  void operator()(x509_st* certificate) const;
  void operator()(x509_store_st* store) const;
  void operator()(x509_store_ctx_st* context) const;
  // The list alone: the certificates in it belong to somebody else.
  void operator()(stack_st_X509* list) const;
  void operator()(pkcs7_st* message) const;
  void operator()(bio_st* bio) const;
};

using EvpMdCtx = std::unique_ptr<evp_md_ctx_st, OpensslFree>;
using EvpPkeyCtx = std::unique_ptr<evp_pkey_ctx_st, OpensslFree>;
using EvpPkey = std::unique_ptr<evp_pkey_st, OpensslFree>;
using Bignum = std::unique_ptr<bignum_st, OpensslFree>;
using Pkcs8Info = std::unique_ptr<pkcs8_priv_key_info_st, OpensslFree>;
using X509Certificate = std::unique_ptr<x509_st, OpensslFree>;
using X509Store = std::unique_ptr<x509_store_st, OpensslFree>;
using X509StoreCtx = std::unique_ptr<x509_store_ctx_st, OpensslFree>;
using X509List = std::unique_ptr<stack_st_X509, OpensslFree>;
using Pkcs7 = std::unique_ptr<pkcs7_st, OpensslFree>;
using Bio = std::unique_ptr<bio_st, OpensslFree>;

// Empties the error queue of the thread at both ends of a scope: what is left in it would confuse
// TLS connections of the same thread.
class ErrorQueue {
 public:
  ErrorQueue();
  ~ErrorQueue();
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;

  // "what: reason", with the first reason in the queue if there is one.
  Error Failure(Code code, std::string_view what) const;
};

const evp_md_st* HashOf(HashAlgorithm algorithm);

// The bytes that one of OpenSSL's i2d functions writes for `object`; empty on failure.
template <typename Object>
util::Bytes Encode(int (*encode)(const Object*, unsigned char**), const Object* object) {
  const int size = encode(object, nullptr);
  if (size <= 0) return {};
  util::Bytes der(static_cast<std::size_t>(size));
  unsigned char* at = der.data();
  if (size != encode(object, &at)) return {};
  return der;
}

struct PublicKey::Impl {
  EvpPkey pkey;
  KeyType type;
  util::Bytes der;
};

struct Certificate::Impl {
  X509Certificate x509;  // never changed, so that threads can share it
  util::Bytes der;
  PublicKey key;
  CertificateFields fields;
};

struct PrivateKey::Impl {
  EvpPkey pkey;
  PublicKey public_key;
};

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_OPENSSL_H_
