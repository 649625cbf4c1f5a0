// SPDX-License-Identifier: Apache-2.0
#include "registry/referrers.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "crypto/hash.h"
#include "fixture.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "util/bytes.h"

using namespace ociship;
using namespace ociship::registry;
using registry::Referrers;

namespace {

const Digest kSubject = crypto::Sha256(util::AsBytes("subject"));
const std::string kTag = FallbackTag(kSubject);
const std::string kApi = "GET referrers/" + kSubject.text();
const std::string kGetTag = "GET manifests/" + kTag;
const std::string kPutTag = "PUT manifests/" + kTag;

std::string DescriptorJson(std::string_view content, std::string_view more = {}) {
  return std::string(R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")") +
         crypto::Sha256(util::AsBytes(content)).text() + R"(","size":)" +
         std::to_string(content.size()) + std::string(more) + "}";
}

Manifest Signature(std::string_view subject = kSubject.text()) {
  return oci::NewManifest(
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
      R"("artifactType":"application/x-sig","config":)" +
          DescriptorJson("{}") + R"(,"layers":[],"subject":{"mediaType":)" +
          R"("application/vnd.oci.image.manifest.v1+json","digest":")" + std::string(subject) +
          R"(","size":7},"annotations":{"k":"v"}})",
      oci::kOciManifest);
}

// The entry that Signature() gets.
const std::string kEntry = R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","size":)" +
                           std::to_string(Signature().descriptor.size) + R"(,"digest":")" +
                           Signature().descriptor.digest.text() +
                           R"(","annotations":{"k":"v"},"artifactType":"application/x-sig"})";

std::string IndexJson(std::string_view entries) {
  return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",)"
         R"("manifests":[)" +
         std::string(entries) + "]}";
}
Reply Index(std::string_view entries, std::string link = {}) {
  Reply reply{.headers = {{"Content-Type", std::string(oci::kOciIndex)}},
              .body = IndexJson(entries)};
  if (!link.empty()) reply.headers.emplace_back("Link", "<" + link + ">; rel=next");
  return reply;
}

}  // namespace

TEST_CASE("FallbackTag: algorithm and the first 64 digits") {
  CHECK(FallbackTag(Digest::Parse("sha256:" + std::string(64, 'a')).value()) ==
        "sha256-" + std::string(64, 'a'));
  CHECK(
      FallbackTag(Digest::Parse("sha512:" + std::string(64, 'a') + std::string(64, 'b')).value()) ==
      "sha512-" + std::string(64, 'a'));
}

TEST_CASE("Referrers: the API lists them, page after page") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, Index(DescriptorJson("a"), "/v2/acme/app/referrers/x?page=2"))
      .On("GET referrers/x?page=2", Index(DescriptorJson("b")));
  const auto list = referrers.List(kSubject);
  REQUIRE(list.ok());
  REQUIRE(list.value().size() == 2);
  CHECK(list.value()[1].digest == crypto::Sha256(util::AsBytes("b")));
  CHECK(fixture.transport.seen(0).headers.Get("Accept") == std::string(oci::kOciIndex));
}

TEST_CASE("Referrers: an empty list of the API is the answer, the tag is not asked") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, Index(""));
  CHECK(referrers.List(kSubject).value().empty());
  CHECK(fixture.transport.done());
}

TEST_CASE("Referrers: without the API the tag lists them") {
  Reply html{.headers = {{"Content-Type", "text/html"}}, .body = "<html>"};
  for (const Reply& no_api : {Reply{.status = 404}, Reply{.status = 400}, Reply{.status = 405},
                              Reply{.status = 406}, html}) {
    Fixture fixture;
    Referrers referrers(fixture.client);
    fixture.transport.On(kApi, no_api).On(kGetTag, Index(DescriptorJson("a")));
    const auto list = referrers.List(kSubject);
    REQUIRE(list.ok());
    CHECK(list.value().size() == 1);
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("Referrers: no tag, or an image under it, lists nothing") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, {.status = 404})
      .On(kGetTag, {.status = 404})
      .On(kApi, {.status = 404})
      .On(kGetTag, {.headers = {{"Content-Type", std::string(oci::kOciManifest)}}, .body = "{}"});
  CHECK(referrers.List(kSubject).value().empty());
  CHECK(referrers.List(kSubject).value().empty());
  CHECK(fixture.transport.done());
}

TEST_CASE("Referrers: what cannot be found out is an error and not an absence") {
  for (const Reply& reply :
       {Reply{.status = 401}, Reply{.status = 403}, Reply{.status = 501},
        Reply{.headers = {{"Content-Type", std::string(oci::kOciIndex)}}, .body = "{"},
        Index(R"({"digest":"sha256:zz"})"), Index("", "https://other.example/")}) {
    Fixture fixture;
    Referrers referrers(fixture.client);
    fixture.transport.On(kApi, reply);
    CHECK_FALSE(referrers.List(kSubject).ok());
    CHECK(fixture.transport.done());
  }
  for (const Reply& reply : {Reply{.status = 403}, Index("7")}) {
    Fixture fixture;
    Referrers referrers(fixture.client);
    fixture.transport.On(kApi, {.status = 404}).On(kGetTag, reply);
    CHECK_FALSE(referrers.List(kSubject).ok());
  }
}

