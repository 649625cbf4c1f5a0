// SPDX-License-Identifier: Apache-2.0
// Writes descriptors, manifests and indexes with the bytes that Go's implementations write (OCI
// image-spec manifest.md, image-index.md), and makes the entries of referrers. Tested by
// tests/oci/manifest_format_test.cc.

#include <utility>

#include "crypto/hash.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/try.h"

namespace ociship::oci {
namespace {

constexpr std::int64_t kSchemaVersion = 2;

using util::JsonWriter;

void WriteAnnotations(JsonWriter& json, const std::map<std::string, std::string>& annotations) {
  if (annotations.empty()) return;
  json.Key("annotations").BeginObject();
  for (const auto& [key, value] : annotations) json.Key(key).String(value);
  json.EndObject();
}

void WriteOptional(JsonWriter& json, std::string_view key, std::string_view value) {
  if (!value.empty()) json.Key(key).String(value);
}

void WriteOptional(JsonWriter& json, std::string_view key, const std::optional<Descriptor>& value) {
  if (!value.has_value()) return;
  json.Key(key);
  WriteDescriptor(json, *value);
}

void WriteDescriptors(JsonWriter& json, std::string_view key,
                      const std::vector<Descriptor>& descriptors) {
  json.Key(key).BeginArray();
  for (const Descriptor& descriptor : descriptors) WriteDescriptor(json, descriptor);
  json.EndArray();
}

void BeginDocument(JsonWriter& json, std::string_view media_type, std::string_view otherwise) {
  json.BeginObject().Key("schemaVersion").Integer(kSchemaVersion);
  json.Key("mediaType").String(media_type.empty() ? otherwise : media_type);
}

}  // namespace

void WriteDescriptor(JsonWriter& json, const Descriptor& descriptor) {
  json.BeginObject();
  json.Key("mediaType").String(descriptor.media_type);
  json.Key("size").Unsigned(descriptor.size);
  json.Key("digest").String(descriptor.digest.text());
  if (descriptor.data.has_value()) {
    json.Key("data").String(util::Base64Encode(util::AsBytes(*descriptor.data)));
  }
  if (!descriptor.urls.empty()) {
    json.Key("urls").BeginArray();
    for (const std::string& url : descriptor.urls) json.String(url);
    json.EndArray();
  }
  WriteAnnotations(json, descriptor.annotations);
  if (descriptor.platform.has_value()) {
    json.Key("platform").BeginObject();
    json.Key("architecture").String(descriptor.platform->architecture);
    json.Key("os").String(descriptor.platform->os);
    WriteOptional(json, "os.version", descriptor.platform->os_version);
    if (!descriptor.platform->os_features.empty()) {
      json.Key("os.features").BeginArray();
      for (const std::string& feature : descriptor.platform->os_features) json.String(feature);
      json.EndArray();
    }
    WriteOptional(json, "variant", descriptor.platform->variant);
    json.EndObject();
  }
  WriteOptional(json, "artifactType", descriptor.artifact_type);
  json.EndObject();
}

std::string FormatImageManifest(const ImageManifest& manifest) {
  JsonWriter json;
  BeginDocument(json, manifest.media_type, kOciManifest);
  json.Key("config");
  WriteDescriptor(json, manifest.config);
  WriteDescriptors(json, "layers", manifest.layers);
  WriteAnnotations(json, manifest.annotations);
  WriteOptional(json, "subject", manifest.subject);
  WriteOptional(json, "artifactType", manifest.artifact_type);
  json.EndObject();
  return json.text();
}

std::string FormatImageIndex(const ImageIndex& index) {
  JsonWriter json;
  BeginDocument(json, index.media_type, kOciIndex);
  WriteOptional(json, "artifactType", index.artifact_type);
  WriteDescriptors(json, "manifests", index.manifests);
  WriteOptional(json, "subject", index.subject);
  WriteAnnotations(json, index.annotations);
  json.EndObject();
  return json.text();
}

Manifest NewManifest(std::string bytes, std::string_view media_type) {
  Descriptor descriptor{.media_type = std::string(media_type),
                        .digest = crypto::Sha256(util::AsBytes(bytes)),
                        .size = bytes.size()};
  return Manifest{.descriptor = std::move(descriptor), .bytes = std::move(bytes)};
}

Result<Descriptor> ReferrerEntry(const Manifest& manifest) {
  Descriptor entry{.media_type = manifest.descriptor.media_type,
                   .digest = manifest.descriptor.digest,
                   .size = manifest.descriptor.size};
  if (KindOf(entry.media_type) == ManifestKind::kIndex) {
    ImageIndex index = TRY(ParseImageIndex(manifest.bytes));
    entry.artifact_type = std::move(index.artifact_type);
    entry.annotations = std::move(index.annotations);
    return entry;
  }
  ImageManifest image = TRY(ParseImageManifest(manifest.bytes));
  entry.artifact_type =
      image.artifact_type.empty() ? image.config.media_type : std::move(image.artifact_type);
  entry.annotations = std::move(image.annotations);
  return entry;
}

}  // namespace ociship::oci
