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
// WHO signs is a key, or somebody with an identity token (OpenID Connect): then a certificate
// authority says for ten minutes that a new key, which nobody keeps, is his. What makes such a
// signature good for longer are others' words beside it: an entry in a transparency log, a
// timestamp. KEYS are the files of cosign: PEM around an encrypted PKCS#8 key.
//
// EXAMPLE
//   Result<SigningKey> key = SigningKey::FromFile("cosign.key", password);
//   if (!key.ok()) return Fail(key.error());   // kBadInput: cosign.key: wrong password
//   Result<SignResult> result = SignImage(*store, image, key.value(), {.now = now});
//   // Signing again with the same key and annotations writes nothing and succeeds.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "ociship/store.h"
#include "ociship/verify.h"

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

// Whose services are asked for words beside a signature.
struct SigningServices {
  // JSON (sigstore_trustroot.proto, SigningConfig v0.2): whom to ask, and how many of them. May be
  // empty where URLs name all that are needed; those take the place of what it has of their kind.
  std::string signing_config = {};
  std::string certificate_authority_url = {};  // Fulcio
  std::string log_url = {};                    // Rekor
  unsigned log_version = 1;                    // of Rekor: 1 or 2
  std::string timestamp_authority_url = {};
  // By this every answer is judged before it is used: it must come from somebody in here.
  TrustRoot root = {};
  // Whether an entry in a transparency log is wanted.
  enum class Logging { kWanted, kNone } logging = Logging::kWanted;
  // Whether a certificate must have been seen by a certificate log.
  enum class CertificateLogs { kDemanded, kIgnored } certificate_logs = CertificateLogs::kDemanded;
  // Whom identity tokens must be for: what the certificate authority expects.
  std::string audience = "sigstore";
  // How long a service may take for one answer, with everything that is tried again.
  std::chrono::milliseconds patience{180'000};
  TlsOptions tls = {};
};

// Gives an identity token (JWT) when one is needed, and again, of the same identity, after its end.
using TokenProvider = std::function<Result<std::string>()>;

// In which formats images are signed.
enum class SignatureFormats {
  kAuto,  // in all that verify later: both, unless no log gives what the legacy one needs
  kBundle,
  kLegacy,
  kBoth,
};

// Reads "auto", "bundle", "legacy" or "both"; kUsage otherwise.
Result<SignatureFormats> ParseSignatureFormats(std::string_view text);

// What everybody will be able to read, for good, once something is signed.
struct Publication {
  // URLs of the transparency logs that are asked, or that may be where another does not answer.
  std::vector<std::string> logs = {};
  // The same of certificate authorities, which write certificates into logs. Empty: a key signs.
  std::vector<std::string> certificate_authorities = {};
  // Whose certificate it will be: the email, the workflow, or what else the token says of itself;
  // and who says so. Of a key empty.
  std::string identity = {};
  std::string issuer = {};
};

// Who signs. Copies are the same signer, with one certificate for all that is signed in its ten
// minutes. Safe to use from several threads.
class Signer {
 public:
  // A key, and nobody else's word. A key is a signer, hence no `explicit`.
  Signer(const SigningKey& key);
  // A key, and the words of others. kUsage or kTrustMaterial for services that can not be asked, or
  // could not help.
  static Result<Signer> WithKey(const SigningKey& key, const SigningServices& services,
                                const Effects& effects);
  // Whoever the tokens name, with a certificate. Errors as above.
  static Result<Signer> Keyless(TokenProvider tokens, const SigningServices& services,
                                const Effects& effects);

  // Gets a token, if there is to be one, and with it whom a certificate would be of.
  Status Prepare() const;
  // Gets the certificate, if there is to be one: who may not have it learns so before a long push,
  // and a token that ends soon is used while it lives.
  Status Certify() const;
  // What signing in these formats will publish; nothing is known of an identity before Prepare.
  Publication publication(SignatureFormats formats) const;
  // The formats that kAuto amounts to. kUsage, before anything is written, for one that nobody
  // could verify later.
  Result<SignatureFormats> Formats(SignatureFormats wanted) const;

  struct Impl;
  Impl& impl() const { return *impl_; }

 private:
  explicit Signer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

struct SignOptions {
  SignatureFormats formats = SignatureFormats::kAuto;
  // What verifiers can demand: signed together with the digest.
  std::map<std::string, std::string> annotations = {};
  // How the signature calls the image; empty: the name of the repository.
  std::string identity = {};
  std::chrono::sys_seconds now = {};  // creation time of the bundle's manifest
  // Whether an equal signature that is there already does.
  enum class Again { kUnlessThere, kAlways } again = Again::kUnlessThere;
};

// One signature of the image, in one format.
struct SignatureRecord {
  SignatureFormat format = SignatureFormat::kBundle;
  Descriptor manifest;  // that carries it
  enum class State { kWritten, kWasThere } state = State::kWritten;
};

struct SignResult {
  std::vector<SignatureRecord> signatures;
};

// Signs the manifest or index `image` of `store`, and verifies what the Store then shows.
// Everything is made, and verified, before the first byte is written. Errors are those of the
// Store; kUnauthorized without a token that counts, kRateLimited, kSigningService for everything
// else about services.
Result<SignResult> SignImage(Store& store, const Descriptor& image, const Signer& signer,
                             const SignOptions& options);

// One of several images that are signed together.
struct ImageToSign {
  Store* store = nullptr;  // not owned
  Descriptor image;
};

// The same for several images, a few at a time, with one wait for all registries that need one.
// `signed_image` is told, in their order, of those that are signed and verified, whatever becomes
// of the others; the error is the first.
Status SignImages(const std::vector<ImageToSign>& images, const Signer& signer,
                  const SignOptions& options,
                  const std::function<void(std::size_t, const SignResult&)>& signed_image);

// The manifests that an index names, and those of indexes among them, each before what names it;
// `image` is the last, and the only one if it is no index. Errors of the Store; kBadInput.
Result<std::vector<Descriptor>> ListImages(Store& store, const Descriptor& image);

// The signature of a file as a Sigstore bundle, verified. Errors of services as above; kUsage for
// an Ed25519 key and a file whose bytes are not at hand.
Result<std::string> SignBlob(const Blob& blob, const Signer& signer);

// The same of an in-toto statement (in-toto attestation v1), in a DSSE envelope. kBadInput for what
// is none.
Result<std::string> SignStatement(std::string_view statement, const Signer& signer);

}  // namespace ociship

#endif  // OCISHIP_SIGN_H_
