// SPDX-License-Identifier: Apache-2.0
// Certificates (RFC 5280 section 4): read twice, by certificate_fields.cc for what they say and by
// OpenSSL for building paths, which must both find them good. Tested by certificate_test.cc.
#include "crypto/certificate.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "crypto/certificate_fields.h"
#include "crypto/der.h"
#include "crypto/openssl.h"
#include "crypto/pem.h"
#include "util/text.h"
#include "util/try.h"
#include "util/utf8.h"

namespace ociship::crypto {
namespace {

constexpr std::string_view kPemLabel = "CERTIFICATE";

Error BadCertificate(std::string_view why) {
  return Error(Code::kBadInput, util::StrCat("certificate: ", why));
}

Result<X509Certificate> ReadX509(ByteView der) {
  const ErrorQueue errors;
  const unsigned char* at = der.data();
  X509Certificate x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (x509 == nullptr) return errors.Failure(Code::kBadInput, "certificate: not readable");
  const util::Bytes again = Encode<X509>(i2d_X509, x509.get());
  if (at != der.data() + der.size() || !std::ranges::equal(again, der)) {
    return BadCertificate("bytes behind it, or not in DER");
  }
  // This call reads all extensions that OpenSSL knows, once and for all threads.
  if ((X509_get_extension_flags(x509.get()) & EXFLAG_INVALID) != 0) {
    return BadCertificate("an extension cannot be read");
  }
  return x509;
}

}  // namespace

Result<Certificate> Certificate::FromDer(ByteView der) {
  if (der.empty() || der.size() > kMaxCertificateBytes) return BadCertificate("empty or too long");
  TRY(der::CheckDer(der));
  CertificateFields fields = TRY(ReadCertificate(der));
  PublicKey key = TRY(PublicKey::FromDer(fields.key));
  X509Certificate x509 = TRY(ReadX509(der));
  return Certificate(std::make_shared<const Impl>(Impl{
      std::move(x509), util::Bytes(der.begin(), der.end()), std::move(key), std::move(fields)}));
}

Result<std::vector<Certificate>> Certificate::ListFromPem(std::string_view pem) {
  const std::vector<PemBlock> blocks = TRY(ParsePemList(pem, kMaxPemCertificates));
  std::vector<Certificate> certificates;
  for (const PemBlock& block : blocks) {
    if (block.label != kPemLabel) {
      return BadCertificate(util::StrCat("the PEM block is ", util::Quoted(block.label),
                                         ", \"CERTIFICATE\" is expected"));
    }
    Certificate certificate = TRY(FromDer(block.content));
    certificates.push_back(std::move(certificate));
  }
  return certificates;
}

const util::Bytes& Certificate::der() const { return impl_->der; }
std::string Certificate::Pem() const { return FormatPem(kPemLabel, impl_->der); }
const PublicKey& Certificate::public_key() const { return impl_->key; }
std::chrono::sys_seconds Certificate::not_before() const { return impl_->fields.not_before; }
std::chrono::sys_seconds Certificate::not_after() const { return impl_->fields.not_after; }
bool Certificate::is_ca() const { return impl_->fields.is_ca; }
const util::Bytes& Certificate::subject() const { return impl_->fields.subject; }
const util::Bytes& Certificate::issuer() const { return impl_->fields.issuer; }
const util::Bytes& Certificate::serial() const { return impl_->fields.serial; }
const std::vector<AltName>& Certificate::alt_names() const { return impl_->fields.alt_names; }
const std::vector<std::string>& Certificate::extended_key_usages() const {
  return impl_->fields.extended_key_usages;
}
bool Certificate::extended_key_usage_critical() const {
  return impl_->fields.extended_key_usage_critical;
}
bool Certificate::allows_digital_signature() const { return impl_->fields.digital_signature; }

std::optional<util::Bytes> Certificate::Extension(std::string_view oid) const {
  const auto& extensions = impl_->fields.extensions;
  const auto found = std::ranges::find(extensions, oid, &CertificateExtension::oid);
  if (found == extensions.end()) return std::nullopt;
  return found->value;
}

Result<util::Bytes> Certificate::TbsWithoutExtension(std::string_view oid) const {
  if (!Extension(oid).has_value()) {
    return BadCertificate(util::StrCat("it has no extension ", util::Quoted(oid)));
  }
  const der::Element whole = TRY(der::Only(impl_->der, der::kSequence));
  der::Reader reader(whole.content);
  const der::Element tbs = TRY(reader.Next(der::kSequence));
  const TbsParts parts = TRY(ReadTbs(tbs.content));
  util::Bytes kept;
  for (const der::Element& element : parts.extensions) {
    const CertificateExtension extension = TRY(ReadExtension(element));
    if (extension.oid == oid) continue;
    kept.insert(kept.end(), element.whole.begin(), element.whole.end());
  }
  // The extensions are the last field: what stands before them is kept byte by byte.
  const auto before = static_cast<std::size_t>(
      parts.fields.back().whole.data() + parts.fields.back().whole.size() - tbs.content.data());
  const ByteView fields = tbs.content.first(before);
  // RFC 5280 section 4.1: a list of extensions has at least one, or is not there.
  if (kept.empty()) return der::Wrap(der::kSequence, {fields});
  const util::Bytes list = der::Wrap(der::kSequence, {kept});
  const util::Bytes wrapper = der::Wrap(der::Inside(3), {list});
  return der::Wrap(der::kSequence, {fields, wrapper});
}

Result<std::string> DecodeUtf8String(ByteView der) {
  const der::Element element = TRY(der::Only(der, der::kUtf8String));
  const std::string_view text = util::AsText(element.content);
  for (std::string_view rest = text; !rest.empty();) {
    const util::Rune rune = util::NextRune(rest);
    if (!rune.valid) return Error(Code::kBadInput, "DER: a UTF8String that is not UTF-8");
    rest.remove_prefix(rune.size);
  }
  return std::string(text);
}

Result<util::Bytes> DecodeOctetString(ByteView der) {
  const der::Element element = TRY(der::Only(der, der::kOctetString));
  return util::Bytes(element.content.begin(), element.content.end());
}

}  // namespace ociship::crypto
