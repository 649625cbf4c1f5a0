// SPDX-License-Identifier: Apache-2.0
// Reads descriptors, manifests, indexes and configs (OCI image-spec descriptor.md, manifest.md,
// image-index.md, config.md). Tested by tests/oci/manifest_test.cc.

#include "oci/manifest.h"

#include <array>

#include <algorithm>
#include <span>
#include <utility>

#include "crypto/hash.h"
#include "oci/media_types.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::oci {
namespace {

// An index of thousands of platforms has as many.
constexpr std::size_t kMaxManifestValues = 200'000;

constexpr std::size_t kMaxOsFeatures = 100;

constexpr std::size_t kMaxMediaTypeBytes = 255;  // RFC 6838 section 4.2 allows no more than that
constexpr std::size_t kMaxUrls = 100;
constexpr std::int64_t kSchemaVersion = 2;

using util::Json;
using util::StrCat;

// Printable ASCII, with spaces only inside, as in "text/plain; charset=utf-8".
Status CheckMediaType(std::string_view value, std::string_view key) {
  const bool printable =
      std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
  if (value.size() > kMaxMediaTypeBytes || !printable || util::Trim(value) != value) {
    return Error(Code::kBadInput, StrCat("\"", key, "\" is no media type: ", util::Quoted(value)));
  }
  return Ok();
}

Result<std::string> OptionalText(const Json& json, std::string_view key) {
  std::optional<std::string> value = TRY(json.OptionalString(key));
  return value.has_value() ? *std::move(value) : std::string();
}

Result<std::string> OptionalMediaType(const Json& json, std::string_view key) {
  std::string value = TRY(OptionalText(json, key));
  TRY(CheckMediaType(value, key));
  return value;
}

// The elements of an array that may be missing or null, as Go's encoding/json reads it.
Result<std::span<const Json>> OptionalElements(const Json& json, std::string_view key,
                                               std::size_t limit) {
  const Json* member = json.FindNonNull(key);
  if (member == nullptr) return std::span<const Json>();
  if (!member->is_array()) {
    return Error(Code::kBadInput, StrCat("\"", key, "\" is not an array"));
  }
  if (member->elements().size() > limit) {
    return Error(Code::kBadInput, StrCat("\"", key, "\" has more than ", limit, " elements"));
  }
  return std::span<const Json>(member->elements());
}

Result<std::map<std::string, std::string>> ParseAnnotations(const Json& json) {
  std::map<std::string, std::string> annotations;
  const Json* member = json.FindNonNull("annotations");
  if (member == nullptr) return annotations;
  if (!member->is_object()) return Error(Code::kBadInput, "\"annotations\" is not an object");
  for (const auto& [key, value] : member->members()) {
    std::string text = TRY(value.AsString(key));
    annotations.emplace(key, std::move(text));
  }
  return annotations;
}

Result<Platform> ParsePlatform(const Json& json) {
  Platform platform;
  platform.os = TRY(OptionalText(json, "os"));
  platform.architecture = TRY(OptionalText(json, "architecture"));
  platform.variant = TRY(OptionalText(json, "variant"));
  platform.os_version = TRY(OptionalText(json, "os.version"));
  const Json* features = json.FindNonNull("os.features");
  if (features == nullptr) return platform;
  if (!features->is_array() || features->elements().size() > kMaxOsFeatures) {
    return Error(Code::kBadInput, "\"os.features\" is not an array, or a very long one");
  }
  for (const Json& feature : features->elements()) {
    std::string text = TRY(feature.AsString("an element of \"os.features\""));
    platform.os_features.push_back(std::move(text));
  }
  return platform;
}

// descriptor.md, "data": it must have the digest and size that the descriptor says.
Status ParseData(const Json& json, Descriptor& descriptor) {
  const std::optional<std::string> text = TRY(json.OptionalString("data"));
  if (!text.has_value()) return Ok();
  auto decoded = util::Base64Decode(*text);
  if (!decoded.ok()) return std::move(decoded).error().While("\"data\"");
  const util::Bytes& bytes = decoded.value();
  if (bytes.size() != descriptor.size ||
      crypto::DigestLike(descriptor.digest, bytes) != descriptor.digest) {
    return Error(Code::kBadInput,
                 StrCat("\"data\" of ", descriptor.digest.text(), " has another digest or size"));
  }
  descriptor.data = std::string(util::AsText(bytes));
  return Ok();
}

Result<std::vector<Descriptor>> ParseDescriptors(const Json& json, std::string_view key) {
  std::vector<Descriptor> descriptors;
  std::size_t at = 0;
  const std::span<const Json> elements = TRY(OptionalElements(json, key, kMaxDescriptors));
  for (const Json& element : elements) {
    auto descriptor = ParseDescriptor(element);
    if (!descriptor.ok()) {
      return std::move(descriptor).error().While(StrCat("\"", key, "\"[", at, "]"));
    }
    descriptors.push_back(std::move(descriptor).value());
    ++at;
  }
  return descriptors;
}

Result<std::optional<Descriptor>> OptionalDescriptor(const Json& json, std::string_view key) {
  const Json* member = json.FindNonNull(key);
  if (member == nullptr) return std::optional<Descriptor>();
  auto descriptor = ParseDescriptor(*member);
  if (!descriptor.ok()) return std::move(descriptor).error().While(StrCat("\"", key, "\""));
  return std::optional<Descriptor>(std::move(descriptor).value());
}

Result<Json> ParseDocument(std::string_view text) {
  return Json::Parse(text, {.bytes = kMaxManifestBytes, .values = kMaxManifestValues});
}

constexpr std::array<std::string_view, 9> kDescriptorKeys = {
    "mediaType",   "digest",       "size",     "data",   "urls",
    "annotations", "artifactType", "platform", "variant"};
constexpr std::array<std::string_view, 9> kManifestKeys = {
    "schemaVersion", "mediaType",   "config",       "layers",  "manifests",
    "subject",       "annotations", "artifactType", "fsLayers"};
constexpr std::array<std::string_view, 4> kConfigKeys = {"os", "architecture", "variant", "rootfs"};
constexpr std::array<std::string_view, 1> kRootfsKeys = {"diff_ids"};

}  // namespace

