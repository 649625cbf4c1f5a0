// SPDX-License-Identifier: Apache-2.0
#include "registry/mounts.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>
#include <string>

#include "crypto/hash.h"
#include "fixture.h"
#include "oci/write_blob.h"
#include "registry/blob_writer.h"
#include "temp_folder.h"
#include "util/bytes.h"
#include "util/file.h"

using namespace ociship;
using namespace ociship::registry;

namespace {

const Digest kBlob = crypto::Sha256(util::AsBytes("abc"));
const std::string kHex(kBlob.hex());
const std::string kMount = "POST blobs/uploads/?mount=sha256%3A" + kHex;
const std::string kMountFrom = kMount + "&from=acme%2Fbase";
const std::string kHead = "HEAD blobs/" + kBlob.text();

Reply At(int status, std::string location) {
  return {.status = status, .headers = {{"Location", std::move(location)}}};
}

const Reply kThere{.headers = {{"Content-Length", "3"}}};

// A folder in which the blob was seen in acme/base.
struct Places {
  Places() {
    BlobPlaces places("registry.example", folder.path());
    places.Add(kBlob, "acme/base");
    places.Save();
  }
  RegistryOptions options() const { return {.cache_folder = folder.path()}; }

  testing::TempFolder folder;
};

}  // namespace

TEST_CASE("Mounts: a blob that was mounted has the size that the registry says") {
  Fixture fixture;
  fixture.transport.On(kMount, {.status = 201}).On(kHead, kThere);
  Mounts mounts(fixture.client);
  CHECK(mounts.Mount(kBlob).value() == 3);
  CHECK(fixture.transport.done());
}

TEST_CASE("Mounts: a mount that is said to be made and is not there is none") {
  Fixture fixture;
  fixture.transport.On(kMount, {.status = 201}).On(kHead, {.status = 404});
  Mounts mounts(fixture.client);
  CHECK(mounts.Mount(kBlob).value() == std::nullopt);
  CHECK(fixture.transport.done());
}

