// SPDX-License-Identifier: Apache-2.0
// Public keys in SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7, RFC 5480, RFC 8410) and private
// ones in PKCS#8 (RFC 5958), each in exactly one encoding. Tested by key_test.cc.
#include "crypto/key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "crypto/openssl.h"
#include "crypto/pem.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::crypto {
namespace {

constexpr std::size_t kMaxKeyBytes = 64 * 1024;
constexpr std::size_t kEd25519Bytes = 32;
constexpr std::uint8_t kUncompressed = 0x04;
constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 16384;
constexpr int kMaxRsaExponentBits = 31;  // what other implementations read

// Everything that stands before the point or key in a SubjectPublicKeyInfo. For a curve and a form
// of the point there is one DER encoding, so an equal prefix proves: the curve is named and not
// spelt out, and the point is uncompressed (0x04; RFC 5480 section 2.2).
struct Shape {
  KeyType type;
  std::string_view prefix;
  std::size_t size;  // of the whole
};

using std::string_view_literals::operator""sv;

constexpr std::array<Shape, 4> kShapes = {{
    {KeyType::kEcdsaP256,
     "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
     "\x03\x42\x00\x04"sv,
     91},
    {KeyType::kEcdsaP384,
     "\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22"
     "\x03\x62\x00\x04"sv,
     120},
    {KeyType::kEcdsaP521,
     "\x30\x81\x9b\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23"
     "\x03\x81\x86\x00\x04"sv,
     158},
    {KeyType::kEd25519, "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"sv, 44},
}};

Error BadKey(std::string_view why) {
  return Error(Code::kBadInput, util::StrCat("public key: ", why));
}

std::optional<KeyType> TypeByShape(ByteView der) {
  const std::string_view text = util::AsText(der);
  const auto found = std::find_if(kShapes.begin(), kShapes.end(), [text](const Shape& shape) {
    return text.size() == shape.size && text.starts_with(shape.prefix);
  });
  if (found == kShapes.end()) return std::nullopt;
  return found->type;
}

// Not for RSA, which has no shape.
const Shape& ShapeOf(KeyType type) { return *std::ranges::find(kShapes, type, &Shape::type); }

util::Bytes Join(std::string_view prefix, ByteView rest) {
  util::Bytes joined(prefix.begin(), prefix.end());
  joined.insert(joined.end(), rest.begin(), rest.end());
  return joined;
}

int BaseIdOf(KeyType type) {
  switch (type) {
    case KeyType::kEcdsaP256:
    case KeyType::kEcdsaP384:
    case KeyType::kEcdsaP521:
      return EVP_PKEY_EC;
    case KeyType::kRsa:
      return EVP_PKEY_RSA;
    case KeyType::kEd25519:
      return EVP_PKEY_ED25519;
  }
  std::abort();
}

Status CheckRsa(const EVP_PKEY* pkey) {
  const int bits = EVP_PKEY_get_bits(pkey);
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return BadKey(util::StrCat("RSA with ", bits, " bits; ", kMinRsaBits, " to ", kMaxRsaBits,
                               " are accepted"));
  }
  BIGNUM* raw = nullptr;
  if (1 != EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &raw)) {
    return BadKey("RSA without an exponent");
  }
  const Bignum exponent(raw);
  const int size = BN_num_bits(exponent.get());
  if (1 != BN_is_odd(exponent.get()) || size < 2 || size > kMaxRsaExponentBits) {
    return BadKey("RSA with an exponent that is even, 1 or too large");
  }
  return Ok();
}

// Two halves that do not belong together would sign what nobody can verify.
Status CheckPair(EVP_PKEY* pkey, const ErrorQueue& errors) {
  const EvpPkeyCtx context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr));
  if (context == nullptr || 1 != EVP_PKEY_pairwise_check(context.get())) {
    return errors.Failure(Code::kBadInput, "private key: its halves do not belong together");
  }
  return Ok();
}

// PKCS#1 RSAPublicKey (RFC 8017 appendix A.1.1) as SubjectPublicKeyInfo.
Result<util::Bytes> RewritePkcs1(ByteView der) {
  if (der.empty() || der.size() > kMaxKeyBytes) return BadKey("empty or too long");
  const ErrorQueue errors;
  const unsigned char* at = der.data();
  const EvpPkey pkey(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size())));
  if (pkey == nullptr) return errors.Failure(Code::kBadInput, "public key: no RSA key");
  const util::Bytes again = Encode<EVP_PKEY>(i2d_PublicKey, pkey.get());
  if (at != der.data() + der.size() || !std::ranges::equal(again, der)) {
    return BadKey("bytes behind the key, or not in DER");
  }
  return Encode<EVP_PKEY>(i2d_PUBKEY, pkey.get());
}

}  // namespace

Result<PublicKey> PublicKey::FromPem(std::string_view pem) {
  PemBlock block = TRY(ParsePem(pem));
  if (block.label == "PUBLIC KEY") return FromDer(block.content);
  if (block.label == "RSA PUBLIC KEY") return FromPkcs1Der(block.content);
  return BadKey(
      util::StrCat("the PEM block is ", util::Quoted(block.label), ", \"PUBLIC KEY\" is expected"));
}

