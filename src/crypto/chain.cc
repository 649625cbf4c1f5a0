// SPDX-License-Identifier: Apache-2.0
// Paths of certificates: OpenSSL builds one (RFC 5280 section 6.1), then each certificate on it is
// looked at once more. Tested by chain_test.cc.
#include "crypto/chain.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <vector>

#include "crypto/openssl.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::crypto {
namespace {

constexpr int kAuthLevel = 1;  // at least 80 bits of security

// RFC 5280 section 4.2.1.12.
constexpr std::string_view kCodeSigningOid = "1.3.6.1.5.5.7.3.3";
constexpr std::string_view kTimeStampingOid = "1.3.6.1.5.5.7.3.8";
constexpr std::string_view kAnyUsageOid = "2.5.29.37.0";

Error Refuse(std::string_view reason, std::string_view why) {
  return Error(Code::kNoMatch, util::StrCat("certificate: ", why)).Because(reason);
}

std::string_view OidOf(Purpose purpose) {
  return purpose == Purpose::kCodeSigning ? kCodeSigningOid : kTimeStampingOid;
}

bool HasUsage(const Certificate& certificate, std::string_view oid) {
  const auto& usages = certificate.extended_key_usages();
  return std::ranges::find(usages, oid) != usages.end();
}

// What the leaf itself must be.
Status CheckLeaf(const Certificate& leaf, Purpose purpose) {
  if (leaf.is_ca()) return Refuse(kCertificateUsage, "the leaf is a CA");
  if (!HasUsage(leaf, OidOf(purpose))) {
    return Refuse(kCertificateUsage, "the leaf does not have the extended key usage");
  }
  switch (purpose) {
    case Purpose::kCodeSigning:
      if (!leaf.allows_digital_signature()) {
        return Refuse(kCertificateUsage, "the leaf does not allow digital signatures");
      }
      return Ok();
    case Purpose::kTimestamping:
      // RFC 3161 section 2.3: "MUST contain only one instance of the extended key usage field
      // extension [...] with KeyPurposeID having value id-kp-timeStamping. This extension MUST be
      // critical."
      if (leaf.extended_key_usages().size() != 1 || !leaf.extended_key_usage_critical()) {
        return Refuse(kCertificateUsage,
                      "the leaf has other extended key usages, or not as critical ones");
      }
      return Ok();
  }
  std::abort();
}

// What every certificate above the leaf must be.
Status CheckIssuer(const Certificate& issuer, Purpose purpose) {
  // RFC 5280 section 6.1.4 (k): "basicConstraints is present and [...] cA is set to TRUE". OpenSSL
  // takes some that do not say so for CAs.
  if (!issuer.is_ca()) return Refuse(kCertificateChain, "an issuer is not a CA");
  if (issuer.extended_key_usages().empty() || HasUsage(issuer, OidOf(purpose)) ||
      HasUsage(issuer, kAnyUsageOid)) {
    return Ok();
  }
  return Refuse(kCertificateUsage, "an issuer has other extended key usages");
}

// RFC 5280 section 4.1.2.5: "from notBefore through notAfter, inclusive".
Status CheckTime(const Certificate& certificate, std::chrono::sys_seconds at) {
  if (at < certificate.not_before() || at > certificate.not_after()) {
    return Refuse(kCertificateExpired, "one on the path was not valid at the time");
  }
  return Ok();
}

// Certificates for OpenSSL to look through. It reads them and does not keep them.
Result<X509List> ListOf(std::span<const Certificate> certificates) {
  X509List list(sk_X509_new_null());
  if (list == nullptr) return Error(Code::kFailure, "certificate: no memory");
  for (const Certificate& certificate : certificates) {
    if (sk_X509_push(list.get(), certificate.impl().x509.get()) <= 0) {
      return Error(Code::kFailure, "certificate: no memory");
    }
  }
  return list;
}

// The only trusted certificate of a verification.
Result<X509Store> StoreOf(const Certificate& anchor) {
  X509Store store(X509_STORE_new());
  if (store == nullptr || 1 != X509_STORE_add_cert(store.get(), anchor.impl().x509.get())) {
    return Error(Code::kFailure, "certificate: no memory");
  }
  return store;
}

Status SetParameters(X509_STORE_CTX* context, Purpose purpose) {
  X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_depth(parameters, static_cast<int>(kMaxIntermediates));
  X509_VERIFY_PARAM_set_auth_level(parameters, kAuthLevel);
  // The anchor need not be self-signed, and a path to it is preferred to any other. Time is looked
  // at by CheckTime alone: to OpenSSL the second that notAfter names is already outside.
  constexpr unsigned long kFlags =
      X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_NO_CHECK_TIME;
  if (1 != X509_VERIFY_PARAM_set_flags(parameters, kFlags)) {
    return Error(Code::kFailure, "certificate: OpenSSL does not take the flags");
  }
  // OpenSSL 3.0 has no purpose for code signing; CheckLeaf has both.
  if (purpose == Purpose::kTimestamping &&
      1 != X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_TIMESTAMP_SIGN)) {
    return Error(Code::kFailure, "certificate: OpenSSL does not know the purpose");
  }
  return Ok();
}

