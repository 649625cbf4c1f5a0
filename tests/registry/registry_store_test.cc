// SPDX-License-Identifier: Apache-2.0
#include "registry/registry_store.h"

#include <doctest/doctest.h>

#include <string>

#include "crypto/hash.h"
#include "fixture.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/write_blob.h"
#include "util/bytes.h"

using namespace ociship;
using namespace ociship::registry;

namespace {

const std::string kBase = "https://registry.example/v2/acme/app/";
const Tag kTag = Tag::Parse("1.0").value();
const Manifest kManifest = oci::NewManifest("{}", oci::kOciManifest);
const std::string kDigest = kManifest.descriptor.digest.text();

struct StoreFixture {
  testing::FakeTransport transport{kBase};
  testing::FakeClock clock;
  util::Cancel cancel;
  std::unique_ptr<Store> store =
      NewRegistryStore(RepositoryOf("registry.example/acme/app"), transport, clock, cancel, {});
};

Reply Document(std::string body, std::string_view type) {
  return {.headers = {{"Content-Type", std::string(type)}}, .body = std::move(body)};
}

}  // namespace

TEST_CASE("RegistryStore: says which repository it is and sends nothing for that") {
  const StoreFixture fixture;
  CHECK(fixture.store->repository().text() == "registry.example/acme/app");
  CHECK(fixture.transport.lines().empty());
}

TEST_CASE("RegistryStore: every method asks for what its name says") {
  StoreFixture fixture;
  Store& store = *fixture.store;
  const std::string referrers = "GET referrers/" + kDigest;
  fixture.transport.On("HEAD manifests/1.0", {.status = 404})
      .On("HEAD manifests/" + kDigest, {.status = 404})
      .On("GET manifests/" + kDigest, Document("{}", oci::kOciManifest))
      .On("HEAD blobs/" + kDigest, {.headers = {{"Content-Length", "2"}}})
      .On("GET blobs/" + kDigest, {.body = "{}"})
      .On("PUT manifests/" + kDigest, {.status = 201})
      .On("PUT manifests/1.0", {.status = 201})
      .On("GET tags/list?n=1000", {.body = R"({"tags":["1.0"]})"})
      .On(referrers, Document(R"({"schemaVersion":2,"manifests":[]})", oci::kOciIndex));
  CHECK(store.Resolve(kTag).error().code() == Code::kNotFound);
  CHECK(store.Resolve(kManifest.descriptor.digest).error().code() == Code::kNotFound);
  CHECK(store.ReadManifest(kManifest.descriptor.digest).value().bytes == "{}");
  CHECK(store.BlobSize(kManifest.descriptor.digest).value() == 2);
  util::StringSink sink(2);
  CHECK(store.ReadBlob(kManifest.descriptor, sink).ok());
  CHECK(store.WriteManifest(kManifest).ok());
  CHECK(store.SetTag(kManifest, kTag).ok());
  CHECK(store.Tags().value() == Lines{"1.0"});
  CHECK(store.Referrers(kManifest.descriptor.digest).value().empty());
  CHECK(fixture.transport.done());
}

TEST_CASE("RegistryStore: a small blob is written with POST and PUT") {
  StoreFixture fixture;
  // The session is that of the mount.
  fixture.transport.On("HEAD blobs/" + kDigest, {.status = 404})
      .On("POST blobs/uploads/?mount=sha256%3A" + kDigest.substr(7),
          {.status = 202, .headers = {{"Location", "u"}}})
      .On("PUT blobs/uploads/u?digest=sha256%3A" + kDigest.substr(7), {.status = 201});
  CHECK(oci::WriteSmallBlob(*fixture.store, kManifest.descriptor.digest, "{}").value() ==
        oci::Sent::kSent);
  CHECK(fixture.transport.done());
}

TEST_CASE("RegistryStore: a manifest that could not be stored is not registered as a referrer") {
  StoreFixture fixture;
  fixture.transport.On("PUT manifests/" + kDigest, {.status = 400});
  CHECK_FALSE(fixture.store->WriteManifest(kManifest).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("RegistryStore: a store may own its transport") {
  testing::FakeClock clock;
  const util::Cancel cancel;
  auto transport = std::make_unique<testing::FakeTransport>(kBase);
  transport->On("GET tags/list?n=1000", {.body = R"({"tags":["1.0"]})"});
  const std::unique_ptr<Store> store = NewRegistryStore(RepositoryOf("registry.example/acme/app"),
                                                        std::move(transport), clock, cancel, {});
  CHECK(store->Tags().value() == Lines{"1.0"});
}
