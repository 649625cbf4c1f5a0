// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_FUZZ_CHECK_IMAGES_H_
#define OCISHIP_TESTS_FUZZ_CHECK_IMAGES_H_

#include <set>
#include <string>
#include <variant>
#include <vector>

#include "archive/archive.h"
#include "crypto/hash.h"
#include "fuzz.h"
#include "oci/manifest.h"
#include "util/bytes.h"

// What holds for the images of every archive that was accepted.
namespace ociship::fuzz {

inline void RequireContent(const Digest& digest, std::uint64_t size, const std::string& content) {
  Require(size == content.size());
  Require(crypto::DigestLike(digest, util::AsBytes(content)) == digest);
}

inline void CheckImage(const archive::DockerImage& image) {
  const auto config = oci::ParseImageConfig(image.config);
  Require(config.ok() && config.value().diff_ids.size() == image.layers.size());
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    Require(!image.layers[i].member.empty());
    Require(image.layers[i].diff_id == config.value().diff_ids[i]);
  }
}

inline void CheckImage(const archive::OciImage& image) {
  std::set<Digest> seen;
  for (const Manifest& manifest : image.manifests) {
    RequireContent(manifest.descriptor.digest, manifest.descriptor.size, manifest.bytes);
    Require(seen.insert(manifest.descriptor.digest).second);
  }
  std::set<Digest> blobs;
  for (const archive::OciBlob& blob : image.blobs) {
    Require(blobs.insert(blob.descriptor.digest).second);
    if (blob.member.empty()) {
      RequireContent(blob.descriptor.digest, blob.descriptor.size, blob.content);
    }
  }
  for (const Descriptor& absent : image.absent) Require(seen.insert(absent.digest).second);
  Require(!image.manifests.empty() || !image.absent.empty());
  if (!image.absent.empty()) {
    const Error error = archive::SparseError(image);
    Require(error.code() == Code::kBadInput);
    RequirePrintable(error.message());
  }
}

inline void CheckImages(const std::vector<archive::Image>& images) {
  Require(!images.empty());
  for (const archive::Image& image : images) {
    std::visit([](const auto& content) { CheckImage(content); }, image.content);
  }
}

}  // namespace ociship::fuzz

#endif  // OCISHIP_TESTS_FUZZ_CHECK_IMAGES_H_