Result<PublicKey> PublicKey::FromDer(ByteView der) {
  if (der.empty() || der.size() > kMaxKeyBytes) return BadKey("empty or too long");
  const KeyType type = TypeByShape(der).value_or(KeyType::kRsa);
  const ErrorQueue errors;
  const unsigned char* at = der.data();
  EvpPkey pkey(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (pkey == nullptr) return errors.Failure(Code::kBadInput, "public key: not readable");
  if (BaseIdOf(type) != EVP_PKEY_get_base_id(pkey.get())) {
    return BadKey(
        "neither ECDSA on the named curve P-256, P-384 or P-521 with an uncompressed point, nor "
        "RSA, nor Ed25519");
  }
  util::Bytes again = Encode<EVP_PKEY>(i2d_PUBKEY, pkey.get());
  if (at != der.data() + der.size() || !std::ranges::equal(again, der)) {
    return BadKey("bytes behind the key, or not in DER");
  }
  if (type == KeyType::kRsa) TRY(CheckRsa(pkey.get()));
  return PublicKey(std::make_shared<const Impl>(Impl{std::move(pkey), type, std::move(again)}));
}

Result<PublicKey> PublicKey::FromPkcs1Der(ByteView der) {
  const util::Bytes rewritten = TRY(RewritePkcs1(der));
  return FromDer(rewritten);
}

Result<PublicKey> PublicKey::FromEd25519Raw(ByteView key) {
  if (key.size() != kEd25519Bytes) return BadKey("an Ed25519 key has 32 bytes");
  return FromDer(Join(ShapeOf(KeyType::kEd25519).prefix, key));
}

Result<PublicKey> PublicKey::FromEcPoint(ByteView point) {
  // The prefix of a shape ends with the first octet of the point.
  for (const KeyType type : {KeyType::kEcdsaP256, KeyType::kEcdsaP384, KeyType::kEcdsaP521}) {
    const Shape& shape = ShapeOf(type);
    if (point.size() != shape.size - shape.prefix.size() + 1) continue;
    if (point[0] != kUncompressed) return BadKey("the point is not uncompressed");
    return FromDer(Join(shape.prefix, point.subspan(1)));
  }
  return BadKey("the point has the length of none of P-256, P-384 and P-521");
}

KeyType PublicKey::type() const { return impl_->type; }

const util::Bytes& PublicKey::der() const { return impl_->der; }

std::string PublicKey::Pem() const { return FormatPem("PUBLIC KEY", impl_->der); }

Result<PrivateKey> PrivateKey::Generate() {
  const ErrorQueue errors;
  EvpPkey pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  if (pkey == nullptr) return errors.Failure(Code::kFailure, "cannot generate a key");
  PublicKey half = TRY(PublicKey::FromDer(Encode<EVP_PKEY>(i2d_PUBKEY, pkey.get())));
  return PrivateKey(std::make_shared<const Impl>(Impl{std::move(pkey), std::move(half)}));
}

Result<PrivateKey> PrivateKey::FromPkcs8(ByteView der) {
  if (der.empty() || der.size() > kMaxKeyBytes) {
    return Error(Code::kBadInput, "private key: empty or too long");
  }
  const ErrorQueue errors;
  const unsigned char* at = der.data();
  const Pkcs8Info info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (info == nullptr) return errors.Failure(Code::kBadInput, "private key: no PKCS#8");
  if (at != der.data() + der.size()) {
    return Error(Code::kBadInput, "private key: bytes behind the PKCS#8");
  }
  EvpPkey pkey(EVP_PKCS82PKEY(info.get()));
  if (pkey == nullptr) return errors.Failure(Code::kBadInput, "private key: not readable");
  // Whatever is demanded of a public key is demanded of this one's.
  PublicKey half = TRY(PublicKey::FromDer(Encode<EVP_PKEY>(i2d_PUBKEY, pkey.get())));
  TRY(CheckPair(pkey.get(), errors));
  return PrivateKey(std::make_shared<const Impl>(Impl{std::move(pkey), std::move(half)}));
}

PublicKey PrivateKey::public_key() const { return impl_->public_key; }

Result<util::Bytes> PrivateKey::Pkcs8() const {
  const ErrorQueue errors;
  const Pkcs8Info info(EVP_PKEY2PKCS8(impl_->pkey.get()));
  if (info == nullptr) return errors.Failure(Code::kFailure, "cannot encode the private key");
  util::Bytes der = Encode<PKCS8_PRIV_KEY_INFO>(i2d_PKCS8_PRIV_KEY_INFO, info.get());
  if (der.empty()) return errors.Failure(Code::kFailure, "cannot encode the private key");
  return der;
}

HashAlgorithm DefaultHash(KeyType type) {
  switch (type) {
    case KeyType::kEcdsaP256:
    case KeyType::kRsa:
      return HashAlgorithm::kSha256;
    case KeyType::kEcdsaP384:
      return HashAlgorithm::kSha384;
    case KeyType::kEcdsaP521:
    case KeyType::kEd25519:
      return HashAlgorithm::kSha512;
  }
  std::abort();
}

}  // namespace ociship::crypto
