// SPDX-License-Identifier: Apache-2.0
// The encrypted key of cosign: scrypt (RFC 7914) with r = 8 and p = 1, then XSalsa20-Poly1305 (NaCl
// secretbox), both by libsodium. Tested by key_box_test.cc.
#include "crypto/key_box.h"

#include <sodium.h>

#include <array>

#include "util/text.h"
#include "util/try.h"

namespace ociship::crypto {
namespace {

constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kMaxSealedBytes = 64 * 1024;
constexpr std::uint32_t kScryptR = 8;
constexpr std::uint32_t kScryptP = 1;

static_assert(crypto_secretbox_NONCEBYTES == 24 && crypto_secretbox_MACBYTES == 16);

// Bytes that are cleared at the end of the scope.
class Secret {
 public:
  explicit Secret(util::Bytes bytes) : bytes_(std::move(bytes)) {}
  explicit Secret(std::size_t size) : bytes_(size) {}
  ~Secret() { sodium_memzero(bytes_.data(), bytes_.size()); }
  Secret(Secret&&) = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret& operator=(Secret&&) = delete;

  util::Bytes& bytes() { return bytes_; }
  const util::Bytes& bytes() const { return bytes_; }

 private:
  util::Bytes bytes_;
};

Error BadBox(std::string_view why) {
  return Error(Code::kBadInput, util::StrCat("encrypted private key: ", why));
}

// Safe to call often and from several threads; 1 says that it was done before.
Status StartSodium() {
  if (sodium_init() < 0) return Error(Code::kFailure, "libsodium does not start");
  return Ok();
}

// key = scrypt(password, salt, N, r, p, 32)
Result<Secret> DeriveKey(const KeyBox& box, std::string_view password) {
  Secret key(crypto_secretbox_KEYBYTES);
  const ByteView secret = util::AsBytes(password);
  if (0 != crypto_pwhash_scryptsalsa208sha256_ll(secret.data(), secret.size(), box.salt.data(),
                                                 box.salt.size(), box.n, kScryptR, kScryptP,
                                                 key.bytes().data(), key.bytes().size())) {
    return Error(Code::kFailure,
                 util::StrCat("the key of the password cannot be derived: ",
                              util::HumanBytes(128 * kScryptR * box.n), " of memory are needed"));
  }
  return key;
}

// A box decides how much memory and time is spent on it, so only what cosign writes is taken.
Status CheckParameters(const KeyBox& box) {
  if (box.n != 32768 && box.n != 65536 && box.n != 131072) {
    return BadBox("scrypt parameters that are not supported");
  }
  if (box.salt.size() != kSaltBytes) return BadBox("the salt is not of 32 bytes");
  if (box.nonce.size() != crypto_secretbox_NONCEBYTES) {
    return BadBox("the nonce is not of 24 bytes");
  }
  if (box.ciphertext.size() <= crypto_secretbox_MACBYTES ||
      box.ciphertext.size() > kMaxSealedBytes) {
    return BadBox("the ciphertext is too short or too long");
  }
  return Ok();
}

}  // namespace

Result<KeyBox> SealKey(const PrivateKey& key, std::string_view password) {
  TRY(StartSodium());
  KeyBox box;
  box.salt.resize(kSaltBytes);
  box.nonce.resize(crypto_secretbox_NONCEBYTES);
  randombytes_buf(box.salt.data(), box.salt.size());
  randombytes_buf(box.nonce.data(), box.nonce.size());
  util::Bytes encoded = TRY(key.Pkcs8());
  const Secret plain(std::move(encoded));
  const Secret secret = TRY(DeriveKey(box, password));
  box.ciphertext.resize(plain.bytes().size() + crypto_secretbox_MACBYTES);
  if (0 != crypto_secretbox_easy(box.ciphertext.data(), plain.bytes().data(), plain.bytes().size(),
                                 box.nonce.data(), secret.bytes().data())) {
    return Error(Code::kFailure, "the private key cannot be encrypted");
  }
  return box;
}

Result<PrivateKey> OpenKey(const KeyBox& box, std::string_view password) {
  TRY(CheckParameters(box));
  TRY(StartSodium());
  const Secret secret = TRY(DeriveKey(box, password));
  Secret plain(box.ciphertext.size() - crypto_secretbox_MACBYTES);
  if (0 != crypto_secretbox_open_easy(plain.bytes().data(), box.ciphertext.data(),
                                      box.ciphertext.size(), box.nonce.data(),
                                      secret.bytes().data())) {
    return BadBox("wrong password");
  }
  return PrivateKey::FromPkcs8(plain.bytes());
}

}  // namespace ociship::crypto