TEST_CASE("Referrers: a list of pages without end is an error") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, Index("", "/p"));
  for (int i = 0; i < 199; ++i) {
    fixture.transport.On("GET https://registry.example/p", Index("", "/p"));
  }
  CHECK_FALSE(referrers.List(kSubject).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("Register: a manifest without a subject needs nothing") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  CHECK(referrers.Register(oci::NewManifest("{}", oci::kOciManifest)).ok());
  CHECK(fixture.transport.lines().empty());
}

TEST_CASE("Register: a registry with the API keeps the list itself, asked once") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, Index(""));
  CHECK(referrers.Register(Signature()).ok());
  CHECK(referrers.Register(Signature()).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("Register: a listing before has told already that there is the API") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, Index(""));
  REQUIRE(referrers.List(kSubject).ok());
  CHECK(referrers.Register(Signature()).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("Register: without the API the tag is begun with the entry") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, {.status = 404})
      .On(kGetTag, {.status = 404})
      .On(kPutTag, {.status = 201})
      .On(kGetTag, Index(kEntry));
  CHECK(referrers.Register(Signature()).ok());
  CHECK(fixture.transport.done());
  CHECK(fixture.transport.seen(2).body == IndexJson(kEntry));
  CHECK(fixture.transport.seen(2).headers.Get("Content-Type") == std::string(oci::kOciIndex));
}

TEST_CASE("Register: entries of others stay exactly as they were written") {
  const std::string other = DescriptorJson("a", R"(, "x-own" : [1.50, "\u0061"])");
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, {.status = 404})
      .On(kGetTag, Index(other))
      .On(kPutTag, {.status = 201})
      .On(kGetTag, Index(other + "," + kEntry));
  CHECK(referrers.Register(Signature()).ok());
  CHECK(fixture.transport.seen(2).body == IndexJson(other + "," + kEntry));
}

TEST_CASE("Register: an entry that is listed already is not written again") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, {.status = 404}).On(kGetTag, Index(kEntry));
  CHECK(referrers.Register(Signature()).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("Register: that there is no API is asked once") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, {.status = 404}).On(kGetTag, Index(kEntry)).On(kGetTag, Index(kEntry));
  CHECK(referrers.Register(Signature()).ok());
  CHECK(referrers.Register(Signature()).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("Register: something else than an index under the tag is not overwritten") {
  const std::string list_type(oci::kDockerManifestList);
  for (const Reply& there :
       {Reply{.headers = {{"Content-Type", std::string(oci::kOciManifest)}}, .body = "{}"},
        Reply{.headers = {{"Content-Type", list_type}}, .body = "{}"},
        Reply{.headers = {{"Content-Type", std::string(oci::kOciIndex)}}, .body = "[]"},
        Index("7")}) {
    Fixture fixture;
    Referrers referrers(fixture.client);
    fixture.transport.On(kApi, {.status = 404}).On(kGetTag, there);
    const Status status = referrers.Register(Signature());
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code() == Code::kFailure);
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("Register: an entry that another writer overwrote is added again") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, {.status = 404})
      .On(kGetTag, {.status = 404})
      .On(kPutTag, {.status = 201})
      .On(kGetTag, Index(DescriptorJson("b")))
      .On(kGetTag, Index(DescriptorJson("b")))
      .On(kPutTag, {.status = 201})
      .On(kGetTag, Index(DescriptorJson("b") + "," + kEntry));
  CHECK(referrers.Register(Signature()).ok());
  CHECK(fixture.transport.done());
  CHECK(fixture.transport.seen(5).body == IndexJson(DescriptorJson("b") + "," + kEntry));
  CHECK(fixture.clock.sleeps().size() == 1);
}

TEST_CASE("Register: an entry that is overwritten every time is an error in the end") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, {.status = 404});
  for (int i = 0; i < 30; ++i) {
    fixture.transport.On(kGetTag, {.status = 404})
        .On(kPutTag, {.status = 201})
        .On(kGetTag, {.status = 404});
  }
  const Status status = referrers.Register(Signature());
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kUnavailable);
  CHECK(fixture.transport.done());
}

TEST_CASE("Register: a refusal of the tag or of the API is an error") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.transport.On(kApi, {.status = 403})
      .On(kApi, {.status = 404})
      .On(kGetTag, {.status = 404})
      .On(kPutTag, {.status = 403});
  CHECK(referrers.Register(Signature()).error().code() == Code::kUnauthorized);
  CHECK(referrers.Register(Signature()).error().code() == Code::kUnauthorized);
  CHECK(fixture.transport.done());
}

TEST_CASE("Register: a cancel ends the waiting for other writers") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  fixture.clock.on_sleep = [&] { fixture.cancel.Request(); };
  fixture.transport.On(kApi, {.status = 404})
      .On(kGetTag, {.status = 404})
      .On(kPutTag, {.status = 201})
      .On(kGetTag, {.status = 404});
  CHECK(referrers.Register(Signature()).error().code() == Code::kInterrupted);
}

TEST_CASE("Register: a manifest that cannot be read is bad input") {
  Fixture fixture;
  Referrers referrers(fixture.client);
  CHECK_FALSE(referrers.Register(oci::NewManifest("{", oci::kOciManifest)).ok());
  CHECK_FALSE(referrers.Register(Signature("sha256:zz")).ok());
  CHECK(fixture.transport.lines().empty());
}
