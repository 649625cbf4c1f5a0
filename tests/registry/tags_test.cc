// SPDX-License-Identifier: Apache-2.0
#include "registry/tags.h"

#include <doctest/doctest.h>

#include <string>

#include "crypto/hash.h"
#include "fixture.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "util/bytes.h"

using namespace ociship;
using namespace ociship::registry;

namespace {

const Manifest kManifest = oci::NewManifest("{}", oci::kOciManifest);
const Tag kTag = Tag::Parse("1.0").value();

Reply Names(std::string list, std::string link = {}) {
  Reply reply{.body = R"({"name":"acme/app","tags":)" + list + "}"};
  if (!link.empty()) reply.headers.emplace_back("Link", "<" + link + ">; rel=\"next\"");
  return reply;
}

// A list of `count` names that begin with `prefix`.
std::string Many(const std::string& prefix, int count) {
  std::string list = "[";
  for (int i = 0; i < count; ++i) {
    list.append(i == 0 ? "\"" : ",\"").append(prefix).append(std::to_string(i)).append("\"");
  }
  return list + "]";
}

Reply Described(const Digest& digest) {
  return {.headers = {{"Content-Type", std::string(oci::kOciManifest)},
                      {"Docker-Content-Digest", digest.text()},
                      {"Content-Length", "2"}}};
}

Reply Immutable(int status) {
  return {.status = status, .body = ErrorsJson("TAG_INVALID", "the tag is immutable")};
}

}  // namespace

TEST_CASE("ListTags: sorted bytewise, each once") {
  Fixture fixture;
  fixture.transport.On("GET tags/list?n=1000", Names(R"(["b","a","B","a"])"));
  CHECK(ListTags(fixture.client).value() == Lines{"B", "a", "b"});
}

TEST_CASE("ListTags: none for a repository that does not exist or has no list") {
  Fixture fixture;
  fixture.transport.On("GET tags/list?n=1000", {.status = 404})
      .On("GET tags/list?n=1000", Names("null"))
      .On("GET tags/list?n=1000", Names("[]"))
      .On("GET tags/list?n=1000", {.body = "{}"});
  for (int i = 0; i < 4; ++i) CHECK(ListTags(fixture.client).value().empty());
}

TEST_CASE("ListTags: pages are followed where the registry says") {
  Fixture fixture;
  fixture.transport
      .On("GET tags/list?n=1000", Names(R"(["a"])", "/v2/acme/app/tags/list?last=a&n=1"))
      .On("GET tags/list?last=a&n=1", Names(R"(["b"])", "list?last=b"))
      .On("GET tags/list?last=b", Names(R"(["c"])"));
  CHECK(ListTags(fixture.client).value() == Lines{"a", "b", "c"});
  CHECK(fixture.transport.done());
}

TEST_CASE("ListTags: a full page without a link goes on behind its last name") {
  Fixture fixture;
  fixture.transport.On("GET tags/list?n=1000", Names(Many("a", 1000)))
      .On("GET tags/list?n=1000&last=a999", Names(R"(["b"])"));
  CHECK(ListTags(fixture.client).value().size() == 1001);
  CHECK(fixture.transport.done());
}

TEST_CASE("ListTags: a registry that gives the same page for ever is left") {
  Fixture fixture;
  fixture.transport.On("GET tags/list?n=1000", Names(R"(["a"])", "list?n=1000"))
      .On("GET tags/list?n=1000", Names(R"(["a"])", "list?n=1000"));
  CHECK(ListTags(fixture.client).value() == Lines{"a"});
  CHECK(fixture.transport.done());
}

TEST_CASE("ListTags: a list of more pages than the cap is an error") {
  Fixture fixture;
  fixture.transport.On("GET tags/list?n=1000", Names(R"(["a"])", "list?p"));
  for (std::size_t i = 1; i < kMaxPages; ++i) {
    fixture.transport.On("GET tags/list?p", Names(Many("t" + std::to_string(i), 1), "list?p"));
  }
  const auto tags = ListTags(fixture.client);
  REQUIRE_FALSE(tags.ok());
  CHECK(tags.error().code() == Code::kFailure);
  CHECK(fixture.transport.done());
}

TEST_CASE("ListTags: a next page on another server is refused") {
  Fixture fixture;
  fixture.transport.On("GET tags/list?n=1000", Names(R"(["a"])", "https://other.example/list"));
  CHECK_FALSE(ListTags(fixture.client).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("ListTags: names that are no tags are left out") {
  Fixture fixture;
  fixture.transport.On("GET tags/list?n=1000", Names(R"(["a","","-b","c d","\u001b[2J"])"));
  CHECK(ListTags(fixture.client).value() == Lines{"a"});
}

TEST_CASE("ListTags: a body that is no list is an error and not an absence") {
  for (const char* body : {"", "<html>", R"({"tags":[1]})"}) {
    Fixture fixture;
    fixture.transport.On("GET tags/list?n=1000", {.body = body});
    CHECK_FALSE(ListTags(fixture.client).ok());
  }
}

TEST_CASE("ListTags: 404 of a later page, or another status, is an error") {
  Fixture fixture;
  fixture.transport.On("GET tags/list?n=1000", Names(R"(["a"])", "list?p"))
      .On("GET tags/list?p", {.status = 404})
      .On("GET tags/list?n=1000", {.status = 401});
  CHECK_FALSE(ListTags(fixture.client).ok());
  CHECK(ListTags(fixture.client).error().code() == Code::kUnauthorized);
}

TEST_CASE("SetTag: the bytes are stored under the tag") {
  Fixture fixture;
  fixture.transport.On("PUT manifests/1.0", {.status = 201});
  CHECK(SetTag(fixture.client, kManifest, kTag).ok());
  CHECK(fixture.transport.seen(0).body == "{}");
}

TEST_CASE("SetTag: an immutable tag that names this manifest is a success") {
  for (const int status : {400, 405, 409, 412}) {
    Fixture fixture;
    fixture.transport.On("PUT manifests/1.0", Immutable(status))
        .On("HEAD manifests/1.0", Described(kManifest.descriptor.digest));
    CHECK(SetTag(fixture.client, kManifest, kTag).ok());
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("SetTag: an immutable tag that names another manifest is a conflict") {
  Fixture fixture;
  fixture.transport.On("PUT manifests/1.0", Immutable(400))
      .On("HEAD manifests/1.0", Described(crypto::Sha256(util::AsBytes("other"))));
  const Status status = SetTag(fixture.client, kManifest, kTag);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kTagConflict);
  CHECK(status.error().message().ends_with("the tag is immutable"));
}

TEST_CASE("SetTag: an immutable tag that cannot be looked at is a conflict") {
  Fixture fixture;
  fixture.transport.On("PUT manifests/1.0", Immutable(409))
      .On("HEAD manifests/1.0", {.status = 404});
  CHECK(SetTag(fixture.client, kManifest, kTag).error().code() == Code::kTagConflict);
}

TEST_CASE("SetTag: any other refusal is the error of the registry") {
  Fixture fixture;
  fixture.transport.On("PUT manifests/1.0",
                       {.status = 400, .body = ErrorsJson("MANIFEST_INVALID", "bad")});
  CHECK(SetTag(fixture.client, kManifest, kTag).error().code() == Code::kFailure);
  CHECK(fixture.transport.done());
}
