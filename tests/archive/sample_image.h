// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_ARCHIVE_SAMPLE_IMAGE_H_
#define OCISHIP_TESTS_ARCHIVE_SAMPLE_IMAGE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/hash.h"
#include "oci/media_types.h"
#include "tar_builder.h"
#include "util/bytes.h"
#include "util/text.h"

// Small documents and archives for the tests of this room.
namespace ociship::archive {

inline Digest Hash(std::string_view content) { return crypto::Sha256(util::AsBytes(content)); }

// A layer with one file.
inline std::string SampleLayer(std::string_view name = "file", std::string_view content = "hello") {
  return testing::TarBuilder().File(name, content).Finish();
}

// `["a","b"]`; the texts need no escapes.
inline std::string JsonStrings(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) {
    if (json.size() > 1) json += ",";
    json += "\"" + text + "\"";
  }
  return json + "]";
}

inline std::string SampleConfig(const std::vector<std::string>& layers) {
  std::vector<std::string> diff_ids;
  for (const std::string& layer : layers) diff_ids.push_back(Hash(layer).text());
  return R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":)" +
         JsonStrings(diff_ids) + "}}";
}

inline std::string SampleManifest(const std::vector<std::string>& layer_names,
                                  std::string_view tag = "app:1") {
  return R"([{"Config":"c.json","RepoTags":[")" + std::string(tag) + R"("],"Layers":)" +
         JsonStrings(layer_names) + "}]";
}

// layer, config, manifest: as `docker save` before 25 and Nix.
inline testing::TarBuilder SampleDocker(const std::string& layer = SampleLayer()) {
  testing::TarBuilder tar;
  tar.File("l1.tar", layer).File("c.json", SampleConfig({layer}));
  tar.File("manifest.json", SampleManifest({"l1.tar"}));
  return tar;
}

struct SampleDescriptor {
  std::string media_type;
  std::string content;
  std::string extra = {};  // more members: ,"annotations":{...}

  std::string Json() const {
    return util::StrCat(R"({"mediaType":")", media_type, R"(","digest":")", Hash(content).text(),
                        R"(","size":)", content.size(), extra, "}");
  }
};

inline std::string BlobPath(std::string_view content) {
  return "blobs/sha256/" + std::string(Hash(content).hex());
}

inline std::string JsonDescriptors(const std::vector<SampleDescriptor>& descriptors) {
  std::string json = "[";
  for (const SampleDescriptor& descriptor : descriptors) {
    if (json.size() > 1) json += ",";
    json += descriptor.Json();
  }
  return json + "]";
}

inline std::string OciManifestText(const SampleDescriptor& config,
                                   const std::vector<SampleDescriptor>& layers,
                                   std::string_view extra = {}) {
  return util::StrCat(R"({"schemaVersion":2,"mediaType":")", oci::kOciManifest, R"(","config":)",
                      config.Json(), R"(,"layers":)", JsonDescriptors(layers), extra, "}");
}

inline std::string OciIndexText(const std::vector<SampleDescriptor>& manifests,
                                std::string_view extra = {}) {
  return util::StrCat(R"({"schemaVersion":2,"mediaType":")", oci::kOciIndex, R"(","manifests":)",
                      JsonDescriptors(manifests), extra, "}");
}

inline SampleDescriptor ManifestOf(std::string text, std::string_view name = {}) {
  std::string extra;
  if (!name.empty()) {
    extra = R"(,"annotations":{"org.opencontainers.image.ref.name":")" + std::string(name) + "\"}";
  }
  return {std::string(oci::kOciManifest), std::move(text), std::move(extra)};
}
inline SampleDescriptor IndexOf(std::string text, std::string_view name = {}) {
  SampleDescriptor descriptor = ManifestOf(std::move(text), name);
  descriptor.media_type = oci::kOciIndex;
  return descriptor;
}
inline SampleDescriptor ConfigOf(std::string text) {
  return {std::string(oci::kOciConfig), std::move(text)};
}
inline SampleDescriptor LayerOf(std::string content,
                                std::string_view media_type = oci::kOciLayerGzip) {
  return {std::string(media_type), std::move(content)};
}

// An OCI layout with these entries in index.json and these contents as blobs.
inline testing::TarBuilder SampleLayout(const std::vector<SampleDescriptor>& entries,
                                        const std::vector<std::string>& blobs) {
  testing::TarBuilder tar;
  for (const std::string& blob : blobs) tar.File(BlobPath(blob), blob);
  tar.File("index.json", OciIndexText(entries));
  tar.File("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  return tar;
}

// A manifest with one layer, and what it needs.
struct SampleOci {
  explicit SampleOci(std::string_view seed = "one")
      : layer(util::StrCat("layer of ", seed)),
        config(SampleConfig({util::StrCat("plain ", seed)})),
        manifest(OciManifestText(ConfigOf(config), {LayerOf(layer)})) {}
  std::vector<std::string> Blobs() const { return {layer, config, manifest}; }

  std::string layer;
  std::string config;
  std::string manifest;
};

inline std::vector<std::string> Join(std::vector<std::string> a,
                                     const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace ociship::archive

#endif  // OCISHIP_TESTS_ARCHIVE_SAMPLE_IMAGE_H_
