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

namespace {

const std::string kTogether = "PUT manifests/" + kManifest.descriptor.digest.text() + "?tag=";

std::vector<Tag> TagsOf(const std::vector<std::string>& names) {
  std::vector<Tag> tags;
  for (const std::string& name : names) tags.push_back(Tag::Parse(name).value());
  return tags;
}

Reply Echo(const std::vector<std::string>& fields) {
  Reply reply{.status = 201};
  for (const std::string& field : fields) reply.headers.emplace_back("OCI-Tag", field);
  return reply;
}

}  // namespace

TEST_CASE("SetTag: a registry that stored it under another digest is not believed") {
  Fixture fixture;
  Reply reply = Described(crypto::Sha256(util::AsBytes("other")));
  reply.status = 201;
  fixture.transport.On("PUT manifests/1.0", reply);
  CHECK(SetTag(fixture.client, kManifest, kTag).error().code() == Code::kBadInput);

  Fixture right;
  reply = Described(kManifest.descriptor.digest);
  reply.status = 201;
  right.transport.On("PUT manifests/1.0", reply);
  CHECK(SetTag(right.client, kManifest, kTag).ok());
}

TEST_CASE("SetTags: one is set by its name, none by nothing") {
  Fixture fixture;
  fixture.transport.On("PUT manifests/1.0", {.status = 201});
  CHECK(SetTags(fixture.client, kManifest, TagsOf({"1.0"})).ok());
  CHECK(SetTags(fixture.client, kManifest, {}).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("SetTags: several are set by one request where all of them are named in the answer") {
  for (const auto& fields :
       {std::vector<std::string>{"1", "1.0", "latest"}, {"latest, 1 ,1.0"}, {"1,1.0", "latest"}}) {
    Fixture fixture;
    fixture.transport.On(kTogether + "1.0&tag=1&tag=latest", Echo(fields));
    CHECK(SetTags(fixture.client, kManifest, TagsOf({"1.0", "1", "latest"})).ok());
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("SetTags: what the answer does not name is set alone, in its order") {
  Fixture fixture;
  fixture.transport.On(kTogether + "1.0&tag=1&tag=latest", Echo({"1"}))
      .On("PUT manifests/1.0", {.status = 201})
      .On("PUT manifests/latest", {.status = 201});
  CHECK(SetTags(fixture.client, kManifest, TagsOf({"1.0", "1", "latest"})).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("SetTags: an answer that names other tags has set none of these") {
  Fixture fixture;
  fixture.transport.On(kTogether + "1.0&tag=1", Echo({"1.0.0", "10", "", "1.0 1", "LATEST"}))
      .On("PUT manifests/1.0", {.status = 201})
      .On("PUT manifests/1", {.status = 201});
  CHECK(SetTags(fixture.client, kManifest, TagsOf({"1.0", "1"})).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("SetTags: a registry that names none does not know it, which is remembered") {
  Fixture fixture;
  fixture.transport.On(kTogether + "1.0&tag=1", {.status = 201});
  for (int i = 0; i < 2; ++i) {
    fixture.transport.On("PUT manifests/1.0", {.status = 201})
        .On("PUT manifests/1", {.status = 201});
  }
  CHECK(SetTags(fixture.client, kManifest, TagsOf({"1.0", "1"})).ok());
  CHECK(SetTags(fixture.client, kManifest, TagsOf({"1.0", "1"})).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("SetTags: after a refusal or a break each is asked for alone, and the error names it") {
  for (const Reply& reply : {Reply{.status = 400}, Reply{.status = 405}, Reply{.status = 414},
                             Reply{.status = 500}, Reply{.error = Lost()}}) {
    Fixture fixture({.retries = 0});
    fixture.transport.On(kTogether + "1.0&tag=1", reply)
        .On("PUT manifests/1.0", {.status = 201})
        .On("PUT manifests/1", {.status = 403});
    const Status status = SetTags(fixture.client, kManifest, TagsOf({"1.0", "1"}));
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code() == Code::kUnauthorized);
    CHECK(status.error().message().starts_with("tag \"1\""));
    CHECK(fixture.transport.done());
    CHECK(fixture.client.memory().Get() == HostFacts());
  }
}

TEST_CASE("SetTags: more than ten go in requests of ten") {
  std::vector<std::string> names;
  std::string first;
  for (int i = 0; i < 10; ++i) {
    names.push_back("t" + std::to_string(i));
    first.append(i == 0 ? "" : "&tag=").append(names.back());
  }
  const std::vector<std::string> ten = names;
  names.emplace_back("u");
  Fixture fixture;
  fixture.transport.On(kTogether + first, Echo(ten)).On(kTogether + "u", Echo({"u"}));
  CHECK(SetTags(fixture.client, kManifest, TagsOf(names)).ok());
  CHECK(fixture.transport.done());
}

TEST_CASE("SetTags: a registry that stored it under another digest is not believed") {
  Fixture fixture;
  Reply reply = Echo({"1.0", "1"});
  reply.headers.emplace_back("Docker-Content-Digest",
                             crypto::Sha256(util::AsBytes("other")).text());
  fixture.transport.On(kTogether + "1.0&tag=1", reply);
  CHECK(SetTags(fixture.client, kManifest, TagsOf({"1.0", "1"})).error().code() == Code::kBadInput);
}
