// SPDX-License-Identifier: Apache-2.0
#include "crypto/hash.h"

#include <doctest/doctest.h>

#include <string>

#include "util/bytes.h"
#include "util/encoding.h"

namespace ociship::crypto {
namespace {

using util::AsBytes;

// FIPS 180-4 examples.
constexpr std::string_view kAbc256 =
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kAbc512 =
    "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
constexpr std::string_view kEmpty256 =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST_CASE("Sha256: the examples of FIPS 180-4 come out") {
  CHECK(Sha256(AsBytes("abc")).text() == kAbc256);
  CHECK(Sha256(AsBytes("")).text() == kEmpty256);
  CHECK(Sha256(AsBytes(std::string(1'000'000, 'a'))).text() ==
        "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("Hasher: how the bytes are cut makes no difference") {
  const std::string text(1000, 'x');
  const Digest whole = Sha256(AsBytes(text));
  for (const std::size_t size : {1u, 7u, 64u, 999u}) {
    Hasher hasher;
    for (std::size_t at = 0; at < text.size(); at += size) {
      hasher.Update(AsBytes(std::string_view(text).substr(at, size)));
      hasher.Update({});
    }
    CHECK(hasher.Finish() == whole);
  }
}

TEST_CASE("Hasher: one byte more or less is another digest") {
  CHECK(Sha256(AsBytes("abc")) != Sha256(AsBytes("abcd")));
  CHECK(Sha256(AsBytes("abc")) != Sha256(AsBytes("ab")));
}

TEST_CASE("Hasher: without a byte it is the digest of nothing") {
  CHECK(Hasher().Finish().text() == kEmpty256);
}

TEST_CASE("Hasher: a moved one goes on") {
  Hasher first;
  first.Update(AsBytes("a"));
  Hasher second = std::move(first);
  second.Update(AsBytes("bc"));
  CHECK(second.Finish().text() == kAbc256);
}

TEST_CASE("DigestLike: the algorithm is the one of the other digest") {
  const Digest sha256 = Digest::OfSha256({});
  const Digest sha512 = Digest::OfSha512({});
  CHECK(DigestLike(sha256, AsBytes("abc")).text() == kAbc256);
  CHECK(DigestLike(sha512, AsBytes("abc")).text() == kAbc512);
  Hasher hasher = Hasher::For(sha512);
  hasher.Update(AsBytes("abc"));
  CHECK(hasher.Finish().text() == kAbc512);
}

TEST_CASE("HashBytes: the examples of FIPS 180-4 come out, of SHA-384 too") {
  CHECK(util::HexEncode(HashBytes(HashAlgorithm::kSha384, AsBytes("abc"))) ==
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
        "8086072ba1e7cc2358baeca134c825a7");
  CHECK("sha256:" + util::HexEncode(HashBytes(HashAlgorithm::kSha256, AsBytes("abc"))) == kAbc256);
  CHECK("sha512:" + util::HexEncode(HashBytes(HashAlgorithm::kSha512, AsBytes("abc"))) == kAbc512);
}

TEST_CASE("RawHasher: how the bytes are cut makes no difference, and a moved one goes on") {
  for (const auto algorithm :
       {HashAlgorithm::kSha256, HashAlgorithm::kSha384, HashAlgorithm::kSha512}) {
    RawHasher first(algorithm);
    first.Update(AsBytes("a"));
    RawHasher second = std::move(first);
    second.Update(AsBytes("bc"));
    const util::Bytes hash = second.Finish();
    CHECK(hash == HashBytes(algorithm, AsBytes("abc")));
    CHECK(hash.size() == HashSize(algorithm));
    CHECK(hash != HashBytes(algorithm, AsBytes("abd")));
  }
}

}  // namespace
}  // namespace ociship::crypto
