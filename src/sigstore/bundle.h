// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_BUNDLE_H_
#define OCISHIP_SIGSTORE_BUNDLE_H_

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ociship/core.h"
#include "sigstore/dsse.h"
#include "sigstore/log_entry.h"
#include "util/bytes.h"

namespace ociship::sigstore {

// The media type of bundles that are written, and what those of all versions begin with.
inline constexpr std::string_view kBundleMediaType =
    "application/vnd.dev.sigstore.bundle.v0.3+json";
inline constexpr std::string_view kBundleMediaTypePrefix = "application/vnd.dev.sigstore.bundle";

// Caps on bundles from outside.
inline constexpr std::size_t kMaxBundleBytes = 4 << 20;
inline constexpr std::size_t kMaxBundleValues = 50'000;
inline constexpr std::size_t kMaxLogEntries = 32;
inline constexpr std::size_t kMaxTimestamps = 32;
inline constexpr std::size_t kMaxChainCertificates = 10;

// What a bundle says its signature is to be verified with: exactly one of three.
struct KeyHint {
  std::string hint;  // names a key that the verifier has; of no weight
};
struct LeafCertificate {
  util::Bytes der;
};
struct CertificateChain {
  std::vector<util::Bytes> ders;  // the leaf first
};
using SignerMaterial = std::variant<KeyHint, LeafCertificate, CertificateChain>;

// The signature of a file (sigstore_common.proto, MessageSignature).
struct MessageSignature {
  std::string digest_algorithm;  // "SHA2_256" and so on, or empty; a hint
  util::Bytes digest;            // a hint
  util::Bytes signature;
};
using SignedContent = std::variant<Envelope, MessageSignature>;

enum class BundleVersion { kV01, kV02, kV03 };

// All that comes with one signature, from whatever form it was read.
struct Material {
  SignerMaterial signer;
  SignedContent content;
  std::vector<LogEntry> log_entries;
  std::vector<util::Bytes> timestamps;  // RFC 3161 responses, DER
};

// A Sigstore bundle as it was read (sigstore_bundle.proto, versions 0.1 to 0.3). Well-formed, and
// nothing more: no signature, certificate, log entry or timestamp in it is verified.
class Bundle {
 public:
  // Reads protobuf JSON. kBadInput for another media type, unknown fields, duplicate keys, a number
  // of envelope signatures other than one, more entries or bytes than the caps above, bytes that
  // are no base64 (either alphabet is accepted), a certificate chain in version 0.3, a log entry
  // without what its version demands (a promise in 0.1, an inclusion proof since), a message
  // signature without a digest, or anything behind the document. The reason is bundle-version,
  // bundle-malformed or one of log-*.
  static Result<Bundle> Parse(std::string_view text);

  BundleVersion version() const { return version_; }
  const Material& material() const { return material_; }

 private:
  Bundle(BundleVersion version, Material material)
      : version_(version), material_(std::move(material)) {}

  BundleVersion version_;
  Material material_;
};

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_BUNDLE_H_
