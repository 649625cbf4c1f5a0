// SPDX-License-Identifier: Apache-2.0
#include "registry/manifests.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "crypto/hash.h"
#include "fixture.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "util/bytes.h"

using namespace ociship;
using namespace ociship::registry;

namespace {

const std::string kIndexType(oci::kOciIndex);
const std::string kImageType(oci::kOciManifest);
const Manifest kIndex = oci::NewManifest(
    R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]})",
    oci::kOciIndex);
const std::string kDigest = kIndex.descriptor.digest.text();

const ManifestName kByTag(Tag::Parse("1.0").value());
const ManifestName kByDigest(kIndex.descriptor.digest);

Reply Head(std::string type, std::string digest, std::string length) {
  return {.headers = {{"Content-Type", std::move(type)},
                      {"Docker-Content-Digest", std::move(digest)},
                      {"Content-Length", std::move(length)}}};
}
Reply Body(std::string body, std::string type = kIndexType) {
  return {.headers = {{"Content-Type", std::move(type)}}, .body = std::move(body)};
}

}  // namespace

TEST_CASE("ResolveManifest: a HEAD that says everything is enough") {
  Fixture fixture;
  fixture.transport.On("HEAD manifests/1.0", Head(kIndexType + "; charset=utf-8", kDigest, "91"));
  const auto descriptor = ResolveManifest(fixture.client, kByTag);
  REQUIRE(descriptor.ok());
  CHECK(descriptor.value().media_type == kIndexType);
  CHECK(descriptor.value().digest.text() == kDigest);
  CHECK(descriptor.value().size == 91);
  CHECK(fixture.transport.seen(0).headers.GetAll("Accept").size() == 4);
}

