// SPDX-License-Identifier: Apache-2.0
#include "archive/oci_layout.h"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "load.h"
#include "require_refusal.h"
#include "sample_image.h"

namespace ociship::archive {

using util::StrCat;

TEST_CASE("OCI layout: an image comes with its manifest, config and layers") {
  const SampleOci sample;
  for (const bool stream : {false, true}) {
    const std::string tar =
        SampleLayout({ManifestOf(sample.manifest, "v1")}, sample.Blobs()).Finish();
    const Loaded loaded = stream ? LoadStream(tar).value() : LoadFile(tar).value();
    REQUIRE(loaded.images.size() == 1);
    CHECK(loaded.images[0].names == std::vector<std::string>{"v1"});
    const OciImage& image = OciOf(loaded);
    REQUIRE(image.manifests.size() == 1);
    CHECK(image.manifests[0].bytes == sample.manifest);
    CHECK(image.manifests[0].descriptor.digest == Hash(sample.manifest));
    REQUIRE(image.blobs.size() == 2);
    CHECK(image.blobs[0].member.empty());
    CHECK(image.blobs[0].content == sample.config);
    CHECK(image.blobs[1].descriptor.digest == Hash(sample.layer));
    CHECK(image.blobs[1].diff_id == Hash("plain one"));
  }
}

TEST_CASE("OCI layout: entries with one digest are one image with several names") {
  const SampleOci sample;
  SampleDescriptor full = ManifestOf(sample.manifest);
  full.extra = R"(,"annotations":{"io.containerd.image.name":"docker.io/library/app:2",)"
               R"("org.opencontainers.image.ref.name":"2"})";
  const Loaded loaded =
      LoadFile(SampleLayout({ManifestOf(sample.manifest, "v1"), full, ManifestOf(sample.manifest),
                             ManifestOf(sample.manifest, "v1")},
                            sample.Blobs())
                   .Finish())
          .value();
  REQUIRE(loaded.images.size() == 1);
  CHECK(loaded.images[0].names == std::vector<std::string>{"v1", "docker.io/library/app:2"});
}

TEST_CASE("OCI layout: children and referrers beside their image are no images, unless named") {
  const SampleOci sample;
  const SampleOci other("other");
  const std::string index = OciIndexText({ManifestOf(sample.manifest)});
  const std::string referrer =
      OciManifestText(ConfigOf(other.config), {LayerOf(other.layer)},
                      StrCat(R"(,"subject":)", ManifestOf(sample.manifest).Json()));
  const auto blobs = Join(Join(sample.Blobs(), other.Blobs()), {index, referrer});
  const Loaded beside =
      LoadFile(SampleLayout(
                   {ManifestOf(referrer), ManifestOf(sample.manifest), IndexOf(index, "v1")}, blobs)
                   .Finish())
          .value();
  REQUIRE(beside.images.size() == 1);
  CHECK(OciOf(beside).manifests.back().bytes == index);

  const Loaded named =
      LoadFile(SampleLayout({ManifestOf(sample.manifest, "v1-amd64"), IndexOf(index, "v1")}, blobs)
                   .Finish())
          .value();
  CHECK(named.images.size() == 2);
}

TEST_CASE("OCI layout: a referrer whose subject is elsewhere is an image") {
  const SampleOci sample;
  const std::string referrer =
      OciManifestText(ConfigOf(sample.config), {LayerOf(sample.layer)},
                      StrCat(R"(,"subject":)", ManifestOf("somewhere else").Json()));
  CHECK(LoadFile(SampleLayout({ManifestOf(referrer)}, Join(sample.Blobs(), {referrer})).Finish())
            .value()
            .images.size() == 1);
}

TEST_CASE("OCI layout: entries of unknown types are passed over, and alone they are no image") {
  const SampleOci sample;
  const SampleDescriptor unknown = {"application/vnd.example", "gone"};
  CHECK(LoadFile(SampleLayout({unknown, ManifestOf(sample.manifest)}, sample.Blobs()).Finish())
            .value()
            .images.size() == 1);
  RequireRefusal(SampleLayout({unknown}, {}).Finish(), "lists no image");
  RequireRefusal(SampleLayout({}, {}).Finish(), "lists no image");
}

TEST_CASE("OCI layout: a child that is absent may stand beside its index, and alone it may not") {
  const SampleOci whole;
  const SampleOci partial("partial");
  const std::string index =
      OciIndexText({ManifestOf(whole.manifest), ManifestOf(partial.manifest)});
  const std::vector<std::string> blobs = Join(whole.Blobs(), {index, partial.manifest});
  const auto with = [&](std::string_view name) {
    return SampleLayout({IndexOf(index, "v1"), ManifestOf(partial.manifest, name)}, blobs).Finish();
  };
  const Loaded loaded = LoadFile(with("")).value();
  REQUIRE(loaded.images.size() == 1);
  CHECK(OciOf(loaded).absent.size() == 1);
  RequireRefusal(with("named"), StrCat("blob ", Hash(partial.config).text(), " is absent"));
}

TEST_CASE("OCI layout: an unknown version and a missing layout file are refused") {
  const SampleOci sample;
  testing::TarBuilder tar;
  for (const std::string& blob : sample.Blobs()) tar.File(BlobPath(blob), blob);
  tar.File("index.json", OciIndexText({ManifestOf(sample.manifest)}));
  RequireRefusal(tar.Finish(), "no oci-layout");
  tar.File("oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
  RequireRefusal(tar.Finish(), "imageLayoutVersion");
}

TEST_CASE("OCI layout: only index.json counts when the format is demanded") {
  const SampleOci sample;
  const std::string tar = SampleLayout({ManifestOf(sample.manifest)}, sample.Blobs()).Finish();
  CHECK(LoadFile(tar, Archive::Format::kOci).ok());
  CHECK_FALSE(LoadFile(tar, Archive::Format::kDocker).ok());
  CHECK_FALSE(LoadFile(SampleDocker().Finish(), Archive::Format::kOci).ok());
}

TEST_CASE("DocumentBudget: documents over the limit are refused") {
  DocumentBudget budget;
  CHECK(budget.Take(kMaxDocumentsBytes - 1).ok());
  CHECK(budget.Take(1).ok());
  CHECK_FALSE(budget.Take(1).ok());
}

}  // namespace ociship::archive