Status CheckSpelling(const Json& object, std::span<const std::string_view> keys) {
  for (const auto& [name, value] : object.members()) {
    for (const std::string_view key : keys) {
      if (name == key || util::LowerAscii(name) != util::LowerAscii(key)) continue;
      return Error(Code::kBadInput, StrCat(util::Quoted(name), " is \"", key,
                                           "\" to some readers and nothing to others"));
    }
  }
  return Ok();
}

Result<std::string> CheckKind(const Json& json, ManifestKind wanted,
                              std::initializer_list<std::string_view> foreign_keys) {
  if (!json.is_object()) return Error(Code::kBadInput, "the document is not a JSON object");
  std::string media_type = TRY(OptionalMediaType(json, "mediaType"));
  const std::int64_t schema_version = TRY(json.Integer("schemaVersion"));
  if (schema_version != kSchemaVersion) {
    return Error(Code::kBadInput, "\"schemaVersion\" is not 2");
  }
  if (!media_type.empty() && KindOf(media_type) != wanted) {
    return Error(Code::kBadInput,
                 StrCat("\"mediaType\" is of another kind: ", util::Quoted(media_type)));
  }
  for (const std::string_view key : foreign_keys) {
    if (json.FindNonNull(key) != nullptr) {
      return Error(Code::kBadInput,
                   StrCat("\"", key, "\" does not belong into this kind of document"));
    }
  }
  return media_type;
}

