// SPDX-License-Identifier: Apache-2.0
// Owners of OpenSSL's handles, and its error queue. Used, and so tested, by all other files here.
#include "crypto/openssl.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "util/text.h"

namespace ociship::crypto {

void OpensslFree::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }
void OpensslFree::operator()(evp_pkey_ctx_st* context) const { EVP_PKEY_CTX_free(context); }
void OpensslFree::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
void OpensslFree::operator()(bignum_st* number) const { BN_clear_free(number); }
void OpensslFree::operator()(pkcs8_priv_key_info_st* info) const { PKCS8_PRIV_KEY_INFO_free(info); }
void OpensslFree::operator()(x509_st* certificate) const { X509_free(certificate); }
void OpensslFree::operator()(x509_store_st* store) const { X509_STORE_free(store); }
void OpensslFree::operator()(x509_store_ctx_st* context) const { X509_STORE_CTX_free(context); }
void OpensslFree::operator()(stack_st_X509* list) const { sk_X509_free(list); }
void OpensslFree::operator()(pkcs7_st* message) const { PKCS7_free(message); }
void OpensslFree::operator()(bio_st* bio) const { BIO_free_all(bio); }

ErrorQueue::ErrorQueue() { ERR_clear_error(); }
ErrorQueue::~ErrorQueue() { ERR_clear_error(); }

Error ErrorQueue::Failure(Code code, std::string_view what) const {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  if (reason == nullptr) return Error(code, std::string(what));
  return Error(code, util::StrCat(what, ": ", reason));
}

const evp_md_st* HashOf(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return EVP_sha256();
    case HashAlgorithm::kSha384:
      return EVP_sha384();
    case HashAlgorithm::kSha512:
      return EVP_sha512();
  }
  std::abort();
}

}  // namespace ociship::crypto
