// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_OCI_MANIFEST_H_
#define OCISHIP_OCI_MANIFEST_H_

#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "oci/media_types.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/store.h"
#include "util/json.h"

namespace ociship::oci {

// Caps on documents from outside.
inline constexpr std::size_t kMaxDescriptors = 10'000;
inline constexpr std::size_t kMaxConfigBytes = 8 << 20;

// An image manifest (OCI image-spec manifest.md; Docker's schema 2 has the same fields).
struct ImageManifest {
  std::string media_type;  // as the document says, or empty
  std::string artifact_type;
  Descriptor config;
  std::vector<Descriptor> layers;
  std::optional<Descriptor> subject;
  std::map<std::string, std::string> annotations;
};

// An index or manifest list (OCI image-spec image-index.md).
struct ImageIndex {
  std::string media_type;
  std::string artifact_type;
  std::vector<Descriptor> manifests;
  std::optional<Descriptor> subject;
  std::map<std::string, std::string> annotations;
};

// The parts of an image config that matter here (OCI image-spec config.md). The bytes of a config
// are never written again: they are passed on as they were.
struct ImageConfig {
  Platform platform;
  std::vector<Digest> diff_ids;  // empty when the document has none, or null
};

// Refuses members that are one of `keys` but for the case of letters: Go's decoder takes them for
// the same, others do not, and the two would see different documents.
Status CheckSpelling(const util::Json& object, std::span<const std::string_view> keys);

// The media type that a manifest or index says it has, possibly none. kBadInput unless the document
// is of the kind `wanted`, and of no other: one that has a member of `foreign_keys` would be
// another image to readers that look at different fields (image-spec 1.0.2, manifest.md and
// image-index.md, "mediaType").
Result<std::string> CheckKind(const util::Json& json, ManifestKind wanted,
                              std::initializer_list<std::string_view> foreign_keys);

// Each is kBadInput when the document is not what it must be, with the field's name. Sizes must be
// integers from 0 to 2^63-1, digests well-formed, and inline data must have its digest and size.
Result<Descriptor> ParseDescriptor(const util::Json& json);
Result<ImageManifest> ParseImageManifest(std::string_view text);
Result<ImageIndex> ParseImageIndex(std::string_view text);
Result<ImageConfig> ParseImageConfig(std::string_view text);

// The subject of a manifest or index of either kind, if it has one.
Result<std::optional<Descriptor>> ParseSubject(const Manifest& manifest);

// The compact document with the keys in the order of Go's implementations: schemaVersion,
// mediaType, config, layers, annotations, subject, artifactType.
std::string FormatImageManifest(const ImageManifest& manifest);
// schemaVersion, mediaType, artifactType?, manifests, subject?, annotations?.
std::string FormatImageIndex(const ImageIndex& index);
void WriteDescriptor(util::JsonWriter& json, const Descriptor& descriptor);

// The Manifest of these bytes, with its digest and size.
Manifest NewManifest(std::string bytes, std::string_view media_type);

// The entry that a manifest has in a list of referrers: its descriptor with the artifact type
// (or the config's media type) and all annotations of the manifest (distribution-spec, "Pushing
// Manifests with Subject").
Result<Descriptor> ReferrerEntry(const Manifest& manifest);

}  // namespace ociship::oci

#endif  // OCISHIP_OCI_MANIFEST_H_
