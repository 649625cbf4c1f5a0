// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_OPENSSL_H_
#define OCISHIP_CRYPTO_OPENSSL_H_

#include <memory>
#include <string_view>

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

namespace ociship::crypto {

// Inside crypto only: the owners of what OpenSSL hands out, and what went wrong in it.

struct OpensslFree {
  void operator()(evp_md_ctx_st* context) const;
  void operator()(evp_pkey_ctx_st* context) const;
  void operator()(evp_pkey_st* key) const;
  void operator()(bignum_st* number) const;
  void operator()(pkcs8_priv_key_info_st* info) const;
};

using EvpMdCtx = std::unique_ptr<evp_md_ctx_st, OpensslFree>;
using EvpPkeyCtx = std::unique_ptr<evp_pkey_ctx_st, OpensslFree>;
using EvpPkey = std::unique_ptr<evp_pkey_st, OpensslFree>;
using Bignum = std::unique_ptr<bignum_st, OpensslFree>;
using Pkcs8Info = std::unique_ptr<pkcs8_priv_key_info_st, OpensslFree>;

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

struct PublicKey::Impl {
  EvpPkey pkey;
  KeyType type;
  util::Bytes der;
};

struct PrivateKey::Impl {
  EvpPkey pkey;
  PublicKey public_key;
};

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_OPENSSL_H_
