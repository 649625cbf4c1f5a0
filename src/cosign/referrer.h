// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_COSIGN_REFERRER_H_
#define OCISHIP_COSIGN_REFERRER_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "oci/manifest.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/store.h"

// The manifest that attaches a Sigstore bundle to an image (cosign, BUNDLE_SPEC.md).
namespace ociship::cosign {

// The empty config (OCI image-spec manifest.md, "Guidance for an Empty Descriptor").
inline constexpr std::string_view kEmptyConfig = "{}";
inline constexpr std::string_view kPredicateTypeAnnotation = "dev.sigstore.bundle.predicateType";

// The referrer manifest of `bundle`, an image signature of `subject`, created at `now`.
Manifest FormatReferrer(const Descriptor& subject, std::string_view bundle,
                        std::chrono::sys_seconds now);

// The layer with the bundle of an image signature: when the manifest's subject is `image`, it has
// exactly one layer, the layer is a bundle, and no annotation says that it is of another predicate
// type. nullopt for every other referrer; kBadInput when the manifest can not be read.
Result<std::optional<Descriptor>> FindSignatureBundle(const Manifest& manifest,
                                                      const Digest& image);

}  // namespace ociship::cosign

#endif  // OCISHIP_COSIGN_REFERRER_H_
