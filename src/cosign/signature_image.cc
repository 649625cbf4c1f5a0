// SPDX-License-Identifier: Apache-2.0
// Config and manifest of the legacy signature image (cosign, SIGNATURE_SPEC.md). Covered by
// tests/cosign/signature_image_test.cc.
#include "cosign/signature_image.h"

#include <utility>

#include "crypto/hash.h"
#include "oci/media_types.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cosign {
namespace {

// Go's zero time: signature images have no date.
constexpr std::string_view kNoTime = "0001-01-01T00:00:00Z";

Descriptor DescriptorOf(std::string_view bytes, std::string_view media_type) {
  return Descriptor{.media_type = std::string(media_type),
                    .digest = crypto::Sha256(util::AsBytes(bytes)),
                    .size = bytes.size()};
}

}  // namespace

Result<Tag> SignatureTag(const Digest& image) {
  return Tag::Parse(util::StrCat(image.algorithm(), "-", image.hex(), ".sig"));
}

Descriptor SignatureLayer(std::string_view payload,
                          std::map<std::string, std::string> annotations) {
  Descriptor layer = DescriptorOf(payload, kSimpleSigningMediaType);
  layer.annotations = std::move(annotations);
  return layer;
}

Descriptor SignatureLayer(std::string_view payload, ByteView signature) {
  return SignatureLayer(payload,
                        {{std::string(kSignatureAnnotation), util::Base64Encode(signature)}});
}

std::optional<std::string> LayerAnnotation(const Descriptor& layer, std::string_view key) {
  const auto found = layer.annotations.find(std::string(key));
  if (found == layer.annotations.end()) return std::nullopt;
  return found->second;
}

std::string FormatSignatureConfig(const std::vector<Descriptor>& layers) {
  util::JsonWriter json;
  json.BeginObject().Key("architecture").String("").Key("created").String(kNoTime);
  json.Key("history").BeginArray();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    json.BeginObject().Key("created").String(kNoTime).EndObject();
  }
  json.EndArray().Key("os").String("");
  json.Key("rootfs").BeginObject().Key("type").String("layers").Key("diff_ids").BeginArray();
  for (const Descriptor& layer : layers) json.String(layer.digest.text());
  json.EndArray().EndObject().Key("config").BeginObject().EndObject().EndObject();
  return json.text();
}

Result<std::optional<SignatureImage>> ReadSignatureImage(Store& store, const Digest& image) {
  Tag tag = TRY(SignatureTag(image));
  Result<Descriptor> named = store.Resolve(tag);
  if (!named.ok()) {
    if (named.error().code() == Code::kNotFound) return std::optional<SignatureImage>();
    return std::move(named).error();
  }
  Manifest manifest = TRY(store.ReadManifest(named.value().digest));
  Result<oci::ImageManifest> parsed = oci::ParseImageManifest(manifest.bytes);
  if (!parsed.ok()) {
    return std::move(parsed).error().While(
        util::StrCat("tag ", tag.text(), " names no signature image"));
  }
  return std::optional<SignatureImage>(
      SignatureImage{.descriptor = manifest.descriptor, .manifest = std::move(parsed).value()});
}

Result<FormattedImage> AppendSignature(const std::optional<SignatureImage>& current,
                                       const Descriptor& layer) {
  oci::ImageManifest manifest{.media_type = std::string(oci::kOciManifest),
                              .config = DescriptorOf("", oci::kOciConfig)};
  if (current.has_value()) {
    manifest = current->manifest;
    if (manifest.media_type.empty()) manifest.media_type = current->descriptor.media_type;
  }
  if (manifest.layers.size() >= kMaxSignatureLayers) {
    return Error(Code::kFailure, util::StrCat("the image has ", manifest.layers.size(),
                                              " legacy signatures already, remove some first"));
  }
  manifest.layers.push_back(layer);
  std::string config = FormatSignatureConfig(manifest.layers);
  manifest.config = DescriptorOf(config, manifest.config.media_type);
  Manifest formatted = oci::NewManifest(oci::FormatImageManifest(manifest), manifest.media_type);
  return FormattedImage{.manifest = std::move(formatted), .config = std::move(config)};
}

}  // namespace ociship::cosign
