// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGN_H_
#define OCISHIP_SIGN_H_

// Sign: signatures that cosign 2 and 3, podman, skopeo and the admission controllers of the field
// verify.
//
// FORMATS. An image can carry its signature in two ways, and by default both are written, since
// each has verifiers that know only it:
//   kBundle   a Sigstore bundle in a manifest whose subject is the image (OCI referrer)
//   kLegacy   a payload in an image behind the tag sha256-HEX.sig
//
// KEYS are the files of cosign: PEM around an encrypted PKCS#8 key.
//
// EXAMPLE
//   Result<SigningKey> key = SigningKey::FromFile("cosign.key", password);
//   if (!key.ok()) return Fail(key.error());   // kBadInput: cosign.key: wrong password
//   Result<SignResult> result = SignImage(*store, image, key.value(), {.now = now});
//   // Signing again with the same key and annotations writes nothing and succeeds.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "ociship/store.h"

namespace ociship {

// A private key in memory. Cheap to copy; safe to share between threads.
class SigningKey {
 public:
  // Reads and decrypts a private key file; needs 64 MiB while it runs. kBadInput when the file is
  // not there, is no key file, or the password is wrong.
  static Result<SigningKey> FromFile(const std::string& path, std::string_view password);

  // The public key as PEM (PKIX).
  std::string PublicPem() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit SigningKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// The texts of two files.
struct KeyPair {
  std::string private_key;  // "ENCRYPTED SIGSTORE PRIVATE KEY"; to be readable by the owner alone
  std::string public_key;   // "PUBLIC KEY"
};

// A new ECDSA P-256 key, its private half encrypted with `password` (scrypt, N = 65536), which may
// be empty.
Result<KeyPair> GenerateKeyPair(std::string_view password);

enum class SignatureFormats { kBundle, kLegacy, kBoth };

// Reads "bundle", "legacy" or "both"; kUsage otherwise.
Result<SignatureFormats> ParseSignatureFormats(std::string_view text);

struct SignOptions {
  SignatureFormats formats = SignatureFormats::kBoth;
  // What verifiers can demand: signed together with the digest.
  std::map<std::string, std::string> annotations = {};
  // How the signature calls the image; empty: the name of the repository.
  std::string identity = {};
  std::chrono::sys_seconds now = {};  // creation time of the bundle's manifest
};

// One signature of the image, in one format.
struct SignatureRecord {
  SignatureFormats format = SignatureFormats::kBundle;  // kBundle or kLegacy
  Descriptor manifest;                                  // that carries it
  enum class State { kWritten, kWasThere } state = State::kWritten;
};

struct SignResult {
  std::vector<SignatureRecord> signatures;
};

// Signs the manifest or index `image` of `store`. Everything is made before the first byte is
// written. Errors are those of the Store.
Result<SignResult> SignImage(Store& store, const Descriptor& image, const SigningKey& key,
                             const SignOptions& options);

}  // namespace ociship

#endif  // OCISHIP_SIGN_H_
