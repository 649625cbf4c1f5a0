// SPDX-License-Identifier: Apache-2.0
// Keys from labels and signatures without randomness: ECDSA and RSA by their formulas.
// Tested by everything that verifies what they signed: tests/sigstore/deployment_test.cc.
#include "deployment/keys.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <map>
#include <mutex>
#include <utility>

#include "util/encoding.h"
#include "util/text.h"

namespace ociship::deployment {
namespace {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using Context = std::unique_ptr<BN_CTX, Freer<BN_CTX_free>>;
using Group = std::unique_ptr<EC_GROUP, Freer<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Freer<EC_POINT_free>>;
using PKey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;

Number NumberOf(ByteView bytes) {
  Number number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  Demand(number != nullptr);
  return number;
}

Bytes BytesOf(const BIGNUM* number, std::size_t size) {
  Bytes bytes(size);
  Demand(BN_bn2binpad(number, bytes.data(), static_cast<int>(size)) == static_cast<int>(size));
  return bytes;
}

// A number from 1 to limit - 1 that comes from `seed`.
Number Scalar(ByteView seed, const BIGNUM* limit, BN_CTX* context) {
  Number number = NumberOf(Hash(HashType::kSha512, seed));
  Number below(BN_dup(limit));
  Demand(BN_sub_word(below.get(), 1) == 1);
  Demand(BN_mod(number.get(), number.get(), below.get(), context) == 1);
  Demand(BN_add_word(number.get(), 1) == 1);
  return number;
}

// The first prime behind a number of `bits` bits that comes from `label`. Both bits at the top are
// set, so that the product of two has twice as many.
Number Prime(std::string_view label, std::size_t bits, BN_CTX* context) {
  Bytes bytes;
  for (int part = 0; bytes.size() < bits / 8; ++part) {
    const Bytes more = Hash(HashType::kSha512, util::AsBytes(util::StrCat(label, " ", part)));
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  bytes.resize(bits / 8);
  bytes.front() |= 0xc0;
  bytes.back() |= 1;
  Number number = NumberOf(bytes);
  while (BN_check_prime(number.get(), context, nullptr) != 1) {
    Demand(BN_add_word(number.get(), 2) == 1);
  }
  return number;
}

const EVP_MD* MdOf(HashType type) {
  switch (type) {
    case HashType::kSha1:
      return EVP_sha1();
    case HashType::kSha256:
      return EVP_sha256();
    case HashType::kSha384:
      return EVP_sha384();
    case HashType::kSha512:
      return EVP_sha512();
  }
  return nullptr;
}

// EMSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 9.2).
Bytes PaddedDigest(ByteView message, std::size_t size) {
  const Bytes info = Sequence({Sequence({ObjectId("2.16.840.1.101.3.4.2.1"), Null()}),
                               OctetString(Hash(HashType::kSha256, message))});
  Bytes padded(size - info.size(), 0xff);
  padded[0] = 0;
  padded[1] = 1;
  padded.back() = 0;
  padded.insert(padded.end(), info.begin(), info.end());
  return padded;
}

}  // namespace

struct Key::Secret {
  // Elliptic curves: the group and the scalar.
  Group group;
  Number scalar;
  // RSA: the modulus and the private exponent.
  Number modulus;
  Number exponent;
  // Ed25519.
  PKey key;
};

namespace {

Bytes MakeEc(Key::Secret& secret, int curve, ByteView seed) {
  const Context context(BN_CTX_new());
  secret.group.reset(EC_GROUP_new_by_curve_name(curve));
  Demand(secret.group != nullptr);
  secret.scalar = Scalar(seed, EC_GROUP_get0_order(secret.group.get()), context.get());
  const Point point(EC_POINT_new(secret.group.get()));
  Demand(EC_POINT_mul(secret.group.get(), point.get(), secret.scalar.get(), nullptr, nullptr,
                      context.get()) == 1);
  Bytes raw(EC_POINT_point2oct(secret.group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                               nullptr, 0, context.get()));
  Demand(EC_POINT_point2oct(secret.group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                            raw.data(), raw.size(), context.get()) == raw.size());
  return raw;
}

Bytes MakeRsa(Key::Secret& secret, std::size_t bits, std::string_view label) {
  const Context context(BN_CTX_new());
  const Number p = Prime(util::StrCat(label, " p"), bits / 2, context.get());
  const Number q = Prime(util::StrCat(label, " q"), bits / 2, context.get());
  const Number public_exponent = NumberOf(Bytes{1, 0, 1});
  const Number totient(BN_new());
  secret.modulus.reset(BN_new());
  Demand(BN_mul(secret.modulus.get(), p.get(), q.get(), context.get()) == 1);
  Demand(BN_sub_word(p.get(), 1) == 1 && BN_sub_word(q.get(), 1) == 1);
  Demand(BN_mul(totient.get(), p.get(), q.get(), context.get()) == 1);
  secret.exponent.reset(
      BN_mod_inverse(nullptr, public_exponent.get(), totient.get(), context.get()));
  Demand(secret.exponent != nullptr);
  return Sequence({Integer(ByteView(BytesOf(secret.modulus.get(), bits / 8))), Integer(65537)});
}

Bytes MakeEd25519(Key::Secret& secret, ByteView seed) {
  const Bytes scalar = Hash(HashType::kSha256, seed);
  secret.key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, scalar.data(), 32));
  Bytes raw(32);
  std::size_t size = raw.size();
  Demand(EVP_PKEY_get_raw_public_key(secret.key.get(), raw.data(), &size) == 1);
  return raw;
}

// ECDSA (FIPS 186-4 section 6.4) with a nonce that comes from the key, the message and `salt`.
Bytes SignEc(const Key::Secret& secret, ByteView digest, std::string_view salt) {
  const Context context(BN_CTX_new());
  const BIGNUM* const order = EC_GROUP_get0_order(secret.group.get());
  const std::size_t size = static_cast<std::size_t>(BN_num_bytes(order));
  const Bytes seed = Join({BytesOf(secret.scalar.get(), size), Copy(digest), Copy(salt)});
  const Number nonce = Scalar(seed, order, context.get());
  const Point point(EC_POINT_new(secret.group.get()));
  const Number r(BN_new());
  const Number s(BN_new());
  Demand(EC_POINT_mul(secret.group.get(), point.get(), nonce.get(), nullptr, nullptr,
                      context.get()) == 1);
  Demand(EC_POINT_get_affine_coordinates(secret.group.get(), point.get(), r.get(), nullptr,
                                         context.get()) == 1);
  Demand(BN_mod(r.get(), r.get(), order, context.get()) == 1);
  Demand(BN_mod_mul(s.get(), r.get(), secret.scalar.get(), order, context.get()) == 1);
  const Number hash = NumberOf(digest);
  Demand(BN_mod_add(s.get(), s.get(), hash.get(), order, context.get()) == 1);
  const Number inverse(BN_mod_inverse(nullptr, nonce.get(), order, context.get()));
  Demand(BN_mod_mul(s.get(), s.get(), inverse.get(), order, context.get()) == 1);
  return Sequence(
      {Integer(ByteView(BytesOf(r.get(), size))), Integer(ByteView(BytesOf(s.get(), size)))});
}

Bytes SignRsa(const Key::Secret& secret, ByteView message) {
  const Context context(BN_CTX_new());
  const std::size_t size = static_cast<std::size_t>(BN_num_bytes(secret.modulus.get()));
  const Number padded = NumberOf(PaddedDigest(message, size));
  const Number signature(BN_new());
  Demand(BN_mod_exp(signature.get(), padded.get(), secret.exponent.get(), secret.modulus.get(),
                    context.get()) == 1);
  return BytesOf(signature.get(), size);
}

Bytes SignEd25519(const Key::Secret& secret, ByteView message) {
  const Digest context(EVP_MD_CTX_new());
  Bytes signature(64);
  std::size_t size = signature.size();
  Demand(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, secret.key.get()) == 1);
  Demand(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) ==
         1);
  return signature;
}

}  // namespace

