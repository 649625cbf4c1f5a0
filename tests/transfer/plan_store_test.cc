// SPDX-License-Identifier: Apache-2.0
#include "transfer/plan_store.h"

#include <doctest/doctest.h>

#include "crypto/hash.h"
#include "memory_store.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/write_blob.h"
#include "util/bytes.h"

namespace ociship::transfer {
namespace {

using testing::MemoryStore;

const Tag kTag = Tag::Parse("1").value();

TEST_CASE("PlanStore: what is written is found again, and nothing of it is written") {
  MemoryStore real;
  PlanStore plan(real);
  const Digest digest = crypto::Sha256(util::AsBytes("content"));
  CHECK(oci::WriteSmallBlob(plan, digest, "content").value() == oci::Sent::kSent);
  CHECK(plan.BlobSize(digest).value() == 7);
  CHECK(oci::WriteSmallBlob(plan, digest, "content").value() == oci::Sent::kWasThere);
  const Manifest manifest = oci::NewManifest("{}", oci::kOciManifest);
  REQUIRE(plan.WriteManifest(manifest).ok());
  REQUIRE(plan.SetTag(manifest, kTag).ok());
  CHECK(plan.Resolve(kTag).value() == manifest.descriptor);
  CHECK(plan.Resolve(manifest.descriptor.digest).value() == manifest.descriptor);
  CHECK(plan.ReadManifest(manifest.descriptor.digest).value().bytes == "{}");
  CHECK(real.changes().empty());
}

TEST_CASE("PlanStore: what is really there shows through") {
  MemoryStore real;
  const Manifest manifest = oci::NewManifest("{}", oci::kOciManifest);
  const Digest blob = real.AddBlob("content");
  real.AddManifest(manifest);
  REQUIRE(real.SetTag(manifest, kTag).ok());
  PlanStore plan(real);
  CHECK(plan.BlobSize(blob).value() == 7);
  CHECK(plan.Resolve(kTag).value().digest == manifest.descriptor.digest);
  CHECK(plan.ReadManifest(manifest.descriptor.digest).ok());
  CHECK(plan.Tags().value() == std::vector<std::string>{"1"});
  CHECK(plan.Resolve(Tag::Parse("2").value()).error().code() == Code::kNotFound);
}

}  // namespace
}  // namespace ociship::transfer
