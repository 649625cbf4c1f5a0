// SPDX-License-Identifier: Apache-2.0
// The referrer manifest of a bundle (cosign, BUNDLE_SPEC.md; OCI image-spec manifest.md). Covered
// by tests/cosign/referrer_test.cc.
#include "cosign/referrer.h"

#include <utility>

#include "crypto/hash.h"
#include "oci/media_types.h"
#include "sigstore/bundle.h"
#include "sigstore/statement.h"
#include "util/bytes.h"
#include "util/time.h"
#include "util/try.h"

namespace ociship::cosign {

Manifest FormatReferrer(const Descriptor& subject, std::string_view bundle,
                        std::chrono::sys_seconds now) {
  const std::string media_type(sigstore::kBundleMediaType);
  // cosign's "clean" finds bundles only by the artifact type of the config, which is in no
  // specification.
  oci::ImageManifest manifest{
      .media_type = std::string(oci::kOciManifest),
      .artifact_type = media_type,
      .config = {.media_type = std::string(oci::kOciEmpty),
                 .digest = crypto::Sha256(util::AsBytes(kEmptyConfig)),
                 .size = kEmptyConfig.size(),
                 .artifact_type = media_type},
      .layers = {{.media_type = media_type,
                  .digest = crypto::Sha256(util::AsBytes(bundle)),
                  .size = bundle.size()}},
      .subject =
          Descriptor{
              .media_type = subject.media_type, .digest = subject.digest, .size = subject.size},
      .annotations = {{"dev.sigstore.bundle.content", "dsse-envelope"},
                      {std::string(kPredicateTypeAnnotation),
                       std::string(sigstore::kImageSignaturePredicate)},
                      {"org.opencontainers.image.created", util::FormatRfc3339(now)}},
  };
  return oci::NewManifest(oci::FormatImageManifest(manifest), manifest.media_type);
}

Result<std::optional<Descriptor>> FindSignatureBundle(const Manifest& manifest,
                                                      const Digest& image) {
  const std::optional<Descriptor> none;
  if (oci::KindOf(manifest.descriptor.media_type) != oci::ManifestKind::kImage) return none;
  oci::ImageManifest parsed = TRY(oci::ParseImageManifest(manifest.bytes));
  if (!parsed.subject.has_value() || parsed.subject->digest != image) return none;
  if (parsed.layers.size() != 1) return none;
  if (!parsed.layers.front().media_type.starts_with(sigstore::kBundleMediaTypePrefix)) return none;
  const auto predicate = parsed.annotations.find(std::string(kPredicateTypeAnnotation));
  if (predicate != parsed.annotations.end() &&
      predicate->second != sigstore::kImageSignaturePredicate) {
    return none;
  }
  return std::optional<Descriptor>(std::move(parsed.layers.front()));
}

}  // namespace ociship::cosign
