// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_COSIGN_SIGNATURE_IMAGE_H_
#define OCISHIP_COSIGN_SIGNATURE_IMAGE_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "oci/manifest.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/reference.h"
#include "ociship/store.h"
#include "util/bytes.h"

// The image behind the tag sha256-HEX.sig: every layer is a payload, its annotations carry the
// signature (cosign, SIGNATURE_SPEC.md).
namespace ociship::cosign {

inline constexpr std::string_view kSimpleSigningMediaType =
    "application/vnd.dev.cosign.simplesigning.v1+json";
inline constexpr std::string_view kSignatureAnnotation = "dev.cosignproject.cosign/signature";
inline constexpr std::string_view kCertificateAnnotation = "dev.sigstore.cosign/certificate";
inline constexpr std::string_view kChainAnnotation = "dev.sigstore.cosign/chain";
inline constexpr std::string_view kLogEntryAnnotation = "dev.sigstore.cosign/bundle";
inline constexpr std::string_view kTimestampAnnotation = "dev.sigstore.cosign/rfc3161timestamp";

// How many layers are read and written: cosign's own limit.
inline constexpr std::size_t kMaxSignatureLayers = 1000;

// sha256-HEX.sig. kUsage for a SHA-512 digest, which makes no tag.
Result<Tag> SignatureTag(const Digest& image);

// The layer of a payload, with the signature over it and what goes beside that in the annotations.
Descriptor SignatureLayer(std::string_view payload, std::map<std::string, std::string> annotations);
// The same with the signature alone.
Descriptor SignatureLayer(std::string_view payload, ByteView signature);

// The value of a layer's annotation, nullopt when there is none.
std::optional<std::string> LayerAnnotation(const Descriptor& layer, std::string_view key);

// The config that goes with these layers: an image without platform or time, one history entry and
// one diff ID a layer.
std::string FormatSignatureConfig(const std::vector<Descriptor>& layers);

// What the tag names now.
struct SignatureImage {
  Descriptor descriptor;
  oci::ImageManifest manifest;
};

// Resolves the tag once and reads the manifest by its digest. nullopt when there is no such tag;
// kBadInput when it names something other than an image manifest.
Result<std::optional<SignatureImage>> ReadSignatureImage(Store& store, const Digest& image);

// A manifest and the config that it names, ready to be stored.
struct FormattedImage {
  Manifest manifest;
  std::string config;
};

// The signature image with `layer` behind the layers that `current` has, which keep their order and
// fields, as do the media type and annotations of the manifest. A new image without `current`.
// kFailure when there are kMaxSignatureLayers already.
Result<FormattedImage> AppendSignature(const std::optional<SignatureImage>& current,
                                       const Descriptor& layer);

}  // namespace ociship::cosign

#endif  // OCISHIP_COSIGN_SIGNATURE_IMAGE_H_