TEST_CASE("Mounts: a mount that cannot be looked at is none, and ends no push") {
  for (const Reply& reply : {Reply{.status = 500}, Reply{.status = 401}, Reply{.error = Lost()}}) {
    Fixture fixture({.retries = 0});
    fixture.transport.On(kMount, {.status = 201}).On(kHead, reply);
    Mounts mounts(fixture.client);
    const auto size = mounts.Mount(kBlob);
    REQUIRE(size.ok());
    CHECK(size.value() == std::nullopt);
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("Mounts: refusals and breaks are no blob, and end no push") {
  for (const Reply& reply :
       {Reply{.status = 400}, Reply{.status = 403}, Reply{.status = 404}, Reply{.status = 405},
        Reply{.status = 429}, Reply{.status = 503}, Reply{.status = 202}, Reply{.error = Lost()}}) {
    Fixture fixture;
    fixture.transport.On(kMount, reply);
    Mounts mounts(fixture.client);
    CHECK(mounts.Mount(kBlob).value() == std::nullopt);
    CHECK_FALSE(mounts.TakeSession().has_value());
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("Mounts: a refusal without `from` is not asked for again, 429 and 500 are") {
  for (const int status : {400, 404, 405}) {
    Fixture fixture;
    fixture.transport.On(kMount, {.status = status});
    Mounts mounts(fixture.client);
    CHECK(mounts.Mount(kBlob).value() == std::nullopt);
    CHECK(mounts.Mount(kBlob).value() == std::nullopt);
    CHECK(fixture.transport.done());
  }
  for (const int status : {429, 500}) {
    Fixture fixture;
    fixture.transport.On(kMount, {.status = status}).On(kMount, {.status = status});
    Mounts mounts(fixture.client);
    CHECK(mounts.Mount(kBlob).value() == std::nullopt);
    CHECK(mounts.Mount(kBlob).value() == std::nullopt);
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("Mounts: a blob that was seen elsewhere is mounted from there") {
  const Places places;
  Fixture fixture(places.options());
  fixture.transport.On(kMountFrom, {.status = 201}).On(kHead, kThere);
  Mounts mounts(fixture.client);
  CHECK(mounts.Mount(kBlob).value() == 3);
  CHECK(fixture.transport.done());
}

TEST_CASE(
    "Mounts: a place that is not true any more costs one request and says nothing of others") {
  const Places places;
  Fixture fixture(places.options());
  fixture.transport.On(kMountFrom, {.status = 404});
  Mounts mounts(fixture.client);
  CHECK(mounts.Mount(kBlob).value() == std::nullopt);
  CHECK(fixture.transport.done());
  CHECK(fixture.client.memory().Get() == HostFacts());
}

TEST_CASE("Mounts: lines that lead elsewhere than a repository are left out of the places") {
  const testing::TempFolder folder;
  std::filesystem::create_directories(folder.path() + "/places-1");
  const std::string digest = kBlob.text();
  const std::string text = digest + " ../../etc\n" + digest + " acme/base:tag\n" + digest +
                           " acme/base?x=y\n" + digest + "\nsha256:00 acme/base\n\n\n";
  REQUIRE(util::WriteFileAtomically(folder.path() + "/places-1/registry.example", text, 0600).ok());
  CHECK_FALSE(BlobPlaces("registry.example", folder.path()).Find(kBlob).has_value());
}

TEST_CASE("Mounts: the session that is opened instead is used for the next blob") {
  Fixture fixture({.whole_blob_bytes = 100});
  fixture.transport.On(kMount, At(202, "m1"))
      .On("PUT blobs/uploads/m1?digest=sha256%3A" + kHex, {.status = 201});
  Mounts mounts(fixture.client);
  CHECK(mounts.Mount(kBlob).value() == std::nullopt);
  auto writer = NewBlobWriter(fixture.client, &mounts).value();
  REQUIRE(writer->Write(0, util::AsBytes("abc")).value() == 3);
  CHECK(writer->Commit(kBlob, 3).value() == std::nullopt);
  CHECK(fixture.transport.done());
}

TEST_CASE("Mounts: a session that is dead when it is used is followed by one of its own") {
  for (const std::size_t whole : {0, 100}) {
    CAPTURE(whole);
    Fixture fixture({.whole_blob_bytes = whole});
    fixture.transport.On(kMount, At(202, "m1"));
    if (whole > 0) {
      fixture.transport.On("PUT blobs/uploads/m1?digest=sha256%3A" + kHex, {.status = 404});
    } else {
      fixture.transport.On("PATCH blobs/uploads/m1", {.status = 404})
          .On("GET blobs/uploads/m1", {.status = 404});
    }
    fixture.transport.On("POST blobs/uploads/", At(202, "u1"))
        .On("PATCH blobs/uploads/u1", {.status = 202})
        .On("PUT blobs/uploads/u1?digest=sha256%3A" + kHex, {.status = 201});
    Mounts mounts(fixture.client);
    CHECK(mounts.Mount(kBlob).value() == std::nullopt);
    auto writer = NewBlobWriter(fixture.client, &mounts).value();
    std::uint64_t at = writer->Write(0, util::AsBytes("abc")).value();
    for (int i = 0; i < 3; ++i) {
      const auto again = writer->Commit(kBlob, 3);
      REQUIRE(again.ok());
      if (!again.value()) break;
      at = *again.value();
      REQUIRE(writer->Write(at, util::AsBytes(std::string_view("abc").substr(at))).value() == 3);
    }
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("Mounts: a session on another server without TLS is none") {
  Fixture fixture;
  fixture.transport.On(kMount, At(202, "http://other.example/m1"));
  Mounts mounts(fixture.client);
  CHECK(mounts.Mount(kBlob).value() == std::nullopt);
  CHECK_FALSE(mounts.TakeSession().has_value());
}

TEST_CASE("Mounts: sessions that nobody took are given back") {
  Fixture fixture;
  fixture.transport.On(kMount, At(202, "m1")).On("DELETE blobs/uploads/m1", {.status = 204});
  {
    Mounts mounts(fixture.client);
    CHECK(mounts.Mount(kBlob).value() == std::nullopt);
  }
  CHECK(fixture.transport.done());
}

TEST_CASE("Mounts: a cancel ends the question") {
  Fixture fixture;
  fixture.cancel.Request();
  Mounts mounts(fixture.client);
  const auto size = mounts.Mount(kBlob);
  REQUIRE_FALSE(size.ok());
  CHECK(size.error().code() == Code::kInterrupted);
}