Bytes Hash(HashType type, ByteView bytes) {
  Bytes digest(EVP_MAX_MD_SIZE);
  unsigned int size = 0;
  Demand(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, MdOf(type), nullptr) == 1);
  digest.resize(size);
  return digest;
}

Bytes Sha256(ByteView bytes) { return Hash(HashType::kSha256, bytes); }

Key Key::Of(KeyType type, std::string_view label) {
  // Primes take a while, and labels come again.
  static std::mutex mutex;
  static std::map<std::pair<KeyType, std::string>, Key> keys;
  const std::lock_guard lock(mutex);
  const std::pair<KeyType, std::string> name{type, label};
  auto place = keys.find(name);
  if (place == keys.end()) place = keys.emplace(name, Key(type, label)).first;
  return place->second;
}

Key Key::OfPublicP256(ByteView spki) {
  constexpr std::size_t kPointBytes = 65;
  Demand(spki.size() > kPointBytes);
  Key key(KeyType::kP256);
  key.spki_ = Copy(spki);
  key.raw_ = Copy(spki.last(kPointBytes));
  return key;
}

Key::Key(KeyType type, std::string_view label) : type_(type) {
  const auto secret = std::make_shared<Secret>();
  const Bytes rsa = Sequence({ObjectId("1.2.840.113549.1.1.1"), Null()});
  const std::string ec = "1.2.840.10045.2.1";
  Bytes algorithm;
  switch (type) {
    case KeyType::kP256:
      raw_ = MakeEc(*secret, NID_X9_62_prime256v1, util::AsBytes(label));
      algorithm = Sequence({ObjectId(ec), ObjectId("1.2.840.10045.3.1.7")});
      break;
    case KeyType::kP384:
      raw_ = MakeEc(*secret, NID_secp384r1, util::AsBytes(label));
      algorithm = Sequence({ObjectId(ec), ObjectId("1.3.132.0.34")});
      break;
    case KeyType::kRsa2048:
      raw_ = MakeRsa(*secret, 2048, label);
      algorithm = rsa;
      break;
    case KeyType::kRsa1024:
      raw_ = MakeRsa(*secret, 1024, label);
      algorithm = rsa;
      break;
    case KeyType::kEd25519:
      raw_ = MakeEd25519(*secret, util::AsBytes(label));
      algorithm = Sequence({ObjectId("1.3.101.112")});
      break;
  }
  secret_ = secret;
  spki_ = Sequence({algorithm, BitString(raw_)});
}