Result<Descriptor> ParseDescriptor(const Json& json) {
  if (!json.is_object()) return Error(Code::kBadInput, "a descriptor is not a JSON object");
  TRY(CheckSpelling(json, kDescriptorKeys));
  std::string media_type = TRY(json.String("mediaType"));
  TRY(CheckMediaType(media_type, "mediaType"));
  if (media_type.empty()) return Error(Code::kBadInput, "\"mediaType\" is empty");
  const std::string digest_text = TRY(json.String("digest"));
  Digest digest = TRY(Digest::Parse(digest_text));
  const std::uint64_t size = TRY(json.Unsigned("size"));
  Descriptor descriptor{
      .media_type = std::move(media_type), .digest = std::move(digest), .size = size};
  descriptor.annotations = TRY(ParseAnnotations(json));
  descriptor.artifact_type = TRY(OptionalMediaType(json, "artifactType"));
  if (const Json* platform = json.FindNonNull("platform"); platform != nullptr) {
    if (!platform->is_object()) return Error(Code::kBadInput, "\"platform\" is not an object");
    descriptor.platform = TRY(ParsePlatform(*platform));
  }
  const std::span<const Json> urls = TRY(OptionalElements(json, "urls", kMaxUrls));
  for (const Json& url : urls) {
    std::string text = TRY(url.AsString("urls"));
    descriptor.urls.push_back(std::move(text));
  }
  TRY(ParseData(json, descriptor));
  return descriptor;
}

Result<ImageManifest> ParseImageManifest(std::string_view text) {
  const Json json = TRY(ParseDocument(text));
  TRY(CheckSpelling(json, kManifestKeys));
  std::string media_type = TRY(CheckKind(json, ManifestKind::kImage, {"manifests", "fsLayers"}));
  std::optional<Descriptor> config = TRY(OptionalDescriptor(json, "config"));
  if (!config.has_value()) return Error(Code::kBadInput, "\"config\" is missing");
  std::string artifact_type = TRY(OptionalMediaType(json, "artifactType"));
  std::vector<Descriptor> layers = TRY(ParseDescriptors(json, "layers"));
  std::optional<Descriptor> subject = TRY(OptionalDescriptor(json, "subject"));
  std::map<std::string, std::string> annotations = TRY(ParseAnnotations(json));
  return ImageManifest{.media_type = std::move(media_type),
                       .artifact_type = std::move(artifact_type),
                       .config = *std::move(config),
                       .layers = std::move(layers),
                       .subject = std::move(subject),
                       .annotations = std::move(annotations)};
}

Result<ImageIndex> ParseImageIndex(std::string_view text) {
  const Json json = TRY(ParseDocument(text));
  TRY(CheckSpelling(json, kManifestKeys));
  ImageIndex index;
  index.media_type = TRY(CheckKind(json, ManifestKind::kIndex, {"config", "layers", "fsLayers"}));
  index.artifact_type = TRY(OptionalMediaType(json, "artifactType"));
  index.manifests = TRY(ParseDescriptors(json, "manifests"));
  index.subject = TRY(OptionalDescriptor(json, "subject"));
  index.annotations = TRY(ParseAnnotations(json));
  return index;
}

Result<ImageConfig> ParseImageConfig(std::string_view text) {
  const Json json = TRY(Json::Parse(text, {.bytes = kMaxConfigBytes}));
  if (!json.is_object()) return Error(Code::kBadInput, "the config is not a JSON object");
  TRY(CheckSpelling(json, kConfigKeys));
  ImageConfig config;
  config.platform = TRY(ParsePlatform(json));
  const Json* rootfs = json.FindNonNull("rootfs");
  if (rootfs == nullptr) return config;
  if (!rootfs->is_object()) return Error(Code::kBadInput, "\"rootfs\" is not an object");
  TRY(CheckSpelling(*rootfs, kRootfsKeys));
  const std::span<const Json> diff_ids =
      TRY(OptionalElements(*rootfs, "diff_ids", kMaxDescriptors));
  for (const Json& element : diff_ids) {
    const std::string diff_id = TRY(element.AsString("diff_ids"));
    auto digest = Digest::Parse(diff_id);
    if (!digest.ok()) return std::move(digest).error().While("\"diff_ids\"");
    config.diff_ids.push_back(std::move(digest).value());
  }
  return config;
}

Result<std::optional<Descriptor>> ParseSubject(const Manifest& manifest) {
  const Json json = TRY(ParseDocument(manifest.bytes));
  if (!json.is_object()) return Error(Code::kBadInput, "the manifest is not a JSON object");
  return OptionalDescriptor(json, "subject");
}

}  // namespace ociship::oci
