// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_KEY_BOX_H_
#define OCISHIP_CRYPTO_KEY_BOX_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/key.h"
#include "ociship/core.h"

namespace ociship::crypto {

// The encrypted private key of cosign: scrypt and NaCl secretbox around PKCS#8
// (go-securesystemslib, encrypted). The JSON and PEM around it belong to the room cosign, this is
// the box alone.
struct KeyBox {
  std::uint64_t n = 65536;  // scrypt cost; r = 8, p = 1
  util::Bytes salt;         // 32 bytes
  util::Bytes nonce;        // 24 bytes
  util::Bytes ciphertext;   // 16 bytes tag, then the encrypted PKCS#8
};

// Encrypts with N = 65536 and new random salt and nonce. Needs 64 MiB while it runs.
Result<KeyBox> SealKey(const PrivateKey& key, std::string_view password);

// kBadInput: "wrong password" when it does not open, another sentence when the parameters are none
// of N = 32768, 65536, 131072 or what is inside is no PKCS#8.
Result<PrivateKey> OpenKey(const KeyBox& box, std::string_view password);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_KEY_BOX_H_
