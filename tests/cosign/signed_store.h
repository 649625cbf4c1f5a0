// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_COSIGN_SIGNED_STORE_H_
#define OCISHIP_TESTS_COSIGN_SIGNED_STORE_H_

#include <doctest/doctest.h>

#include <string>

#include "cosign/referrer.h"
#include "cosign/signature_image.h"
#include "cosign_fixtures.h"
#include "memory_store.h"
#include "oci/media_types.h"

namespace ociship::testing {

inline std::string SignatureTagText(const Digest& image) {
  Result<Tag> tag = cosign::SignatureTag(image);
  REQUIRE(tag.ok());
  return tag.value().text();
}

// Puts a bundle into the store, as a referrer of `image`; gives the digest of the referrer.
inline Digest PutBundle(MemoryStore& store, const std::string& bundle, const Digest& image) {
  store.AddBlob(cosign::kEmptyConfig);
  store.AddBlob(bundle);
  const Manifest referrer = cosign::FormatReferrer(
      {.media_type = std::string(oci::kOciManifest), .digest = image, .size = 1}, bundle, {});
  store.AddManifest(referrer);
  return referrer.descriptor.digest;
}

// Puts the referrer that cosign wrote into the store, with its bundle.
inline Digest PutCosignBundle(MemoryStore& store, const std::string& name) {
  store.AddBlob(cosign::kEmptyConfig);
  store.AddBlob(CosignFixture(name + ".bundle.json"));
  const Manifest referrer =
      oci::NewManifest(CosignFixture(name + ".referrer.json"), oci::kOciManifest);
  store.AddManifest(referrer);
  return referrer.descriptor.digest;
}

// Puts a signature image with these layers into the store, under the tag of `image`.
inline Digest PutSignatureImage(MemoryStore& store, const std::vector<Descriptor>& layers,
                                const Digest& image) {
  const std::string config = cosign::FormatSignatureConfig(layers);
  const Manifest manifest = oci::NewManifest(
      oci::FormatImageManifest({.media_type = std::string(oci::kOciManifest),
                                .config = {.media_type = std::string(oci::kOciConfig),
                                           .digest = store.AddBlob(config),
                                           .size = config.size()},
                                .layers = layers}),
      oci::kOciManifest);
  store.AddManifest(manifest);
  store.AddTag(SignatureTagText(image), manifest.descriptor.digest);
  return manifest.descriptor.digest;
}

// Puts the signature image that cosign wrote into the store, with payload, config and tag.
inline Digest PutCosignLegacy(MemoryStore& store, const std::string& name,
                              const std::string& payload) {
  store.AddBlob(CosignFixture(name + ".sig-config.json"));
  store.AddBlob(payload);
  const Manifest manifest =
      oci::NewManifest(CosignFixture(name + ".sig-manifest.json"), oci::kOciManifest);
  store.AddManifest(manifest);
  store.AddTag(SignatureTagText(CosignImage()), manifest.descriptor.digest);
  return manifest.descriptor.digest;
}
inline Digest PutCosignLegacy(MemoryStore& store, const std::string& name) {
  return PutCosignLegacy(store, name, CosignFixture(name + ".payload.json"));
}

// Fails every call that begins so.
inline void FailCalls(MemoryStore& store, std::string beginning, Code code = Code::kUnavailable) {
  store.FailWhen(
      [beginning = std::move(beginning), code](const std::string& call) -> std::optional<Error> {
        if (call.starts_with(beginning)) return Error(code, "broken");
        return std::nullopt;
      });
}

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_COSIGN_SIGNED_STORE_H_