HashType Key::hash() const {
  return type_ == KeyType::kP384 ? HashType::kSha384 : HashType::kSha256;
}

std::string Key::Pem() const { return deployment::Pem("PUBLIC KEY", spki_); }

Bytes Key::Sign(ByteView message, std::string_view salt) const {
  Demand(secret_ != nullptr);
  if (type_ == KeyType::kEd25519) return SignEd25519(*secret_, message);
  if (secret_->group != nullptr) return SignEc(*secret_, Hash(hash(), message), salt);
  return SignRsa(*secret_, message);
}

Bytes Key::SignatureAlgorithm() const {
  switch (type_) {
    case KeyType::kP256:
      return Sequence({ObjectId("1.2.840.10045.4.3.2")});
    case KeyType::kP384:
      return Sequence({ObjectId("1.2.840.10045.4.3.3")});
    case KeyType::kRsa2048:
    case KeyType::kRsa1024:
      return Sequence({ObjectId("1.2.840.113549.1.1.11"), Null()});
    case KeyType::kEd25519:
      return Sequence({ObjectId("1.3.101.112")});
  }
  return {};
}

std::string Pem(std::string_view name, ByteView der) {
  const std::string base64 = util::Base64Encode(der);
  std::string text = util::StrCat("-----BEGIN ", name, "-----\n");
  for (std::size_t at = 0; at < base64.size(); at += 64) {
    text += util::StrCat(base64.substr(at, 64), "\n");
  }
  return text + util::StrCat("-----END ", name, "-----\n");
}

}  // namespace ociship::deployment
