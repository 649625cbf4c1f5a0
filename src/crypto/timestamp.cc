// SPDX-License-Identifier: Apache-2.0
// Timestamps (RFC 3161): requests, and the proof that an authority made one. Tested by
// timestamp_test.cc.
#include "crypto/timestamp.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "crypto/chain.h"
#include "crypto/der.h"
#include "crypto/hash.h"
#include "crypto/openssl.h"
#include "crypto/timestamp_parts.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::crypto {
namespace {

// AlgorithmIdentifier of SHA-256: SEQUENCE { OBJECT IDENTIFIER 2.16.840.1.101.3.4.2.1, NULL }.
constexpr std::array<std::uint8_t, 15> kSha256Identifier = {
    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00};
constexpr std::array<std::uint8_t, 3> kVersion1 = {0x02, 0x01, 0x01};

Error Refuse(std::string_view reason, std::string_view why) {
  return Error(Code::kNoMatch, util::StrCat("timestamp: ", why)).Because(reason);
}

// RFC 5652 section 5.3: a signer is named by issuer and serial number.
bool IsNamedBy(const Certificate& certificate, const SignerInfo& signer) {
  return certificate.issuer() == signer.issuer && certificate.serial() == signer.serial;
}

// What the token itself brings along as its signer. Others in it, readable or not, do not matter.
std::vector<Certificate> EmbeddedSigners(const SignedData& data) {
  std::vector<Certificate> signers;
  for (const util::Bytes& der : data.certificates) {
    auto certificate = Certificate::FromDer(der);
    if (certificate.ok() && IsNamedBy(certificate.value(), data.signer)) {
      signers.push_back(std::move(certificate).value());
    }
  }
  return signers;
}

// The one certificate that everything else is checked against: the trusted leaf, or what the token
// has in its place.
Result<Certificate> SignerOf(const SignedData& data, const std::optional<Certificate>& leaf) {
  const std::vector<Certificate> embedded = EmbeddedSigners(data);
  if (!leaf.has_value()) {
    if (embedded.size() != 1) {
      return Refuse(kTimestampSigner, "the certificate of the signer is not there, or twice");
    }
    return embedded.front();
  }
  if (!IsNamedBy(*leaf, data.signer)) {
    return Refuse(kTimestampSigner, "the signer is another than the trusted authority");
  }
  for (const Certificate& certificate : embedded) {
    if (certificate.der() != leaf->der()) {
      return Refuse(kTimestampSigner, "its certificate is not that of the trusted authority");
    }
  }
  return *leaf;
}

// The hash of a certificate, by SHA-1 where ESSCertID wants it.
Result<util::Bytes> HashFor(const NamedCertificate& named, ByteView der) {
  if (named.algorithm.has_value()) return HashBytes(*named.algorithm, der);
  const ErrorQueue errors;
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (1 != EVP_Digest(der.data(), der.size(), hash.data(), &size, EVP_sha1(), nullptr)) {
    return errors.Failure(Code::kFailure, "timestamp: SHA-1 is not there");
  }
  return util::Bytes(hash.begin(), hash.begin() + size);
}

// RFC 5816 section 2.2.1: the signed attributes name the certificate of the signer by its hash.
Status CheckNamed(const SignerInfo& info, const Certificate& signer) {
  for (const NamedCertificate& named : info.named) {
    const util::Bytes hash = TRY(HashFor(named, signer.der()));
    if (hash != named.hash) {
      return Refuse(kTimestampSigner, "its signed attributes name another certificate");
    }
  }
  return Ok();
}

Result<Pkcs7> ReadPkcs7(ByteView der) {
  const ErrorQueue errors;
  const unsigned char* at = der.data();
  Pkcs7 message(d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  if (message == nullptr || at != der.data() + der.size()) {
    return errors.Failure(Code::kNoMatch, "timestamp: OpenSSL cannot read it")
        .Because(kTimestampSignature);
  }
  return message;
}

// RFC 5652 section 5.6, with the key of this certificate alone.
Status CheckSignature(const TimestampToken::Impl& token, const Certificate& signer) {
  const Error no_match = Refuse(kTimestampSignature, "the signature does not match");
  const ErrorQueue errors;
  const Pkcs7 message = TRY(ReadPkcs7(token.token));
  const X509List certificates(sk_X509_new_null());
  const Bio content(BIO_new(BIO_s_mem()));
  if (certificates == nullptr || content == nullptr ||
      sk_X509_push(certificates.get(), signer.impl().x509.get()) <= 0) {
    return Error(Code::kFailure, "timestamp: no memory");
  }
  // NOINTERN: the signer is looked for in `certificates` and never in the token. NOVERIFY: its
  // chain is for VerifyChain.
  if (1 != PKCS7_verify(message.get(), certificates.get(), nullptr, nullptr, content.get(),
                        PKCS7_NOVERIFY | PKCS7_NOINTERN | PKCS7_BINARY)) {
    return no_match;
  }
  // What OpenSSL verified is what was read.
  char* data = nullptr;
  const long size = BIO_get_mem_data(content.get(), &data);
  if (size < 0 || !std::ranges::equal(std::string_view(data, static_cast<std::size_t>(size)),
                                      util::AsText(token.signed_data.content))) {
    return no_match;
  }
  return Ok();
}

// The reason of a chain under the name that it has for timestamps.
Error AsTimestamp(Error error) {
  const std::string_view reason = error.reason();
  Error named = std::move(error).While("timestamp");
  if (reason == kCertificateChain) return std::move(named).Because(kTimestampChain);
  if (reason == kCertificateUsage) return std::move(named).Because(kTimestampUsage);
  return named;
}

// Validity counts whole seconds: a time between two is within it when both are.
Status CheckChain(const Certificate& signer, const TimestampAuthorityChain& authority,
                  util::Micros time) {
  for (const auto at : {std::chrono::floor<std::chrono::seconds>(time),
                        std::chrono::ceil<std::chrono::seconds>(time)}) {
    auto chain =
        VerifyChain(signer, authority.intermediates, authority.root, Purpose::kTimestamping, at);
    if (!chain.ok()) return AsTimestamp(std::move(chain).error());
  }
  return Ok();
}

}  // namespace

util::Micros TimestampToken::time() const { return impl_->info.time; }
const util::Bytes& TimestampToken::serial() const { return impl_->info.serial; }
const std::optional<util::Bytes>& TimestampToken::nonce() const { return impl_->info.nonce; }

bool TimestampToken::HasNonce(ByteView nonce) const {
  return impl_->info.nonce == der::IntegerContent(nonce);
}

Result<VerifiedTimestamp> VerifyTimestamp(const TimestampToken& token, ByteView signed_bytes,
                                          const TimestampAuthorityChain& authority) {
  const TimestampToken::Impl& impl = token.impl();
  if (HashBytes(impl.info.imprint_algorithm, signed_bytes) != impl.info.imprint) {
    return Refuse(kTimestampImprint, "it is for something else");
  }
  const Certificate signer = TRY(SignerOf(impl.signed_data, authority.leaf));
  TRY(CheckNamed(impl.signed_data.signer, signer));
  TRY(CheckSignature(impl, signer));
  TRY(CheckChain(signer, authority, impl.info.time));
  return VerifiedTimestamp(impl.info.time, signer);
}

Result<util::Bytes> FormatTimestampRequest(ByteView signed_bytes, ByteView nonce) {
  const util::Bytes number = der::IntegerContent(nonce);
  if (number.empty() || nonce.size() > kMaxNonceBytes) {
    return Error(Code::kUsage, "timestamp: the nonce is zero or longer than 32 bytes");
  }
  const util::Bytes hash =
      der::Wrap(der::kOctetString, {HashBytes(HashAlgorithm::kSha256, signed_bytes)});
  const util::Bytes imprint = der::Wrap(der::kSequence, {kSha256Identifier, hash});
  // certReq is left out, which means FALSE.
  return der::Wrap(der::kSequence, {kVersion1, imprint, der::Wrap(der::kInteger, {number})});
}

}  // namespace ociship::crypto