std::string_view ReasonOf(int error) {
  return error == X509_V_ERR_INVALID_PURPOSE ? kCertificateUsage : kCertificateChain;
}

// The certificates that OpenSSL went over, from the leaf to the anchor.
Result<std::vector<Certificate>> ReadPath(const X509_STORE_CTX* context) {
  std::vector<Certificate> path;
  const stack_st_X509* const found = X509_STORE_CTX_get0_chain(context);
  for (int i = 0; i < sk_X509_num(found); ++i) {
    const util::Bytes der = Encode<X509>(i2d_X509, sk_X509_value(found, i));
    Certificate certificate = TRY(Certificate::FromDer(der));
    path.push_back(std::move(certificate));
  }
  return path;
}

// The path from the leaf to the anchor, whatever the time.
Result<std::vector<Certificate>> BuildPath(const Certificate& leaf,
                                           std::span<const Certificate> intermediates,
                                           const Certificate& anchor, Purpose purpose) {
  const ErrorQueue errors;
  const X509Store store = TRY(StoreOf(anchor));
  const X509List untrusted = TRY(ListOf(intermediates));
  const X509StoreCtx context(X509_STORE_CTX_new());
  if (context == nullptr || 1 != X509_STORE_CTX_init(context.get(), store.get(),
                                                     leaf.impl().x509.get(), untrusted.get())) {
    return errors.Failure(Code::kFailure, "certificate: no memory");
  }
  TRY(SetParameters(context.get(), purpose));
  // 0 and every negative number are failures.
  if (1 != X509_verify_cert(context.get())) {
    const int error = X509_STORE_CTX_get_error(context.get());
    return Refuse(ReasonOf(error), X509_verify_cert_error_string(error));
  }
  std::vector<Certificate> path = TRY(ReadPath(context.get()));
  // With partial chains a leaf that is the anchor would be a path of its own.
  if (path.size() < 2 || path.front().der() != leaf.der() || path.back().der() != anchor.der()) {
    return Refuse(kCertificateChain, "there is no path to the anchor");
  }
  return path;
}

// The same over intermediates that were valid at the time: of two with one name, the one that had
// expired would otherwise stand in the way of the other.
Result<std::vector<Certificate>> BuildPathAt(const Certificate& leaf,
                                             std::span<const Certificate> intermediates,
                                             const Certificate& anchor, Purpose purpose,
                                             std::chrono::sys_seconds at) {
  std::vector<Certificate> valid;
  for (const Certificate& intermediate : intermediates) {
    if (CheckTime(intermediate, at).ok()) valid.push_back(intermediate);
  }
  auto path = BuildPath(leaf, valid, anchor, purpose);
  if (path.ok() || valid.size() == intermediates.size()) return path;
  // The path over the others serves to name the reason: it has one that was not valid.
  return BuildPath(leaf, intermediates, anchor, purpose);
}

}  // namespace

Result<VerifiedChain> VerifyChain(const Certificate& leaf,
                                  std::span<const Certificate> intermediates,
                                  const Certificate& anchor, Purpose purpose,
                                  std::chrono::sys_seconds at) {
  if (intermediates.size() > kMaxIntermediates) {
    return Refuse(kCertificateChain, "too many intermediates");
  }
  TRY(CheckLeaf(leaf, purpose));
  const auto path = TRY(BuildPathAt(leaf, intermediates, anchor, purpose, at));
  for (const Certificate& certificate : path) TRY(CheckTime(certificate, at));
  for (const Certificate& issuer : std::span(path).subspan(1)) TRY(CheckIssuer(issuer, purpose));
  return VerifiedChain(leaf, path[1], at);
}

}  // namespace ociship::crypto
