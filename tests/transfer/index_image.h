// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_TRANSFER_INDEX_IMAGE_H_
#define OCISHIP_TESTS_TRANSFER_INDEX_IMAGE_H_

#include <string>
#include <vector>

#include "archive/archive.h"
#include "fake_archive.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/platform.h"
#include "oci/rewrite_manifest.h"
#include "util/text.h"

namespace ociship::testing {

// Puts together an index as an archive can hold it, one platform after the other.
class IndexImage {
 public:
  // An image without layers for "linux/amd64".
  Descriptor Add(const std::string& platform) {
    const Platform parsed = oci::ParsePlatformText(platform).value();
    const std::string config =
        util::StrCat(R"({"os":")", parsed.os, R"(","architecture":")", parsed.architecture,
                     R"(","variant":")", parsed.variant, R"(","rootfs":{"diff_ids":[]}})");
    const Descriptor config_descriptor{.media_type = std::string(oci::kOciConfig),
                                       .digest = DigestOf(config),
                                       .size = config.size()};
    image_.blobs.push_back({.descriptor = config_descriptor, .content = config});
    Manifest manifest =
        oci::NewManifest(oci::FormatImageManifest({.media_type = std::string(oci::kOciManifest),
                                                   .artifact_type = {},
                                                   .config = config_descriptor,
                                                   .layers = {},
                                                   .subject = {},
                                                   .annotations = {}}),
                         oci::kOciManifest);
    Descriptor entry = manifest.descriptor;
    entry.platform = parsed;
    image_.manifests.push_back(std::move(manifest));
    index_.manifests.push_back(entry);
    return entry;
  }
  // An attestation of buildkit's for an image.
  Descriptor AddAttestation(const Descriptor& about) {
    Descriptor entry = Add("unknown/unknown");
    image_.manifests.back() =
        oci::WithAnnotations(image_.manifests.back(), {{"about", about.digest.text()}}).value();
    entry = image_.manifests.back().descriptor;
    entry.platform = Platform{.os = "unknown", .architecture = "unknown"};
    entry.annotations = {{"vnd.docker.reference.type", "attestation-manifest"},
                         {"vnd.docker.reference.digest", about.digest.text()}};
    index_.manifests.back() = entry;
    return entry;
  }
  // An image that the archive does not have.
  Descriptor AddAbsent(const std::string& platform) {
    const Descriptor entry{.media_type = std::string(oci::kOciManifest),
                           .digest = DigestOf("absent " + platform),
                           .size = 10,
                           .platform = oci::ParsePlatformText(platform).value()};
    index_.manifests.push_back(entry);
    image_.absent.push_back(entry);
    return entry;
  }

  archive::OciImage Make() const {
    archive::OciImage image = image_;
    oci::ImageIndex index = index_;
    index.media_type = oci::kOciIndex;
    image.manifests.push_back(oci::NewManifest(oci::FormatImageIndex(index), oci::kOciIndex));
    return image;
  }

 private:
  archive::OciImage image_;
  oci::ImageIndex index_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_TRANSFER_INDEX_IMAGE_H_
