// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_MANIFESTS_H_
#define OCISHIP_REGISTRY_MANIFESTS_H_

#include <optional>
#include <string>
#include <string_view>

#include "ociship/core.h"
#include "ociship/store.h"
#include "registry/client.h"

namespace ociship::registry {

// What a manifest is asked for by.
class ManifestName {
 public:
  explicit ManifestName(const Tag& tag) : text_(tag.text()) {}
  explicit ManifestName(const Digest& digest) : text_(digest.text()), digest_(digest) {}
  // A tag that is made here, such as that of the referrers.
  static ManifestName OfTag(std::string tag) { return ManifestName(std::move(tag)); }

  const std::string& text() const { return text_; }
  // What the content must have, when it is asked for by digest.
  const std::optional<Digest>& digest() const { return digest_; }

 private:
  explicit ManifestName(std::string text) : text_(std::move(text)) {}

  std::string text_;
  std::optional<Digest> digest_;
};

// Media type, digest and size of a manifest by HEAD; by GET where the registry refuses HEAD or
// leaves something out (distribution-spec, "Checking if content exists in the registry"). kNotFound
// when it is not there.
Result<Descriptor> ResolveManifest(Client& client, const ManifestName& name);

// The manifest itself, at most kMaxManifestBytes, compared with the digest of `name` if it has one
// (distribution-spec, "Pulling manifests"). Its media type is that of the answer, or that of the
// document where the answer has none that is a manifest's; kBadInput when they are of two kinds.
Result<Manifest> FetchManifest(Client& client, const ManifestName& name);

// The same, but whatever else the answer was. nullopt on 404.
Result<std::optional<Manifest>> FindManifest(Client& client, const ManifestName& name);

// The request that stores a manifest, and its answer whatever it is (distribution-spec, "Pushing
// Manifests").
Call PutCall(const Client& client, const Manifest& manifest, const ManifestName& name);
// Whether the answer to it names the digest that the manifest has; kBadInput if it names another.
Status CheckStored(const Client& client, const http::Response& response, const Manifest& manifest,
                   const ManifestName& name);

// Stores a manifest. kBadInput when the registry says that it has another digest.
Status PutManifest(Client& client, const Manifest& manifest, const ManifestName& name);

// A media type without its parameters.
std::string_view BareMediaType(std::string_view media_type);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_MANIFESTS_H_
