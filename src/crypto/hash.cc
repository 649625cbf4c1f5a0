// SPDX-License-Identifier: Apache-2.0
// SHA-256, SHA-384 and SHA-512 (FIPS 180-4) by OpenSSL. Tested by hash_test.cc.
#include "crypto/hash.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

#include "crypto/openssl.h"

namespace ociship::crypto {
namespace {

// Hashing memory fails only where OpenSSL itself is broken or memory has run out; there is no sane
// way on.
void Require(bool holds) {
  if (!holds) std::abort();
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> FinishInto(EVP_MD_CTX* context) {
  std::array<std::uint8_t, kSize> hash{};
  unsigned size = 0;
  Require(EVP_MD_CTX_get_size(context) == static_cast<int>(kSize));
  Require(1 == EVP_DigestFinal_ex(context, hash.data(), &size));
  return hash;
}

Digest HashAll(Hasher hasher, ByteView bytes) {
  hasher.Update(bytes);
  return hasher.Finish();
}

}  // namespace

struct Hasher::State {
  EvpMdCtx context{EVP_MD_CTX_new()};
};

Hasher::Hasher(HashAlgorithm algorithm) : algorithm_(algorithm), state_(std::make_unique<State>()) {
  Require(algorithm != HashAlgorithm::kSha384);
  Require(state_->context != nullptr);
  Require(1 == EVP_DigestInit_ex(state_->context.get(), HashOf(algorithm), nullptr));
}

Hasher Hasher::For(const Digest& digest) { return Hasher(AlgorithmOf(digest)); }

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::Update(ByteView bytes) {
  Require(1 == EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

Digest Hasher::Finish() {
  EVP_MD_CTX* context = state_->context.get();
  if (algorithm_ == HashAlgorithm::kSha512) return Digest::OfSha512(FinishInto<64>(context));
  return Digest::OfSha256(FinishInto<32>(context));
}

HashAlgorithm AlgorithmOf(const Digest& digest) {
  return digest.algorithm() == "sha512" ? HashAlgorithm::kSha512 : HashAlgorithm::kSha256;
}

Digest Sha256(ByteView bytes) { return HashAll(Hasher(), bytes); }

Digest DigestLike(const Digest& other, ByteView bytes) {
  return HashAll(Hasher::For(other), bytes);
}

struct RawHasher::State {
  EvpMdCtx context{EVP_MD_CTX_new()};
};

RawHasher::RawHasher(HashAlgorithm algorithm) : state_(std::make_unique<State>()) {
  Require(state_->context != nullptr);
  Require(1 == EVP_DigestInit_ex(state_->context.get(), HashOf(algorithm), nullptr));
}

RawHasher::~RawHasher() = default;
RawHasher::RawHasher(RawHasher&&) noexcept = default;
RawHasher& RawHasher::operator=(RawHasher&&) noexcept = default;

void RawHasher::Update(ByteView bytes) {
  Require(1 == EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

util::Bytes RawHasher::Finish() {
  EVP_MD_CTX* context = state_->context.get();
  util::Bytes hash(static_cast<std::size_t>(EVP_MD_CTX_get_size(context)));
  unsigned size = 0;
  Require(1 == EVP_DigestFinal_ex(context, hash.data(), &size) && size == hash.size());
  return hash;
}

std::size_t HashSize(HashAlgorithm algorithm) {
  return static_cast<std::size_t>(EVP_MD_get_size(HashOf(algorithm)));
}

util::Bytes HashBytes(HashAlgorithm algorithm, ByteView bytes) {
  RawHasher hasher(algorithm);
  hasher.Update(bytes);
  return hasher.Finish();
}

}  // namespace ociship::crypto
