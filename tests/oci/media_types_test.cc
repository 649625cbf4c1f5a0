// SPDX-License-Identifier: Apache-2.0
#include "oci/media_types.h"

#include <doctest/doctest.h>

namespace ociship::oci {
namespace {

TEST_CASE("KindOf: images and indexes of OCI and Docker are known, nothing else") {
  CHECK(KindOf(kOciManifest) == ManifestKind::kImage);
  CHECK(KindOf(kDockerManifest) == ManifestKind::kImage);
  CHECK(KindOf(kOciIndex) == ManifestKind::kIndex);
  CHECK(KindOf(kDockerManifestList) == ManifestKind::kIndex);
  CHECK(KindOf("") == ManifestKind::kOther);
  CHECK(KindOf(kOciConfig) == ManifestKind::kOther);
  CHECK(KindOf("application/vnd.docker.distribution.manifest.v1+json") == ManifestKind::kOther);
  CHECK(KindOf("Application/vnd.oci.image.manifest.v1+json") == ManifestKind::kOther);
}

TEST_CASE("IsImageConfig: the configs of OCI and Docker are known, nothing else") {
  CHECK(IsImageConfig(kOciConfig));
  CHECK(IsImageConfig(kDockerConfig));
  CHECK_FALSE(IsImageConfig(""));
  CHECK_FALSE(IsImageConfig(kOciEmpty));
  CHECK_FALSE(IsImageConfig(kOciManifest));
  CHECK_FALSE(IsImageConfig("application/vnd.cncf.helm.config.v1+json"));
}

TEST_CASE("DistributionOf: non-distributable and foreign layers are told from others") {
  CHECK(DistributionOf("application/vnd.oci.image.layer.nondistributable.v1.tar") ==
        Distribution::kForeign);
  CHECK(DistributionOf("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip") ==
        Distribution::kForeign);
  CHECK(DistributionOf("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip") ==
        Distribution::kForeign);
  CHECK(DistributionOf(kOciLayer) == Distribution::kDistributable);
  CHECK(DistributionOf(kOciLayerZstd) == Distribution::kDistributable);
  CHECK(DistributionOf(kDockerLayerGzip) == Distribution::kDistributable);
  CHECK(DistributionOf("") == Distribution::kDistributable);
}

}  // namespace
}  // namespace ociship::oci
