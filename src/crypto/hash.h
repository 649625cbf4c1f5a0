// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_HASH_H_
#define OCISHIP_CRYPTO_HASH_H_

#include <cstddef>
#include <memory>

#include "ociship/core.h"
#include "ociship/digest.h"
#include "util/bytes.h"

namespace ociship::crypto {

enum class HashAlgorithm { kSha256, kSha384, kSha512 };

// SHA-256 or SHA-512 of bytes that come in pieces (FIPS 180-4). Not thread-safe.
class Hasher {
 public:
  // The algorithm of a digest text: SHA-256 or SHA-512. There is no Digest of SHA-384; asking for
  // one ends the process.
  explicit Hasher(HashAlgorithm algorithm = HashAlgorithm::kSha256);
  static Hasher For(const Digest& digest);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void Update(ByteView bytes);
  // The digest of everything so far. Call it once, at the end.
  Digest Finish();

 private:
  struct State;
  HashAlgorithm algorithm_;
  std::unique_ptr<State> state_;
};

// The algorithm of a digest.
HashAlgorithm AlgorithmOf(const Digest& digest);

// The SHA-256 of all of it, and the digest by the algorithm that another digest has.
Digest Sha256(ByteView bytes);
Digest DigestLike(const Digest& other, ByteView bytes);

// The hash value itself of bytes that come in pieces, with any of the algorithms. Not thread-safe.
class RawHasher {
 public:
  explicit RawHasher(HashAlgorithm algorithm);
  ~RawHasher();
  RawHasher(RawHasher&&) noexcept;
  RawHasher& operator=(RawHasher&&) noexcept;

  void Update(ByteView bytes);
  // The hash of everything so far. Call it once, at the end.
  util::Bytes Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Bytes in a hash value: 32, 48 or 64.
std::size_t HashSize(HashAlgorithm algorithm);
// The hash value of all of it.
util::Bytes HashBytes(HashAlgorithm algorithm, ByteView bytes);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_HASH_H_