TEST_CASE("ResolveManifest: a HEAD that leaves something out is followed by a GET") {
  for (const Reply& head : {Head("", kDigest, "91"), Head("application/json", kDigest, "91"),
                            Head(kIndexType, "", "91"), Head(kIndexType, "sha256:zz", "91"),
                            Head(kIndexType, kDigest, ""), Head(kIndexType, kDigest, "0"),
                            Head(kIndexType, kDigest, "-1"), Reply{}}) {
    Fixture fixture;
    fixture.transport.On("HEAD manifests/1.0", head).On("GET manifests/1.0", Body(kIndex.bytes));
    const auto descriptor = ResolveManifest(fixture.client, kByTag);
    REQUIRE(descriptor.ok());
    CHECK(descriptor.value() == kIndex.descriptor);
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("ResolveManifest: a registry that refuses HEAD is asked by GET") {
  for (const int status : {400, 403, 405}) {
    Fixture fixture;
    fixture.transport.On("HEAD manifests/1.0", {.status = status})
        .On("GET manifests/1.0", Body(kIndex.bytes));
    CHECK(ResolveManifest(fixture.client, kByTag).value() == kIndex.descriptor);
  }
}

TEST_CASE("ResolveManifest: 404 and 401 of HEAD are final") {
  for (const auto& [status, code] : {std::pair{404, Code::kNotFound}, {401, Code::kUnauthorized}}) {
    Fixture fixture;
    fixture.transport.On("HEAD manifests/1.0", {.status = status});
    const auto descriptor = ResolveManifest(fixture.client, kByTag);
    REQUIRE_FALSE(descriptor.ok());
    CHECK(descriptor.error().code() == code);
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("ResolveManifest: when GET refuses too its answer is the error") {
  Fixture fixture;
  fixture.transport.On("HEAD manifests/1.0", {.status = 403})
      .On("GET manifests/1.0", {.status = 404});
  CHECK(ResolveManifest(fixture.client, kByTag).error().code() == Code::kNotFound);
}

TEST_CASE("ResolveManifest: by digest the header may leave the digest out") {
  Fixture fixture;
  fixture.transport.On("HEAD manifests/" + kDigest,
                       {.headers = {{"Content-Type", kIndexType}, {"Content-Length", "91"}}});
  CHECK(ResolveManifest(fixture.client, kByDigest).value().digest.text() == kDigest);
}

TEST_CASE("ResolveManifest: by digest another digest in the header is not believed") {
  const std::string other = crypto::Sha256(util::AsBytes("other")).text();
  Fixture fixture;
  fixture.transport.On("HEAD manifests/" + kDigest, Head(kIndexType, other, "91"))
      .On("GET manifests/" + kDigest, Body(kIndex.bytes));
  CHECK(ResolveManifest(fixture.client, kByDigest).value() == kIndex.descriptor);
}

TEST_CASE("FetchManifest: bytes and descriptor agree") {
  Fixture fixture;
  fixture.transport.On("GET manifests/" + kDigest, Body(kIndex.bytes, kIndexType + " ;x=y"));
  const auto manifest = FetchManifest(fixture.client, kByDigest);
  REQUIRE(manifest.ok());
  CHECK(manifest.value().bytes == kIndex.bytes);
  CHECK(manifest.value().descriptor == kIndex.descriptor);
}

TEST_CASE("FetchManifest: other bytes than those of the digest are bad input") {
  Fixture fixture;
  fixture.transport.On("GET manifests/" + kDigest, Body(kIndex.bytes + " "));
  const auto manifest = FetchManifest(fixture.client, kByDigest);
  REQUIRE_FALSE(manifest.ok());
  CHECK(manifest.error().code() == Code::kBadInput);
}

TEST_CASE("FetchManifest: a SHA-512 digest is compared as such") {
  const Digest sha512 = crypto::DigestLike(Digest::Parse("sha512:" + std::string(128, 'a')).value(),
                                           util::AsBytes(kIndex.bytes));
  Fixture fixture;
  fixture.transport.On("GET manifests/" + sha512.text(), Body(kIndex.bytes))
      .On("GET manifests/" + sha512.text(), Body(kIndex.bytes + " "));
  const auto manifest = FetchManifest(fixture.client, ManifestName(sha512));
  REQUIRE(manifest.ok());
  CHECK(manifest.value().descriptor.digest == sha512);
  CHECK_FALSE(FetchManifest(fixture.client, ManifestName(sha512)).ok());
}

TEST_CASE("FetchManifest: without a manifest's type in the header the document's counts") {
  for (const char* type : {"", "application/json", "text/plain; charset=utf-8"}) {
    Fixture fixture;
    fixture.transport.On("GET manifests/1.0", Body(kIndex.bytes, type));
    CHECK(FetchManifest(fixture.client, kByTag).value().descriptor.media_type == kIndexType);
  }
}

TEST_CASE("FetchManifest: a document without a type has that of the header") {
  Fixture fixture;
  fixture.transport.On("GET manifests/1.0", Body(R"({"schemaVersion":2})", kImageType));
  CHECK(FetchManifest(fixture.client, kByTag).value().descriptor.media_type == kImageType);
}

TEST_CASE("FetchManifest: no type at all is bad input") {
  Fixture fixture;
  fixture.transport.On("GET manifests/1.0", Body(R"({"schemaVersion":2})", ""));
  CHECK(FetchManifest(fixture.client, kByTag).error().code() == Code::kBadInput);
}

TEST_CASE("FetchManifest: a header and a document of two kinds are bad input") {
  Fixture fixture;
  fixture.transport.On("GET manifests/1.0", Body(kIndex.bytes, kImageType));
  const auto manifest = FetchManifest(fixture.client, kByTag);
  REQUIRE_FALSE(manifest.ok());
  CHECK(manifest.error().code() == Code::kBadInput);
}

TEST_CASE("FetchManifest: up to 4 MiB are read, more are bad input") {
  Fixture fixture;
  fixture.transport.On("GET manifests/1.0", Body(std::string(kMaxManifestBytes, ' ')))
      .On("GET manifests/1.0", Body(std::string(kMaxManifestBytes + 1, ' ')));
  CHECK(FetchManifest(fixture.client, kByTag).ok());
  CHECK(FetchManifest(fixture.client, kByTag).error().code() == Code::kBadInput);
}

TEST_CASE("FindManifest: nothing for 404, an error for anything else") {
  Fixture fixture;
  fixture.transport.On("GET manifests/1.0", {.status = 404})
      .On("GET manifests/1.0", {.status = 401})
      .On("GET manifests/1.0", Body(kIndex.bytes));
  CHECK_FALSE(FindManifest(fixture.client, kByTag).value().has_value());
  CHECK(FindManifest(fixture.client, kByTag).error().code() == Code::kUnauthorized);
  CHECK(FindManifest(fixture.client, kByTag).value().has_value());
}

TEST_CASE("PutManifest: the exact bytes with their media type") {
  Fixture fixture;
  fixture.transport.On("PUT manifests/" + kDigest,
                       {.status = 201, .headers = {{"Docker-Content-Digest", kDigest}}});
  CHECK(PutManifest(fixture.client, kIndex, kByDigest).ok());
  CHECK(fixture.transport.seen(0).body == kIndex.bytes);
  CHECK(fixture.transport.seen(0).headers.Get("Content-Type") == kIndexType);
}

TEST_CASE("PutManifest: a break is survived") {
  Fixture fixture;
  fixture.transport.On("PUT manifests/" + kDigest, {.error = Lost(), .read = 3})
      .On("PUT manifests/" + kDigest, {.status = 502})
      .On("PUT manifests/" + kDigest, {.status = 201});
  CHECK(PutManifest(fixture.client, kIndex, kByDigest).ok());
  CHECK(fixture.transport.seen(2).body == kIndex.bytes);
}

TEST_CASE("PutManifest: a registry that stored something else is not trusted") {
  Fixture fixture;
  fixture.transport.On(
      "PUT manifests/" + kDigest,
      {.status = 201,
       .headers = {{"Docker-Content-Digest", crypto::Sha256(util::AsBytes("x")).text()}}});
  CHECK(PutManifest(fixture.client, kIndex, kByDigest).error().code() == Code::kBadInput);
}

TEST_CASE("PutManifest: a refusal is the error of the registry") {
  Fixture fixture;
  fixture.transport.On("PUT manifests/" + kDigest,
                       {.status = 404, .body = ErrorsJson("MANIFEST_BLOB_UNKNOWN", "blob x")});
  const Status status = PutManifest(fixture.client, kIndex, kByDigest);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kNotFound);
  CHECK(status.error().message().ends_with(": MANIFEST_BLOB_UNKNOWN blob x"));
}
